"""The statistics agree with published numbers, with enumeration and with other formulas."""

from itertools import combinations, product
from math import comb

import numpy as np
import pytest
from scipy import stats

from analysis import statistics as s

pytestmark = pytest.mark.errstate(under="ignore")  # the tail of a distribution is 0 at its end


def test_wilson_is_scipys_to_the_last_bit():
    for n in (1, 2, 7, 100, 2999):
        for k in {0, 1, n // 3, n - 1, n}:
            for level in (0.5, 0.95, 0.999):
                own = stats.binomtest(k, n).proportion_ci(level, method="wilson")
                assert s.wilson(k, n, level) == (k / n, *own)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),  # Newcombe (1998), Statistics in Medicine 17, 857-872, table I
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_agrees_with_newcombes_table(k, n, low, high):
    assert s.wilson(k, n) == pytest.approx((k / n, low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("k1", "n1", "k2", "n2", "low", "high"),  # Newcombe (1998), 17, 873-890, table II, method 10
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090),
     (6, 7, 2, 7, 0.0582, 0.8062), (5, 56, 0, 29, -0.0381, 0.1926),
     (0, 10, 0, 20, -0.1611, 0.2775), (10, 10, 0, 20, 0.6791, 1.0)],
)  # fmt: skip
def test_newcombe_agrees_with_his_table(k1, n1, k2, n2, low, high):
    assert s.newcombe(k1, n1, k2, n2) == pytest.approx((k1 / n1 - k2 / n2, low, high), abs=5e-5)


def test_two_proportions_is_the_root_of_chi_squared():
    table = [[786, 214], [577, 423]]
    chi2 = stats.chi2_contingency(table, correction=False)
    test = s.two_proportions(786, 1000, 577, 1000)
    assert test.statistic**2 == pytest.approx(chi2.statistic)
    assert test.p == pytest.approx(chi2.pvalue)
    assert "z" in test.name


def test_two_proportions_is_exact_where_counts_are_small():
    """Fisher's tea: 3 of 4 against 1 of 4, of C(8, 4) = 70 orders 16 + 1 are as good."""
    test = s.two_proportions(3, 4, 1, 4, "greater")
    assert test.p == pytest.approx(17 / 70)
    assert "Fisher" in test.name


def test_one_sided_tests_ask_about_the_first():
    assert s.two_proportions(90, 100, 50, 100, "greater").p < 1e-9
    assert s.two_proportions(90, 100, 50, 100, "less").p > 0.999
    assert s.mann_whitney([5, 6, 7, 8, 9], [0, 1, 2, 3, 4], "greater").p < 0.01
    assert s.trend([1, 5, 9], [10, 10, 10], alternative="greater").p < 0.001
    assert s.trend([1, 5, 9], [10, 10, 10], alternative="less").p > 0.999
    assert s.sign_test([1.0] * 10, "greater").p == pytest.approx(2.0**-10)


def test_trend_agrees_with_armitage():
    """Armitage (1955), tonsils and carriers of Streptococcus: chi-squared for trend 7.19."""
    test = s.trend([19, 29, 24], [19 + 497, 29 + 560, 24 + 269])
    assert test.statistic**2 == pytest.approx(7.19, abs=0.005)


def test_trend_is_the_correlation_of_score_and_outcome():
    k, n, scores = [3, 10, 12, 30], [40, 35, 30, 50], [0.5, 1.0, 2.0, 10.0]
    x = np.repeat(scores, n)
    y = np.concatenate([np.arange(total) < hits for hits, total in zip(k, n, strict=True)])
    r = np.corrcoef(x, y)[0, 1]
    assert s.trend(k, n, scores).statistic == pytest.approx(r * np.sqrt(len(x)))


def test_mann_whitney_agrees_with_all_orders():
    x, y = [1.1, 3.4, 9.0], [0.3, 0.9, 2.2, 4.1]
    pooled = np.array(x + y)

    def U(which):
        rest = np.delete(pooled, which)
        return (pooled[list(which)][:, None] > rest).sum()

    observed = U((0, 1, 2))
    at_least = [U(which) >= observed for which in combinations(range(7), 3)]
    test = s.mann_whitney(x, y, "greater")
    assert test.statistic == observed
    assert test.p == pytest.approx(np.mean(at_least))


def test_mann_whitney_ranks_infinity_last():
    never = [np.inf] * 5
    assert s.mann_whitney([*range(20)], [*range(15), *never], "less").statistic < 200
    assert s.mann_whitney(never, [1, 2, 3, 4, 5], "greater").p < 0.01


