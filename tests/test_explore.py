"""What `scratchml explore` takes from a store: knobs, nets, lent paths, and what is left out."""

import base64
import json
import re

import numpy as np
import pandas as pd
import pytest
from support import configurations, stored
from support.explored import LESSON
from support.stores import empty_store

from analysis import groups, measured
from analysis import page as report
from analysis.answers import Answer
from analysis.claims import Claim
from analysis.data import load
from analysis.explore import __main__ as command
from analysis.explore import claims, numbers, page, settings, sizes
from analysis.lessons import Lesson
from analysis.verdicts import every, none, ratio, share, some

pytestmark = pytest.mark.errstate(under="ignore")

BOTH = {"loss": "cross_entropy", "records": 8, "epochs": 100}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("explore")


@pytest.fixture(scope="module")
def uri(tmp_path_factory, folder):
    uri = empty_store(tmp_path_factory, folder)
    config = configurations.config
    stored.sweep(uri, "lent", [
        config(width=2, seeds=5, **BOTH), config(width=3, seeds=5, **BOTH),
        config(width=2, seeds=2, **BOTH | {"epochs": 40, "records": 30, "paths": True}),
        config(width=2, seeds=2, lr=2.0, **BOTH | {"paths": True}),
    ])  # fmt: skip
    stored.sweep(uri, "twice", [config(seeds=n, epochs=20) for n in (3, 5)])
    return uri


@pytest.fixture(scope="module")
def lent(uri):
    return load("lent", uri)


def knobs(**columns):
    """The names of the knobs that are shown of runs with these columns, and their values."""
    runs = pd.DataFrame(columns | {"run_id": [f"r{i}" for i in range(len([*columns.values()][0]))]})
    return {knob.name: (knob.labels, knob.others) for knob in settings.shown(runs, [*columns])}


def test_only_knobs_that_tell_runs_apart_are_shown():
    assert knobs(lr=[1, 1, 2, 2], width=[2, 3, 2, 3], seed=[0, 0, 0, 0], seeds=[5, 4, 3, 2]) == {
        "lr": (("1", "2"), ("", "")),
        "width": (("2", "3"), ("", "")),
    }
    # what is stored, and when nets stop, tell runs apart where nothing else does
    assert knobs(seeds=[5, 10], stop=["never", "never"]) == {"seeds": (("5", "10"), ("", ""))}


def test_knobs_that_change_together_are_one_and_those_that_follow_are_none():
    found = knobs(batch_size=[None, 1, None], lr=[1.0, 0.5, 1.0], width=[2, 2, 3])
    assert found == {
        "width": (("2", "3"), ("", "")),
        "batch_size": (("not set", "1"), ("lr 1", "lr 0.5")),
    }
    follows = knobs(dataset=["a", "b", "c"], noise=[0.1, 0.2, 0.2])
    assert [*follows] == ["dataset"]


def test_paths_are_lent_to_the_run_that_has_the_same_nets(lent):
    ids = lent.runs.run_id.tolist()
    assert settings.lent(lent) == {ids[0]: ids[2]}
    found = numbers.gather(lent, 1e6)
    two, three, other = found.facts["runs"]
    assert (two["id"], two["path"]["which"], two["path"]["nets"]) == (ids[0], [0, 1], 2)
    assert "path" not in three and other["path"]["which"] is None
    path = np.concatenate(found.blocks["paths"])[two["path"]["at"] :]
    assert np.array_equal(path[:4], lent.arrays(ids[2])["path/W1"][0, 0].ravel().astype("f4"))
    words = " ".join(found.notes)
    assert "come from xor mlp" in words and "of 4 of 12 nets" in words


def test_other_nets_lend_nothing(lent, monkeypatch):
    """Planted: a loss of the lender that is not that of the same net."""
    read, (first, *_, lender, _) = type(lent).arrays, lent.runs.run_id
    assert settings.lent(lent)[first] == lender

    def planted(data, run_id=None, *beginnings):
        arrays = read(data, run_id, *beginnings)
        if run_id == lender:
            arrays["curve/train/loss"] = arrays["curve/train/loss"] * (1.0 + 1e-15)
        return arrays

    monkeypatch.setattr(type(lent), "arrays", planted)
    assert settings.lent(lent) == {}


def test_a_net_of_two_runs_counts_once(uri):
    data = load("twice", uri)
    found = numbers.gather(data, 1e6)
    assert [run["nets"] for run in found.facts["runs"]] == [5]
    assert np.concatenate(found.blocks["seed"]).tolist() == data.nets.seed.tolist()


def test_the_first_nets_of_each_run_stay_where_room_is_short(lent):
    whole = numbers.gather(lent, 1e6)
    assert not any("leaves out" in note for note in whole.notes)
    size = {name: sum(part.nbytes for part in parts) for name, parts in whole.blocks.items()}
    room = 5000
    found = numbers.gather(lent, room)
    small = sum(part.nbytes for parts in found.blocks.values() for part in parts)
    assert small < sum(size.values()) and small * sizes.BASE64 <= room
    assert any("leaves out" in note for note in found.notes)


@pytest.mark.parametrize(
    ("room", "k"), [(0, 0), (29, 0), (30, 1), (59, 1), (60, 2), (70, 3), (1e9, 3)]
)
def test_as_many_nets_as_fit(room, k):
    assert sizes.most([3, 2], [10, 20], room) == k


def test_words_on_what_is_left_out():
    assert sizes.sentence("curves", [3, 2], 3) is None
    assert "curves of 2 of 5 nets; the first 2" not in str(sizes.sentence("curves", [3, 2], 1))
    assert "curves of 3 of 5 nets; the first 1 of each run have them" in sizes.sentence(
        "curves", [3, 2], 1
    )
    assert "curves of all 5 nets." in sizes.sentence("curves", [3, 2], 0)


