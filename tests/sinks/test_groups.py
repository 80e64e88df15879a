"""Views of teams, of people by the directory, of silence and edits."""

from typing import Any

import msgspec
import pytest

from schemas import counters as c
from schemas import wire
from schemas.derived import DEFINITIONS
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, set_floor
from sinks.rows import splice
from tests.sinks.made import T, pack, tool
from tests.sinks.test_verdicts import say
from tests.sinks.test_views import MINUTE, put, put_raw, session

MINUTE_MS = MINUTE * 60_000


def knows(store: ClickHouse, identity: str, person: str, *entries: tuple[int, str], place: int = 1) -> None:
    """A record of the directory."""
    record = wire.DirectoryRecord(1, DEFINITIONS, person, [wire.DirectoryEntry(at, team) for at, team in entries])
    say(store, "directory", pack((identity,)), record, place)


def minute_of(user: str, team: str, minute: int, **sums: int) -> tuple[Any, Any]:
    """A minute of one person, hinted to a team."""
    numbers = {getattr(c, name): amount for name, amount in sums.items()}
    return (user, team, minute, 0), wire.UserMinute(1, DEFINITIONS, {0: 1, **numbers}, team)


def test_the_directory_holds_at_once_and_only_from_its_moment_on(store: ClickHouse) -> None:
    """Back-dated, corrected and taken back: each moves minutes, teams and sessions by the next question."""
    put(
        store,
        "user-minutes",
        minute_of("u_1", "red", MINUTE, PROMPTS=1),
        minute_of("u_1", "red", MINUTE + 5, PROMPTS=2),
    )
    started = session(1, sums={1: 1}, started_at=MINUTE_MS + 5 * 60_000, seen_at=T)
    put(store, "sessions", (("s", 1), started))
    teams = "SELECT team_id, prompts FROM ammeter.team_minutes ORDER BY minute"
    of_session = "SELECT team_id FROM ammeter.sessions"
    assert store.query(teams).rows == [["red", 1], ["red", 2]]
    knows(store, "u_1", "p_1", (MINUTE_MS + 60_000, "blue"), place=1)
    assert store.query(teams).rows == [["red", 1], ["blue", 2]]
    assert store.query(of_session).rows == [["blue"]]
    knows(store, "u_1", "p_1", (0, "green"), (MINUTE_MS + 300_001, "blue"), place=2)
    assert store.query(teams).rows == [["green", 1], ["green", 2]], "an entry holds from the next minute on"
    knows(store, "u_1", "p_1", (0, ""), place=3)
    assert store.query(teams).rows == [["unassigned", 1], ["unassigned", 2]]
    assert store.query(of_session).rows == [["unassigned"]]
    say(store, "directory", pack(("u_1",)), None, 4)
    assert store.query(teams).rows == [["red", 1], ["red", 2]]


def test_two_identities_are_one_person(store: ClickHouse) -> None:
    """People are counted by the directory's person; their pseudonyms stay apart in private."""
    put(store, "user-minutes", minute_of("u_1", "red", MINUTE, PROMPTS=1), minute_of("u_2", "red", MINUTE, PROMPTS=1))
    knows(store, "u_1", "p", (0, "red"))
    knows(store, "u_2", "p", (0, "red"))
    assert store.query("SELECT people, prompts FROM ammeter.team_minutes").rows == [[1, 2]]
    trade = wire.DirectoryRecord(1, DEFINITIONS, "p", [wire.DirectoryEntry(0, "red", "lead", "Nurse")])
    say(store, "directory", pack(("u_2",)), trade, 2)
    put(store, "sessions", (("s", 1), session(1, sums={1: 1}, user_id="u_2", started_at=T)))
    sql = "SELECT person_id, occupation, directory_occupation FROM ammeter_private.sessions"
    assert store.query(sql).rows == [["p", None, "Nurse"]]
    rows = store.query("SELECT user_id, person_id FROM ammeter_private.user_minutes ORDER BY user_id").rows
    assert rows == [["u_1", "p"], ["u_2", "p"]]
    entries = "SELECT identity, person_id, team_id FROM ammeter_private.directory ORDER BY identity"
    assert store.query(entries).rows == [["u_1", "p", "red"], ["u_2", "p", "red"]]


def test_a_minute_that_moved_away_is_not_shown(store: ClickHouse) -> None:
    """The stream writes an empty pane where somebody was: no row of zeros."""
    put(store, "user-minutes", (("u_1", "red", MINUTE, 0), wire.UserMinute(1, DEFINITIONS, {}, "red")))
    assert store.query("SELECT * FROM ammeter_private.user_minutes").rows == []
    assert store.query("SELECT * FROM ammeter.team_minutes").rows == []