def test_sign_test_agrees_with_all_signs():
    differences = [2.0, 1.0, -0.5, 3.0, 1.0, 4.0, 0.0]  # 5 of 6 positive; 0 does not count
    more = [sum(signs) >= 5 or sum(signs) <= 1 for signs in product((0, 1), repeat=6)]
    assert s.sign_test(differences).p == pytest.approx(np.mean(more))
    assert s.sign_test(differences).statistic == 5


def test_sign_test_agrees_with_arbuthnot():
    """Arbuthnot (1710): more boys than girls in each of 82 years."""
    assert s.sign_test([1] * 82, "greater").p == pytest.approx(0.5**82)


def test_proportion_agrees_with_the_binomial_sum():
    tail = sum(comb(20, k) * 0.75**k * 0.25 ** (20 - k) for k in range(18, 21))
    assert s.proportion(18, 20, 0.75, "greater").p == pytest.approx(tail)


def test_bootstrap_agrees_with_all_resamples():
    """Of five values there are 5^5 resamples; the median's quantiles over them are exact."""
    values = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    medians = np.median([*product(values, repeat=5)], axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    assert s.bootstrap(values) == (4.0, low, high)
    means = np.mean([*product(values, repeat=5)], axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    assert s.bootstrap(values, np.mean) == pytest.approx((6.2, low, high), abs=0.2)


def test_bootstrap_is_repeatable_and_knows_constants():
    values = np.random.default_rng(0).normal(size=100)
    assert s.bootstrap(values) == s.bootstrap(values)
    assert s.bootstrap([3.0] * 10) == (3.0, 3.0, 3.0)
    assert s.bootstrap([3.0]) == (3.0, 3.0, 3.0)


def test_slope_finds_the_exponent():
    x = np.geomspace(0.01, 100, 9)
    assert s.slope(x, 3.0 * x**-1.5) == pytest.approx((-1.5, -1.5, -1.5))


def test_slopes_interval_covers_as_often_as_it_says():
    rng, x = np.random.default_rng(1), np.geomspace(1, 100, 8)
    covered = [
        -1.0 in s.slope(x, np.exp(0.3 * rng.standard_normal(8)) / x, 0.9) for _ in range(400)
    ]
    assert s.proportion(sum(covered), len(covered), 0.9).p > 0.01


def test_numbers_are_short():
    shown = {0.7857: ".786", -0.25: "-.250", 14793: "14,793", 1.0: "1", 0: "0", 12.34: "12.3",
             1.2e-5: "1.2e-05", 2.5e7: "2.5e+07", float("inf"): "inf"}  # fmt: skip
    assert [s.number(value) for value in shown] == list(shown.values())
    assert str(s.wilson(786, 1000)) == ".786 [.760, .810]"


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.0312, "p = .031"), (1.0, "p = 1"), (3e-4, "p < 1e-3"), (9.9e-13, "p < 1e-12"),
     (1e-5, "p < 1e-4"), (0.0, "p < 1e-300")],
)  # fmt: skip
def test_a_p_value_is_never_said_to_be_smaller_than_it_is(p, text):
    assert s.p_value(p) == text


def test_extreme_tests_do_not_fail():
    test = s.two_proportions(10**6, 10**6, 0, 10**6)
    assert test.p == 0.0
    assert str(test).endswith("p < 1e-300")


@pytest.mark.parametrize(
    "call",
    [
        lambda: s.wilson(3, 2), lambda: s.wilson(0, 0), lambda: s.wilson(1.5, 3),
        lambda: s.wilson(-1, 3), lambda: s.two_proportions(1, 2, 1, 2, "bigger"),
        lambda: s.two_proportions(30, 60, 30, 60, "bigger"),
        lambda: s.newcombe(1, 2, 3, 2), lambda: s.trend([1], [2]),
        lambda: s.trend([1, 1], [2, 2], [3.0, 3.0]), lambda: s.trend([0, 0], [2, 2]),
        lambda: s.trend([1, 2], [2, 2, 2]), lambda: s.mann_whitney([], [1.0]),
        lambda: s.mann_whitney([np.nan], [1.0]), lambda: s.sign_test([0.0, 0.0]),
        lambda: s.sign_test([np.nan, 1.0]), lambda: s.bootstrap([]),
        lambda: s.bootstrap([1.0, np.inf]), lambda: s.slope([1, 2], [1, 2]),
        lambda: s.slope([1, 1, 1], [1, 2, 3]), lambda: s.slope([1, 2, 3], [0, 1, 2]),
        lambda: s.proportion(1, 2, 1.5),
    ],
)  # fmt: skip
def test_senseless_input_is_refused(call):
    with pytest.raises(ValueError):
        call()


