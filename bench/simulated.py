"""A store with a simulated organisation in it, made in one go: what the boards are tried and timed on.

Usage: python -m bench.simulated DIRECTORY NOW_MS DAYS

Rule: rows of people come through the same folds as live ones; what only a running stack writes (windows, samples of
the pipeline) is computed from them or drawn from a seed.
"""

import json
import random
import sys
from pathlib import Path

from ammeter.oneshot import OneShot
from schemas.derived import DEFINITIONS, SPAN_NAMES, SPANS
from schemas.people import Pseudonyms
from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import DEFAULT, migrate, set_floor
from sources.simulator.canonical import messages
from sources.simulator.simulation import Simulation, ramp_before

KEY = Pseudonyms(b"simulated organisations, for tests and benches")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
SIZES = (12, 8, 10, 9)
SEED = 7
FLOOR = 5
AHEAD_MS = 20 * 60_000
"""Who looks a while later still finds people at work."""
ANCHOR_MS = 1_768_402_800_000
"""A Wednesday afternoon: whatever the clock says, the organisation is at work."""


def simulation(now_ms: int) -> Simulation:
    """Four teams, one in growing trouble, on a Wednesday afternoon that is now."""
    made = Simulation(len(SIZES), sum(SIZES), None, SEED, "rising-abandonment", ramp_before(ANCHOR_MS), SIZES)
    return made.moved((now_ms - ANCHOR_MS) // HOUR_MS * HOUR_MS)


def fill(store: ClickHouse, now_ms: int, days: int) -> None:
    """So many days up to now and a little ahead, into an empty store with its schema."""
    fold = OneShot(store, DEFAULT, now_ms)
    for message in messages(simulation(now_ms), now_ms - days * DAY_MS, now_ms + AHEAD_MS, KEY):
        fold.feed(message.events, message.at_ms)
    fold.finish(now_ms + AHEAD_MS)
    set_floor(store, DEFAULT, FLOOR)
    windows(store, now_ms)
    pipeline(store, now_ms, random.Random(SEED))
    outside(store, now_ms)


def windows(store: ClickHouse, now_ms: int) -> None:
    """Rolling windows of people and teams as of now, from their minutes."""
    found = store.query(
        "SELECT name, type FROM system.columns WHERE database = 'ammeter_private' AND table = 'team_window_rows' "
        "AND default_kind IN ('', 'DEFAULT') AND name NOT IN "
        "('team_id', 'span', 'span_minutes', 'as_of', 'people', 'version', 'definitions')"
    )
    names = ", ".join(name for name, _ in found.rows)
    sums = ", ".join(f"{'sumMap' if kind.startswith('Map') else 'sum'}({name})" for name, kind in found.rows)
    for span, minutes in zip(SPAN_NAMES, SPANS, strict=True):
        fixed = f"'{span}', {minutes}, toDateTime({now_ms // 60_000 * 60}), {now_ms * 1000}, {DEFINITIONS}"
        since = f"WHERE minute > toDateTime({now_ms // 1000 - minutes * 60})"
        named = f"span, span_minutes, as_of, version, definitions, {names}"
        store.command(
            f"INSERT INTO ammeter_private.user_window_rows (user_id, {named}) SELECT user_id, {fixed}, {sums} "
            f"FROM ammeter_private.user_minute_rows FINAL {since} GROUP BY user_id"
        )
        store.command(
            f"INSERT INTO ammeter_private.team_window_rows (team_id, people, {named}) "
            f"SELECT team_id, uniqExactIf(user_id, user_id != 'unknown'), {fixed}, {sums} "
            f"FROM ammeter_private.user_minute_rows FINAL {since} GROUP BY team_id"
        )


def pipeline(store: ClickHouse, now_ms: int, rng: random.Random) -> None:
    """Two hours of samples with a short jam, when events came, and a few dead letters."""
    store.command(
        "INSERT INTO ammeter_private.arrival_rows (minute, event, source, client_version, is_unrecognised, delay_ms, "
        "rank) SELECT toStartOfMinute(fromUnixTimestamp64Milli(received_at, 'UTC')), cityHash64(event_id), source, "
        "client_version, type = 'unrecognised', 150 + rand() % 400, 9223372036854775807 "
        "FROM ammeter_private.session_events"
    )
    rows = []
    for ago_s in range(7_200, 0, -5):
        jam = max(0.0, 1 - abs(ago_s - 1_500) / 120)
        for part in ("sessions", "users", "teams", "detect", "sink"):
            lag = int(rng.expovariate(1 / 6) + (jam * 1_500 if part == "users" else 0))
            age = int(rng.uniform(200, 900) + (jam * 7_500 if part == "users" else 0))
            delay = int(rng.lognormvariate(5.9, 0.35) + jam * 2_200) if part == "sink" else 0
            rows.append(f"({now_ms - ago_s * 1000}, '{part}', 0, {lag}, {age}, {delay})")
    names = "at, part, partition, lag, watermark_age_ms, delay_ms"
    store.command(f"INSERT INTO ammeter_private.pipeline_sample_rows ({names}) VALUES {', '.join(rows)}")
    letters = ", ".join(
        f"({now_ms - number * 480_000}, 'session-events', {number % 4}, {10_000 + number}, 'session_id is missing')"
        for number in range(1, 6)
    )
    names = "at, topic, partition, offset, reason"
    store.command(f"INSERT INTO ammeter_private.dead_letter_rows ({names}) VALUES {letters}")


def outside(store: ClickHouse, now_ms: int) -> None:
    """An intervention two days ago, an alert that fires and one that is over, of what the ramp does to a team."""
    store.command(
        "INSERT INTO ammeter_private.intervention_rows (id, definitions, kind, started_at, title, team_id, ended_at) "
        f"VALUES ('i-1', {DEFINITIONS}, 'training', {now_ms - DAY_MS}, 'Workshop on tests', '', 0)"
    )
    team = simulation(now_ms).organisation.troubled_team.name
    for number, (hours, status, sentence) in enumerate(
        (
            (3, "firing", "More troubled sessions were abandoned: 9 of 20, usually 1 in 8."),
            (30, "resolved", "More tool calls failed: 31 of 240, usually 1 in 20."),
        )
    ):
        row = {
            "id": f"abandonment-0000000{number}",
            "version": now_ms * 1000,
            "definitions": DEFINITIONS,
            "detector": "abandonment" if status == "firing" else "tool_failures",
            "scope": "team" if status == "firing" else "organisation",
            "team_id": team if status == "firing" else "",
            "status": status,
            "severity": "alert",
            "direction": "up",
            "opened_at": now_ms - hours * HOUR_MS,
            "changed_at": now_ms - (hours - 2) * HOUR_MS,
            "since": now_ms - (hours + 5) * HOUR_MS,
            "resolved_at": 0 if status == "firing" else now_ms - (hours - 2) * HOUR_MS,
            "n": 20,
            "observed": 9.0,
            "expected": 2.5,
            "people": 8,
            "sentence": sentence,
        }
        store.insert("ammeter_private.anomaly_rows", tuple(row), json.dumps(row).encode())


def main(folder: Path, now_ms: int, days: int) -> None:
    """Makes the store's directory."""
    store = connect(str(folder))
    migrate(store)
    fill(store, now_ms, days)
    store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
