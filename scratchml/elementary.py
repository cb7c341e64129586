"""Elementary functions with the same bits on every processor: exp, expm1, tanh, sigmoid, log, ...

NumPy's own exp and tanh, and those of a system's C library, differ from processor to processor in
the last digit. The functions here are made of operations that IEEE 754 rounds in one way only:
+ - * / and sqrt, comparison, selection, and a shift of the exponent. Each works element by element
on float64, so that no number depends on its neighbours.

Errors are in units in the last place (ulp), the largest that was found against exact values; a test
finds them again (`test_elementary.py`). NaN gives NaN.
"""

from functools import wraps
from math import factorial

import numpy as np

# ln 2 in two parts: the first has 33 bits, so that k times it is exact for |k| < 2^20.
LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33")
LOG2_E = float.fromhex("0x1.71547652b82fep+0")
ROUND = 1.5 * 2.0**52  # x + ROUND - ROUND is the whole number nearest to x, for |x| < 2^51
LEAST, MOST = -746.0, 710.0  # exp is 0 below and infinite above
EXP_TERMS = [1.0 / factorial(n) for n in range(13, 1, -1)]  # of r^13, ..., r^2
LOG_TERMS = [2.0 / n for n in range(25, 2, -2)]  # of s^24, ..., s^2
HALF_ROOT = float.fromhex("0x1.6a09e667f3bcdp-1")  # sqrt(1/2)

LOOPS = {}  # name of a function -> the same as machine code, where a process has loaded it
LONG = 256  # numbers from which on machine code is called


def compilable(function):
    """The function, which calls its machine code for long arrays. The bits are the same."""

    @wraps(function)
    def called(x):
        if function.__name__ in LOOPS and isinstance(x, np.ndarray) and x.size >= LONG:
            return LOOPS[function.__name__](x)
        return function(x)

    return called


def times_power_of_two(x, k):
    """x 2^k for a whole k, |k| <= 2000: rounded once, towards 0 as towards infinity."""
    half = 0.5 * k + ROUND - ROUND  # in two steps, as 2^k itself need not be a float64
    return x * _power_of_two(half) * _power_of_two(k - half)


def _power_of_two(k):
    """2^k for a whole k, |k| <= 1022: the last bits of k + ROUND + 1023 become its exponent."""
    return ((k + (ROUND + 1023.0)).view(np.int64) << 52).view(np.float64)


def horner(terms, x):
    """The polynomial c_1 x^(n-1) + ... + c_n for terms c_1, ..., c_n."""
    total = terms[0]
    for term in terms[1:]:
        total = total * x + term
    return total


def _reduced(x):
    """(p, k) with exp(x) = (1 + p) 2^k and |p| < 0.42 (Cody & Waite 1980).

    x = k ln 2 + r with |r| <= ln 2 / 2, and p = exp(r) - 1 is Taylor's series, r + r^2/2 + ...
    """
    k = x * LOG2_E + ROUND - ROUND
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    return r + r * r * horner(EXP_TERMS, r), k


def _within(x, least, most):
    """x, or the nearer of two limits."""
    return np.where(x < least, least, np.where(x > most, most, x))


@compilable
def exp(x):
    """e^x: 0 below -745.2, denormal below -708.4, infinite above 709.8. Error: 0.9 ulp."""
    p, k = _reduced(_within(x, LEAST, MOST))
    return times_power_of_two(1.0 + p, k)


@compilable
def expm1(x):
    """e^x - 1 for x <= 0, as 2^k p + (2^k - 1): exact near 0. Error: 1.1 ulp."""
    p, k = _reduced(_within(x, -60.0, 0.0))
    power = times_power_of_two(1.0, k)
    return power * p + (power - 1.0)


@compilable
def tanh(z):
    """-m / (2 + m) with m = exp(-2 |z|) - 1: z near 0, 1 and -1 beyond 19. Error: 2.5 ulp."""
    m = expm1(-2.0 * np.abs(z))
    a = m / (2.0 + m)
    return np.where(z < 0.0, a, -a)


@compilable
def sigmoid(z):
    """1 / (1 + exp(-z)), the logistic function. Error: 2.3 ulp.

    Below 0 it is q = e / (1 + e) with e = exp(-|z|), and above 0 it is 1 - q: small values keep
    their digits, down to 5e-324 at -745, and sigmoid(z) + sigmoid(-z) is 1 exactly.
    """
    e = exp(-np.abs(z))
    q = e / (1.0 + e)
    return np.where(z < 0.0, q, 1.0 - q)


def log(x):
    """The natural logarithm of x > 0: -inf at 0, NaN below. Error: 0.8 ulp."""
    return _log(x, 0.0)


def log1p(x):
    """log(1 + x) for x >= 0: x near 0. Error: 0.8 ulp.

    1 + x is rounded to u; what is lost, c, comes back as c / u, the slope of the logarithm.
    """
    u = 1.0 + x
    c = np.where(x < 1.0, x - (u - 1.0), 1.0 - (u - x))
    return _log(u, c / u)


def _log(x, small):
    """log(x) + small.

    x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), and log(1 + f) = 2 atanh(s) for
    s = f / (2 + f), by its series 2 (s + s^3/3 + ...) in the order of Sun's fdlibm (1993).
    """
    m, k = np.frexp(x)
    low = m < HALF_ROOT
    f, k = np.where(low, m + m, m) - 1.0, np.where(low, k - 1, k)
    s = f / (2.0 + f)
    half = 0.5 * f * f
    series = half + s * s * horner(LOG_TERMS, s * s)
    total = k * LN2_HIGH - ((half - (s * series + (small + k * LN2_LOW))) - f)
    total = np.where(x == np.inf, np.inf, np.where(x == 0.0, -np.inf, total))
    return np.where(x < 0.0, np.nan, total)


def whole_power(base, n):
    """base^n for a whole n >= 0, by repeated squaring. Error: about n / 2 ulp."""
    result = 1.0
    while n > 0:
        if n % 2 == 1:
            result = result * base
        base, n = base * base, n // 2
    return result


power = np.frompyfunc(whole_power, 2, 1)