@pytest.mark.parametrize(("k", "n"), [(3, 40), (20, 40), (39, 40), (786, 1000)])
def test_wilsons_ends_are_where_the_score_test_stands_at_its_level(k, n):
    _, low, high = s.wilson(k, n)
    assert s.score(k, n, low, "greater").p == pytest.approx(0.025)
    assert s.score(k, n, high, "less").p == pytest.approx(0.025)
    with pytest.raises(ValueError, match="between 0 and 1"):
        s.score(k, n, 1.0, "less")


@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (9, 10, 3, 10), (5, 56, 0, 29)])
def test_a_difference_is_beyond_newcombes_ends_at_their_level(counts):
    _, low, high = s.newcombe(*counts)
    assert s.difference_beyond(*counts, low, "greater") == pytest.approx(0.025, rel=1e-6)
    assert s.difference_beyond(*counts, high, "less") == pytest.approx(0.025, rel=1e-6)
    assert s.difference_beyond(*counts, 0.9, "greater") == 0.5
    assert s.difference_beyond(*counts, -0.99, "greater") < 1e-4


def test_sameness_takes_nets():
    """Of 10 nets each nothing is known to within 15 points, though all agree."""
    assert s.same_proportions(10, 10, 10, 10, 0.15).p > 0.05
    assert s.same_proportions(100, 100, 100, 100, 0.15).p < 0.001
    assert s.same_proportions(60, 100, 95, 100, 0.15).p == 0.5
    with pytest.raises(ValueError, match="a margin must be a number > 0; got 0"):
        s.same_proportions(1, 2, 1, 2, 0)


def test_sameness_by_ranks_is_two_tests_of_shifted_numbers():
    x, y = [0.1, 0.4, 0.7, 1.2, 1.4], [0.0, 0.5, 0.9, 1.1, 1.6, 1.7]
    above = s.mann_whitney(np.array(x) + 2.0, y, "greater").p
    below = s.mann_whitney(np.array(x) - 2.0, y, "less").p
    assert s.same_place(x, y, 2.0).p == max(above, below) < 0.01
    assert s.same_place(x, np.array(y) + 2.0, 2.0).p > 0.3


def test_sameness_is_seldom_found_at_the_margin():
    """At a true difference of the margin itself it is found in at most 2.5 %: exact enumeration."""
    n, p, q = 60, 0.7, 0.5
    found = [(a, b) for a, b in product(range(n + 1), repeat=2)
             if s.same_proportions(a, n, b, n, 0.2).p < 0.025]  # fmt: skip
    chance = sum(stats.binom.pmf(a, n, p) * stats.binom.pmf(b, n, q) for a, b in found)
    assert 0.0 < chance < 0.03


def test_improvement_is_a_share_of_pairs():
    x, y = [1.0, 2.0, 2.0, np.inf], [2.0, 3.0, np.inf]
    pairs = [(a < b) + 0.5 * (a == b) for a, b in product(x, y)]
    assert s.improvement(x, y) == pytest.approx(np.mean(pairs))
    assert s.improvement(x, x) == 0.5
    U = s.mann_whitney(y, x).statistic
    assert s.improvement(x, y) == pytest.approx(U / (len(x) * len(y)))


def test_students_interval_agrees_with_his_sleep_data():
    """Student (1908), hours gained with drug 2 over 1; the interval in any textbook."""
    gained = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
    assert s.mean(gained) == pytest.approx((1.58, 0.70, 2.46), abs=0.005)


def test_holm_is_closed_testing_with_bonferroni():
    """A hypothesis falls if every set of hypotheses that holds it does (Marcus et al. 1976)."""
    p = [0.01, 0.04, 0.03, 0.005, 0.5]
    sets = [c for n in range(1, 6) for c in combinations(range(5), n)]
    closed = [max(min(1.0, len(c) * min(p[i] for i in c)) for c in sets if one in c)
              for one in range(5)]  # fmt: skip
    assert s.holm(p) == pytest.approx(closed)
    assert len(s.holm([])) == 0
    with pytest.raises(ValueError, match="p-values"):
        s.holm([0.1, np.nan])
