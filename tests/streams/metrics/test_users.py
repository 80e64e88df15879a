"""The users stage: a person's sessions and the verdicts on them, live panes and the directory, and what it refuses."""

from itertools import permutations

import msgspec
import pytest

from schemas import counters as c
from schemas.codec import InvalidEvent
from schemas.derived import DEFINITIONS
from streams.metrics.cohorts import COHORT, KEEP
from streams.metrics.users import Users
from tests.streams.metrics.events import HOUR, MINUTE, T
from tests.streams.metrics.users import (
    ANSWERED,
    GIVEN_UP,
    TALKED,
    failures,
    key_of,
    minutes,
    notice,
    record,
    sessions,
    started,
    tell,
    to_teams,
    verdicts,
)

M = T // MINUTE


def test_a_session_stays_until_a_day_after_its_close() -> None:
    """Open as long as it is; closed, it is judged after fifteen minutes, and kept while it may still change."""
    stage = started()
    tell(stage, notice("a", "opened", T))
    row = sessions(stage.changed(T, 7))["a"]
    assert row is not None
    assert (row.notice.state, row.version, row.judged_at) == ("opened", 7, 0)
    assert sessions(stage.changed(T + 10 * COHORT, 8)) == {}
    tell(stage, notice("a", "closed", T + 10 * COHORT, T), now=T + 10 * COHORT)
    output = stage.changed(T + 11 * COHORT - 1, 9)
    assert len(sessions(output)) == 1
    assert verdicts(output) == []
    output = stage.changed(T + 11 * COHORT, 10)
    row = sessions(output)["a"]
    assert row is not None
    assert (row.judged_at, row.counted, row.counted_minute) == (T + 11 * COHORT, {48: 1, 51: 1}, M)
    assert sessions(stage.changed(T + 10 * COHORT + KEEP - 1, 11)) == {}
    assert sessions(stage.changed(T + 10 * COHORT + KEEP, 12)) == {"a": None}
    assert stage.sizes()["sessions"] == 0


def test_a_verdict_is_told_and_counted_once() -> None:
    """To topic signals under the session's key, and in the minute in which the session began, the team's too."""
    stage = started()
    tell(stage, notice("a", "closed", T + MINUTE, T, source="codex", entrypoint="cli", end_seen=True))
    output = stage.changed(T + MINUTE + COHORT, 5)
    ((name, verdict),) = verdicts(output)
    assert name == "a"
    assert verdict.version == 5
    assert (verdict.user_id, verdict.team_id, verdict.source, verdict.is_interactive) == ("ann", "red", "codex", True)
    assert (verdict.started_at, verdict.ended_at, verdict.judged_at) == (T, T + MINUTE, T + MINUTE + COHORT)
    assert (verdict.outcome, verdict.confidence, verdict.replaces) == ("ended_clean", "medium", False)
    assert [msgspec.msgpack.decode(key) for topic, key, _ in output.changes if topic == "signals"] == [["a", T]]
    minute = minutes(output)["ann", "red", 0]
    assert minute is not None
    assert minute.sums == to_teams(output)["red"].minutes[M] == {c.SESSIONS_JUDGED: 1, c.SESSIONS_CLEAN: 1}
    assert stage.changed(T + MINUTE + COHORT, 6) == ([], [])


def test_print_mode_is_judged_in_its_own_half() -> None:
    """By how the client was started."""
    stage = started()
    tell(stage, notice("a", "closed", T, entrypoint="sdk-cli"))
    output = stage.changed(T + COHORT, 5)
    minute = minutes(output)["ann", "red", 0]
    assert minute is not None
    assert minute.sums == {c.SESSIONS_JUDGED + c.OTHER: 1, c.SESSIONS_CLEAN + c.OTHER: 1}
    assert not verdicts(output)[0][1].is_interactive


def test_a_session_in_which_nothing_happened_is_not_judged() -> None:
    """A client that was started and not used: no verdict, no count; but when it is used after all."""
    stage = started()
    tell(stage, notice("a", "closed", T, sums={c.EVENTS: 3}))
    output = stage.changed(T + COHORT, 5)
    assert verdicts(output) == []
    assert minutes(output) == {}
    tell(stage, notice("a", "closed", T), now=T + COHORT)
    assert [name for name, _ in verdicts(stage.changed(T + COHORT, 6))] == ["a"]


