"""The digests by which `.ci/arm` compares processors: each bit counts, and so does the promise."""

import numpy as np
import pytest
from support import digests

from scratchml import training
from scratchml.activations import ACTIVATIONS
from scratchml.backprop import BACKPROP
from scratchml.datasets import DATASETS
from scratchml.losses import LOSSES
from scratchml.models import MODELS
from scratchml.optimizers import OPTIMIZERS


def lines(tmp_path, name, **of):
    """A file of digests: {name of a training: a number that stands for its only array}."""
    path = tmp_path / name
    path.write_text("".join(f"{training}\tW1\t{n}\n" for training, n in of.items()))
    return path


def test_every_row_of_the_tables_is_trained():
    found = [digests.KNOBS | choices for choices in digests.trainings().values()]
    for knob, table in {
        "activation": ACTIVATIONS, "backprop": BACKPROP, "dataset": DATASETS, "model": MODELS,
        "optimizer": OPTIMIZERS,
    }.items():  # fmt: skip
        assert {knobs[knob] for knobs in found} == table.keys()
    assert {loss for _, loss in LOSSES} == {"cross_entropy", "squared_error", "perceptron"}


@pytest.mark.errstate(under="ignore")
@pytest.mark.parametrize("name", ["chaos", "sigmoids at extremes", "tiny weights"])
def test_machine_code_has_the_digests_of_numpy(monkeypatch, name):
    pytest.importorskip("numba")
    choices, found = digests.trainings()[name], []
    monkeypatch.setenv("SCRATCHML_COMPILE", "yes")
    for worth in (0, np.inf):
        monkeypatch.setattr(training, "WORTH", worth)
        arrays, is_compiled = digests.trained(choices)
        assert is_compiled == (worth == 0)
        found.append({name: digests.digest(array) for name, array in arrays.items()})
    assert found[0] == found[1]


def test_a_digest_changes_with_one_bit():
    theta = np.linspace(-1.0, 1.0, 6).reshape(2, 3)
    other = theta.copy()
    other[1, 2] = np.nextafter(other[1, 2], 2.0)
    assert len({*map(digests.digest, (theta, other, theta.T, -theta))}) == 4


def test_only_a_difference_that_is_promised_not_to_be_is_an_error(tmp_path, capsys):
    free = digests.FREE + "newton"
    one, same = (lines(tmp_path, name, xor=1, **{free: 2}) for name in ("one", "same"))
    assert digests.compare(one, [same]) == 0
    assert digests.compare(one, [lines(tmp_path, "free", xor=1, **{free: 3})]) == 0
    assert capsys.readouterr().out.endswith(f"1 of 1 promises are kept\n    {free}: W1\n")
    assert digests.compare(one, [same, lines(tmp_path, "broken", xor=2, **{free: 2})]) == 1
    assert capsys.readouterr().out.endswith("0 of 1 promises are kept\n    xor: W1\n")
    assert digests.compare(one, [lines(tmp_path, "less", xor=1)]) == 0
    assert digests.compare(one, [lines(tmp_path, "none", **{free: 2})]) == 1
