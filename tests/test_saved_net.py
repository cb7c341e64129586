"""A folder with a net gives back the net, also one that an older version wrote."""

import json

import numpy as np
import pytest

from scratchml import portable
from scratchml.sampling import Data

KNOBS = {"model": "logistic", "width": None, "depth": None, "activation": None, "bias": True,
         "batch_size": None, "backprop": "exact"}  # fmt: skip


def saved(folder):
    """The folder of a logistic regression of two inputs, and inputs to ask it about."""
    X = np.random.default_rng(0).standard_normal((5, 2))
    weights = {"W1": np.array([[1.0], [-2.0]]), "b1": np.array([[0.5]])}
    data = Data("binary", X, np.zeros((5, 1)))
    portable.save(folder, KNOBS, data, weights, np.array([3.0, 0.0]), np.array([2.0, 1.0]))
    return folder, X


def test_a_net_scales_its_inputs_by_mean_and_std(tmp_path):
    folder, X = saved(tmp_path / "net")
    z = (X - [3.0, 0.0]) / [2.0, 1.0] @ [1.0, -2.0] + 0.5
    np.testing.assert_allclose(portable.load(folder).predict(X)[:, 0], 1 / (1 + np.exp(-z)))


def test_an_older_folder_calls_std_spread(tmp_path):
    folder, X = saved(tmp_path / "net")
    answers = portable.load(folder).predict(X)
    with np.load(folder / "net.npz") as file:
        arrays = {("spread" if name == "std" else name): file[name] for name in file.files}
    assert "spread" in arrays
    np.savez(folder / "net.npz", **arrays)
    assert np.array_equal(portable.load(folder).predict(X), answers)


def test_an_older_folder_does_not_know_the_knob_backprop(tmp_path):
    folder, X = saved(tmp_path / "net")
    answers = portable.load(folder).predict(X)
    about = json.loads((folder / "net.json").read_text())
    del about["knobs"]["backprop"]
    (folder / "net.json").write_text(json.dumps(about))
    assert np.array_equal(portable.load(folder).predict(X), answers)


DAMAGES = {
    "cut json": ("net.json", lambda data: data[:20]),
    "no knobs": ("net.json", lambda data: data.replace(b"knobs", b"knots")),
    "a list": ("net.json", lambda data: b"[1]"),
    "nested": ("net.json", lambda data: b"[" * 100_000),
    "no text": ("net.json", lambda data: b"\xff" + data),
    "cut arrays": ("net.npz", lambda data: data[:-30]),
    "no header": ("net.npz", lambda data: data.replace(b"PK\x03\x04", b"xxxx", 1)),
    "no arrays": ("net.npz", lambda data: b""),
    "half an array": ("net.npz", lambda data: data[:100] + data[140:]),
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_damaged_folder_is_one_kind_of_error_that_names_it(tmp_path, what):
    folder, _ = saved(tmp_path / "net")
    name, damage = DAMAGES[what]
    (folder / name).write_bytes(damage((folder / name).read_bytes()))
    with pytest.raises(ValueError, match=r"^the net in .*net is damaged \(\w+: "):
        portable.load(folder)


def test_a_folder_without_a_net_is_said(tmp_path):
    with pytest.raises(ValueError, match="there is no net in .*, which has no .*net.json"):
        portable.load(tmp_path)
