"""Exports a trained net: from a run of the store to a model of MLflow's.

    scratchml export RUN             the best net of the run, logged beside the run
    scratchml export RUN --seed 7    the net that was trained with seed 7
    scratchml export RUN --to model  into a folder instead, which needs no store

RUN is the id of a run, the beginning of an id, or the name of a run. MLflow loads and serves the
model: `mlflow.pyfunc.load_model(...)`, `mlflow models predict --env-manager local -m ...` (without
that option MLflow first builds an environment, with pip). Inputs are numbers, a row an example, in
the units of the data: the run's scaling is part of the model. Outputs are a row an
example: the probability of class 1, or of each class or label; a perceptron's class, 0 or 1; the
value.
The model contains its own code and needs NumPy and MLflow only. There is no pickle in it.
"""

import argparse
import shlex
import sys
import tempfile
from pathlib import Path

import numpy as np

from experiments import console, own, startup, streams
from experiments.errors import UserError
from experiments.models import MODELS
from experiments.running import stacks
from experiments.running.arrays import digests
from experiments.schema import named_code, own_entries
from experiments.schema.config import Config
from experiments.schema.sources import load, source
from experiments.tracking import model, staging
from experiments.tracking.causes import patiently
from experiments.tracking.errors import damaged
from experiments.tracking.layout import DIGEST, FINAL, IDENTITY, LOSS, NETS_FILE, SEED, WEIGHTS
from experiments.tracking.reader import Reader
from scratchml import portable, sampling
from scratchml.scaling import FILLS, fills, scale
from scratchml.training import DATA, stream

DIVERGED, ACCURACY = f"{FINAL}diverged", f"{FINAL}train/accuracy"
NAMING = "dataset", "activation", "model"  # knobs whose entries an exported net is made with
# Arrays with one entry a net, and the kinds of numbers in some of them.
ENDS = (SEED, FINAL, WEIGHTS, DIGEST)
NUMBERS = {SEED: "iu", DIVERGED: "b", FINAL + LOSS: "f", DIGEST: "u"}


def main(arguments=None):
    """The command; returns the exit status."""
    parser = argparse.ArgumentParser(
        "scratchml export",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN", help="the id of a run, its beginning, or a name")
    parser.add_argument("--seed", type=int, help=f"which net; default: {best.__doc__.lower()}")
    parser.add_argument("--experiment", help="where to look; default: in all experiments")
    parser.add_argument("--code", action="append", metavar="FILE",
                        help="a file of your own that the run was trained with")  # fmt: skip
    parser.add_argument("--uri", help="the store; default: the project's own")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="a new folder for the model")
    options = parser.parse_args(arguments)
    startup.computing()
    try:
        with console.clean_exit(), own_entries.command(own.read_all(options.code)):
            _export(options)
    except SystemExit as end:
        return end.code
    return 0


def _export(options):
    to = options.to
    if to is not None and to.exists() and (not to.is_dir() or any(to.iterdir())):
        raise UserError(f"--to must be a new folder; got {to}, which exists")
    with tempfile.TemporaryDirectory(prefix="scratchml-") as scratch:
        reader = Reader(options.uri)
        if to is None:
            reader.prepare_writing()
        run = reader.run(options.run, options.experiment)
        config = reader.config(run, stored)
        refuse_changed(run, config)
        arrays, _ = reader.arrays(
            run, lambda name: name.startswith(ENDS), lambda arrays: check(arrays, config)
        )
        index = chosen(run, arrays, options.seed)
        seed = int(arrays[SEED][index])
        net = Path(scratch, "net")
        data = write(net, run, config, arrays, index)
        about = {"run_id": run.id, "run": run.name, "seed": seed}
        if to is None:
            where = patiently(reader.uri, model.log, reader.client, net, data, about)
        else:
            try:
                with staging.whole_folder(to) as new:
                    model.save(new, net, data, about)
            except OSError as error:
                raise UserError(f"{to} cannot be written ({error.strerror})") from error
            where = str(to)
    console.say(f"{run.name}: the net of seed {seed}, from run {run.id}")
    console.say(f"it is {where}, for mlflow.pyfunc.load_model, and for")
    inputs = "inputs.json" if config.path is None else f"{shlex.quote(config.path)} -t csv"
    console.say(f"mlflow models predict --env-manager local -m {shlex.quote(where)} -i {inputs}")


def stored(mapping):
    """The Config of a run.

    Raises:
        UserError: It has code of the user's own, which is not named, or a class that is not ours.
        ConfigError: It is none.
    """
    model = mapping.get("model")
    if named_code.is_class(model):
        raise UserError(f"a net of {model} answers by its own code alone, and cannot be exported")
    lacking = own_entries.missing(mapping)
    if lacking:
        raise UserError(f"{lacking}--code mine.py")
    return Config.from_stored(mapping)


