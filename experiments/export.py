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

from experiments import console, own
from experiments.errors import UserError
from experiments.exporting.choice import ENDS, best, check, chosen
from experiments.exporting.net import write
from experiments.process import startup, streams
from experiments.schema import fingerprint, named_code, own_entries
from experiments.schema.config import Config
from experiments.tracking import model, staging
from experiments.tracking.causes import patiently
from experiments.tracking.errors import damaged
from experiments.tracking.layout import IDENTITY, SEED
from experiments.tracking.reader import Reader

NAMING = "dataset", "activation", "model"  # knobs whose entries an exported net is made with


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
    """Refuses code of the user's own, or a file of data, that is not what a run was trained with.

    The net would give other answers, or its scaling would be that of other data.

    Raises:
        UserError: It has changed.
        Damaged: The run does not say what it was trained with.
    """
    identity = run.tags.get(IDENTITY)
    try:
        said = own_entries.changed(config.knobs(), identity, *NAMING)
        if identity and fingerprint.has_other_data(fingerprint.from_text(identity), config):
            said = (
                f"{config.path or config.dataset} has changed since run {run.id} was trained, so "
                "that its scaling is lost; train it again"
            )
    except ValueError as error:
        raise damaged(IDENTITY, run, error) from error
    if said:
        raise UserError(said)


if __name__ == "__main__":
    streams.prepare()
    sys.exit(streams.status(main()))