def test_cohorts_are_rated_by_team_and_as_a_whole(store: ClickHouse) -> None:
    """Abandonment is of troubled sessions, success of those that tell; interactive use stands apart."""
    mine = {"SESSIONS_JUDGED": 4, "SESSIONS_TROUBLED": 2, "SESSIONS_GIVEN_UP": 1, "SESSIONS_VERIFIED": 1}
    red = minute_of("u_1", "red", MINUTE, **mine, SESSIONS_CLEAN=1, SESSIONS_CODED=1)
    blue = ("u_2", "blue", MINUTE, 0), wire.UserMinute(1, DEFINITIONS, {0: 1, c.SESSIONS_JUDGED + c.OTHER: 1}, "blue")
    put(store, "user-minutes", red, blue)
    rows = store.query(
        "SELECT team_id, people, judged, unknown, trouble_rate, abandonment_rate, round(success_rate, 3),"
        " round(verified_rate, 3), wrote_code_rate, interactive_judged FROM ammeter.outcomes_daily ORDER BY team_id"
    ).rows
    assert rows == [
        ["*", 2, 5, 2, 0.4, 0.5, 0.667, 0.333, 0.2, 4],
        ["blue", 1, 1, 1, 0, None, None, None, 0, 0],
        ["red", 1, 4, 1, 0.5, 0.5, 0.667, 0.333, 0.25, 4],
    ]
    set_floor(store, DEFAULT, 2)
    assert store.query("SELECT team_id FROM ammeter.outcomes_daily").rows == [["*"]]


def test_who_is_at_it_now(store: ClickHouse) -> None:
    """Started, active and ended of each span, a team and all; what is older than a day is in none."""
    now = int(store.query("SELECT toUnixTimestamp64Milli(now64(3))").rows[0][0])
    for name, user, team, began, last, closed in (
        ("a", "u_1", "red", now - 7_000_000, now - 60_000, 0),
        ("b", "u_2", "red", now - 600_000, now - 590_000, now - 580_000),
        ("c", "u_3", "blue", now - 90_000_000, now - 89_000_000, now - 87_000_000),
    ):
        fields = {"user_id": user, "team_hint": team, "started_at": began, "ended_at": last, "closed_at": closed}
        put(store, "sessions", ((name, 1), session(1, sums={1: 1}, seen_at=last, is_open=not closed, **fields)))
    sql = "SELECT span, people, sessions_active, sessions_started, sessions_ended FROM ammeter.team_live"
    for team in ("red", "*"):
        rows = store.query(f"{sql} WHERE team_id = '{team}' ORDER BY span_minutes").rows
        assert rows == [["5m", 1, 1, 0, 0], ["1h", 2, 2, 1, 1], ["24h", 2, 2, 2, 1]]
    assert store.query(f"{sql} WHERE team_id = 'blue'").rows == []


def test_brief_views_say_what_the_wide_ones_say(store: ClickHouse) -> None:
    """Of sessions with their signs and labels, of minutes and of windows."""
    for place, (name, sums) in enumerate((("a", {1: 1, 4: 3, 6: 1}), ("b", {6: 5, 7: 5}), ("c", {1: 2, 13: 9})), 1):
        put(store, "sessions", ((name, 1), session(1, sums=sums, seen_at=T, is_open=False, user_id=name)))
        say(store, "session-labels", name.encode(), wire.SessionLabel(1, DEFINITIONS, name, T, work_mode="fix"), place)
        put(store, "user-minutes", minute_of(name, "red", MINUTE, PROMPTS=place, TOOL_CALLS=1))
        put(store, "team-windows", ((name,), wire.TeamWindows(1, DEFINITIONS, MINUTE, [1, 2, 3], [sums] * 3)))
    for view in ("ammeter_private.sessions", "ammeter_private.user_minutes", "ammeter.team_windows"):
        columns = ", ".join(f"v.{name}" for name, *_ in store.query(f"DESCRIBE {view}_brief").rows)
        wide = store.query(f"SELECT {columns} FROM {view} AS v ORDER BY ALL").rows
        assert wide == store.query(f"SELECT {columns} FROM {view}_brief AS v ORDER BY ALL").rows
        assert len(wide) == (9 if "windows" in view else 3)


def numbered(name: str, run: int, *numbers: int, at: int = T) -> bytes:
    """A message whose events carry the client's count."""
    events = [tool(name, run, place, sequence=number, occurred_at=at + place) for place, number in enumerate(numbers)]
    return b"\n".join(map(msgspec.json.encode, events))


