"""The same figure gives the same bytes, and files hold no trace of when they were made."""

import os
from contextlib import nullcontext

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from PIL import Image

from analysis.figures import plots, saving, style

pytestmark = pytest.mark.errstate(under="ignore", divide="ignore", invalid="ignore")


@pytest.fixture(autouse=True)
def figures():
    """The look of our figures; all figures are closed afterwards."""
    style.theme()
    yield
    plt.close("all")


def drawn():
    fig, axes = style.figure(2)
    plots.seeds(axes[0], np.arange(5), np.random.default_rng(0).random((9, 5)), label="seeds")
    plots.decision_surface(axes[1], lambda grid: grid[:, 0], limits=((0, 1), (0, 1)))
    axes[0].legend()
    return fig


def test_the_same_figure_gives_the_same_bytes(tmp_path):
    first = [path.read_bytes() for path in saving.save(drawn(), tmp_path / "a")]
    again = [path.read_bytes() for path in saving.save(drawn(), tmp_path / "b.png")]
    assert first == again
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "a.svg", "b.png", "b.svg"]


@pytest.mark.parametrize("title", ["as it should be", r"no formula: $\frac{$"])
def test_a_figure_stays_as_it_was(tmp_path, title):
    fig = drawn()
    fig.set(dpi=72.0, facecolor="red")
    fig.axes[0].set_title(title)
    before = fig.canvas, fig.dpi, fig.get_facecolor(), fig.get_layout_engine()
    with pytest.raises(ValueError, match="frac") if "$" in title else nullcontext():
        saving.save(fig, tmp_path / "a")
    assert (fig.canvas, fig.dpi, fig.get_facecolor(), fig.get_layout_engine()) == before
    assert len([*tmp_path.iterdir()]) == (0 if "$" in title else 2)


def test_a_file_does_not_say_when_or_with_what_it_was_made(tmp_path):
    png, svg = saving.save(drawn(), tmp_path / "a")
    with Image.open(png) as image:
        assert image.info.keys() <= {"dpi"}
    text = svg.read_text()
    assert "<dc:date>" not in text
    assert "dc:creator" not in text
    assert str(tmp_path) not in text


def test_a_figure_is_as_wide_as_the_page(tmp_path):
    png, _ = saving.save(drawn(), tmp_path / "a")
    with Image.open(png) as image:
        assert image.width == style.WIDTH * style.DPI == 1350


def frames(n):
    for i in range(n):
        fig, ax = style.figure()
        ax.plot([0, 1], [0, i])
        yield fig


def test_an_animation_has_its_frames_and_the_same_bytes(tmp_path):
    first = saving.save_animation(frames(4), tmp_path / "a", fps=10)
    again = saving.save_animation(list(frames(4)), tmp_path / "b.webp", fps=10)
    assert first.read_bytes() == again.read_bytes()
    with Image.open(first) as picture:
        picture.load()
        assert (picture.n_frames, picture.info["duration"], picture.info["loop"]) == (4, 100, 0)
    assert not plt.get_fignums()


def test_an_animation_may_be_of_arrays_or_of_matplotlib(tmp_path):
    black_and_white = [np.full((8, 9, 3), shade, dtype=np.uint8) for shade in (0, 255)]
    with Image.open(saving.save_animation(black_and_white, tmp_path / "a")) as picture:
        assert (picture.n_frames, picture.size) == (2, (9, 8))
    fig, ax = style.figure()
    (line,) = ax.plot([0, 1], [0, 1])
    moving = FuncAnimation(fig, lambda i: line.set_ydata([0, i]), frames=3, blit=False)
    with Image.open(saving.save_animation(moving, tmp_path / "b.webp")) as picture:
        assert picture.n_frames == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.webp", "b.webp"]
    with pytest.raises(ValueError, match="at least one frame"):
        saving.save_animation([], tmp_path / "c")


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder/page.html")
    os.mkfifo(tmp_path / "pipe")  # stands for /dev/null, in whose place a file would lie
    reading = os.open(tmp_path / "pipe", os.O_RDWR)
    for name in ("link", "pipe"):
        saving.write(tmp_path / name, b"page")
    assert (tmp_path / "link").is_symlink() and (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "folder" / "page.html").read_bytes() == os.read(reading, 9) == b"page"
    os.close(reading)
    assert len([*tmp_path.rglob("*")]) == 4
