"""Activation: what is exact comes out on a small sweep, what is a rate on planted ones."""

import copy

import numpy as np
import pytest
from support import configurations, lesson_sweeps

from analysis.figures import saving
from analysis.lessons import activation

pytestmark = pytest.mark.errstate(under="ignore")

SOLVED = {"sigmoid": 0.79, "tanh": 0.59, "relu": 0.23}  # at 2-2-1
WIDE = {"sigmoid": 200, "tanh": 22, "relu": 17}  # epochs at width 16
DEEP = {"sigmoid": np.inf, "tanh": 70, "relu": 60}  # epochs on the spirals


def jobs():
    """The whole sweep: step nets and nets as initialized as they are, others hardly trained."""
    exact = lesson_sweeps.configs(
        "activation", lambda k: "start" in k or "measure" in k or "paths" in k
    )
    rates = lesson_sweeps.configs(
        "activation", lambda k: k.get("dataset", "xor") in ("xor", "spirals")
        and not {"start", "measure", "paths"} & k.keys(), epochs=1,
    )  # fmt: skip
    circles = lesson_sweeps.configs("activation", lambda k: k.get("dataset") == "circles", seeds=3)
    return exact + rates + circles


@pytest.fixture(scope="module")
def trained():
    configs = jobs()
    return configs, configurations.train(*configs)


def sweep(tmp_path_factory, trained, solved, wide, deep, spoil=lambda config, arrays: None):
    """The lesson's data; who solves what, and when, is planted."""
    configs, results = copy.deepcopy(trained)
    for config, arrays in zip(configs, results, strict=True):
        kind, n = config.activation, config.seeds
        share = None
        if config.dataset == "xor" and config.epochs == 1 and kind in solved:
            share = solved[kind] if config.width == 2 else 0.6 if config.width == 4 else 1.0
            epochs = np.linspace(0.5, 1.5, n) * wide[kind]
        elif config.dataset == "spirals":
            share, epochs = float(deep[kind] < np.inf), np.full(n, deep[kind])
        if share is not None:
            won = np.arange(n) < round(share * n)
            arrays["final/solved"] = won
            arrays["final/epochs_to_solve"] = np.where(won, epochs, np.nan)
        spoil(config, arrays)
    return lesson_sweeps.sweep(tmp_path_factory, "activation", configs, results)


@pytest.fixture(scope="module")
def data(tmp_path_factory, trained):
    return sweep(tmp_path_factory, trained, SOLVED, WIDE, DEEP)


def test_every_claim_holds(data):
    assert [
        s for s, holds in lesson_sweeps.verdicts(activation.claims(data)).items() if not holds
    ] == []


def spoil(config, arrays):
    """One small fault for each claim that is exact."""
    if config.activation == "step" and config.paths:
        arrays["weights/W1"][17, 0, 0] = np.nextafter(arrays["weights/W1"][17, 0, 0], 2.0)
    if config.activation == "identity" and config.dataset == "xor":
        arrays["final/solved"][3] = True
    if config.dataset == "sawtooth" and (config.width, config.depth) == (4, 5):
        arrays["final/born_dead"][:] = np.arange(config.seeds) < 0.4 * config.seeds
    if config.dataset == "xor" and config.depth == 5:
        arrays["final/born_dead"][:] = np.arange(config.seeds) < 0.8 * config.seeds


def test_every_claim_fails_on_what_refutes_it(tmp_path_factory, trained):
    refuted = sweep(
        tmp_path_factory,
        trained,
        solved={"sigmoid": 0.59, "tanh": 0.59, "relu": 0.59},
        wide=dict.fromkeys(WIDE, 20),
        deep=dict.fromkeys(DEEP, 60.0),
        spoil=lambda config, arrays: (spoil(config, arrays), narrow(config, arrays)),
    )
    found = lesson_sweeps.verdicts(activation.claims(refuted))
    assert [sentence for sentence, holds in found.items() if holds] == []


def narrow(config, arrays):
    """Width does nothing for relu."""
    if config.activation == "relu" and config.dataset == "xor" and config.width > 2:
        arrays["final/solved"] = np.arange(config.seeds) < 0.59 * config.seeds


@pytest.mark.parametrize(("N", "L", "p"), [(1, 1, 0.5), (2, 1, 0.25), (2, 5, 1 - 0.75**5)])
def test_the_chance_of_a_dead_layer_by_hand(N, L, p):
    assert activation.chance(N, L) == p


def test_the_figure_shows_five_surfaces_and_two_laws(data):
    fig = activation.draw(data)
    surfaces, (rates, dead) = fig.subfigs[0].axes, fig.subfigs[1].axes
    titles = [ax.get_title(loc="left").split()[0] for ax in surfaces]
    assert titles == list(activation.KINDS)
    assert all(len(ax.images) == 1 for ax in surfaces)
    labels = [text.get_text() for text in rates.get_legend().get_texts()]
    assert labels == ["relu", "tanh", "sigmoid", "identity", "step"]
    assert len(dead.containers) == 3
    saving.close(fig)
