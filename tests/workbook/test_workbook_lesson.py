"""`scratchml learn lesson`: a lesson on nets whose steps the reader's code has made."""

import numpy as np
import pytest
from support import configurations, workbook
from support.configurations import config

from analysis import cli, learned
from analysis.data import load
from experiments import own
from experiments.schema import own_entries
from experiments.tracking.uris import sqlite_uri
from experiments.workbook import stand_in
from experiments.workbook.gaps import STEPS

EXACT = 1e-12  # the same sums in another order, for 200 epochs
NETS = {  # step of the workbook -> knobs of nets that it trains
    1: {"dataset": "and", "model": "perceptron", "order": "seed", "epochs": 30, "lr": 0.5},
    3: {"dataset": "and", "model": "logistic", "lr": 0.9, "lr_unit": "critical", "epochs": 200},
    4: {"dataset": "xor", "width": 3, "epochs": 200, "stop": "solved", "lr": 3.0},
}

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture
def named(tmp_path):
    """A function that names the file of a step of a workbook, in one of its styles."""

    def name(number, style="lists", **changes):
        code, head = workbook.STYLES[style]
        folder = workbook.fill(tmp_path / f"{style}{len(changes)}", code | changes, head)
        file = tmp_path / f"step{number}.py"
        file.write_text(stand_in.text(folder, number))
        own_entries.use([own.read(file)])

    with own_entries.command():
        yield name


@pytest.mark.parametrize("style", ["lists", "numpy", "in place"])
@pytest.mark.parametrize("number", NETS)
def test_right_steps_make_the_nets_that_ours_make(named, number, style):
    job = {"seeds": 3} | NETS[number]
    ours = configurations.train(config(**job))
    named(number, style)
    theirs = configurations.train(config(**job))
    assert theirs.keys() == ours.keys()
    for name in ours:
        assert np.allclose(theirs[name], ours[name], atol=EXACT, rtol=EXACT, equal_nan=True)
    assert not all(np.array_equal(theirs[name], ours[name]) for name in ours) or number == 1


def test_wrong_steps_make_other_nets_and_only_those_that_the_step_can_train(named):
    job = config(seeds=3, **NETS[4])
    others = [
        config(seeds=1, **NETS[4] | knobs) for knobs in
        ({"activation": "tanh"}, {"backprop": "no_slope"}, {"optimizer": "adam"}, {"l2": 0.1},
         {"loss": "squared_error"})
    ]  # fmt: skip
    before = configurations.train(job, *others)
    named(4, hidden_delta="return [dz2 * w for w in W2]")
    after = configurations.train(job, *others)
    assert np.abs(after[0]["weights/W1"] - before[0]["weights/W1"]).max() > 0.01
    for one, other in zip(after[1:], before[1:], strict=True):
        assert configurations.differing(one, other) == set()


def test_an_edited_function_of_the_reader_trains_again_what_it_has_trained(named):
    plain = config(**NETS[4]).identity()
    named(4)
    mine = config(**NETS[4]).identity()
    named(4, sigmoid="return 1.0 / (1.0 + math.exp(-z))")
    edited = config(**NETS[4]).identity()
    parts = [{part for part in one if one[part] != other[part]} for one, other in
             ((plain, mine), (mine, edited))]  # fmt: skip
    assert parts == [{"model mlp"}, {"model mlp"}]


def test_our_models_are_ours_again_afterwards(named):
    before = config(**NETS[4]).identity()
    named(4)
    own_entries.use(())
    assert config(**NETS[4]).identity() == before


def test_a_right_step_has_its_lesson_decided_on_the_readers_nets_beside_ours(tmp_path, capsys):
    folder = workbook.fill(tmp_path / "book", workbook.LISTS)
    assert learned.main([str(folder), "--step", "2", "--nets", "24"]) == 0
    said = capsys.readouterr().out
    assert "Step 2, lesson xor: Can a line separate XOR" in said
    assert said.count("\n      yours ") == said.count("\n      ours ") > 5
    for whose in ("yours", "ours"):
        assert (folder / "lessons" / whose / "xor.png").is_file()
    runs = [load("xor-quick", sqlite_uri(folder / "lessons" / f"{whose}.db")).runs
            for whose in ("yours", "ours")]  # fmt: skip
    assert runs[0].name.tolist() == runs[1].name.tolist()


def test_a_step_that_is_not_right_has_no_lesson(tmp_path, capsys):
    wrong = workbook.LISTS | {"hidden_delta": "return [dz2 * w for w in W2]"}
    folder = workbook.fill(tmp_path / "book", wrong)
    assert learned.main([str(folder), "--step", "4"]) == 2
    assert "step 4 is not right yet" in capsys.readouterr().err
    assert not (folder / "lessons").exists()


def test_the_command_has_two_words(monkeypatch):
    given = []
    monkeypatch.setattr(cli, "run", lambda *words: given.append(words) or 0)
    assert cli.main(["learn", "lesson", "book", "--step", "4"]) == 0
    assert cli.main(["learn", "lessons"]) == 0  # a folder of this name
    assert given == [
        ("analysis.learned", ["book", "--step", "4"]),
        ("experiments.workbook.__main__", ["lessons"]),
    ]


def test_slow_steps_have_few_nets_unless_a_number_is_named_and_it_is_said(capsys):
    by_number = {step.number: step for step in STEPS}
    assert learned._nets(by_number[2], None) == 20 and capsys.readouterr().out == ""
    assert learned._nets(by_number[4], None) == 6
    assert "step 4: 6 nets a run, because" in capsys.readouterr().out
    assert learned._nets(by_number[4], 20) == 20 and learned._nets(by_number[4], 0) == 1
    assert capsys.readouterr().out == ""