def blocks(html):
    """{name: array} of the blocks of a page, and its facts."""
    found = re.findall(r'data-block="(.*?)" data-kind="(.*?)">(.*?)</script>', html, re.DOTALL)
    arrays = {name: np.frombuffer(base64.b64decode(text), f"<{kind}") for name, kind, text in found}
    return arrays, json.loads(re.search(r'id="facts">(.*?)</script>', html, re.DOTALL)[1])


def test_a_page_holds_the_numbers_of_the_store_and_the_same_bytes_again(lent):
    html = page.as_html(lent, "A <title>")
    assert html == page.as_html(lent, "A <title>")
    arrays, facts = blocks(html)
    nets = lent.select(records=8).nets
    assert np.array_equal(arrays["loss"], nets["train/loss"].to_numpy("f4"))
    assert np.array_equal(arrays["flags"] & 1, nets.solved.astype(int))
    assert np.array_equal(arrays["solved_at"], nets.epochs_to_solve.to_numpy("f4"), equal_nan=True)
    run = facts["runs"][1]
    weights = lent.arrays(run["id"])["weights/W1"][2].ravel()
    start = run["blocks"]["weights"]["at"] + 2 * 13  # 2-3-1: 13 weights and biases
    assert np.array_equal(arrays["weights"][start : start + 6], weights.astype("f4"))
    assert "<title>A &lt;title&gt;</title>" in html and "unsafe" not in html


def test_no_name_ends_the_element_of_the_facts():
    assert "<" not in page._json({"name": "</script><b>&"})
    assert json.loads(page._json({"name": "</script><b>&"})) == {"name": "</script><b>&"}


# --- where values come from -----------------------------------------------------------------------


@pytest.fixture
def nets():
    runs = {"run_id": ["a"] * 3 + ["b"] * 2, "seeds": [3] * 3 + [2] * 2, "width": [2] * 3 + [3] * 2}
    done = {"solved": [True, False, True, True, True], "epochs_to_solve": [5, np.nan, 7, 2, 4]}
    return pd.DataFrame(runs | done)


def test_values_of_whole_runs_remember_them(nets):
    solved = groups.by(nets, "width", groups.solved)
    assert measured.source(solved[2]) == ("solved", False, ("a",))
    assert measured.source(~solved[3]) == measured.source(groups.failed(nets[3:]))
    assert measured.source(~solved[3]) == ("solved", True, ("b",))
    assert measured.source([*solved.values()]) == ("solved", False, ("a", "b"))
    assert measured.source(groups.epochs(nets)) == ("epochs", False, ("a", "b"))


def test_other_values_remember_nothing(nets):
    solved, epochs = groups.solved(nets), groups.epochs(nets)
    for other in (solved[:2], solved & solved, 10 * epochs, groups.solved(nets[1:]), [1, 2], []):
        assert measured.source(other) is None
    assert measured.source([solved, ~solved]) is None
    assert type(solved.mean()) is np.float64 and type(epochs + 1.0) is np.ndarray


def test_a_rule_is_kept_as_data(nets):
    solved, epochs = groups.solved(nets), groups.epochs(nets)
    source, times = measured.source(solved), measured.source(epochs)
    rules = {
        share(solved).at_least(0.1): ("share", (source,), ">=", 0.1),
        share(solved).within(0.4, of=0.5): ("share", (source,), "within", 0.4, 0.5),
        every(solved): ("every", (source,)),
        none(solved): ("none", (source,)),
        some(solved): ("some", (source,)),
        ratio(epochs, epochs).below(3): ("ratio", (times, times), "<", 3.0),
        share(solved == solved).above(0.1): None,
    }
    for verdict, asked in rules.items():
        assert [check.asked for check in verdict.checks] == [asked]


def test_a_claim_is_told_with_its_runs_or_decided_on_the_whole(nets):
    solved = groups.solved(nets)
    verdicts = (share(solved).above(0.1), share(solved).above(0.1) & every([True]))
    answer = Answer(Lesson("x", "?"), claims=tuple(Claim("It is so", v) for v in verdicts))
    told, whole = claims.facts(answer)({"b": 7, "a": 4})
    of = [{"measure": "solved", "negated": False, "runs": [4, 7]}]
    assert told["checks"] == [{"kind": "share", "of": of, "sign": ">", "limit": 0.1}]
    assert whole["checks"] is None
    assert claims.facts(answer)({"a": 0})[0]["checks"] is None  # a run that the page has not


# --- the command ----------------------------------------------------------------------------------


def test_the_command_writes_the_page(uri, folder, capsys):
    assert command.main(["lent", "--uri", uri, "--out", str(folder)]) == 0
    assert capsys.readouterr().out.split() == [str(folder / "explore.html")]
    assert "The sweep lent" in (folder / "explore.html").read_text()
    with pytest.raises(SystemExit) as error:
        command.main(["nothing", "--uri", uri, "--out", str(folder)])
    assert error.value.code == 2 and "nothing" in capsys.readouterr().err


def test_the_report_links_to_the_page_of_a_lesson_that_is_there(uri, folder, tmp_path):
    (folder / "lent.py").write_text(LESSON)  # whose claims these runs cannot decide
    written = command.build(f"{folder}/lent", uri, tmp_path)
    assert [path.name for path in written] == ["explore.html", "lent-explore.html"]
    assert written[0].read_bytes() == written[1].read_bytes()
    answers = [Answer(Lesson(name, f"Does {name}?")) for name in ("lent", "other")]
    text = report.write(answers, tmp_path)["index.html"].decode()
    assert re.findall(r'href="([^"#]*explore.html)"', text) == ["lent-explore.html"]
