"""XOR's claims come out on a small sweep of its own, and fail on what would refute them."""

import dataclasses

import numpy as np
import pytest
from support import lesson_sweeps

from analysis.figures import saving
from analysis.lessons import xor

pytestmark = pytest.mark.errstate(under="ignore")

PERIOD = "In the end an epoch leaves the weights exactly where they were: period one epoch"
CYCLES = "It does not diverge, it cycles: all four rows are wrong and the last undoes the rest"


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    jobs = lesson_sweeps.configs("xor")
    jobs = [dataclasses.replace(job, seeds=min(job.seeds, 240)) for job in jobs]
    return lesson_sweeps.sweep(tmp_path_factory, "xor", jobs)


def test_every_claim_holds(data):
    assert all(lesson_sweeps.verdicts(xor.claims(data)).values())


def test_nets_that_are_stopped_early_have_not_settled(tmp_path_factory):
    jobs = lesson_sweeps.configs("xor", epochs=12, seeds=100)
    found = lesson_sweeps.verdicts(xor.claims(lesson_sweeps.sweep(tmp_path_factory, "xor", jobs)))
    assert not found[PERIOD]


@pytest.mark.parametrize(
    "fault, refuted",
    (
        ("a step in the last epoch", (PERIOD, CYCLES)),
        ("an accuracy of 1", ("No line gets more than 3/4 of XOR right",)),
    ),
)
def test_a_fault_in_the_runs_refutes(data, monkeypatch, fault, refuted):
    true = type(data).arrays

    def arrays(self, run_id=None):
        found = dict(true(self, run_id))
        if fault.startswith("a step"):
            found["path/W1"] = np.array(found["path/W1"])
            found["path/W1"][0, -1] += 1.0
        else:
            found["curve/train/accuracy"] = np.ones_like(found["curve/train/accuracy"])
        return found

    monkeypatch.setattr(type(data), "arrays", arrays)
    found = lesson_sweeps.verdicts(xor.claims(data))
    assert [found[sentence] for sentence in refuted] == [False] * len(refuted)


def test_a_lap_follows_the_rule_step_by_step(data):
    run = data.select(dataset="xor", init="zero", coding="binary")
    # From (-1, 0, 1), rows in counting order, by hand:
    by_hand = [(-1, 0, 1), (-1, 0, 0), (-1, 1, 1), (0, 1, 2), (-1, 0, 1)]
    np.testing.assert_array_equal(xor.lap((-1, 0, 1), run.examples()), by_hand)


def test_the_settling_epoch_is_the_last_that_moved():
    path = np.zeros((3, 6, 1))
    path[1, 2:] = 1.0
    path[2, 5:] = 1.0
    np.testing.assert_array_equal(xor.settling(path), [0, 2, 5])


def test_the_figure_shows_four_lines_a_loop_and_a_point(data):
    fig = xor.draw(data)
    steps, (orbit, path) = fig.subfigs[0].axes, fig.subfigs[1].axes
    assert [ax.get_title("left")[0] for ax in steps] == list("1234")
    assert [text.get_text().strip() for text in orbit.texts] == list("1234")
    assert not path.texts
    loop = np.array(orbit.lines[1].get_data_3d()).T
    np.testing.assert_array_equal(loop[0], loop[-1])
    saving.close(fig)
