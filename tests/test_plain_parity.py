"""The arrays compute what the plain lists compute: `scratchml/plain.py`, followed step by step."""

import numpy as np
import pytest
from support.tolerances import PARITY

from scratchml import plain
from scratchml.logistic import Logistic
from scratchml.mlp import MLP
from scratchml.parameters import count
from scratchml.perceptron import Perceptron
from scratchml.sampling import Data
from scratchml.training import Plan, Trainer

EPOCHS = 40
EXAMPLES = {
    "and": plain.AND,
    "xor": plain.XOR,
    "scattered": [
        ((0.3, -1.2), 0), ((2.5, 0.1), 1), ((-0.7, -0.4), 1), ((1.1, 1.9), 0), ((-2.0, 0.8), 1),
    ],
}  # fmt: skip


def paths(model, theta, examples, loss, lr, batch_size):
    """name -> (R, T, ...): the weights of R nets before training and after each epoch."""
    X, y = (np.array(column, dtype=float) for column in zip(*examples, strict=True))
    plan = Plan(
        loss=loss, optimizer="sgd", epochs=EPOCHS, lr=lr, momentum=0.0, l2=0.0,
        batch_size=batch_size, records=EPOCHS + 1, paths=True,
    )  # fmt: skip
    trainer = Trainer(model, theta, Data("binary", X, y[:, None]), plan, [None] * len(theta))
    assert list(trainer.run()) == list(range(EPOCHS + 1))
    arrays = trainer.arrays()
    return {name: arrays[f"path/{name}"] for name in model.shapes}, arrays


def starts(model, nets=3, seed=0):
    return np.random.default_rng(seed).uniform(-1.0, 1.0, (nets, count(model.shapes)))


def near(ours, theirs):
    return ours == pytest.approx(np.array(theirs, dtype=float), rel=PARITY, abs=PARITY)


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("lr", [1.0, 0.3])
def test_perceptrons_take_the_same_steps_and_make_the_same_mistakes(name, lr):
    theta = starts(Perceptron(2))
    theta[0] = 0.0
    path, arrays = paths(Perceptron(2), theta, EXAMPLES[name], "perceptron", lr, batch_size=1)
    for net, (w1, w2, b) in enumerate(theta):
        model = plain.Perceptron((w1, w2), b)
        mistakes = []
        for epoch in range(EPOCHS + 1):
            assert near(path["W1"][net, epoch, :, 0], model.w)
            assert near(path["b1"][net, epoch, 0, 0], model.b)
            mistakes += model.train(EXAMPLES[name], lr) if epoch < EPOCHS else []
        assert arrays["final/mistakes"][net] == sum(mistakes)
        assert arrays["final/clean_epochs"][net] == mistakes.count(0)
    assert arrays["final/mistakes"].all()


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("lr", [1.0, 0.3])
def test_logistic_regressions_take_the_same_steps(name, lr):
    theta = starts(Logistic(2))
    path, arrays = paths(Logistic(2), theta, EXAMPLES[name], "cross_entropy", lr, batch_size=None)
    for net, (w1, w2, b) in enumerate(theta):
        model = plain.Logistic((w1, w2), b)
        for epoch in range(EPOCHS + 1):
            assert near(path["W1"][net, epoch, :, 0], model.w)
            assert near(path["b1"][net, epoch, 0, 0], model.b)
            assert near(arrays["curve/train/loss"][net, epoch], model.loss(EXAMPLES[name]))
            model.train(EXAMPLES[name], lr)
    assert np.ptp(path["W1"][:, :, 0, 0], axis=1).all()


@pytest.mark.parametrize("online", [False, True], ids=["full batch", "example by example"])
@pytest.mark.parametrize("squared", [False, True], ids=["cross entropy", "squared error"])
@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("hidden", [2, 5])
def test_nets_take_the_same_steps(name, hidden, squared, online):
    shape = MLP((2, hidden, 1), "sigmoid", "sigmoid")
    loss = "squared_error" if squared else "cross_entropy"
    path, arrays = paths(
        shape, starts(shape), EXAMPLES[name], loss, lr=0.5, batch_size=1 if online else None
    )
    for net in range(3):
        first = {parameter: values[net, 0] for parameter, values in path.items()}
        model = plain.Net(
            first["W1"].tolist(), first["b1"][0].tolist(), first["W2"][:, 0].tolist(),
            first["b2"].item(),
        )  # fmt: skip
        for epoch in range(EPOCHS + 1):
            assert near(path["W1"][net, epoch], model.W1)
            assert near(path["b1"][net, epoch, 0], model.b1)
            assert near(path["W2"][net, epoch, :, 0], model.W2)
            assert near(path["b2"][net, epoch, 0, 0], model.b2)
            theirs = model.loss(EXAMPLES[name], squared)
            assert near(arrays["curve/train/loss"][net, epoch], theirs)
            model.train(EXAMPLES[name], 0.5, online=online, squared=squared)
    assert all(np.ptp(values, axis=1).all() for values in path.values())


def test_another_rate_or_order_would_be_noticed():
    shape = MLP((2, 2, 1), "sigmoid", "sigmoid")
    given = paths(shape, starts(shape), plain.XOR, "cross_entropy", 0.5, batch_size=1)[0]
    rate = paths(shape, starts(shape), plain.XOR, "cross_entropy", 0.5 + 1e-9, batch_size=1)[0]
    order = paths(shape, starts(shape), plain.XOR[::-1], "cross_entropy", 0.5, batch_size=1)[0]
    assert not near(rate["W1"][:, 1], given["W1"][:, 1])
    assert not near(order["W1"][:, 1], given["W1"][:, 1])
