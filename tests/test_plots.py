"""The parts of figures show what they are given: medians, bands, intervals, boundaries, axes."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from analysis.figures import plots, style

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")


@pytest.fixture(autouse=True)
def figures():
    """The look of our figures; all figures are closed afterwards."""
    style.theme()
    yield
    plt.close("all")


def test_seeds_are_grey_behind_their_median_and_band():
    fig, ax = style.figure()
    curves = np.random.default_rng(0).random((100, 7))
    line = plots.seeds(ax, np.arange(7), curves, shown=30)
    assert np.array_equal(line.get_ydata(), np.median(curves, axis=0))
    grey = [other for other in ax.lines if other is not line]
    assert len(grey) == 30
    assert all(other.get_zorder() < line.get_zorder() for other in grey)
    (band,) = ax.collections
    edge = band.get_paths()[0].vertices[:, 1]
    assert edge.min() == np.quantile(curves, 0.05, axis=0).min()
    assert edge.max() == np.quantile(curves, 0.95, axis=0).max()


def test_theory_is_dashed_and_named():
    fig, ax = style.figure()
    lines = [
        plots.theory(ax, "$2/\\lambda$", x=2.0),
        plots.theory(ax, "ln 2", y=0.69),
        plots.theory(ax, "$1/t$", x=[1, 2], y=[1, 0.5]),
    ]
    assert all(line.get_linestyle() == "--" for line in lines)
    labels = [text.get_text() for text in ax.legend().get_texts()]
    assert labels == ["$2/\\lambda$", "ln 2", "$1/t$"]
    with pytest.raises(ValueError, match="x, y or both"):
        plots.theory(ax, "nothing")


def test_the_boundary_is_where_the_output_is_one_half():
    fig, ax = style.figure()
    X, Y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0]])
    image = plots.decision_surface(ax, lambda grid: grid[:, :1] - grid[:, 1:] + 0.5, X, Y)
    (contour,) = [c for c in ax.collections if hasattr(c, "levels")]
    boundary = contour.get_paths()[0].vertices
    assert boundary[:, 0] == pytest.approx(boundary[:, 1])
    values = np.asarray(image.get_array())
    assert values[0, -1] > values[-1, 0]  # x to the right, y upwards
    dots = [c for c in ax.collections if not hasattr(c, "levels")]
    assert [c.get_offsets().tolist() for c in dots] == [[[0.0, 0.0]], [[1.0, 1.0]]]


def test_a_surface_without_a_boundary_or_a_place():
    fig, ax = style.figure()
    plots.decision_surface(ax, lambda grid: np.ones(len(grid)), limits=((0, 1), (0, 1)))
    assert not ax.collections
    with pytest.raises(ValueError, match="examples or limits"):
        plots.decision_surface(ax, lambda grid: grid[:, 0])


def test_epochs_start_at_zero_on_a_logarithmic_axis():
    fig, ax = style.figure()
    plots.epochs(ax, 1000)
    places = ax.transData.transform([[0, 0], [1, 0], [10, 0], [100, 0]])[:, 0]
    assert ax.get_xlim() == (0.0, 1000.0)
    assert np.all(np.diff(places) > 0)
    assert places[3] - places[2] == pytest.approx(places[2] - places[1], rel=0.1)
