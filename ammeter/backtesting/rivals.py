"""What our detectors are compared with. Rule: each takes a team's sessions and says when it would have alerted.

The fixed threshold and Grafana's bands are as published; the best possible is a CUSUM that knows the team's own rate,
and the rate that it changes to.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from sources.simulator.verdicts import BEGAN, DAY_MS, Floats, Ints, Sessions

STEP_MS = 5 * 60_000
HOUR = 12
DAY = 24 * HOUR
"""In steps."""


def fixed_threshold(sessions: Sessions, share: float = 0.15, least: int = 10) -> Ints:
    """More than `share` of the last 24 hours' sessions, of at least so many; one alert until it is below again."""
    at = sessions.at
    first = np.searchsorted(at, at - DAY_MS, side="right")
    total = np.concatenate([[0], np.cumsum(sessions.hits)])
    seen = np.arange(1, len(at) + 1) - first
    enough = np.flatnonzero(seen >= least)
    above = (total[enough + 1] - total[first[enough]]) > share * seen[enough]
    return at[enough[_rises(above)]]


def adaptive_band(sessions: Sessions) -> Ints:
    """The rate of the last hour above Grafana's adaptive band: the hour's average and twice the smoothed deviation."""
    level = _hourly_rate(sessions)
    average, deviation = rolling(level, HOUR)
    lively = np.where(deviation > 0.5 * average, deviation, np.nan)
    smoothed, _ = rolling(lively, 26 * HOUR)
    day_ago = DAY - HOUR // 2
    bands = [average + 2 * smoothed, 1.5 * average]
    bands += [_shifted(average + 2 * deviation, steps) for steps in (day_ago, 6 * DAY + day_ago)]
    return _lasting(level, np.fmax.reduce(bands))


def robust_band(sessions: Sessions) -> Ints:
    """The median rate of the last hour above Grafana's robust band: the day's median and twice its deviation."""
    rate = _hourly_rate(sessions)
    level, usual = medians(rate, HOUR), medians(rate, DAY)
    spread = medians(np.abs(rate - usual), DAY)
    spread_1h = medians(np.abs(rate - level), HOUR)
    day_ago = DAY - HOUR // 4
    bands = [usual + 2 * spread, 1.5 * usual]
    bands += [_shifted(level + 2 * spread_1h, steps) for steps in (day_ago, 6 * DAY + day_ago)]
    return _lasting(level, np.fmax.reduce(bands))


def evidence(hits: Ints, calls: Ints, weight: Floats, rate: float, changed: float) -> Floats:
    """What each session adds to the best possible CUSUM, which knows both rates."""
    share = hits / calls
    return np.asarray(weight * (share * np.log(changed / rate) + (1 - share) * np.log((1 - changed) / (1 - rate))))


def cusum(steps: Floats, threshold: float) -> list[int]:
    """Where a CUSUM of these steps passes the threshold; it begins again after each.

    >>> cusum(np.array([1.0, -5.0, 2.0, 2.0, 2.0, 3.0]), 3.5)
    [3, 5]
    """
    alarms: list[int] = []
    begin = 0
    while begin < len(steps):
        sums = np.cumsum(steps[begin:])
        score = sums - np.minimum(0.0, np.minimum.accumulate(sums))
        over = score > threshold
        at = int(np.argmax(over))
        if not over[at]:
            break
        alarms.append(begin + at)
        begin += at + 1
    return alarms


def _hourly_rate(sessions: Sessions) -> Floats:
    """The share of the last hour's sessions, every five minutes; nan where there were none, or it is zero, as Grafana
    leaves zeros out."""
    end = int(sessions.at[-1] - BEGAN) // STEP_MS + HOUR
    moments = BEGAN + np.arange(end) * STEP_MS
    low, high = np.searchsorted(sessions.at, [moments - HOUR * STEP_MS, moments])
    total = np.concatenate([[0], np.cumsum(sessions.hits)])
    hits = total[high] - total[low]
    return np.where(hits > 0, hits / np.maximum(high - low, 1), np.nan)


def rolling(values: Floats, steps: int) -> tuple[Floats, Floats]:
    """Mean and standard deviation of what is there of the last so many values; nan of none."""
    known = ~np.isnan(values)
    filled = np.where(known, values, 0.0)
    count, total, squares = (_last(each, steps) for each in (known.astype(float), filled, filled**2))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
        return mean, np.sqrt(np.maximum(squares / count - mean**2, 0.0))


def _last(values: Floats, steps: int) -> Floats:
    sums = np.concatenate([np.zeros(1), np.cumsum(values)])
    return np.asarray(sums[1:] - sums[np.maximum(np.arange(len(values)) + 1 - steps, 0)])


def medians(values: Floats, steps: int) -> Floats:
    """Median of what is there of the last so many values, at values that are there."""
    padded = np.concatenate([np.full(steps - 1, np.nan), values])
    wanted = np.flatnonzero(~np.isnan(values))
    found = np.full(len(values), np.nan)
    windows = sliding_window_view(padded, steps)
    for some in np.array_split(wanted, len(wanted) // 2000 + 1):
        if len(some):
            found[some] = np.nanmedian(windows[some], axis=1)
    return found


def _shifted(values: Floats, steps: int) -> Floats:
    return np.concatenate([np.full(min(steps, len(values)), np.nan), values[: max(0, len(values) - steps)]])


def _lasting(level: Floats, band: Floats) -> Ints:
    """When the level had been above its band for five minutes."""
    above = level > band
    for_long = above & np.concatenate([[False], above[:-1]])
    return np.asarray(BEGAN + np.flatnonzero(_rises(for_long)) * STEP_MS)


def _rises(is_on: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(is_on & ~np.concatenate([[False], is_on[:-1]]))
