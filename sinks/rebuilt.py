"""Tables beside those that are in use, to be filled anew and exchanged. Rule: until the exchange nothing is changed.

A session that the stream may still remember keeps the segment under which the stream writes it, so that its next row
replaces the one made anew and does not add to it.
"""

# ruff: noqa: S608 - only names of ours are put into SQL

from collections.abc import Iterator
from typing import Any

from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, Databases
from sinks.stored import ONE_SHOT_PARTITION, ONE_SHOT_TURN
from sinks.tables_days import DAYS, days_of

TABLES = ("session_state_rows", "user_minute_rows", "session_outcome_rows")
"""What follows from raw events alone. Windows and user_session_rows are the stream's memory of the last day."""

SUFFIX = "_rebuilt"
_LOG = f"${{private}}.log{SUFFIX}"
_REMEMBERED_MS = 26 * 3_600_000
ROWS_AT_ONCE = 100_000


class Rebuilt:
    """The tables beside the old ones."""

    def __init__(self, store: ClickHouse, databases: Databases = DEFAULT) -> None:
        self._store, self._databases = store, databases

    def begin(self) -> None:
        """Makes them, empty, and puts the raw events into the order in which they were received."""
        self.drop()
        for table in TABLES:
            self._run(f"CREATE TABLE ${{private}}.{table}{SUFFIX} AS ${{private}}.{table}")
        self._run(
            f"CREATE TABLE {_LOG} ENGINE = MergeTree ORDER BY (turn, `partition`, `offset`, run, `index`) AS "
            f"SELECT * EXCEPT (occurred, received, stored_at), if(`partition` = {ONE_SHOT_PARTITION}, {ONE_SHOT_TURN}, "
            "received_at) AS turn FROM ${private}.events"
        )

    def events(self, one_shot: bool) -> Iterator[tuple[int, list[list[Any]]]]:
        """Received events, a message's together: how many there are in all, and [place, line, receipt] of some.

        Of the stream, or of what one-shot folds brought.
        """
        which = f"`partition` {'=' if one_shot else '!='} {ONE_SHOT_PARTITION}"
        total = int(self._rows(f"SELECT count() FROM {_LOG} WHERE {which}")[0][0])
        after = "(toInt64(-1), toUInt16(0), toInt64(-1), '', toInt64(-1))"
        place = "(turn, `partition`, `offset`, toString(run), `index`)"
        while total:
            found = self._rows(
                f"SELECT {place}, formatRow('JSONEachRow', * EXCEPT (`partition`, `offset`, turn)), received_at"
                f" FROM {_LOG} WHERE {which} AND {place} > {after} AND turn >= tupleElement({after}, 1)"
                f" ORDER BY turn, `partition`, `offset`, run, `index` LIMIT {ROWS_AT_ONCE}"
            )
            if not found:
                return
            yield total, found
            turn, partition, offset, run, index = found[-1][0]
            after = f"(toInt64({turn}), toUInt16({partition}), toInt64({offset}), '{run}', toInt64({index}))"

    def keep_segments(self, until: int) -> None:
        """What the stream may remember at `until` (milliseconds) gets the segment under which the stream has it."""
        live = (
            "SELECT session_id, max(segment) AS live FROM ${private}.session_state_rows FINAL"
            f" WHERE greatest(seen_at, closed_at) > {until - _REMEMBERED_MS} GROUP BY session_id"
        )
        last = (
            f"SELECT session_id, max(segment) AS made FROM ${{private}}.session_state_rows{SUFFIX} GROUP BY session_id"
        )
        moved = (
            f"SELECT m.session_id AS session_id, m.made AS made, l.live AS live FROM ({last}) AS m"
            f" INNER JOIN ({live}) AS l ON l.session_id = m.session_id WHERE m.made != l.live"
        )
        self._run(f"CREATE TABLE ${{private}}.moved{SUFFIX} ENGINE = MergeTree ORDER BY session_id AS {moved}")
        for table in ("session_state_rows", "session_outcome_rows"):
            name = f"${{private}}.{table}{SUFFIX}"
            self._run(
                f"INSERT INTO {name} SELECT r.* REPLACE (m.live AS segment) FROM {name} AS r FINAL"
                f" INNER JOIN ${{private}}.moved{SUFFIX} AS m ON m.session_id = r.session_id AND m.made = r.segment"
            )
            self._run(
                f"ALTER TABLE {name} DELETE WHERE (session_id, segment) IN"
                f" (SELECT session_id, made FROM ${{private}}.moved{SUFFIX}) SETTINGS mutations_sync = 1"
            )

    def exchange(self) -> None:
        """Puts them in the place of the old ones, each at once, and drops those.

        What fills a table from states reads what is inserted into them by name, so it has not seen these.
        """
        names = ", ".join(column.name for column in DAYS.columns)
        self._run(f"INSERT INTO ${{private}}.{DAYS.name} ({names}) {days_of(f'session_state_rows{SUFFIX}')}")
        for table in TABLES:
            self._run(f"EXCHANGE TABLES ${{private}}.{table} AND ${{private}}.{table}{SUFFIX}")
        self.drop()

    def drop(self) -> None:
        """Nothing is left of them."""
        for table in (*TABLES, "log", "moved"):
            self._run(f"DROP TABLE IF EXISTS ${{private}}.{table}{SUFFIX} SYNC")

    def _run(self, sql: str) -> None:
        self._store.command(self._databases.fill(sql))

    def _rows(self, sql: str) -> list[list[Any]]:
        return self._store.query(self._databases.fill(sql)).rows


def passed(store: ClickHouse, databases: Databases = DEFAULT) -> int:
    """Up to when the stages have let time pass, in epoch milliseconds; 0: nothing was stored."""
    tables = ("session_state_rows", "user_minute_rows", "user_window_rows", "team_window_rows", "session_outcome_rows")
    union = " UNION ALL ".join(f"SELECT version FROM ${{private}}.{table}" for table in tables)
    return int(store.query(databases.fill(f"SELECT max(version) FROM ({union})")).rows[0][0]) // 1000


def last_sample(store: ClickHouse, databases: Databases = DEFAULT) -> int:
    """When a sink last said that it lives, in epoch milliseconds; 0: never."""
    return int(store.query(databases.fill("SELECT max(at) FROM ${private}.pipeline_sample_rows")).rows[0][0])
