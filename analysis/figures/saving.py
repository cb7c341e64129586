"""Saving: files of figures and animations, written whole and with the same bytes every time."""

import io
import os
from contextlib import contextmanager
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.animation import Animation, PillowWriter
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from PIL import Image

from analysis.figures.style import DPI

ANIMATION_DPI = 80


def save(fig, path):
    """The paths of PATH.png and PATH.svg, which are written whole or not at all.

    The same figure gives the same bytes: nothing in the files says when, where or with which
    version they were made.
    """
    stem = Path(path)
    stem = stem.with_suffix("") if stem.suffix in (".png", ".svg") else stem
    stem.parent.mkdir(parents=True, exist_ok=True)
    with _as_it_is_saved(fig):
        contents = {".png": _png(fig)}
        fig.set_layout_engine("none")  # it is settled: finding the layout takes half of the time
        contents[".svg"] = _svg(fig)
    return [write(stem.parent / (stem.name + end), content) for end, content in contents.items()]


def png(fig):
    """The bytes of a figure as a PNG, which are the same every time."""
    with _as_it_is_saved(fig):
        return _png(fig)


@contextmanager
def _as_it_is_saved(fig):
    """Inside, a figure has the size and the ground of all files; afterwards it is as it was."""
    layout = fig.get_layout_engine()
    before = {"canvas": fig.canvas, "dpi": fig.dpi, "facecolor": fig.get_facecolor()}
    fig.set(dpi=DPI, facecolor="white")
    try:
        yield
    finally:
        fig.set(**before)
        if layout is not None:
            fig.set_layout_engine(layout)


def _png(fig):
    # A canvas draws once; `savefig` draws twice where there is a layout to be found.
    content = io.BytesIO()
    FigureCanvasAgg(fig).print_png(content, metadata={"Software": None})
    return content.getvalue()


def _svg(fig):
    content, nothing = io.BytesIO(), dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with matplotlib.rc_context({"svg.hashsalt": "scratchml"}):
        FigureCanvasSVG(fig).print_svg(content, metadata=nothing)
    return content.getvalue()


def close(fig):
    """Forgets a figure: Matplotlib keeps every figure until it is closed."""
    plt.close(fig)


def save_animation(frames, path, fps=12):
    """The path of PATH.webp, written from a Matplotlib animation or from a sequence of frames.

    A frame is a figure, which is closed once it is drawn, or an image, (H, W, 3). So `frames` may
    be a generator of hundreds. Lossless WebP keeps all colours, in fewer bytes than a GIF.

    Raises:
        ValueError: There is no frame.
    """
    path = Path(path)
    path = path.parent / (path.name.removesuffix(".webp") + ".webp")
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(frames, Animation):
        return _save_with_pillow(frames, path, fps)
    images, last = [], None
    for frame in frames:
        if frame is not last:  # a frame that is shown for long may come many times
            image = _image(frame)
        images.append(image)
        last = frame
    if not images:
        raise ValueError("an animation needs at least one frame")
    content = io.BytesIO()
    images[0].save(
        content, format="WEBP", save_all=True, append_images=images[1:], loop=0, lossless=True,
        duration=round(1000 / fps),
    )  # fmt: skip
    return write(path, content.getvalue())


def snapshot(fig):
    """The image of a figure as it is now, (H, W, 3): a frame, while the figure goes on changing.

    The first snapshot settles the layout, so that nothing jumps from frame to frame.
    """
    fig.set_dpi(ANIMATION_DPI)
    fig.canvas.draw()
    fig.set_layout_engine("none")
    return np.array(fig.canvas.buffer_rgba())[..., :3]


def write(path, content):
    """The path of a file that is replaced whole, so that no reader sees half of it.

    A link stays a link, and a device such as /dev/null a device.
    """
    place = Path(path).resolve()
    if place.exists() and not place.is_file():
        place.write_bytes(content)
        return path
    draft = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        os.replace(draft, place)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _save_with_pillow(animation, path, fps):
    """Writes a Matplotlib animation through Matplotlib's own writer."""
    draft = path.with_name(f".{os.getpid()}.{path.name}")  # the writer looks at the suffix
    animation.save(draft, writer=PillowWriter(fps=fps), dpi=ANIMATION_DPI)
    os.replace(draft, path)
    return path


def _image(frame):
    """A frame as an RGB image: a figure is drawn and closed, an array is taken as it is."""
    if not hasattr(frame, "savefig"):
        return Image.fromarray(np.asarray(frame, dtype=np.uint8)).convert("RGB")
    content = io.BytesIO()
    frame.savefig(content, format="png", dpi=ANIMATION_DPI, facecolor="white")
    plt.close(frame)
    return Image.open(content).convert("RGB")
