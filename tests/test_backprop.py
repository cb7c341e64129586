"""Each wrong way back is the mistake that its name says, and the right one is right."""

import numpy as np
import pytest
from support.configurations import config, differing, train
from support.tolerances import GRADIENT, PARITY

from experiments.errors import ConfigError
from experiments.workbook import net_mistakes, reference
from scratchml.backprop import BACKPROP
from scratchml.diagnostics import gradient_error
from scratchml.evaluation import Evaluation
from scratchml.losses import LOSSES
from scratchml.mlp import MLP
from scratchml.parameters import count, views

pytestmark = pytest.mark.errstate(under="ignore")

X, Y = np.array(reference.XOR_X), np.array(reference.XOR_Y)


def nets(backprop, sizes=(2, 2, 1), loss="cross_entropy"):
    model = MLP(sizes, "sigmoid", "sigmoid", backprop=backprop)
    theta = np.random.default_rng(0).uniform(-1.0, 1.0, (5, count(model.shapes)))
    Y_all = Y[:, None] * np.ones(sizes[-1])
    return Evaluation(model, LOSSES["sigmoid", loss], theta, X, Y_all, np.zeros((5, 1)))


def mistake(table, words):
    (found,) = (one.f for one in table if one.name.startswith(words))
    return found


HIDDEN, GRADIENTS = net_mistakes.HIDDEN_DELTA, net_mistakes.GRADIENTS
# Ways back that the workbook's teacher knows, too: its formulas are written for one net by hand.
SAME = {
    "exact": {},
    "no_slope": {"hidden_delta": mistake(HIDDEN, "the derivative of the activation is left out")},
    "slope_of_output": {"hidden_delta": mistake(HIDDEN, "the derivative is taken at a1")},
    "sign_feedback": {"hidden_delta": mistake(HIDDEN, "only the sign of W2 counts")},
    "no_hidden_bias": {"gradients": mistake(GRADIENTS, "the hidden biases b1 have no gradient")},
    "transposed": {"gradients": mistake(GRADIENTS, "the gradient of W1 is transposed")},
    "frozen": {"gradients": net_mistakes.changed(dW1=net_mistakes.zero, db1=net_mistakes.zero)},
}


@pytest.mark.parametrize("backprop", SAME)
def test_it_is_the_mistake_that_the_workbooks_teacher_knows(backprop):
    found = nets(backprop)
    ours = views(found.gradient, found.model.shapes)
    for r in range(5):
        W1, b1, W2, b2 = (found.net[name][r] for name in ("W1", "b1", "W2", "b2"))
        weights = W1, b1[0], W2[:, 0], b2[0, 0]
        dW1, db1, dW2, db2 = reference.Net(**SAME[backprop]).mean(weights, X, Y)
        for name, theirs in {"W1": dW1, "b1": [db1], "W2": dW2[:, None], "b2": [[db2]]}.items():
            np.testing.assert_allclose(ours[name][r], theirs, rtol=PARITY, atol=1e-16)


def test_random_feedback_goes_back_through_weights_that_stay():
    found = nets("random_feedback")
    instead = nets("exact")
    ours = views(found.gradient, found.model.shapes)
    # The right gradient of a net whose W2 is F2 on the way back alone, by hand.
    net, (Z, cache) = found.net, found.forward
    dZ = instead.loss.gradient(Z, found.Y)
    A, Z1 = cache[1][0], cache[0][1]
    dZ1 = dZ @ net["F2"].mT * A * (1.0 - A)
    np.testing.assert_allclose(ours["W1"], X.T @ dZ1, rtol=PARITY)
    assert (ours["F2"] == 0.0).all() and Z1.shape == dZ1.shape
    start, end = (train(config(backprop="random_feedback", epochs=e)) for e in (0, 50))
    assert np.array_equal(start["weights/F2"], end["weights/F2"])
    assert not np.array_equal(start["weights/W1"], end["weights/W1"])


def test_all_ways_start_from_the_same_weights():
    starts = [train(config(backprop=name, epochs=0)) for name in BACKPROP]
    for name in ("W1", "b1", "W2", "b2"):
        weights = [arrays[f"weights/{name}"] for arrays in starts]
        assert all(np.array_equal(weights[0], other) for other in weights)


@pytest.mark.parametrize("sizes", [(2, 2, 1), (2, 2, 2, 3)])
@pytest.mark.parametrize("backprop", BACKPROP)
def test_a_check_by_differences_tells_right_from_wrong(backprop, sizes):
    errors = gradient_error(nets(backprop, sizes))
    if backprop == "exact":
        assert errors.max() < GRADIENT
    else:
        assert errors.min() > 1e-4


def test_a_check_means_nothing_at_a_point_without_slope_and_is_0_there():
    found = nets("exact").at(np.zeros((5, 9)))
    assert (gradient_error(found) == 0.0).all()


def test_it_is_a_knob_with_its_own_runs_and_the_right_way_goes_without_saying():
    right, wrong = config(), config(backprop="frozen")
    assert "backprop" not in right.canonical() and right.fingerprint() != wrong.fingerprint()
    assert "backprop=frozen" in wrong.name()
    both = train(right, wrong)
    assert not differing(both[0], train(right)) and not differing(both[1], train(wrong))
    assert not differing(train(config(backprop="random_feedback", seeds=3)), train(
        config(backprop="random_feedback", seeds=3), size=2))  # fmt: skip


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"model": "logistic", "backprop": "frozen"}, "backprop=frozen needs hidden layers"),
        ({"depth": 0, "backprop": "no_slope"}, "backprop=no_slope needs hidden layers"),
        ({"width": 3, "backprop": "transposed"}, "needs as many hidden units as inputs"),
        ({"model": "sklearn_mlp", "backprop": "frozen"}, "backprop has no meaning"),
    ],
)
def test_knobs_that_do_not_go_together_are_refused(knobs, said):
    with pytest.raises(ConfigError, match=said):
        config(**knobs)
