"""Colours: the same word has the same colour on every figure, so that `tanh` is always blue.

The colours are those of Okabe & Ito (2008), which can be told apart with any of the common colour
blindnesses. Their yellow is left out because it cannot be seen on white.
"""

import numpy as np
import seaborn as sns
from matplotlib.colors import LinearSegmentedColormap, LogNorm, Normalize

from scratchml.activations import ACTIVATIONS
from scratchml.backprop import BACKPROP
from scratchml.datasets import DATASETS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import LOSSES
from scratchml.models import MODELS
from scratchml.optimizers import OPTIMIZERS

INK, GREY, PALE = "#222222", "#8c8c8c", "#c8c8c8"
BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PINK, SKY, WINE = "#cc79a7", "#56b4e9", "#7a1f4b"
CYCLE = (BLUE, ORANGE, GREEN, RED, PINK, SKY, WINE, GREY, INK)

# Class 0 is orange, class 1 is blue, and an output of 1/2 is white.
CLASSES = (ORANGE, BLUE)
DIVERGING_STOPS = ("#f6c667", "#ffffff", "#7fb3da")
DIVERGING = LinearSegmentedColormap.from_list("scratchml", DIVERGING_STOPS)

# Colours that figures rely on, by knob. Any other word takes the next free colour of the cycle.
FIXED = {
    "activation": {
        "identity": GREY, "step": INK, "sigmoid": ORANGE, "tanh": BLUE, "relu": RED,
    },
    "init": {
        "zero": INK, "uniform": BLUE, "normal": SKY, "xavier": GREEN, "he": RED,
        "sawtooth": ORANGE,
    },
    "optimizer": {
        "sgd": BLUE, "momentum": ORANGE, "nesterov": WINE, "adagrad": PINK, "adam": RED,
        "newton": GREEN, "lbfgs": INK,
    },
    "dataset": {"and": BLUE, "xor": RED},
    "model": {"perceptron": INK, "logistic": ORANGE, "linear": GREEN, "mlp": BLUE},
    "loss": {"cross_entropy": BLUE, "squared_error": ORANGE, "perceptron": INK},
    "scaling": {"none": RED, "centred": ORANGE, "standard": BLUE},
    "coding": {"binary": ORANGE, "bipolar": BLUE},
    "backprop": {"exact": INK, "no_slope": PALE},
    "part": {"train": BLUE, "test": ORANGE},
}  # fmt: skip


def words(knob):
    """{word: colour} of a knob: its fixed colours, then the other entries of its table.

    No two words share a colour before all colours of the cycle are taken.
    """
    fixed = FIXED.get(knob, {})
    return _with_free_colours(fixed, [word for word in _table(knob) if word not in fixed])


def of(word, knob=None):
    """The colour of a word on all figures, such as `tanh` or `adam`.

    Args:
        knob: the knob that the word is a value of, for words of several (`sawtooth`, `perceptron`).

    Raises:
        LookupError: There is no such word; the message lists the words that there are.
    """
    known = {}
    for name in FIXED if knob is None else [knob]:
        known = words(name) | known  # the first knob that has the word counts
    if word not in known:
        raise LookupError(f"no colour for {word!r}; there are colours for {sorted(known)}")
    return known[word]


def palette(values, knob=None):
    """A colour for each value, as seaborn's `palette=`: {value: colour}.

    Words have their colour of `words`, numbers run from light to dark in their order, and words
    that are in no table take the next free colour in the order given.
    """
    values = list(dict.fromkeys(values))
    if values and all(isinstance(v, int | float | np.number) for v in values):
        return dict(zip(sorted(values), shades(len(values)), strict=True))
    known = {}
    for name in [knob] if knob in FIXED else FIXED:
        known |= words(name)
    drawn = {value: known[value] for value in values if value in known}
    colours = _with_free_colours(drawn, [value for value in values if value not in known])
    return {value: colours[value] for value in values}


def shades(n):
    """n colours from light to dark, for numbers."""
    return list(sns.color_palette("flare", n).as_hex())


def norm(low, high, scale=None):
    """How numbers become colours: in proportion, or by decades with scale `log`."""
    return LogNorm(low, high) if scale == "log" else Normalize(low, high)


def _table(knob):
    """The words that a knob may be, as far as scratchml has a table of them."""
    return {
        "activation": [*ACTIVATIONS],
        "init": [*INITIALIZERS],
        "optimizer": [*OPTIMIZERS],
        "dataset": [*DATASETS],
        "backprop": [*BACKPROP],
        "model": [*MODELS],
        "loss": [name for _, name in LOSSES],
    }.get(knob, [])


def _with_free_colours(taken, others):
    """{word: colour}: those of `taken`, and for each of `others` the next colour that is free."""
    free = [c for c in CYCLE if c not in taken.values()] or list(CYCLE)
    others = dict.fromkeys(others)
    return dict(taken) | {word: free[i % len(free)] for i, word in enumerate(others)}
