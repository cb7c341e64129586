"""A net as a model of MLflow's: in a folder, or logged beside the run that it is from."""

import logging
import shutil
import tempfile
import warnings
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import scratchml
from experiments.tracking import heartbeat, locations
from experiments.tracking.client import import_mlflow
from experiments.tracking.heartbeat import process_name
from experiments.tracking.layout import PROCESS
from scratchml import portable
from scratchml.sampling import Data

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

EXAMPLES = 5  # rows of the input example
MEANING = {  # of a model's outputs, by the function of its output units
    "identity": "value",
    "step": "class",
    "sigmoid": "probability of class 1",
    "softmax": "probability of each class",
}


def save(folder: Path, net: Path, data: Data, about: Mapping, **identity: str) -> None:
    """Writes a model of MLflow's: a net, the code that loads it, and its requirements.

    Args:
        net: a folder that `scratchml.portable.save` has written.
        data: the data that it learned from, for the sizes and an example of its inputs.
        about: metadata, a mapping of texts and numbers.
        identity: `model_id` and `run_id` of a model that is logged.
    """
    import_mlflow()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*Any type hint")  # in MLflow's own types
        import mlflow.pyfunc as pyfunc
        from mlflow.models import Model, ModelSignature
        from mlflow.types import ColSpec, Schema, TensorSpec
        from mlflow.types.schema import AnyType

    logging.getLogger("mlflow.pyfunc").setLevel(logging.WARNING)  # its progress is no news
    logging.getLogger("mlflow.utils.environment").setLevel(logging.ERROR)  # no pip, with uv
    number, loaded = np.dtype("float64"), portable.load(net)
    output, example = loaded.model.output, np.array(data.X[:EXAMPLES])
    # No schema of numbers: MLflow would refuse integers, float32 and lists. The net itself converts
    # them, and refuses another shape.
    inputs = None
    if loaded.columns:
        kinds = [AnyType() if column["words"] is None else "string" for column in loaded.columns]
        names = [column["name"] for column in loaded.columns]
        inputs = Schema([ColSpec(*each, required=False) for each in zip(kinds, names, strict=True)])
        example = _table(loaded.columns, example)
    meaning = "probability of each label" if data.problem == "multilabel" else MEANING[output]
    outputs = Schema([TensorSpec(number, (-1, data.Y.shape[1]), name=meaning)])
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Operation with range")  # in MLflow, of a table's columns
        pyfunc.save_model(
            str(folder),
            loader_module=portable.__name__,
            data_path=str(net),
            code_paths=[str(Path(scratchml.__file__).parent)],
            mlflow_model=Model(metadata=about, **identity),
            signature=ModelSignature(inputs, outputs),
            input_example=example,
            pip_requirements=[f"{name}=={metadata.version(name)}" for name in ("numpy", "mlflow")],
        )


def _table(columns, X):
    """A table whose columns become the numbers X: the opposite of `scratchml.columns.numbers`."""
    import pandas as pd

    table, first = {}, 0
    for column in columns:
        words = column["words"]
        block = X[:, first : first + len(words or (1,))]
        first += block.shape[1]
        table[column["name"]] = (
            block[:, 0] if words is None else np.array(words, dtype=object)[block.argmax(axis=1)]
        )
    return pd.DataFrame(table)


def log(client: "MlflowClient", net: Path, data: Data, about: Mapping) -> str:
    """Logs a net as a model of the run that it is from; returns the model's URI.

    Args:
        client: an MlflowClient.
        about: `run_id` and `seed` of the net, and further metadata.
    """
    from mlflow.entities import LoggedModelOutput

    run_id, seed = about["run_id"], about["seed"]
    run = client.get_run(run_id)
    remove_half_made(client, run)
    logged = client.create_logged_model(
        run.info.experiment_id,
        f"seed-{seed}",
        run_id,
        {PROCESS: process_name()},
        run.data.params,
        "scratchml",
    )
    identity = {"model_id": logged.model_id, "model_uuid": logged.model_id, "run_id": run_id}
    try:
        with tempfile.TemporaryDirectory(prefix="scratchml-") as folder:
            save(folder, net, data, about, **identity)
            owner = f"the model of run {run_id}"
            files = locations.repository(client, logged.artifact_location, owner)
            files.log_artifacts(folder)
        client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    except BaseException:
        client.finalize_logged_model(logged.model_id, "FAILED")
        raise
    client.finalize_logged_model(logged.model_id, "READY")
    return f"models:/{logged.model_id}"


def remove_half_made(client: "MlflowClient", run: "Run") -> None:
    """Removes models of a run's experiment whose writers were killed before the models were whole.

    Their files go, too, where they are beside those of the run; a row may name any other folder.
    """
    own = locations.local_folder(run.info.artifact_uri)
    for logged in _models(client, run.info.experiment_id):
        if logged.status == "PENDING" and heartbeat.is_dead(logged.tags.get(PROCESS, "")):
            folder = own and own.parents[1] / "models" / logged.model_id
            if folder and locations.local_folder(logged.artifact_location) == folder / "artifacts":
                shutil.rmtree(folder, ignore_errors=True)
            client.delete_logged_model(logged.model_id)


def _models(client, experiment_id):
    """Every model of an experiment; MLflow gives them in pages."""
    page = client.search_logged_models([experiment_id])
    found = list(page)
    while page.token:
        page = client.search_logged_models([experiment_id], page_token=page.token)
        found += page
    return found
