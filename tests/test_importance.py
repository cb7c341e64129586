"""What mattered: the analysis of variance of a full grid is exact, and says what it left out."""

from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.stats import f_oneway, rankdata
from support import configurations, stored, stores

from analysis import compare
from analysis.data import load
from analysis.figures.importance import draw
from analysis.grids import full_part
from analysis.importance import REST, SEEDS, importance, variance

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")


def shares(table):
    return dict(zip(table.effect, table.share, strict=True))


# --- against other ways to compute it -------------------------------------------------------------


def test_two_factors_are_those_of_a_table_worked_by_hand():
    """Means 1 3 | 2 8: grand 3.5; rows 2 and 5, columns 1.5 and 5.5; nets lie 1 around a mean.

    SS(a) = 4 (1.5^2 + 1.5^2) = 18, SS(b) = 4 (2^2 + 2^2) = 32; the interaction leaves -1 in each
    corner, SS(a x b) = 2 (4) = 8; within the cells 8 deviations of 1 are SS = 8. Together 66.
    """
    cells = np.array([[1.0, 3.0], [2.0, 8.0]])
    table = variance(cells[..., None] + [-1.0, 1.0], ["a", "b"])
    squares = dict(zip(table.effect, table.squares, strict=True))
    assert squares == pytest.approx({"a": 18.0, "b": 32.0, "a x b": 8.0, SEEDS: 8.0})
    assert dict(zip(table.effect, table.df, strict=True)) == {"a": 1, "b": 1, "a x b": 1, SEEDS: 4}
    assert shares(table)["b"] == pytest.approx(32 / 66)


def test_one_factor_has_the_f_of_scipy():
    ranks = np.random.default_rng(1).normal(size=(4, 9))
    rows = variance(ranks, ["a"]).set_index("effect")
    f = (rows.squares["a"] / rows.df["a"]) / (rows.squares[SEEDS] / rows.df[SEEDS])
    assert f == pytest.approx(f_oneway(*ranks).statistic, rel=1e-12)


