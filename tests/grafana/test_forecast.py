"""The forecast of a month's cost: what its SQL says equals the rule written out, and the rule's interval holds."""

import calendar
import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from statistics import fmean, variance

import pytest

from ammeter.boards.asked import Asked, whole_second
from ammeter.boards.dashboards import read_dashboards
from grafana.board import DASHBOARDS
from tests.grafana.shown import DATABASE, Shown
from tests.grafana.test_queries import ask

EIGHT_OF_TEN = 1.2816
MEMORY = timedelta(days=56)
TITLE = "Month, forecast"
Costs = dict[date, float]


def forecast(costs: Costs, today: date) -> tuple[float, float, float]:
    """The month's cost, and the range that holds it in 8 times of 10: from days before today alone."""
    by_weekday: dict[int, list[float]] = defaultdict(list)
    for day in (today - timedelta(days=ago) for ago in range(1, MEMORY.days + 1)):
        if day >= min(costs):
            by_weekday[day.weekday()].append(costs.get(day, 0.0))
    spent = sum(cost for day, cost in costs.items() if today.replace(day=1) <= day < today)
    last = calendar.monthrange(today.year, today.month)[1]
    ahead: dict[int, int] = defaultdict(int)
    for number in range(today.day, last + 1):
        ahead[today.replace(day=number).weekday()] += 1
    middle = spent + sum(days * fmean(by_weekday[weekday]) for weekday, days in ahead.items())
    spread = sum(
        days * (1 + days / len(by_weekday[weekday])) * variance(by_weekday[weekday]) for weekday, days in ahead.items()
    )
    reach = EIGHT_OF_TEN * sqrt(spread)
    return middle, max(spent, middle - reach), middle + reach


def test_the_panel_says_what_the_rule_says(shown_store: Shown) -> None:
    """SQL and the rule, each for itself, come to the same three figures."""
    costs: Costs = defaultdict(float)
    for row in shown_store.organisation.views["team_days_brief"]:
        if row["team_id"] != "*":
            costs[date.fromisoformat(str(row["day"]))] += float(str(row["cost_usd"]))
    now_ms = whole_second(shown_store.organisation.end_ms)
    board = read_dashboards(DASHBOARDS, DATABASE)["cost"]
    panel = next(one for one in board.panels if one.title == TITLE)

    [frame] = ask(shown_store.read_url, [Asked(board, {}, now_ms).sql(panel, now_ms)])

    assert frame.names == ("time", "forecast", "low", "high")
    found = [column[0] for column in frame.columns[1:]]
    assert found == pytest.approx(forecast(costs, datetime.fromtimestamp(now_ms / 1000, UTC).date()))


def test_the_interval_holds_eight_times_of_ten() -> None:
    """Over a thousand months of made-up days with a weekly rhythm, the interval has its share of the true sums."""
    rng = random.Random(5)
    held = 0
    months = 1_000
    for number in range(months):
        month = date(2026, 1 + number % 12, 1)
        last = calendar.monthrange(month.year, month.month)[1]
        today = month + timedelta(days=rng.randrange(last - 3))
        first = today - MEMORY
        days = [first + timedelta(days=ahead) for ahead in range((month.replace(day=last) - first).days + 1)]
        costs = {day: rng.gauss(1_000, 150) if day.weekday() < 5 else rng.gauss(100, 40) for day in days}
        known = {day: cost for day, cost in costs.items() if day < today}

        _, low, high = forecast(known, today)

        held += low <= sum(cost for day, cost in costs.items() if day >= month) <= high
    assert 0.75 <= held / months <= 0.85
