"""The plain models are right: steps worked by hand, gradients against differences of the loss."""

import copy
import itertools
import math
import random

import pytest

from scratchml import plain
from scratchml.plain import AND, XOR, Logistic, Net, Perceptron

LN3 = math.log(3)  # sigmoid(ln 3) = 3/4, so everything below can be done with pencil and paper


def close(values):
    return pytest.approx(values, rel=1e-12, abs=1e-14)


def hand_net():
    """On x = (1, 2): z1 = (0, ln 3), a1 = (1/2, 3/4), z2 = 2 + 6 + (ln 3 - 8), p = 3/4."""
    return Net(W1=[[0.0, LN3], [0.0, 0.0]], b1=[0.0, 0.0], W2=[4.0, 8.0], b2=LN3 - 8.0)


def test_forward_by_hand():
    a1, z2 = hand_net().forward((1, 2))
    assert a1 == close([1 / 2, 3 / 4])
    assert z2 == close(LN3)
    assert hand_net().predict((1, 2)) == close(3 / 4)
    assert hand_net().loss([((1, 2), 1)]) == close(-math.log(3 / 4))
    assert hand_net().loss([((1, 2), 0)]) == close(-math.log(1 / 4))
    assert hand_net().loss([((1, 2), 1)], squared=True) == close(1 / 32)


def test_a_backpropagation_step_by_hand():
    # y = 1:   dz2 = p - y = -1/4
    # dW2 = dz2 a1 = (-1/8, -3/16)
    # dz1 = dz2 W2 a1 (1 - a1) = (-1/4 * 4 * 1/4, -1/4 * 8 * 3/16) = (-1/4, -3/8)
    # dW1 = x dz1 = ((-1/4, -3/8), (-1/2, -3/4))
    net = hand_net()
    dW1, db1, dW2, db2 = net.gradient([((1, 2), 1)])
    assert dW1[0] == close([-1 / 4, -3 / 8])
    assert dW1[1] == close([-1 / 2, -3 / 4])
    assert db1 == close([-1 / 4, -3 / 8])
    assert dW2 == close([-1 / 8, -3 / 16])
    assert db2 == close(-1 / 4)
    net.train([((1, 2), 1)], lr=2.0)
    assert net.W1[0] == close([1 / 2, LN3 + 3 / 4])
    assert net.W1[1] == close([1, 3 / 2])
    assert net.b1 == close([1 / 2, 3 / 4])
    assert net.W2 == close([4 + 1 / 4, 8 + 3 / 8])
    assert net.b2 == close(LN3 - 8 + 1 / 2)


def test_squared_error_takes_the_same_step_times_the_slope():
    slope = 3 / 4 * (1 - 3 / 4)
    ours = hand_net().gradient([((1, 2), 1)], squared=True)
    for squared, cross in zip(ours, hand_net().gradient([((1, 2), 1)]), strict=True):
        assert flat(squared) == close([slope * g for g in flat(cross)])


def test_a_logistic_step_by_hand():
    # x = (1, 2): z = ln 3, p = 3/4.   y = 0: dz = 3/4.   w - 2 * 3/4 * (1, 2), b - 2 * 3/4
    model = Logistic([LN3, 0.0])
    model.train([((1, 2), 0)], lr=2.0)
    assert model.w == close([LN3 - 3 / 2, -3])
    assert model.b == close(-3 / 2)


def test_a_perceptron_epoch_by_hand():
    # From zero, z = 0 says 0, so AND's only mistake is the last: w = (1, 1), b = 1.
    # Next epoch: (0,0) says 1: b = 0.  (0,1) says 1: w = (1, 0), b = -1.  (1,0) has z = 0: right.
    #             (1,1) has z = 0 and says 0: w = (2, 1), b = 0.
    model = Perceptron()
    assert model.train(AND) == [1]
    assert (model.w, model.b) == ([1, 1], 1)
    assert model.train(AND) == [3]
    assert (model.w, model.b) == ([2, 1], 0)


def flat(values):
    """All numbers in nested lists, in order."""
    return [n for v in values for n in flat(v)] if isinstance(values, list | tuple) else [values]


def shifted(values, steps):
    """The same nested lists with the next of `steps` added to every number."""
    nested = isinstance(values, list)
    return [shifted(v, steps) for v in values] if nested else values + next(steps)


def differences(model, loss, h=1e-5):
    """(loss(w + h) - loss(w - h)) / 2h for every weight w: models hold weights and nothing else."""
    slopes = []
    for i in range(len(flat(list(vars(model).values())))):
        sides = []
        for h_i in (h, -h):
            moved = copy.copy(model)
            steps = (h_i if j == i else 0.0 for j in itertools.count())
            vars(moved).update({k: shifted(v, steps) for k, v in vars(model).items()})
            sides.append(loss(moved))
        slopes.append((sides[0] - sides[1]) / (2 * h))
    return slopes


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize(("D", "H"), [(2, 2), (1, 1), (3, 4)])
def test_the_nets_gradient_is_the_slope_of_its_loss(D, H, squared):
    rng = random.Random(0)
    net = Net.random(rng, D, H)
    examples = [([rng.gauss(0, 1) for _ in range(D)], n % 2) for n in range(5)]
    numeric = differences(net, lambda net: net.loss(examples, squared))
    assert flat(net.gradient(examples, squared)) == pytest.approx(numeric, rel=1e-6, abs=1e-9)


