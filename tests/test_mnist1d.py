"""MNIST-1D: the recipe step by step, and a line that is right for a third of the digits."""

import tracemalloc

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from support.configurations import composed, config
from support.tolerances import ROUNDING

from experiments.schema.sources import problem, shape
from scratchml import mnist1d
from scratchml.sampling import sample

pytestmark = pytest.mark.errstate(under="ignore")


def digits(seed=0, n=200):
    return mnist1d.mnist1d(np.random.default_rng(seed), n)


@pytest.fixture
def quiet(monkeypatch):
    """All digits alike: no noise, no slope, the usual height and place, the shortest silence."""
    for name in ("CORRELATED", "WHITE", "SLOPE", "HEIGHT"):
        monkeypatch.setattr(mnist1d, name, 0.0)
    monkeypatch.setattr(mnist1d, "SHIFT", 1)
    monkeypatch.setattr(mnist1d, "PADDING", (60, 60))


def test_the_data_set_has_ten_classes_and_a_fifth_of_5000_digits_held_out():
    found = config(dataset="mnist1d")
    assert (problem(found), shape(found)) == ("multiclass", (4000, 40, 10))
    data = sample(composed(dataset="mnist1d"), np.random.default_rng(0))
    assert data.X.shape == (4000, 40) and data.X_test.shape == (1000, 40)
    assert data.Y.sum(axis=0).tolist() == [400] * 10


def test_one_seed_gives_one_set_and_another_seed_another():
    assert all(map(np.array_equal, digits(1), digits(1)))
    assert not np.array_equal(digits(1)[0], digits(2)[0])


@pytest.mark.parametrize("block", [1, 7, 200])
def test_digits_do_not_depend_on_how_many_are_made_together(monkeypatch, block):
    X, y = digits()
    monkeypatch.setattr(mnist1d, "BLOCK", block)
    assert all(map(np.array_equal, digits(), (X, y)))


def test_digits_of_a_seed_are_those_that_were_made_all_at_once():
    X, _ = digits(n=3000)
    before = [-0.46226718707093956, 0.4880846902713142, -0.18652928805826677, 2.912256838264758]
    np.testing.assert_allclose(X[[0, 1023, 1024, 2999], [3, 17, 20, 39]], before, rtol=1e-12)


def test_a_digit_needs_about_three_times_what_is_left_of_it():
    """All at once, it needed 17 times as much."""
    tracemalloc.start()
    X, _ = digits(n=30_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3.5 * X.nbytes


def test_all_numbers_have_mean_0_and_deviation_1():
    X, _ = digits()
    np.testing.assert_allclose([X.mean(), X.std()], [0.0, 1.0], atol=ROUNDING)


def test_without_chance_a_digit_is_its_curve_and_silence(quiet):
    X, y = digits(n=20)
    assert np.array_equal(y, [*range(10)] * 2) and np.array_equal(X[:10], X[10:])
    signals = np.concatenate([mnist1d.templates(), np.zeros((10, 60))], axis=1)
    places = np.linspace(0, 71, 40)
    wanted = np.array([np.interp(places, np.arange(72), signal) for signal in signals])
    np.testing.assert_allclose(X[:10], (wanted - wanted.mean()) / wanted.std(), rtol=1e-9)


def test_a_curve_is_moved_around_the_end_and_silence_is_noise(quiet, monkeypatch):
    monkeypatch.setattr(mnist1d, "SHIFT", 48)
    moved, _ = digits(n=400)
    starts = moved[::10]  # curves of one digit: all that differs is where they are
    assert len(np.unique(starts.argmax(axis=1))) > 10
    monkeypatch.setattr(mnist1d, "SHIFT", 1)
    monkeypatch.setattr(mnist1d, "CORRELATED", 0.25)
    noisy, _ = digits(n=400)
    same = noisy[::10].std(axis=0)
    assert same[:6].max() < 1e-9 < same[8:].min()


def test_noise_beside_the_curve_is_smooth():
    noise = np.random.default_rng(0).standard_normal((500, 72))
    smooth = mnist1d.smoothed(noise)
    near = [np.corrcoef(row[:-1], row[1:])[0, 1] for row in smooth]
    assert np.mean(near) == pytest.approx(np.exp(-1 / 16), abs=0.03)  # of a bell of deviation 2
    np.testing.assert_allclose(mnist1d.smoothed(np.ones((1, 72))), 1.0, rtol=ROUNDING)


def test_a_line_is_right_for_a_third_of_the_digits():
    """Greydanus (2020) has 32 % for logistic regression."""
    X, y = digits(n=5000)
    right = LogisticRegression(tol=1e-2).fit(X[:4000], y[:4000]).score(X[4000:], y[4000:])
    assert 0.28 < right < 0.37
