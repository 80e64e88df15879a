"""A deterministic day of a plausible organisation, as the rows that the views of the store would show."""

import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from schemas.counters import COUNTERS
from sinks.views import VIEWS

MINUTE_MS = 60_000
HISTORY_MINUTES = 26 * 60
SPANS = (("5m", 5), ("1h", 60), ("24h", 1440))
NAMES = tuple(counter.name for counter in COUNTERS)
PEOPLE = 12
TROUBLED = "checkout"

Row = dict[str, object]
Counts = dict[str, int]


@dataclass(frozen=True)
class Team:
    """How a team works."""

    name: str
    pace: float
    actions: float
    failing: float
    automated: float


TEAMS = (
    Team("billing", 0.8, 8, 0.04, 0.1),
    Team("catalog", 0.5, 9, 0.05, 0.0),
    Team(TROUBLED, 1.2, 12, 0.06, 0.1),
    Team("data-platform", 1.0, 14, 0.05, 0.35),
    Team("growth", 0.9, 9, 0.045, 0.05),
    Team("identity", 0.6, 7, 0.035, 0.0),
    Team("infra", 0.9, 16, 0.06, 0.5),
    Team("mobile", 0.7, 8, 0.065, 0.0),
    Team("payments", 1.1, 10, 0.04, 0.15),
    Team("search", 1.0, 11, 0.03, 0.2),
)


@dataclass
class Organisation:
    """The rows of each view, by its name."""

    end_ms: int
    views: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    """Of the database for everybody."""
    private: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    """Of the database of people's rows."""


def organisation(end_ms: int, seed: int = 7) -> Organisation:
    """Twenty-six hours that end at `end_ms`: a working day, the night before it, and the evening before that."""
    rng = random.Random(seed)
    made = Organisation(end_ms)
    last = end_ms // MINUTE_MS
    for team in TEAMS:
        add_team(made, team, last, rng)
    add_pipeline(made, last, rng)
    return made


