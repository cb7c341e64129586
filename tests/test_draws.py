"""What few nets would show: chances are those of many draws, and of the tests themselves."""

import numpy as np
import pytest

from analysis.statistics import draws, newcombe, sign_test, two_proportions, wilson
from analysis.verdicts.chances import follows_from

pytestmark = pytest.mark.errstate(under="ignore")


def test_the_chance_of_an_order_by_hand():
    """One net of each: 4 outcomes."""
    assert draws.order(0.8, 0.5, 1) == pytest.approx((0.4, 0.5, 0.1))


@pytest.mark.parametrize("n", (6, 25))
def test_the_power_of_two_proportions_is_the_sum_over_all_outcomes(n):
    p, q, chance = 0.8, 0.4, np.array([[1.0]])

    def pmf(share):
        """By convolution, one net after the other."""
        found = np.ones(1)
        for _ in range(n):
            found = np.convolve(found, [1.0 - share, share])
        return found

    chance = np.outer(pmf(p), pmf(q))
    seen = sum(
        chance[i, j] for i in range(n + 1) for j in range(i)
        if two_proportions(i, n, j, n).p < 0.05
    )  # fmt: skip
    assert draws.detected(p, q, n) == pytest.approx(seen, abs=1e-6)


def test_the_power_of_pairs_is_that_of_many_draws():
    rng = np.random.default_rng(0)
    pairs = rng.choice([1, -1, 0], p=[0.25, 0.05, 0.7], size=(2000, 30))
    seen = [(d != 0).any() and d.sum() > 0 and sign_test(d).p < 0.05 for d in pairs]
    assert draws.detected_in_pairs(0.25, 0.05, 30) == pytest.approx(np.mean(seen), abs=0.03)
    assert draws.detected_in_pairs(0.0, 0.0, 30) == 0.0


def test_the_number_that_is_needed_is_the_first_that_is_enough():
    n = draws.needed(0.8, 0.6)
    assert draws.detected(0.8, 0.6, n) >= 0.9 > draws.detected(0.8, 0.6, n - 10)
    with pytest.raises(ValueError, match="no number of nets"):
        draws.needed(0.6, 0.6)


def test_what_follows_from_shares_has_the_ends_of_their_intervals():
    x, y = np.arange(200) < 150, np.arange(100) < 40
    difference, share = follows_from(lambda p, q: p - q, x, y), follows_from(lambda p: p, x)
    assert (difference.low, difference.high) == pytest.approx(newcombe(150, 200, 40, 100)[1:])
    assert (share.low, share.high) == pytest.approx(wilson(150, 200)[1:])


def test_the_p_value_is_that_of_the_interval_that_touches_the_limit():
    share = follows_from(lambda p: p, np.arange(200) < 150)
    at_the_end = share.at_least(share.low).checks[0]
    assert at_the_end.p == pytest.approx(0.025, rel=1e-3)
    assert share.at_least(0.76).checks[0].p == 0.5
    assert share.at_least(0.6).p < 1e-4 < share.below(0.8).p < 0.1
