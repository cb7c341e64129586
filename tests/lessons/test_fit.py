"""The claims on what fit() decides, on a real sweep of two seeds, and on faults in it."""

import dataclasses

import pytest
from support import lesson_sweeps, planted

from analysis.lessons import fit as lesson

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    jobs = [
        dataclasses.replace(job, seeds=min(job.seeds, 2)) for job in lesson_sweeps.configs("fit")
    ]
    return lesson_sweeps.sweep(tmp_path_factory, "fit", jobs)


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def off(name):
    def fault(cells):
        cells.off[name][0] = 2e-5

    return fault


def off_elsewhere(name):
    def fault(cells):
        cells.others[name][-1] = 2e-5

    return fault


def no_choice(i):
    """The fault that a change of one default changes nothing in one net."""

    def fault(cells):
        cells.changes[i][0][1] = 0.0

    return fault


def exact_at_once(cells):
    cells.early *= 1e-6


def worse(cells):
    cells.losses[0] *= 1.5


def stops_early(cells):
    cells.used.iloc[1] = 150


def finite_solution(cells):
    loss, length = cells.unpenalized[1e-10]
    cells.unpenalized[1e-10] = loss, length - 20.0


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    planted.check(lesson, cells, {
        off("sgd"): ["By gradient descent"], off("momentum"): ["By momentum"],
        off("newton"): ["By Newton"], off_elsewhere("AND"): ["So they do on AND"],
        off_elsewhere("digits"): ["So they do on AND"], exact_at_once: ["With the tolerance"],
        worse: ["Our net with the choices"], stops_early: ["MLPClassifier's own number"],
        finite_solution: ["On AND without penalty"],
        **{no_choice(i): [f"The {name} was fit()'s choice: {lesson.ESTIMATORS[model]}"]
           for i, (name, model, *_) in enumerate(lesson.DEFAULTS)},
    })  # fmt: skip


def test_the_figure_shows_all_ways_to_the_solution_and_a_bar_for_each_default(cells):
    fig = lesson.draw(cells)
    distance, defaults, growth = fig.axes
    labels = {line.get_label() for line in distance.lines}
    assert {"gradient descent", "momentum", "Newton", "theirs (lbfgs)"} <= labels
    bars = [bar for bar in defaults.patches if bar.get_width() > 0]
    widths = [bar.get_width() for bar in bars]
    assert len(bars) == len(lesson.DEFAULTS) and widths == sorted(widths)
    assert len(growth.texts) == len(cells.unpenalized)