def test_a_session_that_goes_on_takes_its_verdict_back() -> None:
    """Reopened: what was counted is taken away at once, teams included; closed again: judged anew, a correction."""
    stage = started()
    tell(stage, notice("a", "closed", T))
    stage.changed(T + COHORT, 1)
    tell(stage, notice("a", "reopened", T + HOUR, T), now=T + HOUR)
    output = stage.changed(T + HOUR, 2)
    assert verdicts(output) == []
    assert to_teams(output)["red"].minutes == {M: {c.SESSIONS_JUDGED: -1, c.SESSIONS_CLEAN: -1}}
    assert minutes(output)["ann", "red", 0] is None
    tell(stage, notice("a", "closed", T + 2 * HOUR, T, marks=GIVEN_UP), now=T + 2 * HOUR)
    assert verdicts(stage.changed(T + 2 * HOUR, 3)) == []
    output = stage.changed(T + 2 * HOUR + COHORT, 4)
    ((_, verdict),) = verdicts(output)
    assert (verdict.outcome, verdict.replaces) == ("abandoned", True)
    assert to_teams(output)["red"].minutes == {M: {c.SESSIONS_JUDGED: 1, c.SESSIONS_LEFT: 1}}


def test_late_evidence_replaces_a_verdict_at_once() -> None:
    """The difference is counted; the same again is no news; an earlier start moves the count to its minute."""
    stage = started()
    tell(stage, notice("a", "closed", T))
    stage.changed(T + COHORT, 1)
    tell(stage, notice("a", "closed", T, sums=TALKED | {c.COMMITS: 1}), now=T + HOUR)
    output = stage.changed(T + HOUR, 2)
    ((_, verdict),) = verdicts(output)
    assert (verdict.outcome, verdict.replaces, verdict.judged_at) == ("verified_success", True, T + HOUR)
    assert to_teams(output)["red"].minutes == {M: {c.SESSIONS_CLEAN: -1, c.SESSIONS_VERIFIED: 1}}
    tell(stage, notice("a", "closed", T, sums=TALKED | {c.COMMITS: 2}), now=T + HOUR)
    output = stage.changed(T + HOUR, 3)
    assert verdicts(output) == []
    assert to_teams(output) == {}
    tell(stage, notice("a", "closed", T, T - MINUTE, sums=TALKED | {c.COMMITS: 2}), now=T + HOUR)
    judged = {c.SESSIONS_JUDGED: 1, c.SESSIONS_VERIFIED: 1}
    back = dict.fromkeys(judged, -1)
    assert to_teams(stage.changed(T + HOUR, 4))["red"].minutes == {M: back, M - 1: judged}


def test_a_successor_that_is_heard_of_late_replaces_a_verdict() -> None:
    """What was abandoned was in truth begun anew."""
    stage = started()
    tell(stage, notice("a", "closed", T, marks=GIVEN_UP))
    ((_, verdict),) = verdicts(stage.changed(T + COHORT, 1))
    assert verdict.outcome == "abandoned"
    tell(stage, notice("b", "opened", T + HOUR, T + MINUTE), now=T + HOUR)
    ((name, verdict),) = verdicts(stage.changed(T + HOUR, 2))
    assert (name, verdict.outcome, verdict.replaces) == ("a", "restarted", True)


def test_one_that_proves_unused_is_no_successor() -> None:
    """A client that was started, looked at and left: nobody began anew."""
    stage = started()
    tell(stage, notice("a", "closed", T, marks=GIVEN_UP), notice("b", "opened", T + MINUTE))
    ((_, verdict),) = verdicts(stage.changed(T + COHORT, 1))
    assert verdict.outcome == "restarted"
    tell(stage, notice("b", "closed", T + HOUR, T + MINUTE, sums={}), now=T + HOUR)
    ((name, verdict),) = verdicts(stage.changed(T + HOUR, 2))
    assert (name, verdict.outcome, verdict.replaces) == ("a", "abandoned", True)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_came_back_is_known_in_any_order(order: tuple[int, ...]) -> None:
    """Another session that began within fifteen minutes of the end; they come from several partitions."""
    told = [notice("a", "closed", T), notice("b", "opened", T + MINUTE), notice("c", "opened", T - MINUTE)]
    stage = started()
    for place in order:
        tell(stage, told[place])
    rows = sessions(stage.changed(T, 7))
    assert {name: row.came_back for name, row in rows.items() if row} == {"a": True, "b": False, "c": False}


@pytest.mark.parametrize(("after", "came_back"), [(-1, False), (0, True), (COHORT - 1, True), (COHORT, False)])
def test_came_back_has_fifteen_minutes(after: int, came_back: bool) -> None:
    """From the last event of the one to the first of the other, not by when either closed or was heard of."""
    stage = started()
    closed = notice("a", "closed", T + 30 * MINUTE, T - HOUR, ended_at=T)
    tell(stage, closed, notice("b", "opened", T + HOUR, T + after))
    row = sessions(stage.changed(T, 7))["a"]
    assert row is not None
    assert row.came_back is came_back


