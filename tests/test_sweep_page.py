"""The page of a sweep shows what was measured, and says what it cannot show."""

import base64
import re
from dataclasses import replace

import numpy as np
import pytest
from support import configurations, stored, stores
from support.seen import Page

from analysis.data import load
from analysis.statistics import wilson
from analysis.sweeps import __main__ as command
from analysis.sweeps import pictures, writing
from analysis.sweeps.__main__ import main
from analysis.sweeps.checks import checks
from analysis.sweeps.pictures import Picture
from analysis.sweeps.table import table
from analysis.sweeps.writing import file_name, page

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore", over="ignore")

ODD = '<i>odd</i> & "name" ../$x_2$'
GRID = [{"lr": lr, "width": width} for lr in (0.1, 1.0) for width in (2, 6)]


def configs(grid=GRID):
    return [configurations.config(epochs=60, seeds=8, records=6, **knobs) for knobs in grid]


def planted(arrays, *, gone=0, without=()):
    """A run's arrays, of which the first nets diverged, and without what begins so."""
    arrays = {name: a.copy() for name, a in arrays.items() if not name.startswith(without)}
    arrays["final/diverged"][:gone] = True
    arrays["final/train/loss"][:gone] = np.inf
    return arrays


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    """A store with a sweep of four runs, and with sweeps of every odd kind."""
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("sweeps"))
    arrays = configurations.train(*configs())
    arrays[0]["final/solved"][:] = True  # the best run is the first one
    gone = [planted(run, gone=i) for i, run in enumerate(arrays)]
    bare = [planted(run, without=("weights/", "curve/")) for run in arrays]
    stored.sweep(uri, "whole", configs(), results=arrays)
    stored.sweep(uri, "diverged", configs(), results=gone, failed=["xor mlp <lost>"])
    stored.sweep(uri, "bare", configs(), results=bare)
    stored.sweep(uri, ODD, configs()[:1], results=arrays[:1])
    return uri


@pytest.fixture(scope="module")
def whole(uri):
    return load("whole", uri)


@pytest.fixture(scope="module")
def text(whole):
    return page(whole)


@pytest.fixture(scope="module")
def shown(text):
    return Page(text)


@pytest.fixture(scope="module")
def odd(uri):
    """The page of one run, in an experiment of an odd name."""
    return page(load(ODD, uri))


def said(uri, name):
    data = load(name, uri)
    return " ".join(checks(data, table(data)))


def test_the_table_has_a_row_a_run_best_first(whole):
    found = table(whole)
    assert (found.knobs, found.ranked_by) == (("lr", "width"), "solved")
    shares = found.frame.solved.tolist()
    assert shares == sorted(shares, reverse=True)
    assert found.rows[0][:5] == ["0.1", "2", "8", "0", "100% [68, 100]"]
    for row in found.frame.itertuples():
        nets = whole.select(lr=row.lr, width=row.width).nets
        assert row.solved == wilson(nets.solved.sum(), 8).estimate
        column = found.frame.columns.get_loc("train/loss")
        assert found.frame.loc[row.Index].iloc[column] == np.median(nets["train/loss"])


def test_the_page_shows_table_figures_and_what_was_fixed(shown, whole):
    for words in ("4 runs of 32 nets", "over lr, width", "Best by solved: lr = 0.1, width = 2",
                  "100% [68, 100]", "dataset=xor", whole.command):  # fmt: skip
        assert words in shown.text, words
    headings = [image["alt"] for image in shown.all("img")]
    assert len(headings) == 5
    assert headings[0].startswith("What mattered to solved")
    assert headings[1].startswith("solved against ") and "train/loss while" in headings[3]
    for image in shown.all("img"):
        head, content = image["src"].split(",")
        assert head == "data:image/png;base64" and base64.b64decode(content)[:4] == b"\x89PNG"


