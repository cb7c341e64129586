"""The same word has the same colour, colours can be told apart, and files hold no trace of when."""

from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from matplotlib.colors import to_rgb
from PIL import Image

from analysis.figures import style
from analysis.statistics import wilson
from scratchml.activations import ACTIVATIONS
from scratchml.datasets import DATASETS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import LOSSES
from scratchml.models import MODELS
from scratchml.optimizers import OPTIMIZERS

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")

TABLES = {
    "activation": ACTIVATIONS,
    "init": INITIALIZERS,
    "optimizer": OPTIMIZERS,
    "dataset": DATASETS,
    "model": MODELS,
    "loss": {name for _, name in LOSSES},
}

# Machado, Oliveira & Fernandes (2009), severity 1: what is seen without one kind of cone.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
}  # fmt: skip


@pytest.fixture(autouse=True)
def figures():
    """Draws with the house's theme and forgets all figures afterwards."""
    style.theme()
    yield
    plt.close("all")


def lab(color, blindness):
    """CIE L*a*b* of a colour as it is seen."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(BLINDNESS[blindness]) @ linear, 0.0, 1.0)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.array(to_xyz) @ linear / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("kind", TABLES)
def test_every_word_of_every_table_has_a_colour(kind):
    assert set(TABLES[kind]) <= set(style.KINDS[kind])


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("kind", [k for k in style.KINDS if k != "dataset"])
def test_words_of_one_kind_can_be_told_apart(kind, blindness):
    """Colours are seen to differ at a glance at a CIE76 distance of 10, and at best at 2.3."""
    for one, other in combinations(style.KINDS[kind].values(), 2):
        assert np.linalg.norm(lab(one, blindness) - lab(other, blindness)) > 10.0


def test_a_word_has_one_colour_whatever_else_is_drawn():
    alone = style.palette(["tanh"], "activation")
    among = style.palette(["relu", "gelu", "tanh"], "activation")
    assert alone["tanh"] == among["tanh"] == style.colour("tanh")
    assert len(set(among.values())) == 3


def test_numbers_have_colours_in_their_order():
    colours = style.palette([10.0, 0.1, 1.0])
    assert list(colours) == [0.1, 1.0, 10.0]
    light = [lab(color, "none")[0] for color in colours.values()]
    assert light == sorted(light, reverse=True)


def test_an_unknown_word_is_an_error_that_lists_the_known():
    with pytest.raises(LookupError, match=r"'gelu'.*'relu', .*'tanh'"):
        style.colour("gelu", "activation")
    with pytest.raises(LookupError, match="'tanh'"):
        style.colour("tanh", "optimizer")


def test_seeds_are_grey_behind_their_median_and_band():
    fig, ax = style.figure()
    curves = np.random.default_rng(0).random((100, 7))
    line = style.seeds(ax, np.arange(7), curves, shown=30)
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
        style.theory(ax, "$2/\\lambda$", x=2.0),
        style.theory(ax, "ln 2", y=0.69),
        style.theory(ax, "$1/t$", x=[1, 2], y=[1, 0.5]),
    ]
    assert all(line.get_linestyle() == "--" for line in lines)
    labels = [text.get_text() for text in ax.legend().get_texts()]
    assert labels == ["$2/\\lambda$", "ln 2", "$1/t$"]
    with pytest.raises(ValueError, match="x, y or both"):
        style.theory(ax, "nothing")


def test_rates_show_wilsons_interval():
    fig, ax = style.figure()
    container = style.rates(ax, [1, 2], [0, 7], [10, 10])
    (bars,) = container.lines[2]
    for segment, k in zip(bars.get_segments(), (0, 7), strict=True):
        assert segment[:, 1] == pytest.approx([100 * end for end in wilson(k, 10)[1:]])
    again = style.rates(ax, [1, 2], [5, 5], [10, 10])
    assert again.lines[0].get_marker() != container.lines[0].get_marker()


def test_the_boundary_is_where_the_output_is_one_half():
    fig, ax = style.figure()
    X, Y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0]])
    image = style.decision_surface(ax, lambda grid: grid[:, :1] - grid[:, 1:] + 0.5, X, Y)
    (contour,) = [c for c in ax.collections if hasattr(c, "levels")]
    boundary = contour.get_paths()[0].vertices
    assert boundary[:, 0] == pytest.approx(boundary[:, 1])
    values = np.asarray(image.get_array())
    assert values[0, -1] > values[-1, 0]  # x to the right, y upwards
    dots = [c for c in ax.collections if not hasattr(c, "levels")]
    assert [c.get_offsets().tolist() for c in dots] == [[[0.0, 0.0]], [[1.0, 1.0]]]


def test_a_surface_without_a_boundary_or_a_place():
    fig, ax = style.figure()
    style.decision_surface(ax, lambda grid: np.ones(len(grid)), limits=((0, 1), (0, 1)))
    assert not ax.collections
    with pytest.raises(ValueError, match="examples or limits"):
        style.decision_surface(ax, lambda grid: grid[:, 0])


def test_epochs_start_at_zero_on_a_logarithmic_axis():
    fig, ax = style.figure()
    style.epochs(ax, 1000)
    places = ax.transData.transform([[0, 0], [1, 0], [10, 0], [100, 0]])[:, 0]
    assert ax.get_xlim() == (0.0, 1000.0)
    assert np.all(np.diff(places) > 0)
    assert places[3] - places[2] == pytest.approx(places[2] - places[1], rel=0.1)


def drawn():
    fig, axes = style.figure(2)
    style.seeds(axes[0], np.arange(5), np.random.default_rng(0).random((9, 5)), label="seeds")
    style.decision_surface(axes[1], lambda grid: grid[:, 0], limits=((0, 1), (0, 1)))
    axes[0].legend()
    return fig


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    first = [path.read_bytes() for path in style.save(drawn(), tmp_path / "a")]
    again = [path.read_bytes() for path in style.save(drawn(), tmp_path / "b.png")]
    assert first == again
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg", "b.png", "b.svg"]


def test_a_file_does_not_say_when_or_with_what_it_was_made(tmp_path):
    png, svg = style.save(drawn(), tmp_path / "a")
    with Image.open(png) as image:
        assert image.info.keys() <= {"dpi"}
    text = svg.read_text()
    assert "<dc:date>" not in text
    assert "dc:creator" not in text
    assert str(tmp_path) not in text


def test_a_figure_is_as_wide_as_the_page(tmp_path):
    png, _ = style.save(drawn(), tmp_path / "a")
    with Image.open(png) as image:
        assert image.width == style.WIDTH * style.DPI == 1350


def frames(n):
    for i in range(n):
        fig, ax = style.figure()
        ax.plot([0, 1], [0, i])
        yield fig


def test_an_animation_has_its_frames_and_the_same_bytes(tmp_path):
    first = style.save_animation(frames(4), tmp_path / "a", fps=10)
    again = style.save_animation(list(frames(4)), tmp_path / "b.gif", fps=10)
    assert first.read_bytes() == again.read_bytes()
    with Image.open(first) as gif:
        assert (gif.n_frames, gif.info["duration"], gif.info["loop"]) == (4, 100, 0)
    assert not plt.get_fignums()


def test_an_animation_may_be_of_arrays_or_of_matplotlib(tmp_path):
    black_and_white = [np.full((8, 9, 3), shade, dtype=np.uint8) for shade in (0, 255)]
    with Image.open(style.save_animation(black_and_white, tmp_path / "a")) as gif:
        assert (gif.n_frames, gif.size) == (2, (9, 8))
    fig, ax = style.figure()
    (line,) = ax.plot([0, 1], [0, 1])
    moving = FuncAnimation(fig, lambda i: line.set_ydata([0, i]), frames=3, blit=False)
    with Image.open(style.save_animation(moving, tmp_path / "b.gif")) as gif:
        assert gif.n_frames == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.gif", "b.gif"]
    with pytest.raises(ValueError, match="at least one frame"):
        style.save_animation([], tmp_path / "c")
