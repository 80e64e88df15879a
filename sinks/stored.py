"""What the store has already, for those who bring recorded input again. Rule: asked before sending, never guessed."""

from collections.abc import Iterable, Iterator

import msgspec

from schemas import wire
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, Databases

ONE_SHOT_PARTITION = 65_535
"""Of raw events that a one-shot fold brought: no broker's, so that nobody takes them for the stream's."""

AFTER_TELEMETRY_MS = 10 * 60_000
"""So much later than it was received a one-shot fold takes what a transcript tells: telemetry of the same session,
which knows more, comes within seconds, and a session idles for half an hour."""

ONE_SHOT_TURN = f"received_at + if(source = 'transcript', {AFTER_TELEMETRY_MS}, 0)"
"""When a one-shot fold takes an event, in milliseconds; of one moment, in the order of offsets."""

RUNS_AT_ONCE = 5_000


def highest_indexes(
    store: ClickHouse, databases: Databases = DEFAULT, runs: Iterable[str] = ()
) -> dict[tuple[str, str], int]:
    """(session_id, run) to the highest index that is stored of it; runs of which nothing is stored are not there.

    Within a run indexes rise, so what lies above was never counted. Raises StoreError.
    """
    asked, found = list(runs), {}
    sql = databases.fill(
        "SELECT session_id, run, max(`index`) FROM ${private}.session_events WHERE run IN {runs:Array(String)}"
        " GROUP BY session_id, run"
    )
    for at in range(0, len(asked), RUNS_AT_ONCE):
        for session_id, run, index in store.query(sql, {"runs": asked[at : at + RUNS_AT_ONCE]}).rows:
            found[str(session_id), str(run)] = int(index)
    return found


def next_offset(store: ClickHouse, databases: Databases = DEFAULT, partition: int = 0) -> int:
    """The first offset of a partition that nothing stored has; a one-shot fold numbers its messages from here."""
    sql = databases.fill(
        "SELECT if(count() = 0, 0, max(`offset`) + 1) FROM ${private}.session_events WHERE `partition` = {p:UInt16}"
    )
    return int(store.query(sql, {"p": partition}).rows[0][0])


def directory_teams(store: ClickHouse, databases: Databases = DEFAULT) -> Iterator[tuple[str, list[tuple[int, str]]]]:
    """Each identity of the directory, and since when (milliseconds) it is in which team. Raises StoreError."""
    sql = databases.fill("SELECT identity, valid_from, teams FROM ${private}.directory_rows FINAL WHERE is_deleted = 0")
    for identity, since, teams in store.query(sql).rows:
        yield str(identity), [(int(at), str(team)) for at, team in zip(since, teams, strict=True)]


def verdicts(
    store: ClickHouse, databases: Databases = DEFAULT, since: int = 0
) -> Iterator[tuple[wire.SessionKey, wire.SessionVerdict]]:
    """Each verdict given since a moment (milliseconds), in the order in which they were given. Raises StoreError."""
    plain = ("version", "definitions", "user_id", "team_id", "source", "is_interactive", "started_at", "ended_at",
             "judged_at", "outcome", "is_troubled", "signs", "confidence")  # fmt: skip
    summed = ("cost_micros", "tool_calls", "tool_failures", "tool_accepts + t.tool_rejections", "user_rejections",
              "prompts")  # fmt: skip
    sql = databases.fill(
        f"SELECT r.session_id, r.segment, {', '.join(f'r.{name}' for name in plain)}, "  # noqa: S608 - our own names only
        f"{', '.join(f't.{name}' for name in summed)} FROM ${{private}}.session_outcome_rows AS r FINAL "
        "LEFT JOIN ${private}.session_totals AS t ON t.session_id = r.session_id "
        "WHERE r.judged_at >= {since:Int64} ORDER BY r.judged_at, r.session_id, r.segment"
    )
    for session_id, segment, *said in store.query(sql, {"since": since}).rows:
        told, sums = said[: len(plain)], said[len(plain) :]
        yield wire.SessionKey(session_id, segment), msgspec.convert([*told, False, *sums], wire.SessionVerdict)
