"""How a session went, in SQL: the same verdict as the stream's, of any evidence; labels beside, never mixed in."""

import random
from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas import counters as c
from schemas import wire
from schemas.derived import DEFINITIONS
from schemas.evidence import OUTCOMES, Mark, Sign
from sinks.clickhouse import ClickHouse
from sinks.rows import OUTSIDE, json_lines, rows_of
from streams.metrics.verdict import judge
from tests.sinks.made import T
from tests.sinks.test_views import put, session

DAY = 86_400_000
CLOSED = T - DAY

EVIDENCE = (c.PROMPTS, c.RESPONSES, c.TOOL_CALLS, c.TOOL_FAILURES, c.COMMITS, c.COMMIT_COMMANDS, c.PULL_REQUESTS,
            c.LOOPS, c.INTERRUPTS, c.USER_REJECTIONS, c.LINES_ADDED, c.TOOL_ACCEPTS)  # fmt: skip
SUMS = st.dictionaries(st.sampled_from(EVIDENCE), st.integers(1, 9), max_size=7)
MARKS = st.dictionaries(st.sampled_from([int(mark) for mark in Mark]), st.integers(1, 3), max_size=6)
TOLD = st.sampled_from(("", "", "", "", *OUTCOMES))
LIVES = st.tuples(SUMS, MARKS, st.booleans(), TOLD, st.booleans())


def given_session(sums: dict[int, int], marks: dict[int, int], ended: bool, told: str) -> wire.SessionState:
    """A closed session that holds this."""
    fields: dict[str, Any] = {"sums": {0: 1, **sums}, "marks": {mark: CLOSED + at for mark, at in marks.items()}}
    fields |= {"started_at": CLOSED, "ended_at": CLOSED, "seen_at": CLOSED, "closed_at": CLOSED}
    return session(1, closing_at=CLOSED if ended else 0, outcome=told, **fields)


def say(store: ClickHouse, topic: str, key: bytes, value: Any, place: int = 1) -> None:
    """Stores a record of a table from outside."""
    table = OUTSIDE[topic]
    told = None if value is None else msgspec.msgpack.encode(value)
    store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(rows_of(topic, key, told, place)))


@given(st.lists(LIVES, min_size=20, max_size=60))
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_view_and_the_stream_judge_alike(store: ClickHouse, lives: list[Any]) -> None:
    """Signs, outcome, trouble and confidence of any evidence."""
    for table in ("session_state_rows", "session_outcome_rows"):
        store.command(f"TRUNCATE TABLE ammeter_private.{table}")
    wanted = {}
    states, verdicts = [], []
    for number, (sums, marks, ended, told, came_back) in enumerate(lives):
        name, state = f"s{number:03}", given_session(sums, marks, ended, told)
        states.append(((name, CLOSED), state))
        signs = 1 << Sign.CAME_BACK if came_back else 0
        told_by_stream = wire.SessionVerdict(
            1, DEFINITIONS, "u_1", "red", "claude-code", True, CLOSED, CLOSED, CLOSED, "unknown", False, signs, "low"
        )
        verdicts.append(((name, CLOSED), told_by_stream))
        notice = wire.Notice(name, CLOSED, "closed", CLOSED, "red", CLOSED, "", state.sums)
        notice.marks, notice.end_seen, notice.outcome = state.marks, ended, told
        verdict = judge(notice, came_back)
        wanted[name] = (verdict.outcome, verdict.is_troubled, verdict.confidence, verdict.signs)
    put(store, "sessions", *states)
    put(store, "signals", *verdicts)
    found = store.query(
        "SELECT session_id, outcome, is_troubled, outcome_confidence, evidence FROM ammeter_private.sessions"
    ).rows
    for name, outcome, is_troubled, confidence, evidence in found:
        names = [sign.name.lower() for sign in Sign if wanted[name][3] >> sign & 1]
        assert (outcome, is_troubled, confidence) == wanted[name][:3]
        assert evidence == names


def test_nothing_is_judged_before_its_cohort_is_closed(store: ClickHouse) -> None:
    """Open, or closed just now: null."""
    now = int(store.query("SELECT toUnixTimestamp64Milli(now64(3))").rows[0][0])
    for name, closed, is_open in (("open", 0, True), ("young", now - 60_000, False), ("old", now - 16 * 60_000, False)):
        state = session(1, sums={1: 1}, started_at=T, ended_at=T, seen_at=T, closed_at=closed, is_open=is_open)
        put(store, "sessions", ((name, T), state))
    sql = "SELECT session_id, isNull(outcome), isNull(is_troubled) FROM ammeter.sessions ORDER BY session_id"
    assert store.query(sql).rows == [["old", 0, 0], ["open", 1, 1], ["young", 1, 1]]