def test_effects_are_the_differences_of_least_squares_fits():
    """Of a full grid each effect is what its columns add to the fit of all others."""
    ranks = np.random.default_rng(2).normal(size=(2, 3, 4, 5))
    table = variance(ranks, ["a", "b", "c"]).set_index("effect")
    at = [i.ravel() for i in np.indices(ranks.shape)[:3]]

    def residual(*effects):
        columns = [np.eye(int(np.prod([ranks.shape[i] for i in e])))[
            np.ravel_multi_index([at[i] for i in e], [ranks.shape[i] for i in e])
        ] if e else np.ones((ranks.size, 1)) for e in effects]  # fmt: skip
        X = np.concatenate(columns, axis=1)
        fit = X @ np.linalg.lstsq(X, ranks.ravel(), rcond=None)[0]
        return np.sum((ranks.ravel() - fit) ** 2)

    for name, e in {"a": (0,), "b": (1,), "b x c": (1, 2), "a x b x c": (0, 1, 2)}.items():
        below = [t for t in [(), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
                 if set(t) < set(e)]  # fmt: skip
        assert table.squares[name] == pytest.approx(
            residual(*below) - residual(*below, e), rel=1e-9
        )


def test_shares_add_up_and_interactions_of_many_knobs_are_one_row():
    ranks = np.random.default_rng(3).normal(size=(2, 2, 2, 3, 4))
    table = variance(ranks, list("abcd"))
    assert table.share.sum() == pytest.approx(1.0, abs=1e-12)
    assert table.df.sum() == ranks.size - 1
    assert table.set_index("effect").df[REST] == 2
    assert (table.share >= 0).all()


def test_without_an_effect_each_share_is_what_chance_gives():
    rng = np.random.default_rng(4)
    tables = [variance(rng.permutation(60).reshape(3, 4, 5), ["a", "b"]) for _ in range(400)]
    mean = pd.concat(tables).groupby("effect")[["share", "chance"]].mean()
    assert mean.share.to_numpy() == pytest.approx(mean.chance.to_numpy(), abs=0.01)


# --- grids ----------------------------------------------------------------------------------------


def nets(cells, seeds=3, value=lambda cell, seed: seed):
    """A frame of nets and their costs, for dictionaries of knobs."""
    rows = [cell | {"seed": s, "cost": value(cell, s)} for cell in cells for s in range(seeds)]
    frame = pd.DataFrame(rows)
    return frame.drop(columns="cost"), frame.cost.to_numpy(dtype=float)


GRID = [{"lr": lr, "width": w} for lr in (0.1, 1.0) for w in (2, 4, 8)]


def test_a_grid_that_is_full_is_taken_whole():
    grid = full_part(*swapped(nets(GRID, value=lambda c, s: c["width"] + s / 10)))
    assert grid.ranks.shape == (2, 3, 3) and grid.notes == ()
    assert grid.levels == ([0.1, 1.0], [2, 4, 8])
    np.testing.assert_array_equal(grid.ranks[0, 0], rankdata([2, 2, 2.1, 2.1, 2.2, 2.2])[::2])


def swapped(made, knobs=("lr", "width")):
    frame, costs = made
    return frame, list(knobs), costs


def test_of_a_grid_with_holes_the_largest_full_part_is_taken_and_said():
    grid = full_part(*swapped(nets(GRID[:-1])))
    assert grid.ranks.shape == (2, 2, 3)
    assert grid.notes == ("the grid is not full, 5 of 6 combinations: without width=8",)
    sparse = [{"lr": i, "width": j} for i in range(6) for j in range(6) if (i - j) % 6 < 2]
    with pytest.raises(LookupError, match="choose a full part with --where"):
        full_part(*swapped(nets(sparse)))


def test_knobs_that_vary_as_one_are_one_factor():
    cells = [{"lr": lr, "width": w, "depth": w // 2} for lr in (1, 2) for w in (2, 4)]
    grid = full_part(*swapped(nets(cells), ("lr", "width", "depth")))
    assert grid.factors == ("lr", "width & depth") and grid.notes == ()
    cells = [
        {"init": i, "scale": s, "lr": lr} for i, s in (("he", 1.0), ("zero", None)) for lr in (1, 2)
    ]
    assert full_part(*swapped(nets(cells), ("scale", "init", "lr"))).factors == ("init", "lr")


def test_only_seeds_that_all_runs_have_are_compared():
    frame, costs = nets(GRID)
    few = ~((frame.lr == 1.0) & (frame.seed == 0)).to_numpy()
    grid = full_part(frame[few], ["lr", "width"], costs[few])
    assert grid.ranks.shape == (2, 3, 2)
    assert grid.notes == ("only the 2 of 3 seeds that all runs have",)
    apart = frame.assign(seed=frame.seed + 10 * (frame.lr == 1.0))
    with pytest.raises(LookupError, match="no seed in common"):
        full_part(apart, ["lr", "width"], costs)


# --- a sweep --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def uri(tmp_path_factory):
    uri = stores.empty_store(tmp_path_factory, tmp_path_factory.mktemp("importance"))
    runs = [configurations.config(lr=lr, init=init, epochs=30, seeds=6, records=4)
            for lr in (0.01, 30.0) for init in ("normal", "zero")]  # fmt: skip
    stored.sweep(uri, "scratchml", runs)
    return uri


@pytest.fixture(scope="module")
def data(uri):
    return load("scratchml", uri)


def test_the_shares_are_those_of_the_nets_own_ranks(data):
    found = importance(data, "train/loss")
    ranks = rankdata(data.nets["train/loss"])
    between = sum(
        len(i) * (ranks[i].mean() - ranks.mean()) ** 2
        for i in data.nets.groupby(["lr", "init"]).indices.values()
    )
    total = np.sum((ranks - ranks.mean()) ** 2)
    assert 1 - shares(found.table)[SEEDS] == pytest.approx(between / total, rel=1e-12)
    assert found.sentence.split(", ")[-1].startswith("seeds ")
    assert found.note == "24 nets of 4 runs, on ranks"


def test_a_diverged_net_ranks_as_the_worst(data):
    nets = data.nets.copy()
    worst = nets["train/loss"].idxmin()
    nets["diverged"] = nets.index == worst
    other = replace(data)
    other.__dict__["nets"] = nets
    grid = importance(other, "train/loss").grid
    at = [own.index(nets.loc[worst, f]) for f, own in zip(grid.factors, grid.levels, strict=True)]
    at = (*at, nets.loc[worst, "seed"])
    assert grid.ranks[at] == 24 > importance(data, "train/loss").grid.ranks[at]


def test_a_wrong_measure_and_nets_that_are_alike_are_refused(data):
    with pytest.raises(LookupError, match="train/loss"):
        importance(data, "los")
    with pytest.raises(LookupError, match="all nets have the same"):
        importance(data, "diverged")


def test_a_full_part_in_which_nets_are_alike_is_refused(data):
    """They differ in what was left out alone."""
    nets = data.nets.assign(fast=data.nets.init == "zero")
    other = replace(data)
    other.__dict__["nets"] = nets[(nets.init != "zero") | (nets.lr < 1.0)]
    with pytest.raises(LookupError, match="same fast: nothing to explain .*without init=zero"):
        importance(other, "fast")


def test_the_command_draws_a_bar_for_each_effect(uri, data, tmp_path, capsys):
    out = tmp_path / "bars.png"
    assert compare.main(["scratchml", "--uri", uri, "--y", "train/loss", "--importance",
                         "--out", str(out)]) == 0  # fmt: skip
    said = capsys.readouterr().out
    assert said.startswith(f"train/loss: {importance(data, 'train/loss').sentence}\n(24 nets")
    assert out.is_file() and out.with_suffix(".svg").is_file()
    stored_table = pd.read_csv(out.with_suffix(".csv"))
    found = importance(data, "train/loss")
    np.testing.assert_allclose(stored_table.share, found.table.share)
    [ax] = draw(found).axes
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([*100 * found.table.share])
    assert [t.get_text() for t in ax.get_yticklabels()] == [*found.table.effect]
    plt.close("all")


def test_an_axis_or_the_importance_must_be_named(uri, capsys):
    with pytest.raises(SystemExit):
        compare.main(["scratchml", "--uri", uri, "--y", "train/loss"])
    assert "--importance" in capsys.readouterr().err