def test_new_evidence_of_a_closed_session_keeps_that_the_person_came_back() -> None:
    """Closed and told again: the notice is new, the verdict stays. Reopened, it is void."""
    stage = started()
    tell(stage, notice("a", "closed", T), notice("b", "opened", T), notice("b", "closed", T, T))
    stage.changed(T, 1)
    stage.changed(T + COHORT, 2)
    tell(stage, notice("a", "closed", T))
    assert (row := sessions(stage.changed(T + COHORT, 3))["a"]) is not None
    assert row.came_back
    tell(stage, notice("a", "reopened", T + 1))
    assert (row := sessions(stage.changed(T + COHORT, 4))["a"]) is not None
    assert not row.came_back


def test_nobody_in_particular_never_comes_back() -> None:
    """`unknown` is many people; their sessions are judged all the same."""
    stage = started()
    tell(stage, notice("a", "closed", T), notice("b", "opened", T), user_id="unknown")
    output = stage.changed(T + COHORT, 7)
    assert not any(row and row.came_back for row in sessions(output).values())
    assert [verdict.user_id for _, verdict in verdicts(output)] == ["unknown"]


def test_a_session_that_is_heard_of_late_is_judged_at_once() -> None:
    """Its cohort has closed already; a day later it is no news, for it was forgotten, hence judged."""
    stage = started()
    tell(stage, notice("a", "closed", T), now=T + COHORT)
    assert len(verdicts(stage.changed(T + COHORT, 1))) == 1
    tell(stage, notice("b", "closed", T), now=T + KEEP)
    assert sessions(stage.changed(T + KEEP - 1, 2)) == {}


def test_a_verdict_on_what_began_long_ago_is_a_late_minute() -> None:
    """A session that was open for two days: its first minute is a row of its own, by the flush's version, nulled."""
    stage = started()
    now = T + 48 * HOUR
    stage.changed(now, 1)
    tell(stage, notice("a", "closed", now, T), now=now)
    output = stage.changed(now + COHORT, 2)
    rows = [(msgspec.msgpack.decode(key)[3], value) for topic, key, value in output.tables if topic == "user-minutes"]
    assert [segment for segment, _ in rows] == [2, 2]
    assert rows[1][1] is None
    assert msgspec.msgpack.decode(rows[0][1] or b"")[2] == {c.SESSIONS_JUDGED: 1, c.SESSIONS_CLEAN: 1}


def test_another_life_of_a_session_is_judged_by_itself() -> None:
    """Woken after the sessions stage had forgotten it: the verdict on the first life stays, each under its key."""
    stage = started()
    tell(stage, notice("a", "closed", T))
    tell(stage, notice("a", "opened", T + 24 * HOUR, segment=T + 24 * HOUR), now=T + 24 * HOUR)
    tell(stage, notice("a", "closed", T + 24 * HOUR, segment=T + 24 * HOUR), now=T + 24 * HOUR)
    output = stage.changed(T + 24 * HOUR + COHORT, 1)
    told = [msgspec.msgpack.decode(key) for topic, key, _ in output.changes if topic == "signals"]
    assert told == [["a", T], ["a", T + 24 * HOUR]]
    assert not any(verdict.replaces for _, verdict in verdicts(output))


def test_a_directory_entry_moves_what_is_live_and_only_from_its_moment_on() -> None:
    """By the difference: sums, people and windows leave one team and enter the other; what was before stays."""
    stage = started()
    panes = {"red": {M - 1: {0: 1}, M: {0: 2}}, "blue": {M: {0: 4}}}
    tell(stage, panes=panes)
    stage.changed(T, 1)
    stage.learn(key_of("ann"), record((T, "green")))
    output = stage.changed(T, 2)
    rows = minutes(output)
    assert rows["ann", "red", 0] is None
    assert rows["ann", "blue", 0] is None
    assert ("ann", "red", -1) not in rows
    assert (row := rows["ann", "green", 0]) is not None
    assert (row.sums, row.hint) == ({0: 6}, "red")
    told = to_teams(output)
    assert (told["red"].minutes, told["red"].people) == ({M: {0: -2}}, [0, 0, 0])
    assert (told["blue"].minutes, told["blue"].people) == ({M: {0: -4}}, [-1, -1, -1])
    assert (told["green"].minutes, told["green"].people) == ({M: {0: 6}}, [1, 1, 1])
    tell(stage, panes={"blue": {M: {0: 1}, M - 1: {0: 1}}})
    assert {key for key, row in minutes(stage.changed(T, 3)).items() if row} == {
        ("ann", "green", 0),
        ("ann", "blue", -1),
    }


