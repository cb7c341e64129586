"""The same word has the same colour, and colours can be told apart."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from analysis.figures import colours
from scratchml.activations import ACTIVATIONS
from scratchml.datasets import DATASETS
from scratchml.initializers import INITIALIZERS
from scratchml.losses import LOSSES
from scratchml.models import MODELS
from scratchml.optimizers import OPTIMIZERS

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


def lab(color, blindness):
    """CIE L*a*b* of a colour as it is seen."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(BLINDNESS[blindness]) @ linear, 0.0, 1.0)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.array(to_xyz) @ linear / [0.9505, 1.0, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("knob", TABLES)
def test_every_word_of_every_table_has_a_colour(knob):
    assert set(TABLES[knob]) <= set(colours.words(knob))


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("knob", [k for k in colours.FIXED if k != "dataset"])
def test_words_of_one_knob_can_be_told_apart(knob, blindness):
    """Colours are seen to differ at a glance at a CIE76 distance of 10, and at best at 2.3."""
    for one, other in combinations(colours.words(knob).values(), 2):
        assert np.linalg.norm(lab(one, blindness) - lab(other, blindness)) > 10.0


def test_an_entry_of_ones_own_takes_a_colour_that_is_free(monkeypatch):
    before = colours.words("activation")
    monkeypatch.setitem(ACTIVATIONS, "sine", ACTIVATIONS["tanh"])
    assert colours.words("activation") == before | {"sine": colours.of("sine")}
    assert colours.of("sine") in set(colours.CYCLE) - set(before.values())
    assert colours.palette(["sine", "tanh"]) == {
        "sine": colours.of("sine"), "tanh": colours.of("tanh")
    }  # fmt: skip


def test_a_word_has_one_colour_whatever_else_is_drawn():
    alone = colours.palette(["tanh"], "activation")
    among = colours.palette(["relu", "gelu", "tanh"], "activation")
    assert alone["tanh"] == among["tanh"] == colours.of("tanh")
    assert len(set(among.values())) == 3


def test_numbers_have_colours_in_their_order():
    shades = colours.palette([10.0, 0.1, 1.0])
    assert list(shades) == [0.1, 1.0, 10.0]
    light = [lab(color, "none")[0] for color in shades.values()]
    assert light == sorted(light, reverse=True)


def test_an_unknown_word_is_an_error_that_lists_the_known():
    with pytest.raises(LookupError, match=r"'gelu'.*'relu', .*'tanh'"):
        colours.of("gelu", "activation")
    with pytest.raises(LookupError, match="'tanh'"):
        colours.of("tanh", "optimizer")
