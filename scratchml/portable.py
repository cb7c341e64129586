"""A net in a folder of its own: it computes its outputs anywhere, with NumPy alone.

    net.json    the model's knobs and the sizes of its data
    net.npz     W1, b1, ..., the mean and std by which its inputs were scaled, what fills them, and
                the units of its targets
    code/       files of code that have its activation, if it is not one of scratchml's

`save` writes the folder and `load` reads it. MLflow loads a net through `_load_pyfunc`. So a folder
that `scratchml export` wrote is an MLflow model, without a pickle. A net with code of its own runs
that code when it is loaded.
"""

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scratchml.activations import ACTIVATIONS, Activation
from scratchml.columns import numbers
from scratchml.losses import OUTPUTS
from scratchml.models import MODELS, build
from scratchml.sampling import Data
from scratchml.scaling import rescaled

# Errors of JSON and NumPy for a file that is cut, or of another kind.
DAMAGE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RuntimeError, OverflowError)
DAMAGE += (EOFError, OSError, MemoryError, zipfile.BadZipFile, zlib.error)

KNOBS = ("model", "width", "depth", "activation", "bias", "batch_size", "backprop")


@dataclass(frozen=True)
class Net:
    """One net with inputs in the units of its data: A = output(forward((X - mean) / std)).

    Outputs of a regression are in the units of its targets. All outputs are those of the training
    to the last bit, of large nets if BLAS runs on one thread.

    Attributes:
        model: Perceptron, Logistic, Linear or MLP.
        weights: {"W1": (1, D, H), "b1": (1, 1, H), ...}.
        mean, std: (D,) of its training data; 0 and 1 for data that were not scaled.
        fill: (D,), what stands for a missing value, NaN; NaN itself if nothing does.
        columns: ({"name": ..., "words": [...] or None}, ...) of a table that it learned from.
        units: (2, K), the mean and std of its targets if they were scaled; None otherwise.
    """

    model: object
    weights: dict
    mean: np.ndarray
    std: np.ndarray
    fill: np.ndarray
    columns: tuple = ()
    units: np.ndarray | None = None

    def predict(self, X, params=None):
        """Outputs (N, K) for inputs X (N, D), an array or an object that NumPy converts to one.

        A net that learned from a table also takes a table with the same columns.

        The outputs of a regression are numbers, and those of a perceptron 0 or 1. Otherwise they
        are probabilities: of class 1 for two classes, of each class for more classes, of each label
        for several labels. `params` is there because MLflow passes it; it is not used.

        Raises:
            ValueError: The inputs are no numbers, or not of the shape (N, D).
        """
        if self.columns and hasattr(X, "columns"):
            X = numbers(X, self.columns)
        X = np.asarray(X, dtype=float, order="C")  # another order in memory has other bits
        if X.ndim != 2 or X.shape[1] != len(self.mean):
            raise ValueError(f"inputs must be of shape (N, {len(self.mean)}); got {X.shape}")
        with np.errstate(all="ignore"):
            X = (np.where(np.isnan(X), self.fill, X) - self.mean) / self.std
            Z, _ = self.model.forward(self.weights, X)
            return rescaled(OUTPUTS[self.model.output](Z)[0], self.units)


