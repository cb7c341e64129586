"""The claims of logistic regression come out on a small sweep of its own, and can fail."""

import dataclasses

import numpy as np
import pytest
from support import lesson_sweeps

from analysis.figures import saving
from analysis.lessons import logistic

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    jobs = lesson_sweeps.configs("logistic")
    few = [job if job.dataset == "blobs" else dataclasses.replace(job, seeds=4) for job in jobs]
    return lesson_sweeps.sweep(tmp_path_factory, "logistic", few)


def refuted(data):
    return {claim.sentence for claim in logistic.claims(data) if not claim.holds}


def test_every_claim_holds(data):
    assert refuted(data) == set()


def test_another_edge_is_refuted(data, monkeypatch):
    monkeypatch.setitem(logistic.EDGES, "binary", 5.2)
    (sentence,) = refuted(data)
    assert sentence.startswith("The edge is lr = 2 / lambda_max")


def test_nets_that_have_not_arrived_refute(data, monkeypatch):
    true = logistic.outputs
    monkeypatch.setattr(logistic, "outputs", lambda run: true(run) + 1e-5)
    assert any(sentence.startswith("Below the edge every start") for sentence in refuted(data))


def test_a_third_state_is_no_cycle(data, monkeypatch):
    true = logistic.plane.states

    def states(arrays, prefix="path"):
        found = true(arrays, prefix)
        return found * np.linspace(1.0, 1.1, found.shape[1])[:, None] if prefix == "path" else found

    monkeypatch.setattr(logistic.plane, "states", states)
    assert any(sentence.startswith("Above the edge") for sentence in refuted(data))


@pytest.mark.parametrize("factor", (0.6, 1.7))
def test_too_sure_or_not_sure_enough_is_not_calibrated(data, monkeypatch, factor):
    p, y = logistic.held_out(data.select(dataset="blobs"))
    logits = np.log(p) - np.log1p(-p)
    shifted = 1.0 / (1.0 + np.exp(-factor * logits))
    monkeypatch.setattr(logistic, "held_out", lambda run: (shifted, y))
    assert any(sentence.startswith("On two clouds") for sentence in refuted(data))


def test_a_bin_holds_what_was_said_and_what_came():
    p, y = np.array([0.02, 0.04, 0.55, 1.0]), np.array([0.0, 1.0, 1.0, 1.0])
    assert logistic.reliability(p, y) == [
        (pytest.approx(0.03), 1, 2), (0.55, 1, 1), (1.0, 1, 1)
    ]  # fmt: skip


def test_the_figure_has_its_edge_its_diagonal_and_both_branches(data):
    fig = logistic.draw(data)
    surface, reliability, growth, edge = fig.axes[:4]
    dashed = [line for line in edge.lines if line.get_linestyle() == "--"]
    assert [set(line.get_xdata()) for line in dashed] == [{1.0}]
    for line in edge.lines[:2]:
        lr, p = line.get_data()
        assert np.allclose(p[lr < 1.0], 0.5, atol=1e-6)
        assert p[lr == 2.0].min() < 0.1 and p[lr == 2.0].max() > 0.9
    assert surface.images and len(reliability.containers) == 1
    assert {text.get_text() for text in growth.texts} == {"loss on XOR", "loss on AND"}
    saving.close(fig)
