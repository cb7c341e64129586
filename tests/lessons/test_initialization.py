"""Initialization: what is exact comes out on a small sweep, what is a rate on planted ones."""

import copy

import numpy as np
import pytest
from support import configurations, lesson_sweeps

from analysis.figures import saving
from analysis.lessons import initialization

pytestmark = pytest.mark.errstate(under="ignore")

FAIL = {0.1: 0.11, 0.5: 0.05, 1: 0.17, 2: 0.3, 4: 0.45, 6: 0.54, 8: 0.65, 10: 0.73}


def jobs():
    """The whole sweep, but the nets of the scales hardly train: their fate is planted."""
    scales = lesson_sweeps.configs("initialization", lambda k: "loss" in k, epochs=2)
    equal = lesson_sweeps.configs("initialization", lambda k: "measure" in k, epochs=60)
    paths = lesson_sweeps.configs("initialization", lambda k: "paths" in k, seeds=3)
    convex = lesson_sweeps.configs("initialization", lambda k: "l2" in k, seeds=3)
    perceptrons = lesson_sweeps.configs("initialization", lambda k: k.get("model") == "perceptron")
    return scales + equal + paths + convex + perceptrons


@pytest.fixture(scope="module")
def trained():
    configs = jobs()
    return configs, configurations.train(*configs)


def sweep(tmp_path_factory, trained, fail, slow, spoil=lambda config, arrays: None):
    """The lesson's data; nets from U(-s, s) fail at a rate of fail[s], those of .1 take `slow`."""
    configs, results = copy.deepcopy(trained)
    for config, arrays in zip(configs, results, strict=True):
        if config.loss == "squared_error":
            n, scale = config.seeds, config.init_scale
            solved = np.arange(n) >= round(n * fail[scale])
            epochs = (slow if scale == 0.1 else 500) * np.linspace(0.5, 1.5, n)
            arrays["final/solved"] = solved
            arrays["final/epochs_to_solve"] = np.where(solved, epochs, np.nan)
        spoil(config, arrays)
    return lesson_sweeps.sweep(tmp_path_factory, "initialization", configs, results)


@pytest.fixture(scope="module")
def data(tmp_path_factory, trained):
    return sweep(tmp_path_factory, trained, FAIL, slow=15_000)


def test_every_claim_holds(data):
    assert [
        s for s, holds in lesson_sweeps.verdicts(initialization.claims(data)).items() if not holds
    ] == []


def spoil(config, arrays):
    """One small fault for each claim that is exact."""
    if config.init == "constant" and config.width == 8 and config.measure:
        arrays["curve/distinct_units"][3, -1] = 2
        arrays["curve/train/accuracy"][5, 2] = 1.0
    if config.init == "zero" and config.measure:
        arrays["curve/gradient_norm"][0, -1] = 1e-17
    if config.model == "perceptron":
        arrays["final/solved"][7] = False
    if config.model == "logistic" and config.init_scale == 10:
        arrays["weights/W1"][2] += 1e-5


def test_every_claim_fails_on_what_refutes_it(tmp_path_factory, trained):
    refuted = sweep(tmp_path_factory, trained, dict.fromkeys(FAIL, 0.5), slow=3_000, spoil=spoil)
    found = lesson_sweeps.verdicts(initialization.claims(refuted))
    assert [sentence for sentence, holds in found.items() if holds] == []


def test_nets_that_never_solve_it_count_as_infinitely_slow(data):
    failed, nets, epochs = initialization.scales(data)[10.0]
    assert (failed, nets) == (292, 400)
    assert np.isinf(epochs).sum() == failed


def test_the_figure_shows_paths_that_part_and_paths_that_do_not(data):
    fig = initialization.draw(data)
    equal, random, rates, epochs = fig.axes
    one, other = (line.get_xydata() for line in equal.lines if len(line.get_xydata()) > 1)
    assert np.array_equal(one, other)
    one, other = (line.get_xydata() for line in random.lines if len(line.get_xydata()) > 1)
    assert np.linalg.norm(one[-1] - other[-1]) > 3.0
    (container,) = rates.containers
    assert container.lines[0].get_ydata() == pytest.approx(100 * np.array(list(FAIL.values())))
    assert [text.get_text() for text in epochs.texts][0].replace(",", "").isdigit()
    saving.close(fig)
