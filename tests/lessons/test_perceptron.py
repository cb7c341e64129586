"""The perceptron's claims come out on its own sweep, and fail where they should."""

from itertools import islice

import pytest
from support import lesson_sweeps

from analysis import margin
from analysis.figures import saving
from analysis.lessons import perceptron

pytestmark = pytest.mark.errstate(under="ignore")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """The whole sweep; of three inputs all tables, but in two orders."""
    jobs = lesson_sweeps.configs("perceptron", lambda k: k["inputs"] == 2)
    jobs += lesson_sweeps.configs("perceptron", lambda k: k["inputs"] == 3, seeds=2)
    return lesson_sweeps.sweep(tmp_path_factory, "perceptron", jobs)


def test_every_claim_holds(data):
    assert all(lesson_sweeps.verdicts(perceptron.claims(data)).values())


@pytest.fixture(autouse=True)
def forgotten():
    perceptron.tables.cache_clear()


def test_a_net_that_stopped_before_the_bound_proves_nothing(tmp_path_factory):
    jobs = lesson_sweeps.configs("perceptron", lambda k: k["inputs"] == 2, epochs=40)
    frame = perceptron.tables(lesson_sweeps.sweep(tmp_path_factory, "perceptron", jobs))
    assert frame.learned.sum() == 28
    assert not perceptron.counted(frame, inputs=2, expected=14).holds  # 40 epochs, a bound of 51


def test_one_table_more_or_less_is_a_claim_that_fails(data):
    frame = perceptron.tables(data)
    frame.loc[frame.table == 6, "learned"] = True
    assert not perceptron.counted(frame, inputs=2, expected=14).holds


def test_a_mistake_too_many_is_a_counter_example(data, monkeypatch):
    monkeypatch.setattr(margin, "bound", lambda X, Y, true=margin.bound: (true(X, Y) or 0.0) / 2)
    found = lesson_sweeps.verdicts(perceptron.claims(data))
    assert not found["No perceptron makes more than (R/gamma)^2 mistakes"]


def test_the_figure_shows_each_table_and_each_epoch(data):
    fig = perceptron.draw(data)
    small_planes, (bounds, plane) = fig.subfigs[0].axes, fig.subfigs[1].axes
    assert len(small_planes) == 16
    without = [ax.get_title(loc="center") for ax in small_planes if not ax.lines]
    assert without == ["XOR", "XNOR"]
    path, _ = perceptron.longest(data.select(paths=True))
    assert len(plane.lines) == len(path) - 1 == len(plane.get_legend().get_texts())
    assert len(bounds.collections) == 3 and bounds.lines[0].get_linestyle() == "--"
    saving.close(fig)


def test_the_line_turns_after_the_first_epoch(data):
    frames = list(islice(perceptron.animate(data), 48))
    assert len({frame.shape for frame in frames}) == 1
    assert len({frame.tobytes() for frame in frames}) > 16
