"""Normalization's claims come out on a small sweep of its own, and fail where they should."""

import copy

import numpy as np
import pytest
from support import configurations, lesson_sweeps

from analysis.figures import saving
from analysis.lessons import normalization

pytestmark = pytest.mark.errstate(under="ignore", over="ignore")


def jobs():
    """The sweep with two nets a run, fewer epochs and learning rates."""

    def is_descent(k):
        return "lr_unit" in k and k["model"] == "logistic"

    def is_needed(k):
        return not is_descent(k) and (k["model"] != "mlp" or k["lr"] in (0.003, 0.5))

    descents = lesson_sweeps.configs(
        "normalization", lambda k: is_descent(k) and k["lr"] >= 0.5, seeds=2, epochs=600
    )
    return descents + lesson_sweeps.configs("normalization", is_needed, seeds=2)


@pytest.fixture(scope="module")
def trained():
    configs = jobs()
    return configs, configurations.train(*configs)


def sweep(tmp_path_factory, trained, spoil=lambda config, arrays: None):
    configs, results = copy.deepcopy(trained)
    for config, arrays in zip(configs, results, strict=True):
        spoil(config, arrays)
    return lesson_sweeps.sweep(tmp_path_factory, "normalization", configs, results)


@pytest.fixture(scope="module")
def data(tmp_path_factory, trained):
    return sweep(tmp_path_factory, trained)


def test_every_claim_holds(data):
    assert [
        s for s, holds in lesson_sweeps.verdicts(normalization.claims(data)).items() if not holds
    ] == []


def spoil(config, arrays):
    """One fault for each claim but that about the condition, which is the data's."""
    if config.model == "linear" and config.lr == 1.01:
        arrays["curve/train/loss"][0, -1] = 0.0
    if config.model == "logistic" and config.lr_unit == "critical":
        if config.scaling == "none" and config.lr == 20:
            arrays["curve/train/loss"][:, 50:] = 0.09
        if config.scaling == "centred" and config.lr == 0.5:
            arrays["curve/train/loss"][1, 4] += 1.0
        if config.scaling == "standard" and config.lr == 5:
            arrays["curve/train/loss"][1, 4] += 1.0
    if config.lr == 0.5 and config.lr_unit == "absolute" and config.scaling == "none":
        arrays["final/train/loss"][1] = 50.0
        arrays["final/train/accuracy"][1] = 0.9
    if config.optimizer == "newton" and config.scaling == "none":
        arrays["curve/train/loss"][0, 3] += 1e-4


def test_every_claim_fails_on_what_refutes_it(tmp_path_factory, trained, monkeypatch):
    refuted = sweep(tmp_path_factory, trained, spoil)
    monkeypatch.setattr(normalization, "spectrum", lambda data, scaling: np.geomspace(1, 1e-9, 31))
    found = lesson_sweeps.verdicts(normalization.claims(refuted))
    assert [sentence for sentence, holds in found.items() if holds] == []


def test_the_spectrum_is_that_of_the_models_own_hessian(data):
    """Ours by singular values of the data, the model's by its second derivatives."""
    from scratchml.logistic import Logistic

    X = normalization.descents(data, "standard")[0].examples().X
    zero = {"W1": np.zeros((1, 30, 1)), "b1": np.zeros((1, 1, 1))}
    hessian = Logistic(30).hessian(zero, X)[0]
    ours = normalization.spectrum(data, "standard")
    assert ours == pytest.approx(np.linalg.eigvalsh(hessian)[::-1])


def test_the_figure_has_a_line_a_scaling(data):
    fig = normalization.draw(data)
    spectra, losses, rates, nets = fig.axes
    assert [len(line.get_xdata()) for line in spectra.lines] == [31, 31, 31]
    assert "Newton, any scaling" in [t.get_text() for t in losses.get_legend().get_texts()]
    assert len([line for line in rates.lines if line.get_marker() in "osD"]) == 3
    assert len(nets.containers) == 3
    saving.close(fig)