def refuse_changed(run, config):
    """Refuses code of the user's own that is not what a run was trained with.

    The net would give other answers, or its scaling would be that of other data.

    Raises:
        UserError: It has changed.
        Damaged: The run does not say what it was trained with.
    """
    try:
        said = own_entries.changed(config.knobs(), run.tags.get(IDENTITY), *NAMING)
    except ValueError as error:
        raise damaged(IDENTITY, run, error) from error
    if said:
        raise UserError(said)


def check(arrays, config):
    """Raises ValueError or KeyError for arrays that no run of a configuration has."""
    nets = config.seeds
    for name, kinds in NUMBERS.items():
        if arrays[name].dtype.kind not in kinds:
            raise ValueError(f"{name} is {arrays[name].dtype}")
    for name, array in arrays.items():
        one_number = name == SEED or name.startswith(FINAL)
        is_whole = array.shape == (nets,) if one_number else array.shape[:1] == (nets,)
        if array.dtype.kind not in "biuf" or not is_whole:
            raise ValueError(f"{name} is {array.dtype} of shape {array.shape}, for {nets} nets")
    if arrays[SEED].tolist() != list(range(config.seed, config.seed + nets)):
        raise ValueError("its seeds are not those of its configuration")


# --- which net ------------------------------------------------------------------------------------


def best(arrays):
    """The one with most training examples right, then lowest training loss, then lowest seed."""
    accuracy = arrays.get(ACCURACY, np.zeros(len(arrays[SEED])))
    order = arrays[SEED], arrays[FINAL + LOSS], -accuracy, arrays[DIVERGED]
    return int(np.lexsort(order)[0])


def chosen(run, arrays, seed=None):
    """The index of a run's net: of the net of a seed, or of the best.

    Raises:
        UserError: The run has no such net, or the net has diverged.
    """
    seeds = arrays[SEED]
    if seed is None:
        index = best(arrays)
        if arrays[DIVERGED][index]:
            raise UserError(f"all nets of run {run.id} have diverged")
        return index
    [found] = np.nonzero(seeds == seed)
    if not len(found):
        raise UserError(
            f"--seed must be one of the run's, {seeds.min()} to {seeds.max()}; got {seed}"
        )
    if arrays[DIVERGED][found[0]]:
        raise UserError(f"the net of seed {seed} has diverged; choose another")
    return int(found[0])


# --- the net --------------------------------------------------------------------------------------


def write(folder, run, config, arrays, index):
    """Writes one of a run's nets with its scaling, see `portable`; returns its data, unscaled.

    Raises:
        Damaged: Its weights are not those of its model.
        UserError: Its data do not come out as they were.
    """
    knobs = config.knobs() | {"model": MODELS[config.model].like}
    seed = int(arrays[SEED][index])
    data, *scaling, units = sampled_again(run, config, seed, arrays[DIGEST][index])
    described = source(config.dataset).description(knobs) or {}
    weights = {
        name.removeprefix(WEIGHTS): array[index]
        for name, array in arrays.items()
        if name.startswith(WEIGHTS)
    }
    try:
        columns, code = described.get("columns", ()), code_of(config)
        portable.save(folder, knobs, data, weights, *scaling, columns, code, units)
    except ValueError as error:
        raise damaged(NETS_FILE, run, error) from error
    return data


def code_of(config):
    """{name: text} of the file of the user's own that has a net's activation, if one has it."""
    code = own_entries.owner("activation", config.activation)
    return {} if code is None else {code.name: code.text}


def sampled_again(run, config, seed, digest):
    """A net's data in their own units, and mean, std, fill and units as in `portable.Net`.

    Raises:
        UserError: They were scaled or filled, and do not come out as they were.
    """
    real = load(config.knobs())
    knobs, units = config.knobs() | {"scaling": "none", "target_scaling": "none"}, None
    data, fill = sampling.sample(knobs, stream(seed, DATA), seed, real), None
    if config.missing in FILLS:
        gaps = sampling.sample(knobs | {"missing": None}, stream(seed, DATA), seed, real)
        fill = fills(gaps.X, config.missing)
    mean, std = scale(data.X, config.scaling)
    if real is not None or {config.scaling, config.target_scaling} != {"none"}:
        scaled = sampling.sample(config.knobs(), stream(seed, DATA), seed, real)
        one = stacks.Task((stacks.Part(0, config, seed, 1),), {})
        same, units = np.array_equal(digests(one, scaled)[0], digest), scaled.units
        if not same or not np.array_equal((data.X - mean) / std, scaled.X):
            if config.path is not None:
                raise UserError(
                    f"{config.path} has changed since run {run.id} was trained, so that its "
                    "scaling is lost; train it again"
                )
            raise UserError(
                f"the data of seed {seed} do not come out as they did when run {run.id} was "
                "trained, so that its scaling is lost; train it again with this version"
            )
    return data, mean, std, fill, units


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