def test_lost_telemetry_is_shown(store: ClickHouse) -> None:
    """A gap within a process; none where another process began anew, where a session went on in another, or where
    known events were condensed."""
    seen = {"session_id": "condensed", "source": "claude-code", "received_at": T + 9, "run": f"{9:016x}", "index": 0}
    condensed = wire.SequenceSeen(event_id="x", occurred_at=T, first=1, last=3, count=3, **seen)  # type: ignore[arg-type] # as the contract's strings
    for offset, lines in enumerate(
        (
            numbered("gap", 1, 0, 1, 4),
            numbered("resumed", 2, 0, 1, 2) + b"\n" + numbered("resumed", 3, 0, 1, at=T + 500),
            numbered("cleared", 4, 71, 72),
            numbered("condensed", 5, 0, 4),
            msgspec.json.encode(condensed),
        )
    ):
        put_raw(store, splice(lines, 0, offset))
    for name in ("gap", "resumed", "cleared", "condensed"):
        put(store, "sessions", ((name, 1), session(1, sums={6: 1}, started_at=T, seen_at=T)))
    sql = "SELECT session_id, processes, lost FROM ammeter_private.session_silence ORDER BY session_id"
    assert store.query(sql).rows == [["cleared", 1, 0], ["condensed", 1, 0], ["gap", 1, 2], ["resumed", 2, 0]]
    sql = "SELECT sessions, sessions_with_gaps, numbered, lost, people FROM ammeter.silence"
    assert store.query(sql).rows == [[4, 1, 15, 2, 1]]


def test_hooks_without_requests_are_shown(store: ClickHouse) -> None:
    """Somebody worked, and the exporter said nothing."""
    put(store, "sessions", (("s", 1), session(1, sums={c.PROMPTS: 1, c.HOOK_EVENTS: 4}, started_at=T, seen_at=T)))
    put(store, "sessions", (("t", 1), session(1, sums={c.PROMPTS: 1, c.HOOK_EVENTS: 4, c.RESPONSES: 1}, seen_at=T)))
    sql = "SELECT session_id, is_without_requests FROM ammeter_private.session_silence ORDER BY session_id"
    assert store.query(sql).rows == [["s", True], ["t", False]]


def test_clients_that_stopped_are_shown(store: ClickHouse) -> None:
    """By installation in private, counted by version for all."""
    now = int(store.query("SELECT toUnixTimestamp64Milli(now64(3))").rows[0][0])
    for name, seen in (("a", now - 5 * 86_400_000), ("b", now - 60_000)):
        fields = {"install_id": name, "client_version": "2.1.330", "started_at": seen, "seen_at": seen}
        put(store, "sessions", ((name, 1), session(1, sums={1: 1}, **fields)))
    rows = store.query("SELECT install_id, has_stopped FROM ammeter_private.clients ORDER BY install_id").rows
    assert rows == [["a", True], ["b", False]]
    rows = store.query("SELECT client_version, people, installs, stopped FROM ammeter.client_versions").rows
    assert rows == [["2.1.330", 1, 2, 1]]


@pytest.mark.parametrize("temporality", ["delta", "cumulative"])
def test_edits_by_tool_and_language(store: ClickHouse, temporality: str) -> None:
    """Deltas add up; of a cumulative series the highest value counts."""
    lines = []
    for index, (kind, language, value) in enumerate((("accept", "Go", 1), ("accept", "Go", 3), ("reject", "C", 1))):
        given: dict[str, Any] = {"kind": kind, "language": language, "value": value, "temporality": temporality}
        given |= {"series": f"{kind} {language}", "tool_name": "Edit", "decision_source": "config", "started_at": T}
        given |= {"session_id": "s", "source": "claude-code", "occurred_at": T, "received_at": T, "run": "0" * 16}
        name = "claude_code.code_edit_tool.decision"
        lines.append(msgspec.json.encode(wire.UsageReported(event_id=f"{index}", index=index, name=name, **given)))
    put_raw(store, splice(b"\n".join(lines), 0, 0))
    put(store, "sessions", (("s", 1), session(1, sums={23: 1}, started_at=T, seen_at=T)))
    rows = store.query(
        "SELECT team_id, tool_name, language, accepted, rejected FROM ammeter.edit_decisions ORDER BY language"
    ).rows
    assert rows == [["red", "Edit", "C", 0, 1], ["red", "Edit", "Go", 4 if temporality == "delta" else 3, 0]]


def test_interventions_are_for_everybody_to_read(store: ClickHouse) -> None:
    """With an end or without."""
    say(store, "interventions", b"i", wire.Intervention(1, DEFINITIONS, "i", "training", T, "Pairing", "", 0))
    rows = store.query("SELECT id, kind, title, team_id, isNull(ended_at) FROM ammeter.interventions").rows
    assert rows == [["i", "training", "Pairing", "*", 1]]
