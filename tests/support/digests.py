"""Digests of what small nets learn, by which processors are compared: `.ci/arm` does so.

    python -m support.digests > one            a line for each array of each training
    python -m support.digests one two three    which arrays of the others differ from those of one

It runs in `tests/`, and needs NumPy alone; Numba where nets are to be compiled.
"""

import hashlib
import sys
from dataclasses import fields
from itertools import cycle, product
from pathlib import Path

import numpy as np

from scratchml import elementary, sampling, training
from scratchml.activations import ACTIVATIONS
from scratchml.backprop import BACKPROP
from scratchml.datasets import DATASETS, differs_by_seed
from scratchml.diagnostics import DIAGNOSTICS
from scratchml.initializers import INITIALIZERS
from scratchml.models import MODELS, build, usual_loss
from scratchml.optimizers import OPTIMIZERS

KNOBS = {
    **{"dataset": "or", "n_samples": 12, "label_noise": 0.0, "test_fraction": 0.0, "noise": 0.0},
    **{"scaling": "none", "target_scaling": "none", "class_weight": None, "inputs": 2},
    **{"table": "0110", "coding": "binary", "order": "given", "n_features": 2, "n_classes": 2},
    **{"condition": 100.0, "degree": 3, "bits": None},  # bits: of examples, behind the point
    **{"model": "mlp", "width": 3, "depth": 1, "activation": "tanh", "bias": True},
    **{"backprop": "exact", "init": "uniform", "init_scale": 1.0, "seeds": 7, "loss": None},
    **{"optimizer": "sgd", "lr": 0.1, "momentum": 0.9, "l2": 0.0, "critical": False},
    **{"batch_size": None, "shuffle": False, "stop": "never", "stop_at": None, "epochs": 40},
    **{"records": 10, "spacing": "log", "measure": (), "paths": True},
}
BATCHES = {
    "full": {},
    "in order": {"batch_size": 5},
    "shuffled": {"batch_size": 5, "shuffle": True},
    "one by one": {"batch_size": 1, "shuffle": True},
}
OWN = {"dataset": "blobs", "noise": 0.7, "test_fraction": 0.25}  # each net has its own examples
MANY = {"dataset": "blobs", "n_samples": 71, "n_features": 11, "bits": 20}
CLASSES = {"dataset": "blobs", "noise": 0.7, "n_classes": 3, "bits": 20}
XOR, RELU = {"dataset": "xor", "lr": 5.0, "epochs": 600}, {"activation": "relu"}
STACKS = (1, 2, 4, 5, 12, 13, 31, 32, 33, 37)
INITS = [name for name in INITIALIZERS if name != "sawtooth"]  # which needs a net of one form
MEASURES = [name for name, row in DIAGNOSTICS.items() if row.needs in ((), ("hidden",))]
MEASURES.remove("sharpness")
# The promise leaves out what LAPACK and BLAS compute, and data that are made with sin, cos, exp,
# powers or BLAS. Rounded to 20 bits such data are the same everywhere.
FREE = "not promised: "
FREE_DATA = ("moons", "circles", "spirals", "rings", "linear", "quadratic", "rotated", "chebyshev")
FREE_DATA += ("mnist1d",)

