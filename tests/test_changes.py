"""Two reports are compared claim by claim: what flipped, moved, appeared and vanished."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from analysis import changes, report
from analysis.answers import Answer
from analysis.claims import Claim
from analysis.lessons import Lesson
from analysis.page import as_csv
from analysis.verdicts import every, note, share

pytestmark = pytest.mark.errstate(under="ignore")


def nets(share, n=1000):
    return np.arange(n) < share * n


def table(path, **claims):
    """The path of a report.csv with these claims, {sentence: verdict}."""
    found = tuple(Claim(name.replace("_", " "), verdict) for name, verdict in claims.items())
    path.write_text(as_csv([Answer(Lesson("xor", "Is | it?"), claims=found)]))
    return str(path)


BEFORE = {
    "It_solves_78_%": share(nets(0.786)).at_least(0.7),
    "It_is_exact": every([True]) & note("a | b"),
    "It_ends": every([True]),
}


@pytest.fixture
def before(tmp_path):
    return table(tmp_path / "before.csv", **BEFORE)


def differ(before, after):
    found = changes.compare(changes.read(before), changes.read(after))
    return [(change.kind, change.claim, change.is_worse) for change in found]


def test_nothing_has_changed(before, capsys):
    assert differ(before, before) == []
    assert report.main(["diff", before, before]) == 0
    assert capsys.readouterr().out == "No claim has changed; 3 claims are as before.\n"


def test_a_claim_flips(before, tmp_path):
    other = BEFORE | {"It_is_exact": every([False])}
    after = table(tmp_path / "after.csv", **other)
    assert differ(before, after) == [("flipped", "It is exact", True)]
    assert differ(after, before) == [("flipped", "It is exact", False)]


@pytest.mark.parametrize(("rate", "moved"), [(0.79, False), (0.85, True), (0.72, True)])
def test_a_claim_moves_by_more_than_its_interval(before, tmp_path, rate, moved):
    """Its sentence tells the number that was measured, and is the same claim."""
    other = dict(BEFORE)
    del other["It_solves_78_%"]
    other = {f"It_solves_{rate:.0%}".replace("%", "_%"): share(nets(rate)).at_least(0.6)} | other
    found = differ(before, table(tmp_path / "after.csv", **other))
    assert [kind for kind, _, _ in found] == ["moved"] * moved


def test_a_table_without_intervals_is_compared_by_its_verdicts(before, tmp_path):
    """As versions before there were intervals have written it."""
    rows = list(csv.DictReader(io.StringIO(Path(before).read_text())))
    names = [name for name in rows[0] if name != "intervals"]
    with (tmp_path / "older.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, names, extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    assert differ(str(tmp_path / "older.csv"), before) == []


def test_claims_appear_and_vanish(before, tmp_path):
    other = {name: verdict for name, verdict in BEFORE.items() if name != "It_ends"}
    after = table(tmp_path / "after.csv", **other, It_begins=every([True]), It_fails=every([False]))
    assert differ(before, after) == [
        ("vanished", "It ends", True), ("appeared", "It begins", False),
        ("appeared", "It fails", True),
    ]  # fmt: skip


def test_the_table_is_markdown_for_a_pull_request(before, tmp_path, capsys):
    after = table(tmp_path / "after.csv", **BEFORE | {"It_is_exact": every([False]) & note("a|c")})
    assert report.main(["diff", before, after]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "1 flipped; 2 claims are as before."
    assert lines[2] == "| change | lesson | claim | before | after |"
    assert lines[4] == (
        "| flipped | xor | It is exact | holds: 1 of 1 nets; a &#124; b | "
        "does not hold: 0 of 1 nets; a&#124;c |"
    )


def test_a_sweep_of_no_lesson_is_refused(before, capsys):
    with pytest.raises(SystemExit) as end:
        report.main(["diff", before, "xorr@0123"])
    assert end.value.code == 2
    assert "no lesson 'xorr'; there are ['activation'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "No such file"), ("a,b\n1,2\n", "it lacks claim"), ("", "no claim")],
)
def test_what_is_no_report_is_refused(before, tmp_path, capsys, content, said):
    other = tmp_path / "other.csv"
    if content is not None:
        other.write_text(content)
    with pytest.raises(SystemExit) as end:
        report.main(["diff", before, str(other)])
    assert end.value.code == 2
    assert said in capsys.readouterr().err