def test_labels_stand_beside_proxies(store: ClickHouse) -> None:
    """A label fills its own column; taken back, it is null again; the proxy stays what it was."""
    put(
        store,
        "sessions",
        (("s", CLOSED), given_session({c.PROMPTS: 1, c.TOOL_CALLS: 2, c.LINES_ADDED: 3}, {}, True, "")),
    )
    sql = "SELECT work_mode, work_mode_proxy, expertise, value_proxy, judged_outcome FROM ammeter.sessions"
    assert store.query(sql).rows == [[None, "build", None, 1, None]]
    label = wire.SessionLabel(1, DEFINITIONS, "s", T, "somebody", "fix", 4, "verified_success")
    say(store, "session-labels", b"s", label, 1)
    assert store.query(sql).rows == [["fix", "build", 4, 1, "verified_success"]]
    say(store, "session-labels", b"s", None, 2)
    assert store.query(sql).rows == [[None, "build", None, 1, None]]


def test_work_modes_are_told_by_what_was_done(store: ClickHouse) -> None:
    """One session for each of the nine, by kinds of tools, lines and tests."""
    kind = c.TOOL_KIND
    modes: dict[str, dict[int, int]] = {
        "communicate": {c.PROMPTS: 2, c.RESPONSES: 2},
        "orchestrate": {c.TOOL_CALLS: 8, kind + 6: 3, kind + 1: 5},
        "plan": {c.TOOL_CALLS: 4, kind + 7: 2, kind + 1: 2},
        "test": {c.TOOL_CALLS: 3, kind + 3: 1, kind + 4: 2, c.TESTS_PASSED: 2, c.LINES_ADDED: 5},
        "fix": {c.TOOL_CALLS: 5, kind + 3: 4, kind + 4: 1, c.TESTS_FAILED: 1, c.LINES_ADDED: 5},
        "build": {c.TOOL_CALLS: 2, kind + 3: 2, c.LINES_ADDED: 90, c.LINES_REMOVED: 3},
        "operate": {c.TOOL_CALLS: 4, kind + 4: 3, kind + 1: 1},
        "analyze": {c.TOOL_CALLS: 5, kind + 5: 3, kind + 4: 1, kind + 1: 1},
        "understand": {c.TOOL_CALLS: 6, kind + 1: 4, kind + 2: 1, kind + 4: 1},
    }
    for name, sums in modes.items():
        put(store, "sessions", ((name, CLOSED), given_session({c.PROMPTS: 1} | sums, {}, False, "")))
    rows = store.query("SELECT session_id, work_mode_proxy FROM ammeter.sessions").rows
    assert dict(rows) == {name: name for name in modes}


def test_tokens_that_only_metrics_hold_are_a_figure_of_their_own(store: ClickHouse) -> None:
    """What metrics say above events; never below zero where no metrics came."""
    state = given_session({c.RESPONSES: 1, c.OUTPUT_TOKENS: 90, c.INPUT_TOKENS: 5}, {}, False, "")
    state.sums |= {c.REPORTED_OUTPUT_TOKENS: 100, c.REPORTED_OUTPUT_TOKENS + c.OTHER: 30}
    put(store, "sessions", (("s", CLOSED), state))
    sql = "SELECT output_tokens, unreported_output_tokens, unreported_input_tokens FROM ammeter.sessions"
    assert store.query(sql).rows == [[90, 40, 0]]


def test_figures_of_turns_are_geometric(store: ClickHouse) -> None:
    """Two turns of 1 and 15 calls are 5.66 actions each; segments add up."""
    for segment, actions, bucket in ((1, 1000, 20), (2, 4000, 20)):
        sums = {c.TURNS: 1, c.LOG_ACTIONS: actions, c.TURN_DURATIONS + bucket: 1, c.PROMPTS: 1, c.OUTPUT_TOKENS: 50}
        put(store, "sessions", (("s", segment), session(1, sums=sums, seen_at=segment)))
    rows = store.query(
        "SELECT round(actions_per_prompt, 2), output_per_prompt, turn_durations, turn_duration_p50_ms > 700"
        " FROM ammeter.sessions"
    ).rows
    assert rows == [[5.66, 50, {"20": 2}, 1]]


def test_shuffled_rows_show_the_same(store: ClickHouse) -> None:
    """Of a verdict the newest counts, whatever came last."""
    versions = list(range(1, 6))
    random.Random(4).shuffle(versions)
    put(store, "sessions", (("s", CLOSED), given_session({c.PROMPTS: 1}, {}, False, "")))
    for version in versions:
        verdict = wire.SessionVerdict(
            version,
            DEFINITIONS,
            "u_1",
            "red",
            "codex",
            True,
            T,
            T,
            CLOSED,
            "abandoned",
            version == 5,
            1 << Sign.LOOP,
            "low",
        )
        put(store, "signals", (("s", CLOSED), verdict))
    sql = "SELECT outcome, is_troubled, evidence FROM ammeter_private.session_outcomes"
    assert store.query(sql).rows == [["abandoned", True, ["loop"]]]
