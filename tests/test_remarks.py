"""Each remark on a sweep speaks where it should, with its number, and is silent beside it."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import binomtest
from support.configurations import config
from support.stores import empty_store
from support.sweeps import launch

from experiments.running import remarks
from experiments.running.ended import Ended
from experiments.running.telling import seeds_to_tell, sign_test
from experiments.schema.settings import REMARKS
from experiments.tracking.errors import Lost


def nets(loss=0.1, n=20, **final):
    """The arrays of a run whose curve is flat."""
    found = {
        "train/loss": np.full(n, loss),
        "diverged": np.zeros(n, bool),
        "epochs": np.full(n, 100),
    }
    found |= {name.replace("__", "/"): np.asarray(values) for name, values in final.items()}
    return {
        "seed": np.arange(n),
        "epoch": np.array([0, 50, 80, 100]),
        "curve/train/loss": np.full((n, 4), loss),
    } | {f"final/{name}": values for name, values in found.items()}


def ended(*runs, grid=("lr",), diverged=0, arrays=None, ranked_by=("train/loss",), **common):
    """A sweep of (loss, knobs) with flat curves, whose nets are `arrays` or all alike."""
    common = {"epochs": 100} | common
    configs = {i: config(**common | knobs) for i, (_, knobs) in enumerate(runs)}
    losses = {i: loss for i, (loss, _) in enumerate(runs)}
    finals = {"train/loss": losses, "diverged": {i: diverged for i in losses}}
    arrays = arrays or [nets(loss) for loss, _ in runs]
    return Ended(configs, finals, ranked_by, grid, lambda i: arrays[i])


def by_lr(*losses, **more):
    """Runs with lr = 0.01, 0.1, 1, ..."""
    return ended(*((loss, {"lr": 10.0 ** (i - 2)}) for i, loss in enumerate(losses)), **more)


def test_the_table_is_what_the_setting_mute_takes():
    assert tuple(remarks.REMARKS) == REMARKS


def test_values_may_be_mappings():
    configs = {i: SimpleNamespace(options={"C": 1.0 + i}, seeds=20) for i in range(2)}
    finals = {"train/loss": {0: 0.1, 1: 0.1}, "diverged": {0: 0, 1: 20}}
    swept = Ended(configs, finals, ("train/loss",), ("options",), lambda i: nets())
    assert swept.varied == {"options": [{"C": 1.0}, {"C": 2.0}]}
    assert "with options={C:2} 100% of them" in remarks.diverged(swept)


# --- the edge -------------------------------------------------------------------------------------


def test_the_best_value_at_the_edge_is_said_with_the_values_that_go_on():
    said = remarks.edge(by_lr(0.3, 0.2, 0.1))
    assert said == "the best run has the largest lr, 1; go on with lr=1,10,100"
    assert remarks.edge(by_lr(0.1, 0.2, 0.3)).endswith("lr=0.0001,0.001,0.01")
    many = [(1.0 / i, {"lr": i / 100}) for i in range(1, 51)]
    assert remarks.edge(ended(*many)).endswith("go on with lr=0.5,0.745,0.99")
    widths = [(1.0 / width, {"width": width}) for width in (2, 3, 4)]
    assert remarks.edge(ended(*widths, grid=["width"])).endswith("width=4,5,6")


def test_the_best_value_inside_is_no_edge_nor_is_that_of_two_values_or_a_tie():
    assert remarks.edge(by_lr(0.3, 0.1, 0.2)) is None
    assert remarks.edge(by_lr(0.2, 0.1)) is None
    assert remarks.edge(by_lr(0.2, 0.1, 0.1)) is None


def test_a_knob_that_cannot_go_on_has_no_edge():
    momenta = [(loss, {"momentum": m}) for loss, m in ((0.1, 0.0), (0.2, 0.5), (0.3, 0.9))]
    assert remarks.edge(ended(*momenta, grid=["momentum"], optimizer="momentum")) is None
    easier = [(loss, {"noise": n}) for loss, n in ((0.1, 0.1), (0.2, 0.2), (0.3, 0.3))]
    assert remarks.edge(ended(*easier, grid=["noise"], dataset="moons")) is None


# --- the first two --------------------------------------------------------------------------------


def test_two_runs_that_cannot_be_told_apart_are_said_with_the_seeds_that_would():
    other = np.full(20, 0.1) + np.where(np.arange(20) < 13, 0.01, -0.01)
    two = by_lr(0.1, 0.105, arrays=[nets(0.1), nets(train__loss=other)])
    said = remarks.tie(two)
    assert "13 of 20 nets are better in the first, 7 in the second (p = 0.26)" in said
    assert f"seeds={seeds_to_tell(13 / 20, 1.0)} " in said


def test_two_runs_that_can_be_told_apart_are_not_mentioned():
    assert remarks.tie(by_lr(0.1, 0.2)) is None
    assert remarks.tie(by_lr(0.1)) is None


def test_equal_runs_are_alike_and_nets_without_a_value_are_worst():
    assert "alike in all of 20 nets" in remarks.tie(by_lr(0.1, 0.1))
    gone = nets(train__loss=np.full(20, np.nan))
    assert by_lr(0.1, 0.2, arrays=[nets(), gone]).wins() == (20, 0, 0)


def test_a_share_of_solved_nets_decides_before_the_loss_does():
    one, other = nets(0.5, solved=np.ones(20, bool)), nets(0.1, solved=np.zeros(20, bool))
    two = by_lr(0.5, 0.6, arrays=[one, other], ranked_by=("solved", "train/loss"))
    two.finals["solved"] = {0: 1.0, 1: 0.0}
    assert two.wins() == (20, 0, 0)


@pytest.mark.parametrize(("wins", "losses"), [(13, 7), (6, 0), (0, 0), (2000, 1900)])
def test_the_sign_test_is_that_of_scipy(wins, losses):
    theirs = binomtest(wins, wins + losses).pvalue if wins else 1.0
    assert sign_test(wins, losses) == pytest.approx(theirs, rel=1e-9)


def test_so_many_seeds_tell_in_four_cases_of_five():
    rng, n = np.random.default_rng(0), seeds_to_tell(0.65, 1.0)
    wins = rng.binomial(n, 0.65, size=2000)
    assert 0.72 < np.mean([sign_test(k, n - k) < 0.05 for k in wins.tolist()]) < 0.88
    assert seeds_to_tell(0.65, 0.5) == pytest.approx(2 * n, abs=1)
    assert seeds_to_tell(1.0, 1.0) == 6


# --- how nets ended -------------------------------------------------------------------------------


def test_many_diverged_nets_are_said_with_the_value_that_makes_them():
    three = by_lr(0.1, 0.2, 0.3)
    three.finals["diverged"] = {0: 0, 1: 1, 2: 20}
    said = remarks.diverged(three)
    assert said == "21 of 60 nets diverged (35%), with lr=1 100% of them; leave it out"
    three.finals["diverged"] = {0: 0, 1: 0, 2: 12}
    assert remarks.diverged(three) is None  # a fifth is not more than a fifth
    assert remarks.diverged(by_lr(0.1, 0.2, diverged=8)).endswith("scaling=standard")


def test_a_curve_that_falls_at_the_end_is_said_but_not_that_of_nets_that_are_done():
    falls = nets() | {"curve/train/loss": np.tile([1.0, 0.5, 0.4, 0.3], (20, 1))}
    said = remarks.falling(by_lr(0.3, arrays=[falls]))
    assert said == "the best run's train/loss fell by 25% after epoch 80 of 100; try epochs=200"
    assert remarks.falling(by_lr(0.3)) is None
    solved = falls | {"final/solved": np.ones(20, bool)}
    stopped = falls | {"final/epochs": np.full(20, 60)}
    assert remarks.falling(by_lr(0.3, arrays=[solved])) is None
    assert remarks.falling(by_lr(0.3, arrays=[stopped])) is None


@pytest.mark.parametrize(
    ("far", "near", "words"),
    [
        ({"train__accuracy": 1.0, "test__accuracy": 0.8}, {"test__accuracy": 0.95}, "100.0%"),
        ({"train__rmse": 0.1, "test__rmse": 0.3}, {"test__rmse": 0.15}, "an rmse of 0.1 "),
    ],
)
def test_a_gap_between_training_and_test_is_said(far, near, words):
    far = {name: np.full(20, value) for name, value in far.items()}
    near = far | {name: np.full(20, value) for name, value in near.items()}
    assert words in remarks.gap(by_lr(0.1, arrays=[nets(**far)]))
    assert remarks.gap(by_lr(0.1, arrays=[nets(**near)])) is None
    assert remarks.gap(by_lr(0.1)) is None


@pytest.mark.parametrize(("dataset", "share"), [("and", 0.75), ("spector", None)])
def test_a_run_that_guesses_is_said(dataset, share):
    form = {"model": "logistic", "width": None, "depth": None, "activation": None}
    one = by_lr(0.1, dataset=dataset, **form)
    share = share or one.guessing()
    assert 0.5 < share < 1.0
    arrays = {part: [nets(train__accuracy=np.full(20, share + part))] for part in (0.0, 0.05)}
    said = remarks.guess(by_lr(0.1, dataset=dataset, arrays=arrays[0.0], **form))
    assert f"right for {share:.1%} of the training examples" in said
    assert remarks.guess(by_lr(0.1, dataset=dataset, arrays=arrays[0.05], **form)) is None


def test_a_regression_has_no_class_to_guess():
    form = {"model": "linear", "width": None, "depth": None, "activation": None}
    assert remarks.guess(by_lr(0.1, dataset="diabetes", **form)) is None


# --- knobs ----------------------------------------------------------------------------------------


def test_a_knob_that_changes_nothing_is_said_with_the_runs_that_it_costs():
    grid = [(loss, {"lr": lr, "width": w}) for loss, lr in ((0.1, 1.0), (0.2, 0.1)) for w in (2, 3)]
    said = remarks.idle(ended(*grid, grid=["lr", "width"]))
    assert said == (
        "width (2 values) changes no median by more than 1 %; one value is enough, 2 runs fewer"
    )
    grid[3] = (0.21, grid[3][1])
    assert remarks.idle(ended(*grid, grid=["lr", "width"])) is None


# --- all of them ----------------------------------------------------------------------------------


def test_at_most_three_are_said_and_none_that_is_mute():
    everything = by_lr(0.1, 0.1, 0.1, diverged=20, arrays=[nets() | {
        "curve/train/loss": np.tile([1.0, 0.5, 0.4, 0.3], (20, 1))}] * 3)  # fmt: skip
    said = dict(remarks.remarks(everything))
    assert list(said) == ["diverged", "falling", "tie"]
    assert list(dict(remarks.remarks(everything, ["falling"]))) == ["diverged", "tie", "idle"]


def test_a_run_that_has_lost_its_file_silences_what_needs_it():
    def lost(_):
        raise Lost("gone")

    two = by_lr(0.3, 0.2, 0.1)
    two._arrays = lost
    assert list(dict(remarks.remarks(two))) == ["edge"]


def test_a_sweep_says_them_after_its_table_and_keeps_quiet_when_asked(
    tmp_path_factory, tmp_path, capsys
):
    uri = empty_store(tmp_path_factory, tmp_path)
    values = [{"lr": lr} for lr in (0.01, 0.1, 1.0)]
    launch(uri, *values)
    said = capsys.readouterr().out
    assert "\nedge: the best run has the largest lr, 1; go on with lr=1,10,100\n" in said
    assert "silences these remarks" in said
    launch(uri, *values, mute="edge")
    assert "edge" not in capsys.readouterr().out