def add_team(made: Organisation, team: Team, last: int, rng: random.Random) -> None:
    """A team's minutes and windows."""
    minutes: dict[int, Counts] = defaultdict(lambda: defaultdict(int))
    active: dict[int, set[int]] = defaultdict(set)
    for person in range(PEOPLE):
        working, busy_until = False, 0
        for minute in range(last - HISTORY_MINUTES, last + 1):
            if minute >= busy_until:
                working = rng.random() < 0.75 * team.pace * rhythm(last - minute)
                busy_until = minute + rng.randint(8, 40)
            if working and rng.random() < 0.7:
                active[minute].add(person)
                add_work(minutes[minute], team, trouble(team, last - minute), rng)
    add_outcomes(minutes, team, last, random.Random(team.name))
    for start in range((last - HISTORY_MINUTES) // 5 * 5, last + 1, 5):
        total: Counts = defaultdict(int)
        for minute in range(start, start + 5):
            for name, amount in minutes.get(minute, {}).items():
                total[name] += amount
        if total:
            made.views["team_spans_brief"].append(
                {
                    "week": f"{monday(start)}",
                    "day": f"{day_of(start)}",
                    "team_id": team.name,
                    "started_at": start * 60,
                    "ended_at": start * 60 + 300,
                    "span_minutes": 5,
                    "people": len(set().union(*(active.get(minute, set()) for minute in range(start, start + 5)))),
                    **named("team_spans_brief", {**total, **derived(total)}),
                }
            )
    for span, length in SPANS:
        total = defaultdict(int)
        people: set[int] = set()
        for minute in range(last - length + 1, last + 1):
            people |= active.get(minute, set())
            for name, amount in minutes.get(minute, {}).items():
                total[name] += amount
        made.views["team_windows_brief"].append(
            {
                "team_id": team.name,
                "span": span,
                "span_minutes": length,
                "as_of": made.end_ms // 1000,
                "people": len(people),
                **named("team_windows_brief", {**total, **derived(total)}),
            }
        )
    made.views["teams"].append({"team_id": team.name})


def named(view: str, figures: Mapping[str, object]) -> dict[str, object]:
    """Of figures those that a view shows."""
    shown = {column.name for each in VIEWS if each.name == view for column in each.columns}
    return {name: figure for name, figure in figures.items() if name in shown}


def day_of(minute: int) -> date:
    """The day of a minute, UTC."""
    return datetime.fromtimestamp(minute * 60, UTC).date()


def monday(minute: int) -> date:
    """The Monday before it."""
    return day_of(minute) - timedelta(days=day_of(minute).weekday())


def rhythm(minutes_ago: int) -> float:
    """How much of a team works: the day began nine hours ago, lunch was three hours ago, nights are quiet."""
    hours_ago = minutes_ago / 60
    if hours_ago < 9:
        morning = min(1.0, (9 - hours_ago) / 1.5)
        return morning * (0.45 if 3 < hours_ago < 4 else 0.9)
    return 0.03 if hours_ago < 21 else 0.6


def trouble(team: Team, minutes_ago: int) -> float:
    """Share of tool calls that fail; one team's rises over its last three hours."""
    rising = max(0.0, 1 - minutes_ago / 180) if team.name == TROUBLED else 0.0
    return team.failing + 0.17 * rising


def add_work(counts: Counts, team: Team, failing: float, rng: random.Random) -> None:
    """One person's minute."""
    interactive = rng.random() >= team.automated
    prompts = int(rng.random() < 0.28)
    calls = min(30, int(rng.expovariate(1 / (team.actions * 0.28))))
    failures = sum(rng.random() < failing for _ in range(calls))
    rejections = int(interactive and calls > 0 and rng.random() < 0.02 + failing / 4)
    responses = calls + prompts
    lines = rng.randint(5, 60) if calls > 1 and rng.random() < 0.35 else 0
    refused = int(rng.random() < 0.004)
    done = {
        "events": 4 * calls + 5 * prompts + 2,
        "prompts": prompts,
        "responses": responses,
        "turns": prompts,
        "tool_calls": calls,
        "tool_failures": failures,
        "tool_accepts": calls,
        "tool_rejections": rejections,
        "api_failures": refused,
        "api_retries_exhausted": int(refused and rng.random() < 0.3),
        "api_refusals": int(rng.random() < 0.0005),
        "input_tokens": responses * rng.randint(5, 400),
        "output_tokens": responses * rng.randint(100, 900),
        "cache_read_tokens": responses * rng.randint(15_000, 45_000),
        "cache_creation_tokens": responses * rng.randint(300, 4_000),
        "cost_micros": responses * rng.randint(9_000, 38_000),
        "lines_added": lines,
        "lines_removed": lines // rng.randint(2, 6),
        "commits": int(lines > 0 and rng.random() < 0.06),
        "tool_ms": calls * rng.randint(40, 2_500),
    }
    for name, amount in done.items():
        counts[name] += amount
        if interactive:
            counts[f"interactive_{name}"] += amount


def add_outcomes(minutes: dict[int, Counts], team: Team, last: int, rng: random.Random) -> None:
    """How the sessions that began in a minute went, those of the last hour apart: they are open yet."""
    for minute in [minute for minute in sorted(minutes) if minute <= last - 60]:
        if rng.random() > 0.12 * team.pace:
            continue
        troubled = rng.random() < 0.35
        gives_up = troubled and rng.random() < trouble(team, last - minute) * 2
        how = "given_up" if gives_up else rng.choice(("verified", "clean", "clean", "left", "restarted"))
        for name in ("judged", how, *(("troubled",) if troubled else ())):
            minutes[minute][f"sessions_{name}"] += 1
            minutes[minute][f"interactive_sessions_{name}"] += 1


def derived(counts: Counts) -> Row:
    """What the views compute from counters."""
    return {
        "cost_usd": counts.get("cost_micros", 0) / 1e6,
        "interactive_cost_usd": counts.get("interactive_cost_micros", 0) / 1e6,
        "interactive_actions_per_prompt": 1 + counts.get("interactive_tool_calls", 0) / max(1, counts.get("turns", 0)),
    }


def add_pipeline(made: Organisation, last: int, rng: random.Random) -> None:
    """What the pipeline tells of itself over the last two hours, a short jam an hour ago included."""
    clients = (("claude-code", "2.1.331", 0.8), ("claude-code", "2.1.318", 0.25), ("codex", "0.42.0", 0.3))
    for minute in range(last - 360, last + 1):
        for source, version, share in clients:
            events = int(share * 900 * rhythm(last - minute) * rng.uniform(0.85, 1.15))
            made.views["event_minutes"].append(
                {
                    "minute": minute * 60,
                    "source": source,
                    "client_version": version,
                    "events": events,
                    "unrecognised": int(events * (0.03 if source == "codex" else 0.004)),
                    "store_delay_p50_ms": rng.uniform(180, 320),
                    "store_delay_p99_ms": rng.uniform(500, 900),
                }
            )
    for tick in range(0, 7_200, 5):
        ago_s = 7_200 - tick
        jam = max(0.0, 1 - abs(ago_s - 1_500) / 120)
        for part in ("sessions", "users", "teams", "sink"):
            for partition in range(4):
                slow = jam * 1_500 if part == "users" else 0
                made.views["pipeline_samples"].append(
                    {
                        "at": text_of(made.end_ms - ago_s * 1000),
                        "part": part,
                        "partition": partition,
                        "lag": int(rng.expovariate(1 / 6) + slow),
                        "watermark_age_ms": int(rng.uniform(200, 900) + slow * 5),
                        "delay_ms": int(rng.lognormvariate(5.9, 0.35) + jam * 2_200) if part == "sink" else 0,
                    }
                )
    reasons = (("session-events", "not JSON: unexpected end of input"), ("session-events", "session_id is missing"))
    for number in range(5):
        topic, reason = reasons[number % 2]
        made.views["dead_letters"].append(
            {
                "at": text_of(made.end_ms - (number + 1) * 480_000),
                "topic": topic,
                "partition": number % 4,
                "offset": 10_000 + number,
                "reason": reason,
            }
        )
    sizes = {"session_events": 61_400_000, "user_minutes": 9_800_000, "sessions": 6_100_000, "team_windows": 21_000}
    for table, size in sizes.items():
        made.views["store_tables"].append({"table": table, "rows": size // 60, "bytes": size})


def text_of(ms: int) -> str:
    """A moment as DateTime64(3) reads it."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S}.{ms % 1000:03}"
