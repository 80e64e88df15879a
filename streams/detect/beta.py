"""Quantiles of the Beta distribution: what is known of a share. Rule: the same bits on every machine that runs it."""

from math import exp, lgamma, log, log1p

_TERMS = 500
_HALVINGS = 60


def quantile(share: float, a: float, b: float) -> float:
    """The rate below which `share` of Beta(a, b) lies.

    >>> round(quantile(0.5, 2, 2), 6), round(quantile(0.05, 10, 90), 4)
    (0.5, 0.0558)
    """
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if below(middle, a, b) < share:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def interval(a: float, b: float) -> tuple[float, float]:
    """The middle 90 % of Beta(a, b)."""
    return quantile(0.05, a, b), quantile(0.95, a, b)


def below(x: float, a: float, b: float) -> float:
    """The share of Beta(a, b) under x.

    >>> round(below(0.1, 1, 1), 6)
    0.1
    """
    if x <= 0 or x >= 1:
        return float(x > 0)
    if x > (a + 1) / (a + b + 2):
        return 1 - below(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _fraction(x, a, b)


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete Beta function, from its front (Lentz)."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    result = d
    for m in range(1, _TERMS):
        for numerator in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / (1 + numerator * d), 1 + numerator / c
            result *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return result
