"""Machine code gives NumPy's numbers to the last bit, for any row, stack and processor."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support import own_code
from support.checkout import ROOT
from support.configurations import config, differing, train

from experiments.errors import TrainingError
from scratchml import compiled, compiling, epochs, in_numpy, precompile, training
from scratchml.activations import ACTIVATIONS, Activation
from scratchml.addresses import address
from scratchml.backprop import BACKPROP
from scratchml.blocks import aligned, blocks
from scratchml.formulas import NoFormula, Symbol, node_of, text, traced
from scratchml.losses import LOSSES, softmax
from scratchml.mlp import MLP
from scratchml.optimizers import OPTIMIZERS
from scratchml.rows import formulas

pytest.importorskip("numba")


@pytest.fixture(scope="module", autouse=True)
def allowed():
    """Tests compile what no file has: in an environment that `make` has prepared, nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(compiling.SWITCH, "yes")
        yield


@pytest.fixture
def calls(monkeypatch):
    """The stacks that machine code has trained."""
    made, train = [], compiled.Compiled.train

    def counted(self, stack, *arguments):
        made.append(len(stack))
        return train(self, stack, *arguments)

    monkeypatch.setattr(compiled.Compiled, "train", counted)
    return made


def hold(monkeypatch, calls, *configs):
    """Asserts that configurations have the same bits by machine code, in stacks of any size."""
    monkeypatch.setattr(training, "WORTH", np.inf)
    plain = train(*configs)
    assert not calls
    monkeypatch.setattr(training, "WORTH", 0)
    for size in (None, 1, 5):
        found = train(*configs, size=size)
        for one, other in zip(
            *(r if len(configs) > 1 else [r] for r in (plain, found)), strict=True
        ):
            assert differing(one, other) == set()
    assert calls
    return plain


BLOBS = {"dataset": "blobs", "n_samples": 12, "n_classes": 3}
MANY = {"dataset": "blobs", "n_samples": 71, "n_features": 11}  # two times 32, and some
SEVERAL = MANY | {"batch_size": 41, "shuffle": True}
CHOICES = {
    **{f"activation {name}": {"activation": name, "depth": 2, "l2": 0.01} for name in ACTIVATIONS},
    **{f"optimizer {name}": {"optimizer": name, "lr": 0.1, "batch_size": 3, "shuffle": True}
       for name in OPTIMIZERS if name != "newton"},
    **{f"backprop {name}": {"backprop": name, "dataset": "and", "inputs": 3} for name in BACKPROP},
    "classes": BLOBS,
    "classes by squares": BLOBS | {"loss": "squared_error", "activation": "tanh"},
    "weights of classes": BLOBS | {"class_weight": "balanced", "n_samples": 10},
    "own data": {"dataset": "blobs", "n_samples": 11, "test_fraction": 0.25, "batch_size": 4},
    "regression": {"dataset": "sawtooth", "activation": "relu"},
    "squares": {"loss": "squared_error"},
    "wide layers": {"width": 12, "depth": 2},
    "perceptron": {"model": "perceptron", "dataset": "blobs", "n_samples": 15, "stop": "solved"},
    "perceptron on XOR": {"model": "perceptron", "init": "normal"},
    "logistic": {"model": "logistic", "init": "normal", "stop": "gradient", "stop_at": 0.3},
    "without bias": {"model": "logistic", "bias": False, "init": "normal"},
    "linear": {"model": "linear", "dataset": "blobs", "n_samples": 8, "lr": 2.0, "epochs": 400},
    "nets that stop": {"stop": "solved", "lr": 5.0, "width": 4, "epochs": 300},
    "nets that stop far from points": {"stop": "solved", "lr": 5.0, "epochs": 900, "records": 2},
    "nets that stop and shuffle": {"stop": "solved", "lr": 2.0, "batch_size": 3, "shuffle": True,
                                   "optimizer": "momentum", "epochs": 300},
    "nets that are solved and go on": {"lr": 5.0, "epochs": 300, "records": 3},
    "perceptron far from points": {"model": "perceptron", "dataset": "and", "init": "normal",
                                   "stop": "solved", "epochs": 300, "records": 2},
    "nets that diverge amid an epoch": {"dataset": "diabetes", "n_samples": 40, "lr": 0.1,
                                        "batch_size": 1, "activation": "relu"},
    "many examples": MANY | {"width": 17, "depth": 2, "l2": 0.01, "stop": "solved", "lr": 3.0},
    "many examples of three classes": MANY | {"n_classes": 3, "width": 33, "activation": "tanh"},
    "many own examples": MANY | {"test_fraction": 0.25, "width": 9, "class_weight": "balanced"},
    "many examples in batches": SEVERAL | {"optimizer": "adam", "lr": 0.1, "width": 20},
    "many own examples in batches": SEVERAL | {"test_fraction": 0.2, "depth": 2},
    "many examples without bias": SEVERAL | {"model": "logistic", "bias": False},
    "many examples and fixed weights": MANY | {"backprop": "random_feedback", "depth": 2},
    "many examples of perceptrons": SEVERAL | {"model": "perceptron", "stop": "solved"},
    "many examples of a linear net": MANY | {"model": "linear", "lr": 2.0, "epochs": 300},
    "the largest of small nets": MANY | {"width": 90, "depth": 2, "seeds": 2, "epochs": 3},
}  # fmt: skip