OTHERS = {
    "classes": CLASSES,
    "classes by squares": CLASSES | {"loss": "squared_error"},
    "7 classes": CLASSES | {"n_classes": 7, "n_features": 13, "n_samples": 71, "width": 11},
    "classes without hidden units": CLASSES | {"model": "logistic", "lr": 3.0},
    "classes by a linear net": CLASSES | {"model": "linear"},
    "squares": {"loss": "squared_error", "lr": 3.0},
    "labels": {"dataset": "encoder", "inputs": 8, "n_samples": None, "lr": 3.0, "epochs": 300},
    "weights of classes": OWN | {"class_weight": "balanced", "label_noise": 0.3},
    "scaled": OWN | {"scaling": "standard", "n_features": 5},
    "without bias": {"model": "logistic", "bias": False, "init": "normal"},
    "a perceptron on XOR": XOR | {"model": "perceptron", "init": "normal"},
    "long": XOR | {"lr": 4.0, "seeds": 37, "activation": "sigmoid"},
    "chaos": OWN
    | {"lr": 30.0, "epochs": 300, "seeds": 37, "depth": 2, "batch_size": 5, "l2": 0.01},
    "chaos of relu": OWN | RELU | {"lr": 1.2, "epochs": 300, "seeds": 37, "depth": 3, "init": "he"},
    "sigmoids at extremes": {"activation": "sigmoid", "init_scale": 700.0, "seeds": 37, "lr": 50.0},
    "tanh at extremes": {"init_scale": 300.0, "seeds": 37, "depth": 2},
    "softmax at extremes": CLASSES | {"init_scale": 600.0, "seeds": 37, "lr": 200.0},
    "squares at extremes": {"init_scale": 700.0, "seeds": 37, "loss": "squared_error"},
    "denormal weights": {"init_scale": 1e-310, "seeds": 37},
    "tiny weights": {"init_scale": 1e-160, "seeds": 37, "optimizer": "adam", "depth": 2},
    "nets that diverge": OWN | {"model": "linear", "n_samples": 8, "lr": 2.0, "epochs": 400},
    "nets that overflow": RELU | {"dataset": "sawtooth", "lr": 1e150, "seeds": 13, "depth": 2},
    "solved": XOR | {"stop": "solved", "width": 4},
    "small loss": XOR | {"stop": "loss", "stop_at": 0.1},
    "small gradient": XOR | {"stop": "gradient", "stop_at": 0.02},
    "no progress": XOR | BATCHES["one by one"] | {"stop": "no_progress", "stop_at": 2},
    "best on held-out examples": OWN | {"stop": "held_out", "stop_at": 3, "lr": 3.0, "epochs": 300},
    "wide": OWN | {"width": 130, "n_samples": 33},
    "large layers": OWN | {"width": 32, "depth": 2, "n_features": 32, "seeds": 5},
    "the largest of small nets": OWN | MANY | {"width": 90, "depth": 2, "seeds": 2, "epochs": 5},
    "many examples": MANY | {"width": 17, "depth": 2, "l2": 0.01},
    "many examples of classes": CLASSES | MANY | {"n_classes": 9, "width": 33},
    "many own examples": OWN | MANY | {"width": 9, "optimizer": "adam"},
    "many examples in batches": OWN | MANY | {"batch_size": 41, "shuffle": True, "seeds": 13},
    "a point every epoch": {"records": 1000, "spacing": "linear"},
    "linear regions": RELU | {"dataset": "sawtooth", "measure": ["linear_regions"]},
    FREE + "newton": OWN | {"model": "logistic", "optimizer": "newton", "l2": 0.1},
    FREE + "critical learning rate": OWN | {"model": "logistic", "critical": True},
    FREE + "sharpness of logistic": OWN | {"model": "logistic", "measure": ["sharpness"]},
    FREE + "sharpness": OWN | {"measure": ["sharpness"]},
    FREE + "a larger net": OWN | {"width": 100, "depth": 2, "seeds": 3},
}


def trainings():
    """{name: choices} of all trainings."""
    of_nets = zip(cycle(STACKS), cycle(INITS), cycle(({}, OWN)), strict=False)
    steps = [name for name, row in OPTIMIZERS.items() if not row.direction]
    several = {
        f"{activation}, depth {depth}, {batches}": {"activation": activation, "depth": depth}
        | BATCHES[batches]
        for activation, depth, batches in product(ACTIVATIONS, (1, 2, 3), BATCHES)
    } | {
        f"{model}, {optimizer}, {batches}": {"model": model, "optimizer": optimizer}
        | BATCHES[batches]
        for model, optimizer, batches in product(MODELS, steps, BATCHES)
    }
    found = {
        name: choices | data | {"seeds": seeds, "init": init}
        for (name, choices), (seeds, init, data) in zip(several.items(), of_nets, strict=False)
    }
    found |= {f"backprop {name}": {"backprop": name, "width": 2, "depth": 2} for name in BACKPROP}
    found |= {f"init {name}": {"init": name, "seeds": 37, "l2": 0.01} for name in INITS}
    found |= {f"stack of {n}": {"init": "normal", "l2": 0.1, "seeds": n} for n in range(1, 38)}
    for name, optimizer in product(DATASETS, ("sgd", "adam")):
        data = {"dataset": name, "n_samples": 20, "noise": 0.1, "width": 4, "optimizer": optimizer}
        if name in FREE_DATA:
            found[f"{FREE}{name}, {optimizer}"] = data
            data = data | {"bits": 20}
        found[f"{name}, {optimizer}"] = data
    for name in ACTIVATIONS:
        found[f"diagnostics, {name}"] = OWN | {"activation": name, "measure": MEASURES, "depth": 2}
    return found | OTHERS