def save(
    folder, knobs, data, weights, mean, std, fill=None, columns=(), code=(), units=None
):  # fmt: skip
    """Writes the folder of one net. The folder must not exist yet.

    Args:
        knobs: a mapping with at least `KNOBS`.
        data: the Data that it learned from; only their sizes are stored.
        weights: {"W1": (D, H), "b1": (1, H), ...}.
        mean, std, fill, columns, units: as in `Net`.
        code: {name: text} of files of Python, which have its activation in a table ACTIVATIONS.

    Raises:
        ValueError: The weights are not those of the model that the knobs describe.
    """
    folder = Path(folder)
    sizes = {"problem": data.problem, "examples": data.X.shape[-2]}
    sizes |= {"inputs": data.X.shape[-1], "outputs": data.Y.shape[-1]}
    about = {"knobs": {name: knobs[name] for name in KNOBS}, "data": sizes}
    about |= {"columns": list(columns), "code": list(code)}
    given = {"mean": mean, "std": std, "fill": fill, "units": units}
    arrays = weights | {name: array for name, array in given.items() if array is not None}
    _check(arrays, _model(about), sizes)
    folder.mkdir(parents=True)
    (folder / "net.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    np.savez(folder / "net.npz", **arrays)
    for name in code:
        if Path(name).name != name or "\\" in name:
            raise ValueError(f"a file of code has a name without folders; got {name!r}")
        (folder / "code").mkdir(exist_ok=True)
        (folder / "code" / name).write_text(code[name], encoding="utf-8")


def load(folder):
    """The Net of a folder that `save` wrote.

    Older folders call the array `std` "spread".

    Raises:
        ValueError: The files do not belong together, or are damaged.
    """
    folder = Path(folder)
    try:
        return _load(folder)
    except FileNotFoundError as error:
        raise ValueError(f"there is no net in {folder}, which has no {error.filename}") from error
    except DAMAGE as error:
        said = f"{type(error).__name__}: {error}"[:200]
        raise ValueError(f"the net in {folder} is damaged ({said})") from error


def _load(folder):
    about = json.loads((folder / "net.json").read_text(encoding="utf-8"))
    if about.get("code"):
        about["knobs"]["activation"] = _own_activation(folder, about)
    model = _model(about)
    arrays = {("std" if name == "spread" else name): A for name, A in _arrays(folder / "net.npz")}
    _check(arrays, model, about["data"])
    weights = {name: arrays[name][None] for name in model.shapes}
    columns = tuple(about.get("columns", ()))
    fill = arrays.get("fill", np.full_like(arrays["mean"], np.nan))
    return Net(model, weights, arrays["mean"], arrays["std"], fill, columns, arrays.get("units"))


def _arrays(path):
    """Yields (name, array) of an npz, without `np.load`, which warns where a file is cut."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            with archive.open(member) as file:
                yield member.removesuffix(".npy"), np.lib.format.read_array(file)


def _own_activation(folder, about):
    """The name of a net's own activation, which is added to the table.

    The name has a digest of the code, so that two nets may have two activations of one name.
    """
    name = about["knobs"]["activation"]
    for file in about["code"]:
        text = (folder / "code" / Path(file).name).read_text(encoding="utf-8")
        found = {"__name__": f"own_code_{Path(file).stem}"}
        exec(compile(text, f"<{Path(file).name}>", "exec"), found)
        if name in found.get("ACTIVATIONS", ()):
            own = f"{name} {hashlib.sha256(text.encode()).hexdigest()}"
            ACTIVATIONS[own] = Activation(*found["ACTIVATIONS"][name])
            return own
    raise ValueError(f"the code of the net has no activation {name}")


def _model(about):
    knobs, sizes = about["knobs"], about["data"]
    if knobs["model"] not in MODELS:
        raise ValueError(f"model must be one of {list(MODELS)}; got {knobs['model']!r}")
    # Only the shapes of the data count.
    X = np.broadcast_to(0.0, (sizes["examples"], sizes["inputs"]))
    Y = np.broadcast_to(0.0, (sizes["examples"], sizes["outputs"]))
    return build(knobs, Data(sizes["problem"], X, Y))


def _check(arrays, model, sizes):
    shapes = {name: array.shape for name, array in arrays.items()}
    of_inputs = {"mean", "std"} | ({"fill"} & arrays.keys())
    wanted = model.shapes | dict.fromkeys(of_inputs, (sizes["inputs"],))
    wanted |= dict.fromkeys({"units"} & arrays.keys(), (2, sizes["outputs"]))
    if shapes != wanted:
        raise ValueError(f"the arrays of the net must be {wanted}; got {shapes}")
    for name, array in arrays.items():
        if array.dtype != float or not np.isfinite(array).all():
            raise ValueError(f"{name} must be of finite float64")


_load_pyfunc = load  # MLflow calls this name