def test_the_logistic_gradient_is_the_slope_of_its_loss():
    model = Logistic([0.3, -0.8], 0.1)
    numeric = differences(model, lambda model: model.loss(XOR))
    assert flat(model.gradient(XOR)) == pytest.approx(numeric, rel=1e-6, abs=1e-9)


def test_a_wrong_gradient_would_be_noticed():
    class Wrong(Net):
        def gradient(self, examples, squared=False):
            dW1, db1, dW2, db2 = super().gradient(examples, squared)
            dW1[1][0] *= 1.001
            return dW1, db1, dW2, db2

    net = Wrong.random(random.Random(0))
    numeric = differences(net, lambda net: net.loss(XOR))
    assert flat(net.gradient(XOR)) != pytest.approx(numeric, rel=1e-6, abs=1e-9)


def test_the_perceptron_learns_and_in_every_order_within_novikoffs_bound():
    for examples in itertools.permutations(AND):
        model = Perceptron()
        mistakes = model.train(examples, epochs=100)
        assert mistakes[-1] == 0 and 0 not in mistakes[:-1]
        assert [model.predict(x) for x, _ in AND] == [y for _, y in AND]
        # (R / gamma)^2: R^2 = 3 with the bias as an input of 1, and gamma^2 = 1/17 for AND.
        assert sum(mistakes) <= 51


def test_no_perceptron_epoch_on_xor_is_without_mistakes():
    for examples in itertools.permutations(XOR):
        assert 0 not in Perceptron().train(examples, epochs=200)


def test_logistic_regression_answers_one_half_on_xor_and_learns_and():
    model = Logistic([2.0, -1.0], 0.5)
    model.train(XOR, epochs=3000)
    assert [model.predict(x) for x, _ in XOR] == pytest.approx([0.5] * 4, abs=1e-6)
    assert model.loss(XOR) == pytest.approx(math.log(2), abs=1e-12)
    model.train(AND, epochs=3000)
    assert [round(model.predict(x)) for x, _ in AND] == [y for _, y in AND]


@pytest.mark.parametrize("online", [False, True])
def test_training_in_two_parts_is_training_once(online):
    once = Net.random(random.Random(3))
    twice = copy.deepcopy(once)
    once.train(XOR, lr=0.5, epochs=7, online=online)
    twice.train(XOR, lr=0.5, epochs=3, online=online)
    twice.train(XOR, lr=0.5, epochs=4, online=online)
    assert vars(once) == vars(twice)


def test_online_is_one_step_for_each_example_in_the_order_given():
    net = Net.random(random.Random(3))
    by_hand = copy.deepcopy(net)
    net.train(XOR, lr=0.5, online=True)
    for example in XOR:
        by_hand.train([example], lr=0.5)
    assert vars(net) == vars(by_hand)


def test_models_do_not_share_their_starting_weights():
    start = [[1.0, 2.0], [3.0, 4.0]], [0.0, 0.0], [1.0, -1.0], 0.0
    first, second = Net(*start), Net(*start)
    untrained = copy.deepcopy(vars(second))
    first.train(XOR)
    assert vars(second) == untrained != vars(first)


def test_a_net_is_drawn_from_the_given_generator_only():
    state = random.getstate()
    assert vars(Net.random(random.Random(5))) == vars(Net.random(random.Random(5)))
    assert vars(Net.random(random.Random(5))) != vars(Net.random(random.Random(6)))
    assert random.getstate() == state


@pytest.mark.parametrize("z", [0.0, 30.0, 800.0, 1e9])
def test_extreme_logits_neither_overflow_nor_lose_the_loss(z):
    assert plain.sigmoid(z) + plain.sigmoid(-z) == 1.0
    assert (
        plain.cross_entropy(z, 0)
        == plain.cross_entropy(-z, 1)
        == pytest.approx(z + math.log1p(math.exp(-z)), rel=1e-15)
    )
    assert plain.cross_entropy(z, 1) == math.log1p(math.exp(-z))


def test_main_prints_what_each_model_learned(capsys):
    plain.main()
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == "AND 0 0 0 1 1 0 1 1".split()
    answers = {}
    for line in lines:
        name = line[:44].strip()
        answers["XOR " + name if "XOR" in answers else name] = line[44:].split()
    assert answers["perceptron: learned"] == ["0", "0", "0", "1"]
    assert answers["XOR perceptron: 4 mistakes an epoch"] != ["0", "1", "1", "0"]
    assert answers["XOR logistic regression: loss 0.6931"] == ["0.5"] * 4
    before, after, other_before, trapped = list(answers.values())[-4:]
    assert all(0.35 < float(p) < 0.65 for p in before + other_before)
    assert [round(float(p)) for p in after] == [0, 1, 1, 0]
    assert max(abs(float(p) - round(float(p))) for p in after) < 0.01
    assert any(abs(float(p) - 0.5) < 0.1 for p in trapped)
