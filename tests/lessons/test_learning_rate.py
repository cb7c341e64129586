"""The learning rate's claims come out on a small sweep of its own, and fail where they should."""

import numpy as np
import pytest
from support import configurations, lesson_sweeps, planted

from analysis import theory
from analysis.figures import saving
from analysis.lessons import learning_rate as lesson

pytestmark = pytest.mark.errstate(under="ignore", over="ignore")


def jobs():
    """The whole sweep with few nets; the net whose sharpness is recorded hardly trains."""

    def is_sharp(k):
        return k.get("dataset") == "chebyshev"

    def is_critical(k):
        return k.get("model") == "linear" and "lr_unit" in k and "stop" not in k

    chebyshev = lesson_sweeps.configs(
        "learning_rate", is_sharp, epochs=200, records=20, width=4, measure=[]
    )
    edges = lesson_sweeps.configs("learning_rate", is_critical, seeds=5, epochs=1500)
    others = lesson_sweeps.configs(
        "learning_rate", lambda k: not is_sharp(k) and not is_critical(k), seeds=4
    )
    return chebyshev + edges + others


def climb(config, arrays):
    """Sharpness climbs to 2/lr, with a ripple."""
    if config.dataset == "chebyshev":
        epoch = arrays["epoch"]
        climb = np.minimum(1.0, epoch / (0.5 * epoch[-1])) + 0.01 * np.cos(np.pi * epoch)
        arrays["curve/sharpness"] = np.tile(2.0 * climb / config.lr, (config.seeds, 1))


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    configs = jobs()
    results = configurations.train(*configs)
    for config, arrays in zip(configs, results, strict=True):
        climb(config, arrays)
    return lesson_sweeps.sweep(tmp_path_factory, "learning_rate", configs, results)


@pytest.fixture(scope="module")
def cells(data):
    return lesson.cells(data)


def calm_above(name):
    def fault(cells):
        cells.squares[name][1].growth[2] = -1.0

    return fault


def another_slope(cells):
    nets = cells.durations["mlp"]
    nets["epochs_used"] = nets.epochs_used * nets.lr**-0.1


def off_the_edge(cells):
    cells.stable[0.1]["curve/sharpness"] *= 0.94


def a_mistake_more(cells):
    cells.perceptrons.loc[cells.perceptrons.index[-1], "mistakes"] += 1


def it_diverges(cells):
    cells.logistic.loc[0, "diverged"] = True


def none_lands(cells):
    cells.beyond["final/solved"] = np.zeros_like(cells.beyond["final/solved"])


def test_each_fault_refutes_what_it_is_about_and_nothing_else(cells):
    every, one = "Least squares explodes above lr = 2/lambda_max, within 1 % (100", "Least squares"
    planted.check(lesson, cells, {
        calm_above("linear"): [every], calm_above("and"): [one], another_slope: ["Below the edge"],
        off_the_edge: ["Full-batch"], a_mistake_more: ["A perceptron"],
        it_diverges: ["Logistic regression"], none_lands: ["A net that starts"],
    })  # fmt: skip


def test_the_edge_of_and_by_hand(data):
    """H = [[2, 1, 2], [1, 2, 2], [2, 2, 4]] / 4 for (w1, w2, b); its largest eigenvalue."""
    examples = data.examples(data.select(dataset="and", model="linear").runs.run_id[0])
    largest = np.linalg.eigvalsh(np.array([[2, 1, 2], [1, 2, 2], [2, 2, 4]]) / 4)[-1]
    assert theory.edge(examples.X) == pytest.approx(2.0 / largest)


def test_the_figure_marks_the_edges_and_what_diverged(cells):
    fig = lesson.draw(cells)
    decades, crawling, sharp, fates = fig.axes
    crosses = [line for line in decades.lines if line.get_marker() == "X" and len(line.get_xdata())]
    (diverged,) = [line for line in crosses if line.get_xdata()[0] > 0]
    assert list(diverged.get_xdata()) == [3, 10, 30, 100]
    upright = [
        line for line in decades.lines if len(set(line.get_xdata())) == 1 < len(line.get_xdata())
    ]
    assert len(upright) == 2
    assert len([line for line in sharp.lines if line.get_linestyle() == "--"]) == 2
    assert len(crawling.get_legend().get_texts()) == 4
    assert len(fates.collections) == 3  # a band each
    saving.close(fig)