def trained(choices):
    """{name: array} of data, first weights and record of a training; whether it was compiled."""
    knobs = KNOBS | choices
    seeds, row = range(knobs["seeds"]), MODELS[knobs["model"]]
    data = [sampling.sample(knobs, training.stream(s, training.DATA), s) for s in seeds]
    data = sampling.stack(data) if differs_by_seed(knobs) else data[0]
    if knobs["bits"]:
        unit = 2.0 ** knobs["bits"]
        data = data._replace(X=np.round(data.X * unit) / unit, Y=np.round(data.Y * unit) / unit)
    model, init = build(knobs, data), INITIALIZERS[knobs["init"]]
    starts = [training.stream(s, training.START) for s in seeds]
    theta = np.stack([init.f(start, model.shapes, knobs["init_scale"]) for start in starts])
    knobs["loss"] = knobs["loss"] or usual_loss(row, data.problem)
    knobs["lr"] = knobs["lr"] * np.linspace(1.0, 1.5, len(theta))
    plan = training.Plan(**{field.name: knobs[field.name] for field in fields(training.Plan)})
    orders = [training.stream(s, training.ORDER) for s in seeds]
    trainer = training.Trainer(model, theta, data, plan, orders)
    is_compiled = trainer.stack.compiled is not None
    for _ in trainer.run():
        pass
    given = {f"data/{name}": A for name, A in data._asdict().items() if isinstance(A, np.ndarray)}
    return given | {"start": theta} | trainer.arrays(), is_compiled


def functions():
    """{name: array}: elementary functions of numbers of all sizes."""
    rng = np.random.default_rng(0)
    x = [rng.uniform(-1.0, 1.0, 10_000) * 2.0**k for k in (*range(-1070, 1024, 67), -1, 1, 4, 10)]
    x = np.concatenate([*x, [0.0, -0.0, np.inf, -np.inf]])
    of_all = elementary.exp, elementary.tanh, elementary.sigmoid
    with np.errstate(all="ignore"):
        found = {f.__name__: f(x) for f in of_all}
        found["expm1"] = elementary.expm1(-np.abs(x))
        return found | {f.__name__: f(np.abs(x)) for f in (elementary.log, elementary.log1p)}


def digest(array):
    """SHA-256 of the kind, the shape and the bits of an array."""
    head = f"{array.dtype.str} {array.shape} ".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def show():
    """Prints the digests of all trainings."""
    training.WORTH, compiled, all_trainings = 0, 0, trainings()  # short ones are compiled, too
    for name, choices in all_trainings.items():
        arrays, is_compiled = trained(choices)
        compiled += is_compiled
        for array in arrays:
            print(name, array, digest(arrays[array]), sep="\t")
    for name, array in functions().items():
        print("elementary functions", name, digest(array), sep="\t")
    print(f"{len(all_trainings)} trainings, {compiled} of them compiled", file=sys.stderr)


def compare(one, others):
    """Prints what differs; returns the exit status, 1 if the promise is broken."""
    texts = [Path(path).read_text().splitlines() for path in (one, *others)]
    read = [dict(line.rsplit("\t", 1) for line in text) for text in texts]
    names = list(dict.fromkeys(key.partition("\t")[0] for found in read for key in found))
    status = 0
    for path, found in zip(others, read[1:], strict=True):
        differing = {}
        for key in read[0].keys() | found.keys():
            if read[0].get(key) != found.get(key):
                name, _, array = key.partition("\t")
                differing.setdefault(name, []).append(array)
        broken = [name for name in differing if not name.startswith(FREE)]
        promised = [name for name in names if not name.startswith(FREE)]
        print(f"{path}: {len(promised) - len(broken)} of {len(promised)} promises are kept")
        for name in sorted(differing):
            print(f"    {name}: {', '.join(sorted(differing[name]))}")
        status |= bool(broken)
    return status


if __name__ == "__main__":
    one, *others = sys.argv[1:] or [None]
    sys.exit(compare(one, others) if others else show())
