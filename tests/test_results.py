"""The record of a run holds what its nets did: medians, bands, ends, the digest of the data."""

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from support import configurations
from support.stores import Sample, arrays, sample

from experiments.running.results import aggregate, quantile, record
from experiments.tracking.record import RunRecord
from scratchml.activations import ACTIVATIONS, Activation


def history(metrics, key):
    return [(step, value) for name, value, step in metrics if name == key]


def test_curves_are_medians_over_nets_at_their_epochs():
    nets = arrays(7)
    metrics = aggregate(nets)
    for name in ("train/loss", "train/accuracy", "gradient_norm"):
        medians = np.median(nets[f"curve/{name}"], axis=0)
        assert history(metrics, name) == list(zip(nets["epoch"].tolist(), medians, strict=True))


def test_losses_alone_have_a_band_of_90_percent_of_the_nets():
    nets = arrays(7)
    metrics = aggregate(nets)
    for end, level in (("low", 0.05), ("high", 0.95)):
        band = np.quantile(nets["curve/train/loss"], level, axis=0)
        assert [v for _, v in history(metrics, f"train/loss/{end}")] == pytest.approx(band)
    assert not [key for key, _, _ in metrics if key.startswith("train/accuracy/")]


def test_a_single_net_has_no_band():
    assert {key for key, _, _ in aggregate(arrays(1)) if key.endswith(("low", "high"))} == set()


@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=2), min_size=1, max_size=30),
    st.floats(0, 1),
)
def test_quantiles_are_those_of_numpy(nets, level):
    ranked = np.sort(np.array(nets), axis=0)
    with np.errstate(under="ignore"):
        wanted = np.quantile(ranked, level, axis=0)
    assert quantile(ranked, level) == pytest.approx(wanted, rel=1e-12, abs=1e-9)


def test_how_a_run_ended_is_counted_over_its_nets():
    nets = arrays(4)
    nets["final/solved"] = np.array([True, False, True, True])
    nets["final/epochs_to_solve"] = np.array([30.0, np.nan, 10.0, 20.0])
    nets["final/diverged"] = np.array([False, True, False, False])
    ends = record(Sample(), nets).summary()
    assert (ends["solved"], ends["epochs_to_solve"], ends["diverged"]) == (0.75, 20.0, 1.0)
    assert record(Sample(), nets).tags["scratchml.diverged"] == "true"
    assert "scratchml.diverged" not in sample().tags


def test_what_no_net_did_has_no_metric():
    nets = arrays(3, solved=False)
    assert "epochs_to_solve" not in {key for key, _, _ in aggregate(nets)}
    for name in ("final/solved", "final/epochs_to_solve", "curve/train/accuracy"):
        del nets[name]  # as in a regression
    assert {"solved", "epochs_to_solve", "train/accuracy"}.isdisjoint(
        key for key, _, _ in aggregate(nets)
    )


def test_infinite_values_become_no_metrics():
    nets = arrays(3)
    nets["curve/train/loss"][:, 4] = np.inf
    nets["curve/gradient_norm"][1:, 5] = np.nan
    metrics = aggregate(nets)
    assert np.isfinite([value for _, value, _ in metrics]).all()
    assert len(history(metrics, "train/loss")) == len(nets["epoch"]) - 1
    with pytest.raises(ValueError, match="train/loss at step 3 must be finite; got inf"):
        RunRecord("r", metrics=[("train/loss", float("inf"), 3)])


def test_knobs_are_written_as_words_or_as_json():
    made = record(Sample(lr=1e-5))
    assert made.params == {
        "dataset": "xor",
        "width": "4",
        "lr": "1e-05",
        "bias": "true",
        "measure": '["dead"]',
    }
    assert yaml.safe_load(made.artifacts["config.yaml"]) == Sample(lr=1e-5).canonical()


def test_a_list_too_long_for_mlflow_is_cut_in_params_and_whole_in_config_yaml():
    config = Sample()
    config.canonical = lambda: {"start": list(range(5000))}
    made = record(config)
    assert len(made.params["start"]) == 6000
    assert made.params["start"].endswith("…")
    assert yaml.safe_load(made.artifacts["config.yaml"])["start"] == list(range(5000))


def test_a_run_that_failed_before_it_had_nets_has_its_configuration():
    made = record(Sample(), status="FAILED", tags={"scratchml.error": "x" * 9000})
    assert list(made.artifacts) == ["config.yaml"]
    assert (made.metrics, made.dataset, made.params["dataset"]) == ([], None, "xor")
    assert len(made.tags["scratchml.error"]) == 8000


def test_the_digest_of_a_data_set_is_that_of_its_arrays():
    nets = arrays(3)
    shared = record(Sample(), nets).dataset["digest"]
    assert shared == "01" * 16
    nets["digest"][1] = 7  # this net has data of its own
    assert record(Sample(), nets).dataset["digest"] not in (shared, "")


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({}, "the same on every processor"),
        ({"dataset": "moons", "width": 32, "depth": 2}, "the same on every processor"),
        ({"model": "perceptron", "dataset": "and"}, "the same on every processor"),
        ({"width": 91, "depth": 2}, "one kind of processor: BLAS computes layers of more"),
        ({"dataset": "digits", "width": 128}, "the same on every processor"),
        ({"dataset": "digits", "width": 129}, "BLAS"),
        ({"model": "logistic", "lr_unit": "critical"}, "LAPACK computes the critical"),
        ({"model": "linear", "dataset": "linear", "optimizer": "newton"}, "LAPACK computes"),
        ({"model": "sklearn_logistic", "dataset": "blobs"}, "sklearn_logistic trains by its own"),
    ],
)  # fmt: skip
def test_a_run_says_on_which_processors_its_nets_have_the_same_bits(choices, said):
    assert said in record(configurations.config(**choices)).tags["scratchml.bits"]


def test_a_function_of_other_bits_is_named(monkeypatch):
    monkeypatch.setitem(
        ACTIVATIONS, "tanh", Activation(lambda z: np.tanh(z), lambda z, a: 1.0 - a * a)
    )
    tags = record(configurations.config(activation="tanh")).tags
    assert "the activation: tanh has other bits on other processors" in tags["scratchml.bits"]
