"""One person of the organisation, and somebody else: what the views of people's rows would show."""

from tests.grafana.organisation import Organisation, Row, text_of

ME, SOMEBODY = "u_00000000000000a1", "u_00000000000000b2"
MY_SESSION = "5c3d0f6e-0000-4000-8000-000000000001"
MINUTE_MS = 60_000
OUTCOMES = ("ended_clean", "verified_success", "abandoned_after_trouble", "verified_success", None)
TABLES = (
    "sessions_brief",
    "session_people",
    "session_state_rows",
    "events",
    "user_minutes_brief",
    "user_windows",
    "user_sessions",
    "session_outcomes",
    "directory",
    "user_minute_rows",
)
"""Of the private database: what personal boards read, and what binds it to a person."""


def add_person(made: Organisation) -> None:
    """Five sessions of mine within two days, the newest the one with events; one of somebody else, just as new."""
    for table in TABLES:
        made.private[table] = []
    for number in range(5):
        mine = MY_SESSION if number == 0 else f"{MY_SESSION[:-1]}{number + 2}"
        add_session(made, ME, mine, made.end_ms - (number * 9 * 60 + 50) * MINUTE_MS, OUTCOMES[number - 1])
    add_session(made, SOMEBODY, "5c3d0f6e-0000-4000-8000-00000000000f", made.end_ms - 40 * MINUTE_MS, "ended_clean")
    add_events(made, made.end_ms - 50 * MINUTE_MS)


def add_session(made: Organisation, person: str, session: str, began_ms: int, outcome: str | None) -> None:
    """A session of half an hour, and its minutes."""
    who: Row = {"session_id": session, "user_id": person, "person_id": person}
    made.private["sessions_brief"].append(
        {
            **who,
            "source": "claude-code",
            "team_id": "checkout",
            "started_at": text_of(began_ms),
            "ended_at": text_of(began_ms + 30 * MINUTE_MS),
            "is_interactive": True,
            "outcome": outcome,
            "outcome_confidence": "high" if outcome else None,
            "is_troubled": outcome == "abandoned_after_trouble" if outcome else None,
            "evidence": ["COMMIT", "WROTE_CODE"] if outcome == "verified_success" else [],
            "work_mode_proxy": "build",
            "prompts": 4,
            "tool_calls": 30,
            "tool_failures": 3,
            "actions_per_prompt": 7.3,
            "cost_usd": 1.84,
            "lines_added": 61,
            "end_reason": "idle",
        }
    )
    made.private["session_people"].append(who)
    made.private["session_state_rows"].append({"session_id": session, "user_id": person})
    for minute in range(0, 30, 3):
        made.private["user_minutes_brief"].append(
            {
                "user_id": person,
                "person_id": person,
                "team_id": "checkout",
                "minute": (began_ms // MINUTE_MS + minute) * 60,
                "prompts": 1,
                "interactive_turns": 1,
                "interactive_log_actions": 3_000,
                "tool_calls": 8,
                "tool_failures": 1,
                "cost_usd": 0.18,
            }
        )


def add_events(made: Organisation, began_ms: int) -> None:
    """My newest session, event by event."""
    told: tuple[tuple[str, Row], ...] = (
        ("prompt_submitted", {}),
        ("model_responded", {"model": "claude-opus-4-8", "output_tokens": 400, "cache_read_tokens": 21_000}),
        ("tool_decided", {"tool_name": "Bash", "decision": "reject", "decision_source": "user_reject"}),
        ("tool_finished", {"tool_name": "Bash", "command_kind": "test", "success": False, "error_type": "Error"}),
        ("model_request_failed", {"model": "claude-opus-4-8", "kind": "error", "reason": "overloaded"}),
        ("turn_interrupted", {}),
        ("prompt_submitted", {}),
        ("model_responded", {"model": "claude-opus-4-8", "output_tokens": 900, "cache_read_tokens": 30_000}),
        ("tool_finished", {"tool_name": "Edit", "success": True, "duration_ms": 120}),
        ("commit_made", {}),
        ("turn_ended", {}),
        ("session_ended", {"reason": "prompt_input_exit"}),
    )
    for number, (kind, fields) in enumerate(told):
        at_ms = began_ms + number * 2 * MINUTE_MS
        made.private["events"].append(
            {
                "type": kind,
                "session_id": MY_SESSION,
                "user_id": ME,
                "occurred_at": at_ms,
                "occurred": text_of(at_ms),
                "index": number,
                **fields,
            }
        )