def test_all_runs_can_be_taken_along(shown, whole):
    (link,) = [a for a in shown.all("a") if "download" in a]
    assert link["download"] == "sweep-whole.csv"
    lines = base64.b64decode(link["href"].split(",")[1]).decode().splitlines()
    assert len(lines) == 1 + 4 and lines[0].startswith("lr,width,nets,diverged,solved,")


def test_the_page_stands_alone_and_is_the_same_every_time(shown, text, whole):
    assert not {"script", "link", "iframe"} & {tag for tag, _ in shown.tags}
    policy = shown.all("meta")[2]["content"]
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert page(whole) == text


def test_texts_of_the_store_stay_texts(odd):
    assert "<i>odd" not in odd and Page(odd).all("i") == []
    assert ODD in Page(odd).text
    assert re.fullmatch(r"[\w-]+", file_name(ODD))
    assert file_name("../..") == "sweep-of_no_name"


def test_one_run_is_shown_with_its_curve_and_compared_with_nothing(odd):
    shown = Page(odd)
    assert "There is one run: nothing is compared." in shown.text
    assert [image["alt"].split(";")[0] for image in shown.all("img")] == [
        "train/loss while training"
    ]


def test_diverged_nets_are_counted_and_in_no_median(uri):
    text = said(uri, "diverged")
    assert "1 run of the sweep did not finish and are not here: xor mlp <lost>." in text
    assert "6 of 32 nets diverged (19%)" in text
    assert "3 of 8, with lr=1, width=6" in text
    frame = table(load("diverged", uri)).frame
    assert np.isfinite(frame["train/loss"]).all()


def test_of_many_nets_only_the_best_runs_curves_are_read(whole, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_POINTS", 2 * 8 * 6)
    few, note = pictures.few(whole, table(whole))
    assert note == " (2 best runs of 4 runs)"
    best = table(whole).frame.iloc[:2]
    assert set(zip(few.runs.lr, few.runs.width, strict=True)) == set(
        zip(best.lr, best.width, strict=True)
    )


def test_runs_of_another_length_are_not_mixed_into_curves(whole):
    runs = whole.runs.assign(epochs=[60, 60, 60, 99])
    mixed = replace(whole, runs=runs)
    few, note = pictures.few(mixed, table(mixed))
    assert (len(few), note) == (3, " (3 runs of one length of 4 runs)")


def test_a_page_never_outgrows_a_mail(whole, monkeypatch):
    drawn = [Picture("one", b"1" * 300), Picture("two", b"2" * 9000), Picture("three", b"3" * 300)]
    monkeypatch.setattr(writing, "pictures", lambda data, table: drawn)
    monkeypatch.setattr(writing, "MOST_BYTES", 1000)
    shown = Page(page(whole))
    assert [image["alt"].split(";")[0] for image in shown.all("img")] == ["one", "three"]
    assert "To keep the file small it leaves out: two." in shown.text
    assert "leaves out the file of all runs" in shown.text and not shown.all("a")


def test_the_command_writes_a_page_that_says_what_it_cannot_show(uri, tmp_path, capsys):
    """Of a sweep without weights and curves."""
    out = tmp_path / "new" / "x.html"
    assert main(["bare", "--uri", uri, "--out", str(out)]) == 0
    assert capsys.readouterr().out.startswith(f"{out} (0.")
    shown = Page(out.read_text())
    assert "The runs store no weights" in shown.text
    assert "Curves : the runs store no curve of a loss." in shown.text
    assert len(shown.all("img")) == 3


def test_the_command_refuses_what_is_not_there(uri, tmp_path, capsys, monkeypatch):
    with pytest.raises(SystemExit) as stop:
        main(["nonsense", "--uri", uri, "--out", str(tmp_path / "x.html")])
    assert stop.value.code == 2 and "nonsense" in capsys.readouterr().err
    monkeypatch.setattr(command, "page", lambda data: "a page")
    (tmp_path / "file").write_text("")
    assert main(["bare", "--uri", uri, "--out", str(tmp_path / "file" / "x.html")]) == 1
    assert "no page" in capsys.readouterr().err