def test_a_moved_minute_is_written_empty_before_it_is_nulled() -> None:
    """Else the store, which skips nulls, would count it in both teams."""
    stage = started()
    tell(stage, panes={"red": {M: {0: 1}}})
    stage.changed(T, 1)
    stage.learn(key_of("ann"), record((0, "green")))
    rows = [
        (*msgspec.msgpack.decode(key)[1:], value) for t, key, value in stage.changed(T, 2).tables if t == "user-minutes"
    ]
    red = [value for team_id, minute, segment, value in rows if team_id == "red"]
    assert red[1] is None
    assert msgspec.msgpack.decode(red[0] or b"") == [2, DEFINITIONS, {}, "red"]


def test_an_entry_that_is_gone_gives_people_back_to_where_their_client_says() -> None:
    """Each minute keeps the client's word beside the directory's."""
    stage = started()
    stage.learn(key_of("ann"), record((0, "green")))
    tell(stage, panes={"red": {M: {0: 1}}, "blue": {M - 1: {0: 1}}})
    assert {key[1] for key in minutes(stage.changed(T, 1))} == {"green"}
    stage.learn(key_of("ann"), None)
    assert {key for key, row in minutes(stage.changed(T, 2)).items() if row} == {("ann", "red", 0), ("ann", "blue", -1)}


def test_a_directory_entry_moves_sessions_and_verdicts() -> None:
    """To the team of the minute in which they began; a verdict that was told is told again."""
    stage = started()
    tell(stage, notice("old", "closed", T, T - HOUR), notice("a", "closed", T + 1, T), notice("b", "opened", T))
    stage.changed(T + COHORT + 1, 1)
    stage.learn(key_of("ann"), record((T, "green")))
    output = stage.changed(T + COHORT + 1, 2)
    assert {name: row.team_id for name, row in sessions(output).items() if row} == {"a": "green", "b": "green"}
    assert [(name, verdict.team_id, verdict.replaces) for name, verdict in verdicts(output)] == [("a", "green", True)]
    told = to_teams(output)
    assert told["green"].minutes == {M: {c.SESSIONS_JUDGED: 1, c.SESSIONS_CLEAN: 1}}
    assert told["red"].minutes == {M: {c.SESSIONS_JUDGED: -1, c.SESSIONS_CLEAN: -1}}


def test_what_the_directory_said_while_the_stage_was_away_is_made_good() -> None:
    """A minute's key says for which team it was counted: whoever is restored compares, and knows nothing else."""
    stage = started()
    stage.learn(key_of("ann"), record((0, "green")))
    tell(stage, panes={"red": {M: {0: 1}}})
    first = stage.changed(T, 1)
    for entries, team in (((0, "blue"),), "blue"), (((0, "green"),), "green"), ((), "red"):
        again = Users()
        for topic, key, value in first.tables:
            assert value is not None
            again.restore(topic, key, value)
        again.learn(key_of("ann"), record(*entries))
        again.begin(T)
        output = again.changed(T, 2)
        assert {key[1] for key, row in minutes(output).items() if row} == ({team} - {"green"})
        assert {name: change.people for name, change in to_teams(output).items()} == (
            {} if team == "green" else {"green": [-1, -1, -1], team: [1, 1, 1]}
        )


def test_nobody_in_particular_has_no_entry() -> None:
    """`unknown` counts where the client said, or nowhere."""
    stage = started()
    stage.learn(key_of("unknown"), record((0, "green")))
    tell(stage, panes={"unassigned": {M: {0: 1}}}, user_id="unknown")
    assert {key[1] for key in minutes(stage.changed(T, 1))} == {"unassigned"}


