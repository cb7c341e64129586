"""The claims on penalty and stopping, on a real sweep of 40 features, and on faults in it."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from support import lesson_sweeps, planted

from analysis import measures
from analysis.lessons import regularization as lesson

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The same problem with 40 features, in the same proportions, and more nets."""
    jobs = [
        dataclasses.replace(job, n_features=40, n_samples=job.n_samples * 2 // 5,
                            seeds=100 if job.noise else 20)
        for job in lesson_sweeps.configs("regularization")
    ]  # fmt: skip
    return lesson_sweeps.sweep(tmp_path_factory, "regularization", jobs)


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def best_elsewhere(n):
    """The fault that half the right penalty comes out a little better."""

    def fault(cells):
        table = cells.penalized[True][n]
        table[0.1] = 0.97 * table[cells.best]

    return fault


def worse_on_the_way(cells):
    for path in cells.paths[True].values():
        path *= 2.0


def no_overfitting(cells):
    cells.paths[True][cells.d].iloc[:, -1] = 0.1


def clean_penalty_helps(cells):
    for table in cells.penalized[False].values():
        table[cells.best] = -1.0


def clean_end_is_worse(cells):
    for path in cells.paths[False].values():
        path.iloc[:, -1] = 5.0


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        **{best_elsewhere(n): [f"n/d = {n / cells.d:g}:"] for n in cells.penalized[True]},
        worse_on_the_way: ["Stopped at time t"], no_overfitting: ["At n = d"],
        clean_penalty_helps: ["Without noise no penalty"],
        clean_end_is_worse: ["Without noise the end"],
    })  # fmt: skip


def test_a_risk_between_two_records_lies_on_a_line_in_the_logarithm_of_time():
    path = pd.DataFrame([[9.0, 4.0, 2.0], [9.0, 0.0, 1.0]], columns=[0.0, 1.0, 100.0])
    np.testing.assert_allclose(measures.at(10.0, path), [3.0, 0.5], rtol=1e-12)


def test_the_figure_shows_each_size_twice_and_rings_the_best(cells):
    best, both, peak, clean = lesson.draw(cells).axes
    assert best.get_legend_handles_labels()[1][1:] == ["n/d = 0.5", "n/d = 1", "n/d = 2"]
    rings = [line for line in best.lines if line.get_markerfacecolor() == "none"]
    assert len(rings) == 3
    for ax in (both, clean):
        labels = ax.get_legend_handles_labels()[1]
        assert len(labels) == 6 and sum("penalty" in label for label in labels) == 3
    assert peak.collections  # the band
