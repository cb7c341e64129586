"""Elementary functions with the same bits on every processor: exp, expm1, tanh, sigmoid, log, ...

NumPy's own exp and tanh, and those of a system's C library, differ from processor to processor in
the last digit. The functions here are made of operations that IEEE 754 rounds in one way only:
+ - * / and sqrt, comparison, selection, and a change of the exponent. Each works element by element
on float64, so that no number depends on its neighbours. Sigmoid and tanh, which small nets spend
most of their time with, take a single division and few other operations.

Errors are in units in the last place (ulp), the largest that was found against exact values; a test
finds them again (`test_elementary.py`). NaN gives NaN.
"""

from functools import wraps

import numpy as np

# ln 2 in two parts: the first has 33 bits, so that k times it is exact for |k| < 2^20.
LN2_HIGH, LN2_LOW = float.fromhex("0x1.62e42fee00000p-1"), float.fromhex("0x1.a39ef35793c76p-33")
LOG2_E = float.fromhex("0x1.71547652b82fep+0")
ROUND = 1.5 * 2.0**52  # x + ROUND - ROUND is the whole number nearest to x, for |x| < 2^51
LEAST, MOST = -746.0, 710.0  # exp is 0 below and infinite above
LOG_TERMS = [2.0 / n for n in range(25, 2, -2)]  # of s^24, ..., s^2
HALF_ROOT = float.fromhex("0x1.6a09e667f3bcdp-1")  # sqrt(1/2)
# A float64 x = 2^k m, 1/2 <= m < 1, in bits: k + 1022 from bit 52 on, below them the digits of m.
DIGITS, HALF = 2**52 - 1, 1022 << 52
WHOLE, SHIFT = 1075 << 52, 2.0**52 + 1022.0  # the bits of 2^52, whose digits are a whole number

LOOPS = {}  # name of a function -> the same as machine code, where a process has loaded it
LONG = 256  # numbers from which on machine code is called


def compilable(function):
    """The function of float64, which calls its machine code for long arrays, with the same bits."""

    @wraps(function)
    def called(x):
        if isinstance(x, np.ndarray | np.generic) and x.dtype != np.float64:
            x = x.astype(np.float64)
        if function.__name__ in LOOPS and isinstance(x, np.ndarray) and x.size >= LONG:
            return LOOPS[function.__name__](x)
        return function(x)

    return called


def horner(terms, x):
    """The polynomial c_1 x^(n-1) + ... + c_n for terms c_1, ..., c_n."""
    total = terms[0]
    for term in terms[1:]:
        total = total * x + term
    return total


def _within(x, least, most):
    """x, or the nearer of two limits."""
    return np.where(x < least, least, np.where(x > most, most, x))


def _power_of_two(k):
    """2^k for a whole k, -1023 < k <= 1023, and 0 for -1023.

    The last bits of k + ROUND + 1023 become its exponent.
    """
    return ((k + (ROUND + 1023.0)).view(np.int64) << 52).view(np.float64)


def _fraction(x):
    """(e, o, k) with exp(x) = 2^k (e + o) / (e - o).

    x = k ln 2 + r with |r| <= ln 2 / 2 (Cody & Waite 1980), and (e + o) / (e - o) is the fraction
    of Pade (1892) with powers up to r^6, the even ones in e and the odd ones in o. It differs from
    exp(r) by less than 3e-19 of it.
    """
    k = x * LOG2_E + ROUND - ROUND
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    s = r * r
    e = ((s + 840.0) * s + 75600.0) * s + 665280.0
    o = r * ((42.0 * s + 10080.0) * s + 332640.0)
    return e, o, k


@compilable
def exp(x):
    """e^x: 0 below -745.2, denormal below -708.4, infinite above 709.8. Error: 1.6 ulp."""
    e, o, k = _fraction(_within(x, LEAST, MOST))
    half = 0.5 * k + ROUND - ROUND  # in two steps, as 2^k itself need not be a float64
    return (1.0 + 2.0 * o / (e - o)) * _power_of_two(half) * _power_of_two(k - half)


@compilable
def expm1(x):
    """e^x - 1 for x <= 0: x near 0. Error: 3.4 ulp."""
    e, o, k = _fraction(_within(x, -60.0, 0.0))
    power = _power_of_two(k)
    return power * (2.0 * o / (e - o)) + (power - 1.0)


@compilable
def tanh(z):
    """(exp(2z) - 1) / (exp(2z) + 1): z near 0, 1 and -1 beyond 19. Error: 4.4 ulp."""
    e, o, k = _fraction(_within(2.0 * z, -44.0, 44.0))
    power = _power_of_two(k)
    more, less = power + 1.0, power - 1.0
    return (less * e + more * o) / (more * e + less * o)


@compilable
def sigmoid(z):
    """exp(z) / (exp(z) + 1), the logistic function: 1 above 37, 0 below -708.7. Error: 2.9 ulp."""
    e, o, k = _fraction(_within(z, -709.0, 40.0))
    power = _power_of_two(k) * (e + o)
    return power / (power + (e - o))


@compilable
def log(x):
    """The natural logarithm of x > 0: -inf at 0, NaN below. Error: 0.8 ulp."""
    return _log(x, 0.0)


@compilable
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
    denormal = np.abs(x) < 2.0**-1022
    bits = (x * np.where(denormal, 2.0**54, 1.0)).view(np.int64)
    k = ((bits >> 52) | WHOLE).view(np.float64) - np.where(denormal, SHIFT + 54.0, SHIFT)
    m = ((bits & DIGITS) | HALF).view(np.float64)
    low = m < HALF_ROOT
    f, k = np.where(low, m + m, m) - 1.0, np.where(low, k - 1.0, k)
    s = f / (2.0 + f)
    half = 0.5 * f * f
    series = half + s * s * horner(LOG_TERMS, s * s)
    total = k * LN2_HIGH - ((half - (s * series + (small + k * LN2_LOW))) - f)
    total = np.where(x == np.inf, np.inf, np.where(x == 0.0, -np.inf, total))
    return np.where(x >= 0.0, total, np.nan)


def whole_power(base, n):
    """base^n for a whole n >= 0, by repeated squaring. Error: about n / 2 ulp."""
    result = 1.0
    while n > 0:
        if n % 2 == 1:
            result = result * base
        base, n = base * base, n // 2
    return result


power = np.frompyfunc(whole_power, 2, 1)