def test_a_restart_neither_repeats_nor_loses_a_verdict() -> None:
    """Killed after any flush: what is judged is judged, what is awaited comes, what counted can be taken back."""
    for cut in range(4):
        tables: dict[tuple[str, bytes], bytes] = {}
        told: list[tuple[str, str, bool]] = []
        stage = started()
        steps = [
            ([notice("a", "closed", T, marks=ANSWERED)], T),
            ([], T + COHORT),
            ([notice("a", "reopened", T + HOUR, T)], T + HOUR),
            ([notice("a", "closed", T + 2 * HOUR, T, marks=GIVEN_UP)], T + 2 * HOUR + COHORT),
        ]
        for nth, (notices, now) in enumerate(steps):
            tell(stage, *notices, now=now)
            output = stage.changed(now, nth + 1)
            told += [(name, verdict.outcome, verdict.replaces) for name, verdict in verdicts(output)]
            for topic, key, value in output.tables:
                tables.pop((topic, key), None)
                if value is not None:
                    tables[topic, key] = value
            if nth == cut:
                stage = Users()
                for (topic, key), value in tables.items():
                    stage.restore(topic, key, value)
                stage.begin(now)
                assert stage.changed(now, nth + 1) == ([], [])
        assert told == [("a", "ended_clean", False), ("a", "abandoned", True)]
        (minute,) = [value for (topic, _), value in tables.items() if topic == "user-minutes"]
        assert msgspec.msgpack.decode(minute)[2] == {c.SESSIONS_JUDGED: 1, c.SESSIONS_LEFT: 1}


def test_another_segment_of_minutes_is_not_its_memory() -> None:
    """A late row that was not nulled yet is the store's, never this stage's."""
    stage = Users()
    key = msgspec.msgpack.encode(("ann", "red", T // MINUTE, 5))
    stage.restore("user-minutes", key, msgspec.msgpack.encode((1, 1, {0: 1})))
    stage.begin(T)
    assert stage.sizes()["minutes"] == 0


@pytest.mark.parametrize("bad", [b"", b"\x93", b"\xc1", msgspec.msgpack.encode(("ann", {"red": {"x": {}}}, []))])
def test_what_cannot_be_read_changes_nothing(bad: bytes) -> None:
    """It is refused with the reason."""
    stage = started()
    with pytest.raises(InvalidEvent):
        stage.apply(bad, T)
    assert stage.changed(T, 1) == ([], [])


def test_failed_requests_are_told_by_person_and_whenever_the_minute_changes() -> None:
    """Beside the sums of the team; a minute without failures is none of a detector's business."""
    stage = started()
    panes = {"red": {M: {c.API_FAILURES: 2, c.API_FAILURES + c.OTHER: 1, c.RESPONSES: 1}, M + 1: {c.RESPONSES: 10}}}
    tell(stage, panes=panes)
    tell(stage, panes={"red": {M: {c.RESPONSES: 74}}}, user_id="bob")
    output = stage.changed(T, 1)
    assert failures(output) == {("red", 0, "ann"): (3, 1)}
    assert to_teams(output)["red"].minutes[M][c.RESPONSES] == 75
    tell(stage, panes={"red": {M: {c.RESPONSES: 1}}})
    assert failures(stage.changed(T, 2)) == {("red", 0, "ann"): (3, 2)}
    assert failures(stage.changed(T + MINUTE, 3)) == {}


def test_failures_that_are_taken_back_or_move_to_another_team_are_told_as_none() -> None:
    """A detector forgets them where they were."""
    stage = started()
    tell(stage, panes={"red": {M: {c.API_FAILURES: 2, c.RESPONSES: 5}}})
    stage.changed(T, 1)
    stage.learn(key_of("ann"), record((0, "blue")))
    assert failures(stage.changed(T, 2)) == {("red", 0, "ann"): (0, 0), ("blue", 0, "ann"): (2, 5)}
    tell(stage, panes={"red": {M: {c.API_FAILURES: -2}}})
    assert failures(stage.changed(T, 3)) == {("blue", 0, "ann"): (0, 5)}


def test_a_verdict_carries_what_detectors_add_up() -> None:
    """Cost, calls, decisions and prompts of the session, both halves; told again when they change."""
    stage = started()
    sums = {c.PROMPTS: 2, c.RESPONSES: 3, c.TOOL_CALLS: 4, c.TOOL_CALLS + c.OTHER: 1, c.TOOL_FAILURES: 2}
    sums |= {c.TOOL_ACCEPTS: 3, c.TOOL_REJECTIONS: 2, c.USER_REJECTIONS: 1, c.COST_MICROS: 1000, c.INPUT_TOKENS: 9}
    tell(stage, notice("a", "closed", T, sums=dict(sums)))
    ((_, told),) = verdicts(stage.changed(T + COHORT, 1))
    assert (told.cost_micros, told.tool_calls, told.tool_failures, told.tool_decisions) == (1000, 5, 2, 5)
    assert (told.user_rejections, told.prompts) == (1, 2)
    tell(stage, notice("a", "closed", T, sums=sums | {c.COST_MICROS: 3000}), now=T + HOUR)
    ((_, told),) = verdicts(stage.changed(T + HOUR, 2))
    assert (told.cost_micros, told.replaces) == (3000, True)
