"""What the store has already, for those who bring recorded input again. Rule: asked before sending, never guessed."""

from collections.abc import Iterable, Iterator

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
