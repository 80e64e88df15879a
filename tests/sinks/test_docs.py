"""The questions of docs/sql.md get answers."""

import re
from pathlib import Path

from sinks.clickhouse import ClickHouse
from sinks.rows import TABLES, json_lines, rows_of, splice
from tests.sinks.made import message, pack, windows
from tests.sinks.test_views import MINUTE, minute, put

PAGE = Path(__file__).parents[2] / "docs" / "sql.md"


def test_each_query_runs_and_answers(store: ClickHouse) -> None:
    """Three of them, each with a row for what was stored."""
    store.insert("ammeter_private.session_events", (), splice(message("s", 1), 0, 0))

    table = TABLES["team-windows"]
    rows = rows_of("team-windows", pack(("red",)), windows(1, 4))
    store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(rows))
    put(store, "user-minutes", (("u_1", "red", MINUTE, 0), minute(1, {0: 1, 17: 2_000_000, 19: 3})))
    queries = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(queries) == 3
    answers = [store.query(query.replace("now()", f"toDateTime({MINUTE * 60})")).rows for query in queries]
    assert answers[0][0][:2] == ["red", 1]
    assert answers[1][0][1:] == ["red", 2, 3]
    assert answers[2] == [["", 3, 0, 500]]
