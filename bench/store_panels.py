"""How long panels take on a quarter: 10 million raw events, a million sessions. Rule: what a board asks, as it asks.

usage: python -m bench.store_panels [--sessions N] [--rounds N] [--only TEXT] [--data DIR] [--results FILE]

Prints a table of p50, p95 and CPU seconds and writes JSON; exits 1 when a panel's p95 is a second or more. With a data
directory that is filled already, nothing is made anew.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import store_scale
from bench.stand import machine
from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import migrate

AT_MOST_S = 1.0


def _days(ago: str) -> str:
    return f"week >= toMonday(now() - {ago}) AND s.day >= toDate(now() - {ago})"


PANELS = {
    "sessions by outcome, 7 days": "SELECT toDate(s.started_at) AS day, outcome, count() FROM ammeter.sessions AS s"
    " WHERE s.started_at >= now() - INTERVAL 7 DAY GROUP BY ALL",
    "sessions by team, 30 days": "SELECT s.team_id, count(), sum(s.cost_micros) FROM ammeter.sessions AS s"
    " WHERE s.started_at >= now() - INTERVAL 30 DAY AND s.is_interactive GROUP BY ALL",
    "latest 100 sessions of a day": "SELECT started_at, team_id, outcome, prompts, tool_calls, cost_usd, evidence"
    " FROM ammeter.sessions WHERE started_at >= now() - INTERVAL 1 DAY ORDER BY started_at DESC LIMIT 100",
    "one session": "SELECT * FROM ammeter_private.sessions_brief WHERE session_id ="
    " (SELECT session_id FROM ammeter_private.session_state_rows LIMIT 1)",
    "a person's sessions, 30 days": "SELECT started_at, outcome, cost_usd FROM ammeter_private.sessions_brief"
    " WHERE person_id = 'u_0000000000000007' AND started_at >= now() - INTERVAL 30 DAY",
    "team_minutes, 24 hours": "SELECT toStartOfHour(minute), team_id, sum(m.prompts) FROM ammeter.team_minutes AS m"
    " WHERE minute >= now() - INTERVAL 24 HOUR GROUP BY ALL",
    "team_windows_brief": "SELECT team_id, span, people, prompts, tool_failures, cost_usd"
    " FROM ammeter.team_windows_brief",
    "team_current": "SELECT team_id, span, people, prompts, tool_failures, cost_usd FROM ammeter.team_current",
    "team_live": "SELECT * FROM ammeter.team_live",
    "team_spans_brief, 6 hours": "SELECT team_id, started_at, span_minutes, people, s.prompts"
    f" FROM ammeter.team_spans_brief AS s WHERE {_days('INTERVAL 6 HOUR')}",
    "team_spans_brief, 2 days": "SELECT team_id, started_at, s.prompts"
    f" FROM ammeter.team_spans_brief AS s WHERE {_days('INTERVAL 2 DAY')}",
    "team_days_brief, 30 days": "SELECT team_id, day, s.cost_micros"
    f" FROM ammeter.team_days_brief AS s WHERE {_days('INTERVAL 30 DAY')}",
    "team_days_brief, 90 days": "SELECT day, s.cost_micros FROM ammeter.team_days_brief AS s"
    f" WHERE {_days('INTERVAL 90 DAY')} AND team_id = '*'",
    "outcomes_daily, 90 days": "SELECT day, success_rate, abandonment_rate FROM ammeter.outcomes_daily"
    " WHERE team_id = '*' ORDER BY day",
    "model_hours, 7 days": "SELECT model, sum(m.requests), ammeter_quantile(sumMap(m.durations), 0.95)"
    " FROM ammeter.model_hours AS m WHERE hour >= now() - INTERVAL 7 DAY GROUP BY ALL",
    "tool_hours, 7 days": "SELECT tool_name, sum(t.calls), sum(t.failures) FROM ammeter.tool_hours AS t"
    " WHERE hour >= now() - INTERVAL 7 DAY GROUP BY ALL",
    "work_modes_daily, 7 days": "SELECT work_mode, team_id, sum(m.sessions) FROM ammeter.work_modes_daily AS m"
    " WHERE day >= today() - 7 GROUP BY ALL",
    "work_modes_daily, 90 days": "SELECT work_mode, sum(m.sessions) FROM ammeter.work_modes_daily AS m"
    " WHERE day >= today() - 90 AND team_id IN ('*', 'team-007') GROUP BY ALL",
    "client_versions": "SELECT * FROM ammeter.client_versions",
    "silence, a day": "SELECT team_id, source, sum(s.lost) FROM ammeter.silence AS s"
    " WHERE day >= today() - 1 GROUP BY ALL",
    "silence, 7 days": "SELECT day, sum(s.lost) FROM ammeter.silence AS s WHERE day >= today() - 7 GROUP BY ALL",
    "edit_decisions, a day": "SELECT language, sum(e.accepted) FROM ammeter.edit_decisions AS e"
    " WHERE day >= today() - 1 GROUP BY ALL",
    "edit_decisions, 30 days": "SELECT day, sum(e.accepted) FROM ammeter.edit_decisions AS e"
    " WHERE day >= today() - 30 GROUP BY ALL",
    "event_minutes, 24 hours": "SELECT minute, sum(m.events) FROM ammeter.event_minutes AS m"
    " WHERE minute >= now() - INTERVAL 1 DAY GROUP BY ALL",
    "teams": "SELECT team_id FROM ammeter.teams",
}


def asked(store: ClickHouse, sql: str, rounds: int) -> dict[str, float]:
    """Seconds of one panel by the clock and of CPU, after one round that is not counted."""
    walls, cpus = [], []
    for number in range(rounds + 1):
        cpu, wall = time.process_time(), time.perf_counter()
        rows = len(store.query(sql).rows)
        if number:
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
    walls.sort()
    p95 = walls[min(len(walls) - 1, round(0.95 * (len(walls) - 1)))]
    return {"rows": rows, "p50_s": statistics.median(walls), "p95_s": p95, "cpu_s": statistics.median(cpus)}


def main() -> int:
    """Fills a store where none is given, asks each panel, prints and writes what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=store_scale.SESSIONS)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", default="", help="panels whose name holds this")
    parser.add_argument("--data", type=Path, help="a directory that is kept")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results" / "store.json")
    options = parser.parse_args()
    before = machine()
    with tempfile.TemporaryDirectory(prefix="ammeter-bench-") as scratch:
        folder = options.data or Path(scratch) / "store"
        is_filled = folder.exists()
        store = connect(str(folder))
        if not is_filled:
            migrate(store, floor=5)
            store_scale.fill(store, time.time_ns() // 1_000_000, options.sessions)
        found = {name: asked(store, sql, options.rounds) for name, sql in PANELS.items() if options.only in name}
        store.close()
    table = Table("panel", "rows", "p50 s", "p95 s", "CPU s")
    for name, each in found.items():
        table.add_row(name, f"{each['rows']:,.0f}", *(f"{each[key]:.2f}" for key in ("p50_s", "p95_s", "cpu_s")))
    Console().print(table)
    whole = {"before": before, "after": machine(), "sessions": options.sessions, "rounds": options.rounds}
    options.results.write_text(json.dumps({**whole, "panels": found}, indent=1) + "\n")
    return 1 if any(each["p95_s"] >= AT_MOST_S for each in found.values()) else 0


if __name__ == "__main__":
    raise SystemExit(main())
