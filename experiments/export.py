"""Carries a trained net away: from a run of the store to a model of MLflow's.

    python -m experiments.export RUN             the run's best net, logged beside its run
    python -m experiments.export RUN --seed 7    the net that was trained with seed 7
    python -m experiments.export RUN --to model  into a folder instead, which needs no store

RUN is a run's id, the beginning of one, or a run's name. What comes out is loaded and served by
MLflow, `mlflow.pyfunc.load_model(...)` and `mlflow models predict -m ...`. Inputs are float64, a
row an example, in the units of the data: the run's scaling is part of the model. Outputs are a row
an example: the probability of class 1, or of each class; a perceptron's class, 0 or 1; the value.
It brings its own code along and needs NumPy and MLflow only; there is no pickle in it.
"""

import argparse
import logging
import sys
import tempfile
import warnings
from importlib import metadata
from pathlib import Path

import numpy as np

import scratchml
from experiments import console
from experiments.errors import UserError
from experiments.running import stacks
from experiments.running.arrays import digests
from experiments.schema.sklearn_models import like
from experiments.schema.sources import load
from experiments.tracking.causes import patiently
from experiments.tracking.client import import_mlflow
from experiments.tracking.reader import Reader
from experiments.tracking.store import default_uri
from scratchml import datasets, portable
from scratchml.training import DATA, stream

EXAMPLES = 5  # rows of the input example
MEANING = {  # of a model's outputs, by what its output units do
    "identity": "value",
    "step": "class",
    "sigmoid": "probability of class 1",
    "softmax": "probability of each class",
}


def main(arguments=None):
    """`python -m experiments.export`; returns the exit status."""
    parser = argparse.ArgumentParser(
        "python -m experiments.export",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN", help="a run's id, the beginning of one, or its name")
    parser.add_argument("--seed", type=int, help=f"which net; default: {best.__doc__.lower()}")
    parser.add_argument("--experiment", help="where to look; default: in all experiments")
    parser.add_argument("--uri", help="the store; default: the project's own")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="a new folder for the model")
    options = parser.parse_args(arguments)
    try:
        with console.clean_exit():
            _export(options)
    except SystemExit as end:
        return end.code
    return 0


def _export(options):
    uri, to = options.uri or default_uri(), options.to
    if to is not None and to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UserError(f"--to must be a new folder; got {to}, which exists")
    with tempfile.TemporaryDirectory(prefix="scratchml-") as scratch:
        reader = Reader(uri)
        run = reader.run(options.run, options.experiment, scratch)
        arrays = run.arrays()
        index = chosen(run, arrays, options.seed)
        seed = int(arrays["seed"][index])
        net = Path(scratch, "net")
        data = keep(net, run, arrays, index)
        about = {"run_id": run.run_id, "run": run.name, "seed": seed}
        if to is None:
            where = patiently(uri, log, reader.client, net, data, about)
        else:
            try:
                save(to, net, data, about)
            except OSError as error:
                raise UserError(f"{to} cannot be written ({error.strerror})") from error
            where = str(to)
    console.say(f"{run.name}: the net of seed {seed}, from run {run.run_id}")
    console.say(f"it is {where}, for mlflow.pyfunc.load_model and mlflow models predict -m")


# --- which net ------------------------------------------------------------------------------------


def best(arrays):
    """The one with most training examples right, then lowest training loss, then lowest seed."""
    accuracy = arrays.get("final/train/accuracy", np.zeros(len(arrays["seed"])))
    order = arrays["seed"], arrays["final/train/loss"], -accuracy, arrays["final/diverged"]
    return int(np.lexsort(order)[0])


def chosen(run, arrays, seed=None):
    """The index of a run's net: of a seed, or the best.

    Raises:
        UserError: It has no such net, or one that has diverged.
    """
    seeds = arrays["seed"]
    if seed is None:
        index = best(arrays)
        if arrays["final/diverged"][index]:
            raise UserError(f"all nets of run {run.run_id} have diverged")
        return index
    [found] = np.nonzero(seeds == seed)
    if not len(found):
        raise UserError(
            f"--seed must be one of the run's, {seeds.min()} to {seeds.max()}; got {seed}"
        )
    if arrays["final/diverged"][found[0]]:
        raise UserError(f"the net of seed {seed} has diverged; choose another")
    return int(found[0])


