"""Panels show groups of nets: shares with Wilson's bars, medians with bands, and their axes."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from analysis import groups
from analysis.figures import panels
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
