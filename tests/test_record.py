"""The record of a run: texts, YAML and CSV to the last digit; what MLflow refuses is refused."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest
import yaml
from support.stores import arrays, sample

from experiments.tracking import record as module
from experiments.tracking.record import RunRecord


def test_a_knob_is_written_as_it_is_and_not_as_one_that_equals_it():
    for value in (0.0, -0.0, 0, False, [0], [0.0], [-0.0]):
        assert repr(json.loads(module.text(value))) == repr(value)
        assert repr(yaml.safe_load(module.to_yaml({"knob": value}))) == repr({"knob": value})


def test_time_runs_from_start_to_end_as_epochs_do():
    made = sample()
    at = dict(zip([m[2] for m in made.metrics], made.timestamps(), strict=True))
    assert (at[0], at[100]) == (made.start_ms, made.end_ms)
    assert at[10] == made.start_ms + (made.end_ms - made.start_ms) // 10
    untrained = replace(made, metrics=[("train/loss", 0.7, 0)])
    assert untrained.timestamps() == [made.start_ms]


def test_nets_csv_has_a_row_for_every_net_with_numbers_to_the_last_digit():
    nets = arrays(4)
    nets["final/epochs_to_solve"] = np.array([30.0, np.nan, 10.0, np.nan])
    rows = list(csv.DictReader(io.StringIO(module.to_csv(nets).decode())))
    assert [int(row["seed"]) for row in rows] == [0, 1, 2, 3]
    assert [float(row["train/loss"]) for row in rows] == nets["final/train/loss"].tolist()
    assert [row["epochs_to_solve"] for row in rows] == ["30.0", "", "10.0", ""]
    assert [row["diverged"] for row in rows] == ["False"] * 4


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"status": "DONE"}, "status must be one of"),
        ({"name": "x" * 251}, "name must have at most 250 letters"),
        ({"params": {"start": "1" * 6001}}, "start must have at most 6000 letters"),
        ({"tags": {"note": "1" * 8001}}, "note must have at most 8000 letters"),
        ({"params": {"+lesson": "xor"}}, r"of letters, digits and _-./: only; got '\+lesson'"),
        ({"metrics": [("../loss", 1.0, 0)]}, "got '../loss'"),
        ({"metrics": [("/loss", 1.0, 0)]}, "got '/loss'"),
        ({"dataset": {"digest": "1" * 37}}, "digest must have at most 36 letters"),
    ],
)
def test_what_mlflow_would_refuse_is_refused_when_the_record_is_made(wrong, said):
    with pytest.raises(ValueError, match=said):
        RunRecord(**{"name": "r"} | wrong)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "null"), (True, "true"), (0.1 + 0.2, "0.3"), (2.0, "2"), (10**6, "1000000"),
     ("tanh", "tanh"), ((1, None), "[1,null]"), (1e-5, "1e-05"),
     ({"C": 2.0, "tol": 1e-3}, "{C:2,tol:0.001}")],
)  # fmt: skip
def test_a_knob_in_a_sentence_can_be_pasted(value, text):
    assert module.short_text(value) == text
