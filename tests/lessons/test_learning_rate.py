"""The learning rate's claims come out on a small sweep of its own, and fail where they should."""

import copy

import numpy as np
import pytest
from support import configurations, lesson_sweeps

from analysis.figures import saving
from analysis.lessons import learning_rate

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


@pytest.fixture(scope="module")
def trained():
    configs = jobs()
    return configs, configurations.train(*configs)


def sweep(tmp_path_factory, trained, spoil=lambda config, arrays: None, ratio=1.0):
    """The lesson's data; sharpness climbs to `ratio` times 2/lr, with a ripple."""
    configs, results = copy.deepcopy(trained)
    for config, arrays in zip(configs, results, strict=True):
        if config.dataset == "chebyshev":
            epoch = arrays["epoch"]
            climb = np.minimum(1.0, epoch / (0.5 * epoch[-1])) + 0.01 * np.cos(np.pi * epoch)
            arrays["curve/sharpness"] = np.tile(2.0 * ratio * climb / config.lr, (config.seeds, 1))
        spoil(config, arrays)
    return lesson_sweeps.sweep(tmp_path_factory, "learning_rate", configs, results)


@pytest.fixture(scope="module")
def data(tmp_path_factory, trained):
    return sweep(tmp_path_factory, trained)


def test_every_claim_holds(data):
    assert [
        s for s, holds in lesson_sweeps.verdicts(learning_rate.claims(data)).items() if not holds
    ] == []


def spoil(config, arrays):
    """One fault for each claim."""
    if config.lr_unit == "critical" and config.lr == 1.01 and config.model == "linear":
        arrays["final/lr"][1] *= 1.02
    if config.stop == "loss" and config.lr == 0.02:
        arrays["final/epochs"] //= 2
    if config.model == "perceptron" and config.lr == 10:
        arrays["final/mistakes"][1] += 1
    if config.model == "logistic" and config.lr == 100:
        arrays["final/diverged"][0] = True
    if config.width == 8:
        arrays["final/solved"][:] = False


def test_every_claim_fails_on_what_refutes_it(tmp_path_factory, trained):
    refuted = sweep(tmp_path_factory, trained, spoil, ratio=0.94)
    found = lesson_sweeps.verdicts(learning_rate.claims(refuted))
    assert [sentence for sentence, holds in found.items() if holds] == []


def test_the_edge_of_and_by_hand(data):
    """H = [[2, 1, 2], [1, 2, 2], [2, 2, 4]] / 4 for (w1, w2, b); its largest eigenvalue."""
    examples = data.examples(data.select(dataset="and", model="linear").runs.run_id[0])
    largest = np.linalg.eigvalsh(np.array([[2, 1, 2], [1, 2, 2], [2, 2, 4]]) / 4)[-1]
    assert learning_rate.edge(examples) == pytest.approx(2.0 / largest)
    assert learning_rate.edge(examples, bend=0.25) == pytest.approx(8.0 / largest)


def test_the_figure_marks_the_edges_and_what_diverged(data):
    fig = learning_rate.draw(data)
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