# --- the net --------------------------------------------------------------------------------------


def keep(folder, run, arrays, index):
    """Writes one of a run's nets with its scaling, see `portable`; returns its data, unscaled.

    Raises:
        UserError: Its weights are not those of its model, or its data are not those of then.
    """
    knobs = run.config.knobs() | {"model": like(run.config.model)}
    seed = int(arrays["seed"][index])
    data, mean, spread = drawn_again(run, seed, arrays["digest"][index])
    weights = {
        name.removeprefix("weights/"): array[index]
        for name, array in arrays.items()
        if name.startswith("weights/")
    }
    try:
        portable.save(folder, knobs, data, weights, mean, spread)
    except ValueError as error:
        raise UserError(f"nets.npz of run {run.run_id} is damaged ({error})") from error
    return data


def drawn_again(run, seed, digest):
    """A net's data in their own units, and the mean and spread, (D,), that it was scaled with.

    Raises:
        UserError: It was scaled, and the data do not come out as they were.
    """
    config, real = run.config, load(run.config.dataset)
    data = datasets.sample(config.knobs() | {"scaling": "none"}, stream(seed, DATA), seed, real)
    mean, spread = np.zeros(data.X.shape[1]), np.ones(data.X.shape[1])
    if config.scaling != "none":
        mean = data.X.mean(axis=0)
        if config.scaling == "standard":
            spread = data.X.std(axis=0)
            spread[spread == 0.0] = 1.0
        scaled = datasets.sample(config.knobs(), stream(seed, DATA), seed, real)
        one = stacks.Task((stacks.Part(0, config, seed, 1),), {})
        same = np.array_equal(digests(one, scaled)[0], digest)
        if not same or not np.array_equal((data.X - mean) / spread, scaled.X):
            raise UserError(
                f"the data of seed {seed} do not come out as they did when run {run.run_id} was "
                "trained, so that its scaling is lost; train it again with this version"
            )
    return data, mean, spread


# --- the model of MLflow's ------------------------------------------------------------------------


def save(folder, net, data, about, **identity):
    """Writes a model of MLflow's: a net, the code that loads it, and what it needs.

    Args:
        net: the folder that `keep` wrote.
        data: what it learned from, for the sizes and an example of its inputs.
        about: metadata, a mapping of texts and numbers.
        identity: `model_id` and `run_id` of a model that is logged.
    """
    import_mlflow()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*Any type hint")  # in MLflow's own types
        import mlflow.pyfunc as pyfunc
        from mlflow.models import Model, ModelSignature
        from mlflow.types import Schema, TensorSpec

    logging.getLogger("mlflow.pyfunc").setLevel(logging.WARNING)  # what it looks at is no news
    number, output = np.dtype("float64"), portable.load(net).model.output
    pyfunc.save_model(
        str(folder),
        loader_module=portable.__name__,
        data_path=str(net),
        code_paths=[str(Path(scratchml.__file__).parent)],
        mlflow_model=Model(metadata=about, **identity),
        signature=ModelSignature(
            Schema([TensorSpec(number, (-1, data.X.shape[1]))]),
            Schema([TensorSpec(number, (-1, data.Y.shape[1]), name=MEANING[output])]),
        ),
        input_example=np.array(data.X[:EXAMPLES]),
        pip_requirements=[f"{name}=={metadata.version(name)}" for name in ("numpy", "mlflow")],
    )


def log(client, net, data, about):
    """Logs a net as a model of the run that it is from; returns its URI."""
    from mlflow.entities import LoggedModelOutput

    run_id, seed = about["run_id"], about["seed"]
    run = client.get_run(run_id)
    logged = client.create_logged_model(
        run.info.experiment_id,
        f"seed-{seed}",
        run_id,
        params=run.data.params,
        model_type="scratchml",
    )
    identity = {"model_id": logged.model_id, "model_uuid": logged.model_id, "run_id": run_id}
    try:
        with tempfile.TemporaryDirectory(prefix="scratchml-") as folder:
            save(folder, net, data, about, **identity)
            client.log_model_artifacts(logged.model_id, folder)
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    except BaseException:
        client.finalize_logged_model(logged.model_id, "FAILED")
        raise
    client.finalize_logged_model(logged.model_id, "READY")
    return f"models:/{logged.model_id}"


if __name__ == "__main__":
    sys.exit(main())
