"""What a rule found. Rule: all figures that decided it, in the rule's own terms; words are put to it elsewhere."""

from collections.abc import Iterable
from math import exp
from typing import Literal

import msgspec

from streams.detect.beta import interval

Status = Literal["firing", "resolved"]

Why = Literal["", "adopted", "restarted"]
"""An alert may also end because the new level is the usual one from now on, or because the team is another one."""

MOST_ODDS = 50.0
"""Evidence above it makes odds that are only a number."""

HESITATION = 20.0
"""Observations' weight of the usual rate in the rate now, against the optimism of having chosen where it begins."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """An alert began or ended. Moments in ms; rates 0 to 1, or micro-dollars; intervals hold 90 %."""

    status: Status
    at: int
    since: int
    """About when it began."""
    n: int
    """Observations since then."""
    observed: float
    expected: float
    usual: float
    usual_low: float
    usual_high: float
    usual_n: float
    """Observations behind the usual level."""
    now: float
    now_low: float
    now_high: float
    score: float
    threshold: float
    odds: float
    """How many times better a change explains the observations than the usual level does."""
    people: int
    """At least so many are behind it."""
    why: Why = ""


def odds(score: float) -> float:
    """What a score says in odds."""
    return exp(min(score, MOST_ODDS))


def of_rate(
    status: Status,
    at: int,
    usual: tuple[float, float],
    counts: tuple[int, float],
    weights: tuple[float, float],
    evidence: tuple[float, float],
    began: tuple[int, Iterable[int]],
    why: Why = "",
) -> Finding:
    """A finding about a rate.

    usual: rate, and observations behind it; counts: observations, how many it happened in; weights: the same, by what
    they are worth; evidence: score, threshold; began: when, and who.
    """
    rate, known = usual
    n, observed = counts
    weight, hits = weights
    usual_low, usual_high = interval(rate * known, (1 - rate) * known)
    now_low, now_high = interval(rate * HESITATION + hits, (1 - rate) * HESITATION + weight - hits)
    return Finding(
        status=status,
        at=at,
        since=began[0],
        n=n,
        observed=observed,
        expected=n * rate,
        usual=rate,
        usual_low=usual_low,
        usual_high=usual_high,
        usual_n=known,
        now=(rate * HESITATION + hits) / (HESITATION + weight),
        now_low=now_low,
        now_high=now_high,
        score=evidence[0],
        threshold=evidence[1],
        odds=odds(evidence[0]),
        people=len([*began[1]]),
        why=why,
    )
