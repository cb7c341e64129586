"""The claims on what fit() decides, on a real sweep of two seeds, and on faults in it."""

import dataclasses
import json

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


def refuted(data):
    return [claim.sentence for claim in lesson.claims(data) if not claim.holds]


def test_real_nets_uphold_every_claim(data):
    assert refuted(data) == []


def is_peer(run, model, parameters, dataset="breast_cancer"):
    written = json.dumps(parameters) if parameters else None
    same = run.sklearn == written or (written is None and not isinstance(run.sklearn, str))
    return run.model == f"sklearn_{model}" and run.dataset == dataset and same


def off(model, dataset, optimizer):
    def fault(run, arrays):
        if (run.model, run.dataset, run.optimizer) == (model, dataset, optimizer):
            arrays["weights/W1"][0, 0, 0] += 2e-5

    return fault


def no_choice(before, after, model):
    """As if the change had not changed anything."""

    def fault(run, arrays):
        if is_peer(run, model, after):
            arrays |= {n: array for n, array in before.items() if n.startswith("weights/")}

    return fault


def worse(run, arrays):
    if run.model == "mlp":
        arrays["final/train/loss"] *= 1.5


def stops_early(run, arrays):
    if is_peer(run, "mlp", {}):
        arrays["final/epochs"][1] = 150


def finite_solution(run, arrays):
    if is_peer(run, "logistic", {"C": float("inf"), "tol": 1e-10}, "and"):
        arrays["final/weight_norm"] -= 20.0


@pytest.mark.parametrize(
    "fault, sentences",
    (
        (off("logistic", "breast_cancer", "sgd"), ["By gradient descent"]),
        (off("logistic", "breast_cancer", "newton"), ["By Newton"]),
        (off("logistic", "and", "newton"), ["So they do on AND"]),
        (off("logistic", "digits", "momentum"), ["So they do on AND"]),
        (worse, ["Our net with the choices"]),
        (stops_early, ["MLPClassifier's own number"]),
        (finite_solution, ["On AND without penalty"]),
    ),
)
def test_a_fault_refutes_what_it_is_about_and_nothing_else(data, fault, sentences):
    wrong = refuted(planted.plant(data, fault))
    assert len(wrong) == len(sentences)
    assert all(one.startswith(part) for one, part in zip(wrong, sentences, strict=True))


@pytest.mark.parametrize("default", lesson.DEFAULTS, ids=lambda d: f"{d[1]}-{d[0]}")
def test_a_default_that_changed_nothing_would_be_noticed(data, default):
    name, model, *_, before, after = default
    same = lesson.peer(data, model, before, **lesson.CANCER).arrays()
    fault = no_choice(same, after, model)
    wrong = [one for one in refuted(planted.plant(data, fault)) if one.startswith("The ")]
    assert len(wrong) == 1
    assert wrong[0].startswith(f"The {name} was fit()'s choice: {lesson.ESTIMATORS[model]}")


def test_a_tolerance_that_leads_to_the_solution_would_be_noticed(data):
    exact = lesson.peer(data, "logistic", lesson.EXACT, **lesson.CANCER).arrays()
    fault = no_choice(exact, {}, "logistic")
    assert any(
        one.startswith("With the tolerance that") for one in refuted(planted.plant(data, fault))
    )


def test_the_figure_shows_all_ways_to_the_solution_and_a_bar_for_each_default(data):
    fig = lesson.draw(data)
    distance, defaults, growth = fig.axes
    labels = {line.get_label() for line in distance.lines}
    assert {"gradient descent", "momentum", "Newton", "theirs (lbfgs)"} <= labels
    bars = [bar for bar in defaults.patches if bar.get_width() > 0]
    widths = [bar.get_width() for bar in bars]
    assert len(bars) == len(lesson.DEFAULTS) and widths == sorted(widths)
    assert len(growth.texts) == len(lesson.unpenalized(data))
