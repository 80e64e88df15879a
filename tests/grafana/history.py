"""Ninety days of the same organisation, and what the store tells beside minutes: outcomes, tools, models, alerts."""

import random
from datetime import UTC, date, datetime, timedelta

from tests.grafana.organisation import PEOPLE, TEAMS, TROUBLED, Organisation, Row, Team, named, text_of

DAYS = 90
WEEKEND = 5
MODELS = (("claude-opus-4-8", 0.35, 1.9), ("claude-sonnet-4-6", 0.55, 0.5), ("claude-haiku-4-5", 0.1, 0.12))
TOOLS = (
    ("Bash", 0.4, 1.6, ""),
    ("Edit", 0.2, 0.9, ""),
    ("Read", 0.25, 0.3, ""),
    ("Grep", 0.1, 0.2, ""),
    ("mcp__tickets__search", 0.05, 2.4, "tickets"),
)
MODES = (("build", 30), ("fix", 26), ("operate", 18), ("understand", 9), ("communicate", 7), ("plan", 5), ("test", 3))
DAY_MS, HOUR_MS = 86_400_000, 3_600_000


def add_history(made: Organisation, seed: int = 11) -> None:
    """All of it; `*` is the whole organisation."""
    rng = random.Random(seed)
    today = datetime.fromtimestamp(made.end_ms / 1000, UTC).date()
    everybody: dict[str, dict[str, int]] = {}
    for team in TEAMS:
        for ago in range(DAYS, -1, -1):
            day = today - timedelta(days=ago)
            busy = team.pace * (0.7 if day.weekday() >= WEEKEND else 1.0) * rng.uniform(0.8, 1.2)
            counts = {**worked(team, busy, rng), **judged(team, ago, busy, rng)}
            add_day(made, team.name, f"{day}", counts, max(5, int(PEOPLE * min(1.0, busy))))
            total = everybody.setdefault(f"{day}", {})
            for name, amount in counts.items():
                total[name] = total.get(name, 0) + amount
        for name, share in MODES:
            for ago in range(0, DAYS, 7):
                row: Row = {"day": f"{today - timedelta(days=ago)}", "work_mode": name, "people": PEOPLE}
                made.views["work_modes_daily"].append({**row, "team_id": team.name, "sessions": int(share * team.pace)})
                made.views["work_modes_daily"].append({**row, "team_id": "*", "sessions": share})
    for moment, counts in everybody.items():
        add_day(made, "*", moment, counts, PEOPLE * len(TEAMS))
    add_hours(made, rng)
    add_alerts(made)
    add_silence(made, f"{today}")


def add_day(made: Organisation, team: str, day: str, counts: dict[str, int], people: int) -> None:
    """One row of a day."""
    figures = {**counts, "interactive_actions_per_prompt": 8.0, "cost_usd": counts["cost_micros"] / 1e6}
    monday = date.fromisoformat(day) - timedelta(days=date.fromisoformat(day).weekday())
    row: Row = {"week": f"{monday}", "day": day, "days": 1, "team_id": team, "people": people}
    made.views["team_days_brief"].append(row | named("team_days_brief", figures))


def worked(team: Team, busy: float, rng: random.Random) -> dict[str, int]:
    """What a team counts on a day."""
    prompts = int(220 * busy)
    calls = int(prompts * team.actions)
    counts = {
        "events": calls * 4,
        "prompts": prompts,
        "turns": prompts,
        "log_actions": int(prompts * 3_000),
        "responses": calls + prompts,
        "api_failures": int(calls * 0.004),
        "tool_calls": calls,
        "tool_failures": int(calls * team.failing * rng.uniform(0.8, 1.2)),
        "tool_accepts": calls,
        "tool_rejections": calls // 90,
        "user_rejections": calls // 120,
        "input_tokens": calls * 250,
        "output_tokens": calls * 500,
        "cache_read_tokens": calls * 30_000,
        "cache_creation_tokens": calls * 1_800,
        "cost_micros": int(calls * 22_000 * rng.uniform(0.9, 1.1)),
        "lines_added": calls * 6,
        "lines_removed": calls * 2,
        "commits": calls // 40,
    }
    return {**counts, **{f"interactive_{name}": int(amount * (1 - team.automated)) for name, amount in counts.items()}}


def judged(team: Team, ago: int, busy: float, rng: random.Random) -> dict[str, int]:
    """How the sessions of a day went; the troubled team gives up more and more."""
    sessions = int(60 * busy)
    troubled = int(sessions * rng.uniform(0.28, 0.38))
    gives_up = 0.07 + (0.3 * max(0.0, 1 - ago / 21) if team.name == TROUBLED else 0)
    given_up = int(troubled * gives_up + rng.random())
    verified = int(sessions * 0.27)
    restarted, left, unknown = sessions // 20, sessions // 12, sessions // 15
    counts = {
        "sessions_judged": sessions,
        "sessions_troubled": troubled,
        "sessions_verified": verified,
        "sessions_clean": max(0, sessions - verified - given_up - restarted - left - unknown),
        "sessions_given_up": given_up,
        "sessions_left": left,
        "sessions_restarted": restarted,
        "sessions_coded": sessions // 2,
    }
    return {**counts, **{f"interactive_{name}": amount for name, amount in counts.items()}}


