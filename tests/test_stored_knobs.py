"""Examples are made again only from stored knobs that a configuration may have."""

import numpy as np
import pytest
from support.configurations import config

from analysis import nets
from experiments.tracking.errors import Missing

MADE = "the examples of the run cannot be made again: "


def stored(knobs, **changed):
    """Knobs as `load` gives them, some of them changed by another hand."""
    row = {k: tuple(v) if isinstance(v, list) else v for k, v in knobs.canonical().items()}
    return nets.knobs(row | changed, [*(row | changed)])


@pytest.fixture(autouse=True)
def nothing_is_made(monkeypatch):
    """Whatever is refused is refused before any example is made."""

    def made(*arguments):
        raise AssertionError("examples were made")

    monkeypatch.setattr(nets, "sample", made)


HOSTILE = {
    "all rows of 33 inputs": ("parity", {"inputs": 33}, "inputs=33 needs n_samples=... and order"),
    "of 60 inputs": ("parity", {"inputs": 60}, "inputs=60 needs n_samples=... and order"),
    "of a million": ("parity", {"inputs": 10**6}, "inputs must be a whole number from 2 to 1000"),
    "a long table": ("table", {"inputs": 40, "table": 6}, "inputs=40 needs n_samples=... and"),
    "drawn rows": (
        "table",
        {"inputs": 40, "table": 6, "n_samples": 9, "order": "random"},
        "inputs must be at most 10 for dataset table; got 40",
    ),
    "a huge table": ("table", {"table": 16**5000}, "table must be a whole number >= 0 of at most"),
    "many examples": ("moons", {"n_samples": 10**12}, "they need about 22,352 GiB; the limit is 8"),
    "more than a float": ("moons", {"n_samples": 10**400}, "n_samples must be a whole number"),
    "a word": ("moons", {"noise": "loud"}, "noise must be a number >= 0"),
    "no number": ("moons", {"noise": float("inf")}, "noise must be a number >= 0"),
    "nothing trained": ("moons", {"test_fraction": 1.0}, "test_fraction must be a number from 0"),
    "no file": (
        "moons",
        {"dataset": "file", "path": "none.csv", "target": ("y",)},
        "path=none.csv: there is no such file",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_stored_knobs_that_no_configuration_may_have_make_nothing(name):
    dataset, changed, said = HOSTILE[name]
    with pytest.raises(Missing) as refused:
        nets.examples(stored(config(dataset=dataset), **changed), 0)
    assert str(refused.value).startswith(MADE + said) and "\n" not in str(refused.value)


@pytest.mark.parametrize("dataset", ["moons", "xor", "table", "quadratic", "mnist1d", "spector"])
def test_stored_knobs_of_a_configuration_make_its_examples(dataset, monkeypatch):
    monkeypatch.undo()
    made = nets.examples(stored(config(dataset=dataset)), 0)
    assert len(made.X) and np.isfinite(made.X).all()
