"""Panels show groups of nets: shares with Wilson's bars, medians with bands, and their axes."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from analysis import groups
from analysis.figures import colours, panels
from analysis.statistics import bootstrap, wilson

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")


@pytest.fixture
def ax():
    fig, (ax,) = panels.grid()
    yield ax
    plt.close(fig)


def bars(ax):
    """[(x, low, high)] of the bars of an axis."""
    (lines,) = ax.containers[-1].lines[2]
    return [(*segment[0], segment[1][1]) for segment in lines.get_segments()]


def test_rates_are_shares_with_wilsons_interval(ax):
    hits = {1: np.zeros(10, bool), 2: np.arange(10) < 7}
    panels.rates(ax, hits, label="nets")
    assert ax.lines[0].get_xydata().tolist() == [[1, 0], [2, 70]]
    for (_, low, high), k in zip(bars(ax), (0, 7), strict=True):
        assert (low, high) == pytest.approx([100 * end for end in wilson(k, 10)[1:]])
    panels.rates(ax, hits)
    assert ax.lines[0].get_marker() != ax.lines[-1].get_marker()


def test_rates_may_follow_the_order_of_groups(ax):
    panels.rates(ax, {3.0: [True, False], 1.0: [True, True]}, sort=False)
    assert ax.lines[0].get_xydata().tolist() == [[3, 50], [1, 100]]


def test_words_stand_side_by_side(ax):
    panels.rates(ax, {"relu": [True], "tanh": [False]}, line=False)
    assert ax.lines[0].get_xdata().tolist() == [0, 1]


def test_a_band_holds_nine_nets_of_ten_and_never_is_left_out(ax):
    values = {1: np.r_[np.arange(101.0), np.inf], 2: 2 * np.arange(101.0)}
    panels.band(ax, values, every=True)
    line = ax.lines[-1]
    assert line.get_ydata().tolist() == [50, 100]
    edge = ax.collections[0].get_paths()[0].vertices
    assert edge[edge[:, 0] == 1][:, 1].min() == 5 and edge[edge[:, 0] == 1][:, 1].max() == 95
    assert len(ax.lines[0].get_xdata()) == 202  # each net that has a value


def test_means_have_bootstrap_bars(ax):
    values = {1: np.arange(20.0), 2: np.arange(20.0) ** 2}
    panels.means(ax, values)
    assert ax.lines[0].get_ydata() == pytest.approx([v.mean() for v in values.values()])
    for (_, low, high), numbers in zip(bars(ax), values.values(), strict=True):
        assert (low, high) == pytest.approx(bootstrap(numbers, np.mean)[1:])


def test_ranges_reach_from_the_lowest_net_to_the_highest(ax):
    panels.ranges(ax, {1: [1.0, 2.0, 9.0]})
    assert bars(ax) == [(1, 1, 9)]


def test_a_median_may_be_never(ax):
    panels.medians(ax, {1: [1.0, 2.0, np.inf], 2: [1.0, np.inf, np.inf]})
    assert ax.lines[0].get_ydata().tolist() == [2, np.inf]


def test_never_may_have_a_place(ax):
    panels.medians(ax, {1: [1.0, 2.0], 2: [np.inf, np.inf]}, never=100.0)
    assert ax.lines[0].get_ydata().tolist() == [1.5, 100]


def test_the_lowest_net_stands_out_of_the_others(ax):
    panels.lowest(ax, {1: [3.0, 2.0], 4: [5.0, 6.0]}, label="best")
    every, best = ax.lines
    assert best.get_xydata().tolist() == [[1, 2], [4, 5]] and best.get_label() == "best"
    assert len(every.get_xdata()) == 4


def test_each_name_has_its_colour_marker_and_label(ax):
    named = {"tanh": {1: [1.0, 2.0]}, "relu": {1: [3.0]}}
    panels.each(panels.medians, ax, named, labels="{} units")
    assert [line.get_label() for line in ax.lines] == ["tanh units", "relu units"]
    assert [line.get_color() for line in ax.lines] == [colours.of("tanh"), colours.of("relu")]
    assert len({line.get_marker() for line in ax.lines}) == 2
    panels.each(panels.medians, ax, named, labels={"relu": "r"}, colors={"relu": "k"}, markers="s")
    assert (ax.lines[2].get_label(), ax.lines[2].get_color()) == ("r", "k")


def test_names_may_stand_side_by_side(ax):
    named = {depth: {10.0: [1.0]} for depth in (1, 2, 3)}
    panels.each(panels.medians, ax, named, dodge=2.0)
    assert [line.get_xdata()[0] for line in ax.lines] == [5, 10, 20]


def test_a_table_is_drawn_by_its_columns(ax):
    panels.means(ax, pd.DataFrame({1.0: [1.0, 3.0], 2.0: [5.0, 7.0]}), bars=False)
    assert ax.lines[0].get_xydata().tolist() == [[1, 2], [2, 6]]


def test_a_law_is_a_function_between_two_points(ax):
    line = panels.law(ax, "square", lambda x: x**2, 1.0, 4.0)
    x, y = line.get_data()
    assert (x[0], x[-1]) == pytest.approx((1, 4)) and np.array_equal(y, x**2)
    assert x[1] / x[0] == pytest.approx(x[-1] / x[-2])  # by ratio
    assert line.get_label() == "square" and line.is_dashed()
    x = panels.law(ax, "line", lambda x: x, 0.0, 1.0).get_xdata()
    assert x[0] == 0 and x[1] - x[0] == pytest.approx(x[-1] - x[-2])


def test_a_law_of_several_groups_is_named_once(ax):
    panels.laws(ax, "edge", {"linear": (2.0, None), "mlp": ([1.0, 2.0], [3.0, 4.0])})
    assert ax.get_legend_handles_labels()[1] == ["edge"]
    assert ax.lines[1].get_color() == colours.of("mlp")


def test_marks_are_where_they_are_put(ax):
    panels.say(ax, "here", (1.0, 2.0), (5, 0))
    assert (ax.texts[0].get_text(), ax.texts[0].xy) == ("here", (1.0, 2.0))
    panels.ring(ax, 3.0, 4.0, label="best")
    assert ax.lines[0].get_markerfacecolor() == "none" and ax.lines[0].get_label() == "best"


def test_the_curves_of_a_run_are_those_of_its_nets(ax):
    arrays = {"epoch": np.arange(3), "curve/train/loss": np.arange(6.0).reshape(2, 3)}
    assert panels.curves(ax, arrays, "train/loss").get_ydata().tolist() == [1.5, 2.5, 3.5]


def test_a_figure_in_halves_has_a_heading():
    fig, top, bottom = panels.halves(4.0, (1, 2), "Two halves")
    assert top.get_suptitle() == "Two halves"
    panels.thumbnail(bottom.subplots(), lambda X: X[:, 0], np.eye(2), [0, 1], "small")
    assert bottom.axes[0].get_title(loc="left") == "small"
    plt.close(fig)


def test_a_heat_map_has_its_numbers(ax):
    panels.heat(ax, pd.DataFrame([[1.0, 2.5]], ["a"], ["b", "c"]), label="risk")
    assert [text.get_text() for text in ax.texts] == ["1", "2.5"]


def test_a_panel_has_its_axes(ax):
    ax.plot([1, 100], [0.1, 10])
    panels.panel(ax, "A title", x="width", y="loss", log="xy", ticks={1: [5], 10: [6], 100: [7]},
                 yticks={1: "one"}, legend=None, ylim=(0.01, 100))  # fmt: skip
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) == (
        "width", "loss", "A title"
    )  # fmt: skip
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_ylim()) == ("log", "log", (0.01, 100))
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "10", "100"]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["one"]
    assert ax.get_legend() is None


def test_a_square_panel_has_one_scale_around_all(ax):
    ax.plot([0, 1], [5, 10], label="way")
    panels.panel(ax, "", square=True, legend="upper left")
    assert ax.get_xlim() == ax.get_ylim() == pytest.approx((-1.5, 11.5))
    assert ax.get_legend().get_texts()[0].get_text() == "way"
    panels.panel(ax, "", legend=("upper left", "ways"))
    assert ax.get_legend().get_title().get_text() == "ways"


def test_groups_are_nets_by_the_value_of_a_knob():
    nets = pd.DataFrame({"width": [2.0, 2.0, 4.0], "solved": [True, False, True],
                         "epochs_to_solve": [7, None, 9]})  # fmt: skip
    assert {w: hits.tolist() for w, hits in groups.by(nets, "width", groups.solved).items()} == {
        2: [True, False], 4: [True]
    }  # fmt: skip
    assert groups.by(nets, "width", groups.epochs)[2].tolist() == [7, np.inf]
    assert groups.by(nets, "width", "solved")[4].tolist() == [True]
    assert groups.failed(nets).tolist() == [False, True, False]
    assert groups.finite([1, np.inf]).tolist() == [1]
    assert [type(w) for w in groups.by(nets, "width")] == [int, int]


def test_groups_may_be_nested():
    nets = pd.DataFrame({"depth": [1, 1, 2], "width": [2, 4, 2], "seed": [0, 0, 0],
                         "loss": [0.1, 0.2, 0.3]})  # fmt: skip
    found = groups.by(nets, ("depth", "width"), "loss")
    assert {d: {w: v.tolist() for w, v in row.items()} for d, row in found.items()} == {
        1: {2: [0.1], 4: [0.2]}, 2: {2: [0.3]}
    }  # fmt: skip
    assert groups.count(found) == 3 and groups.pooled(found).tolist() == [0.1, 0.2, 0.3]
    assert groups.percent(found)[2][2].tolist() == [30.0]
    table = groups.tables(nets, "depth", "width", "loss")[1]
    assert table.columns.tolist() == [2, 4] and table.loc[0].tolist() == [0.1, 0.2]
    assert groups.percent({1: table})[1][4].tolist() == [20.0]


def test_the_lowest_point_of_each_net():
    curves = pd.DataFrame({"run_id": ["a"] * 4, "seed": [0, 0, 1, 1], "width": 2,
                           "error": [0.5, 0.3, 0.4, 0.6]})  # fmt: skip
    assert groups.lowest(curves, "width", "error")[2].tolist() == [0.3, 0.4]


def test_the_best_group_depends_on_what_is_asked():
    epochs = {"a": [1.0, np.inf, np.inf], "b": [5.0, 6.0, np.inf], "c": [7.0, 8.0, 9.0]}
    assert groups.fastest(epochs)[0] == "a"
    assert groups.soonest(epochs)[0] == "b"
    assert groups.surest(epochs)[0] == "c"
    assert groups.soonest({"x": [np.inf] * 3, "y": [np.inf, np.inf, 1.0]})[0] == "y"