@pytest.mark.parametrize("name", CHOICES)
def test_numbers_are_those_of_numpy(monkeypatch, calls, name):
    width = {} if "model" in CHOICES[name] else {"width": 3}
    choices = {"epochs": 12, "seeds": 7, "init": "normal"} | width | CHOICES[name]
    arrays = hold(monkeypatch, calls, config(**choices))
    if "stop far" in name:  # otherwise nets would not be seen to leave in the middle of a call
        assert len(np.unique(arrays["final/epochs"])) > 3
    if name == "linear":  # otherwise it would not show that nets may diverge at different epochs
        assert len(np.unique(arrays["final/epochs"][arrays["final/diverged"]])) > 1


@pytest.mark.parametrize("seeds", [3, 40])
@pytest.mark.parametrize("data", [{"dataset": "sawtooth", "n_samples": 5}, MANY])
def test_an_activation_may_sum_over_units(monkeypatch, calls, data, seeds):
    unit_sum = Activation(softmax, lambda z, a: a * (1.0 - a))
    monkeypatch.setitem(ACTIVATIONS, "relu", unit_sum)
    hold(monkeypatch, calls, config(**data, activation="relu", width=5, depth=2, epochs=5,
                                    seeds=seeds, init="normal"))  # fmt: skip


def test_how_often_machine_code_comes_back_changes_nothing(monkeypatch, calls):
    net = config(stop="solved", lr=5.0, epochs=200, records=2, seeds=9, width=4, init="normal")
    monkeypatch.setattr(training, "WORTH", 0)
    seldom = train(net)
    long_calls = len(calls)
    monkeypatch.setattr(epochs, "PRODUCTS", 1)
    assert differing(seldom, train(net)) == set()
    assert len(calls) > 3 * long_calls


@pytest.mark.parametrize("data", [{}, BLOBS, CHOICES["own data"], {"batch_size": 3}])
def test_nets_fill_a_block_and_some_are_left_over(monkeypatch, calls, data):
    net = config(seeds=31, epochs=6, activation="tanh", width=2, init="normal", **data)
    hold(monkeypatch, calls, net, replace(net, lr=0.3, seeds=3), replace(net, init="zero", seeds=1))
    assert max(calls) == 35


@pytest.mark.parametrize("nets", [1, 4, 5, 12, 13, 31, 32, 33, 45, 64, 100])
@pytest.mark.parametrize("parameters", [9, 513, 2410])
@pytest.mark.parametrize("examples", [1, 4, 12, 32, 1000])
def test_each_net_is_in_one_block(nets, parameters, examples):
    parts = blocks(nets, parameters, examples)
    inside = [net for block, first, last in parts for net in range(first, last)]
    assert inside == list(range(nets))
    assert all(first % block == 0 for block, first, _ in parts)


def test_rows_begin_where_lines_of_the_cache_do():
    arrays = [aligned((length, 32)) for length in range(1, 40)]
    assert {address(array) % 64 for array in arrays} == {0}
    assert all(array.flags.c_contiguous and not array.any() for array in arrays)