def add_hours(made: Organisation, rng: random.Random) -> None:
    """Calls of each tool and requests to each model over the last two days."""
    last = made.end_ms // HOUR_MS * 3600
    for team in TEAMS:
        for hour in range(last - 47 * 3600, last + 1, 3600):
            row: Row = {"hour": hour, "team_id": team.name, "source": "claude-code", "people": PEOPLE}
            for tool, share, failing, server in TOOLS:
                calls = int(400 * share * team.pace * rng.uniform(0.7, 1.3))
                failures = int(calls * team.failing * failing)
                slow = {10 + bucket: calls // 8 for bucket in range(8)}
                made.views["tool_hours"].append(
                    {
                        **row,
                        "tool_name": tool,
                        "mcp_server": server,
                        "calls": calls,
                        "failures": failures,
                        "rejections": calls // 90,
                        "durations": slow,
                    }
                )
            for model, share, price in MODELS:
                requests = int(500 * share * team.pace * rng.uniform(0.7, 1.3))
                made.views["model_hours"].append(
                    {
                        **row,
                        "model": model,
                        "requests": requests,
                        "failures": requests // 250,
                        "retries_exhausted": requests // 700,
                        "refusals": requests // 3_000,
                        "input_tokens": requests * 250,
                        "output_tokens": requests * 500,
                        "cache_read_tokens": requests * 30_000,
                        "cache_creation_tokens": requests * 1_800,
                        "cost_micros": int(requests * 40_000 * price),
                        "durations": {18 + bucket: requests // 10 for bucket in range(10)},
                    }
                )


def add_alerts(made: Organisation) -> None:
    """One that is open, three that are over, of which one was of no use; and what was done to help."""
    told = (
        ("abandonment", TROUBLED, 40, 0, "firing", "alert", ""),
        ("tool_failures", "search", 30 * 60, 26 * 60, "resolved", "alert", "yes"),
        ("cost_per_success", "mobile", 60 * 60, 50 * 60, "resolved", "alert", "no"),
        ("silence", "growth", 20 * 60, 10 * 60, "resolved", "pipeline", ""),
        ("trouble", "infra", 26 * 60, 20 * 60, "resolved", "digest", ""),
    )
    for number, (detector, team, opened, resolved, status, severity, useful) in enumerate(told):
        made.views["anomalies"].append(
            {
                "id": f"{detector}-{number:08x}",
                "detector": detector,
                "scope": "team",
                "team_id": team,
                "status": status,
                "severity": severity,
                "opened_at": text_of(made.end_ms - opened * 60_000),
                "changed_at": text_of(made.end_ms - opened * 60_000),
                "resolved_at": text_of(made.end_ms - resolved * 60_000) if resolved else None,
                "since": text_of(made.end_ms - (opened + 95) * 60_000),
                "n": 84,
                "observed": 21,
                "expected": 7.5,
                "usual": 0.09,
                "usual_low": 0.06,
                "usual_high": 0.13,
                "now": 0.25,
                "now_low": 0.17,
                "now_high": 0.35,
                "people": 9,
                "sentence": f"{team}: 21 of 84 troubled sessions were abandoned since this morning, usually 9 %.",
                "useful": useful,
            }
        )
    made.views["interventions"].append(
        {
            "id": "training-1",
            "kind": "training",
            "title": "Half a day on writing tests with the assistant",
            "team_id": TROUBLED,
            "started_at": text_of(made.end_ms - 30 * DAY_MS),
            "ended_at": None,
        }
    )


def add_silence(made: Organisation, today: str) -> None:
    """What was lost, who is not heard any more, what was not understood, how edits were decided, who is at it."""
    for team in TEAMS:
        made.views["silence"].append(
            {
                "day": today,
                "team_id": team.name,
                "source": "claude-code",
                "client_version": "2.1.331",
                "people": PEOPLE,
                "sessions": 40,
                "sessions_with_gaps": 2,
                "numbered": 9_000,
                "lost": 31 if team.name == "mobile" else 3,
                "sessions_without_requests": int(team.name == "infra"),
            }
        )
        for language, rejected in (("Python", 3), ("TypeScript", 9)):
            made.views["edit_decisions"].append(
                {
                    "day": today,
                    "team_id": team.name,
                    "tool_name": "Edit",
                    "language": language,
                    "decision_source": "user_temporary",
                    "people": PEOPLE,
                    "accepted": 140,
                    "rejected": rejected,
                }
            )
    heard = text_of(made.end_ms)
    for source, version, installs, stopped in (("claude-code", "2.1.331", 78, 0), ("codex", "0.42.0", 21, 4)):
        row: Row = {"source": source, "client_version": version}
        made.views["client_versions"].append(
            {**row, "people": installs, "installs": installs, "stopped": stopped, "last_heard_at": heard}
        )
        made.views["unrecognised_daily"].append({**row, "day": today, "name": f"{source}.new_thing", "events": 60})
    for span, minutes in (("5m", 5), ("1h", 60), ("24h", 1440)):
        made.views["team_live"].append(
            {"team_id": "*", "span": span, "span_minutes": minutes, "people": 80, "sessions_active": 95}
        )
