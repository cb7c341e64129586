"""The data of a lesson: from the runs of an experiment to data frames and arrays.

    data = load("xor")                  # the runs of the newest finished sweep
    data.runs                           # one row a run: knobs, metrics
    data.nets                           # one row a net: knobs, seed, final values
    data.curves                         # one row a net and point
    data.select(model="mlp", width=2)   # the same, of fewer runs
    data.arrays(run_id)                 # all arrays that a run has stored

Nothing is filled in: a knob that a run does not have is missing (NaN or None) in its row, and a
name that no run has is a `LookupError` that lists the names there are.
"""

from analysis import frames, nets
from analysis.commands import launch_command, launched_by
from analysis.loaded import Data
from experiments.tracking.arrays import RunArrays
from experiments.tracking.errors import Lost, Missing
from experiments.tracking.layout import IDENTITY
from experiments.tracking.reader import Reader


def load(experiment, uri=None, sweep=None, code=None):
    """The finished runs of an experiment, as `Data`.

    Args:
        experiment: the MLflow experiment, which for a lesson is its name.
        uri: the store; by default MLFLOW_TRACKING_URI or otherwise the project's own.
        sweep: the run id of a sweep, or "all" for every finished run, the newest of each
            configuration; by default the newest finished sweep, with the runs that it found done,
            or all runs where no sweep was ever begun.

        code: path of a file of your own, or several, whose activation or data set the runs have.
            It is executed when `net` or `examples` needs it; nothing else needs it.

    Raises:
        Missing: No such store, experiment, sweep or run; with the command that makes it.
        Damaged: The sweep's own file is damaged.
        StoreError: The store cannot be read.
    """
    try:
        reader = Reader(uri)
        found = reader.sweep(experiment, sweep)
    except Missing as error:
        if isinstance(error, Lost):
            raise
        raise type(error)(f"{error}; make it with: {launch_command(experiment)}") from None
    knobs = tuple(sorted({knob for run in found.runs for knob in run.params}))
    return Data(
        experiment=experiment,
        runs=frames.frame(found.runs, knobs),
        knobs=knobs,
        experiment_id=found.experiment_id,
        command=launched_by(found.command, experiment),
        missing=found.missing,
        _arrays=RunArrays(reader, found.runs, found.parent),
        _code=nets.code(code),
        _identities={run.id: run.tags.get(IDENTITY) for run in found.runs},
    )