SCRIPT = """
import hashlib, os, sys
sys.path[:0] = ["tests"]
from support.configurations import config, train
from scratchml import training
training.WORTH = 0
digest = hashlib.sha256()
for choices in ({"activation": "tanh", "optimizer": "adam", "lr": 0.1},
                {"dataset": "blobs", "n_samples": 12, "n_classes": 3, "activation": "sigmoid"},
                {"dataset": "digits", "n_samples": 100, "width": 32, "depth": 2},
                {"model": "perceptron"}):
    for name, array in sorted(train(config(seeds=4, epochs=9, **choices)).items()):
        digest.update(name.encode() + array.tobytes())
print(digest.hexdigest())
"""
PROCESSORS = {
    "NumPy without its fast loops": {compiling.SWITCH: "no", "NPY_DISABLE_CPU_FEATURES": "X86_V3"},
    "compiled for this processor": {compiling.SWITCH: "yes"},
    "compiled for any": {
        compiling.SWITCH: "yes", "NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""
    },
}  # fmt: skip


def test_processors_have_the_same_bits():
    found = {}
    for name, environment in PROCESSORS.items():
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", SCRIPT],
            env=os.environ | environment, cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found[name] = done.stdout
    assert len(set(found.values())) == 1, found


# --- formulas -------------------------------------------------------------------------------------

SPECIAL = np.array([0.0, -0.0, 1.0, -1.5, 3e-310, -40.0, 800.0, -800.0, np.inf, -np.inf, np.nan])


def swish(z):
    a = z.copy()
    a *= ACTIVATIONS["sigmoid"].f(1.5 * z)
    return a


def piecewise(z):
    small = np.minimum(np.abs(z), 1.0) ** 2 / 2.0
    return np.where((z > 1.0) | (z < -1.0), np.sign(z) * np.sqrt(np.abs(z)), small)


@pytest.mark.errstate(all="ignore")
@pytest.mark.parametrize(
    "function",
    [swish, piecewise, *(row.f for row in ACTIVATIONS.values()), *in_numpy.ELEMENTARY],
)
def test_a_formula_has_the_bits_of_its_function(function):
    row = in_numpy._of_one_array(function)
    z = np.concatenate([SPECIAL, np.random.default_rng(0).normal(0.0, 5.0, 100)]).reshape(3, 37)
    np.testing.assert_array_equal(row(z), function(z))


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda z: np.exp(-z), "exp has other bits on other processors"),
        (lambda z: z / z.sum(), "'Symbol' object has no attribute 'sum'"),
        (lambda z: z if z.any() else -z, "no attribute 'any'"),
        (lambda z: -z if z > 0 else z, "the formula depends on the numbers"),
        (lambda z: z**1.5, "a power other than 2"),
        (lambda z: z[..., :1] * z, "a part of an array"),
        (lambda z: z * np.ones(3), "an operation with ndarray"),
    ],
)
def test_a_function_without_a_formula_says_why(function, said):
    with pytest.raises(NoFormula, match=said):
        text({"third[i]": node_of(traced(function, Symbol("z")))}, {"z": "first[i]"})


def test_a_function_that_changes_from_call_to_call_has_no_formula():
    draws = np.random.default_rng(0)
    patched = ACTIVATIONS | {"noisy": ACTIVATIONS["relu"]._replace(f=lambda z: z * draws.random())}
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ACTIVATIONS, "noisy", patched["noisy"])
        with pytest.raises(NoFormula, match="another function when it is called again"):
            formulas(MLP((2, 2, 1), "noisy", "sigmoid"), *LINE)


LINE = LOSSES["sigmoid", "cross_entropy"], OPTIMIZERS["sgd"]


def returns(theta, gradient, slots, lr, momentum, t):
    return theta - lr * gradient


def scales_its_gradient(theta, gradient, slots, lr, momentum, t):
    gradient *= lr
    theta -= gradient


def replaces_its_slot(theta, gradient, slots, lr, momentum, t):
    slots[0] = momentum * slots[0] + gradient
    theta -= lr * slots[0]


def doubles_its_argument(z):
    z *= 2.0
    return z


@pytest.mark.parametrize("step", [returns, scales_its_gradient, replaces_its_slot])
def test_a_step_that_numpy_would_do_in_another_way_has_no_formula(step):
    loss, sgd = LINE
    with pytest.raises(NoFormula, match="must change theta and its slots in place"):
        formulas(MLP((2, 2, 1), "tanh", "sigmoid"), loss, sgd._replace(step=step, slots=1))


def test_an_activation_that_changes_its_argument_has_no_formula(monkeypatch):
    row = ACTIVATIONS["relu"]._replace(f=doubles_its_argument)
    monkeypatch.setitem(ACTIVATIONS, "tanh", row)
    with pytest.raises(NoFormula, match="changes what it is given to read"):
        formulas(MLP((2, 2, 1), "tanh", "sigmoid"), *LINE)


def test_a_row_without_a_formula_trains_in_numpy(monkeypatch, calls):
    cosine = ACTIVATIONS["relu"]._replace(f=np.cos, df=lambda z, a: -np.sin(z))
    monkeypatch.setitem(ACTIVATIONS, "tanh", cosine)
    monkeypatch.setattr(training, "WORTH", 0)
    assert np.isfinite(train(config(activation="tanh", epochs=3))["weights/W1"]).all()
    assert not calls


# --- files ----------------------------------------------------------------------------------------


def test_importing_scratchml_imports_no_compiler():
    code = "import sys, scratchml.training; print({'numba', 'llvmlite'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def test_the_name_of_a_file_covers_every_module_whose_functions_are_compiled():
    from scratchml import intrinsics  # imports Numba

    functions = [f for f in vars(intrinsics).values() if hasattr(f, "__module__")]
    modules = {f.__module__.rpartition(".")[2] for f in functions if callable(f)
               and f.__module__.startswith("scratchml.")}  # fmt: skip
    assert modules | {"kernel", "job"} <= {*compiling.SOURCES}
    assert "elementary" in modules


def test_two_processes_compile_a_loop_once(monkeypatch, tmp_path):
    made, ready = [], threading.Barrier(2)

    def compiled_slowly(loop, block):
        made.append(loop)
        return b"symbol\ncode"

    def make():
        ready.wait()
        files.append(compiling._made("a loop", 32))

    monkeypatch.setattr(compiling, "PLACES", (tmp_path / "cache",))
    monkeypatch.setattr(compiling, "_compiled", compiled_slowly)
    files = []
    threads = [threading.Thread(target=make) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["a loop"] and len(set(files)) == 1
    assert files[0].read_bytes() == b"symbol\ncode"


def fresh(monkeypatch):
    """As in a process that has loaded nothing yet."""
    for cached in (compiling.loop, compiling.machine):
        cached.cache_clear()
    monkeypatch.setattr(training, "WORTH", 0)


@pytest.mark.parametrize("missing", ["numba", "folder", "wish"])
def test_without_machine_code_numpy_trains(monkeypatch, calls, tmp_path, missing):
    (tmp_path / "file").touch()
    if missing == "numba":
        monkeypatch.setitem(sys.modules, "llvmlite", None)
    elif missing == "folder":
        monkeypatch.setattr(compiling, "PLACES", (tmp_path / "file" / "folder",))
    else:
        monkeypatch.setenv(compiling.SWITCH, "no")
    fresh(monkeypatch)
    try:
        arrays = train(config(epochs=3))
        said = []
        precompile.precompile(said.append)
    finally:
        monkeypatch.undo()
        fresh(monkeypatch)
    assert not calls and np.isfinite(arrays["weights/W1"]).all()
    assert said == ([precompile.SAYS] if missing == "folder" else [])


def test_an_environment_is_prepared_once(monkeypatch, tmp_path):
    done, said = [], []
    monkeypatch.setattr(compiling, "PLACES", (tmp_path,))
    monkeypatch.setattr(compiling, "loop", lambda *asked: done.append(asked))
    for name, days in (("old", 31), ("new", 29)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - days * 86400,) * 2)
    precompile.precompile(said.append)
    assert said == [precompile.SAYS] and len(done) > len(compiling.LOOPS) + len(ACTIVATIONS)
    assert not (tmp_path / "old").exists() and (tmp_path / "new").exists()
    precompile.precompile(said.append)
    assert len(said) == 1


def test_nothing_is_compiled_unless_it_is_allowed(monkeypatch, tmp_path):
    monkeypatch.delenv(compiling.SWITCH)
    monkeypatch.setattr(compiling, "PLACES", (Path(tmp_path),))
    compiling.loop.cache_clear()
    with pytest.raises(compiling.NotCompiled, match="not been compiled yet"):
        compiling.loop("train")


def test_a_function_that_makes_nan_is_named_by_its_guard(monkeypatch, own_command):
    text = "import numpy as np\n\n\ndef root(z):\n    return np.sqrt(1.0 - z)\n\n\n"
    text += 'ACTIVATIONS = {"root": (root, lambda z, a: -0.5 / a)}\n'
    own_code.use(text)
    monkeypatch.setattr(training, "WORTH", 0)
    net = own_code.config(activation="root", lr=30.0, epochs=300, seeds=3, init_scale=0.1)
    with pytest.raises(TrainingError, match=r"mine.py, line 4: activation root returned NaN"):
        train(net)
