"""Ways to a store: what is said when it is away, when it refuses, and never a password."""

import socket

import pytest

from sinks.batch import Item
from sinks.clickhouse import BadRows, ClickHouse, StoreAway, StoreError, Target, connect
from sinks.insert import insert
from sinks.rows import RAW, splice
from tests.sinks.made import message


def test_nobody_is_told_the_password() -> None:
    """Neither the target nor the error names user or password."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        target = f"http://writer:s%20ecret@127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(StoreAway) as told:
            connect(target)
    assert "127.0.0.1" in str(told.value)
    assert Target.of(target).password == "s ecret"
    for text in (str(told.value), repr(Target.of(target))):
        assert "ecret" not in text
        assert "writer" not in text


def test_an_answer_has_names_even_without_rows(store: ClickHouse) -> None:
    """Names, types, and values as in JSON; a parameter is no text of the statement."""
    answer = store.query("SELECT {a:String} AS a, 9007199254740993 AS b, nan AS c WHERE 0", {"a": "x' OR 1"})
    assert (answer.names, answer.rows) == (("a", "b", "c"), [])
    answer = store.query("SELECT {a:String} AS a, 9007199254740993 AS b, nan AS c", {"a": "x' OR 1"})
    assert answer.rows == [["x' OR 1", 9007199254740993, None]]
    assert answer.types == ("String", "UInt64", "Float64")


def test_a_refused_statement_says_its_code(store: ClickHouse) -> None:
    """A wrong name is no absence."""
    with pytest.raises(StoreError) as told:
        store.query("SELECT nothing FROM ammeter.sessions")
    assert told.value.code == 47
    assert not isinstance(told.value, StoreAway | BadRows)


@pytest.mark.parametrize("rows", [b"no json", b'{"index": "x"}', b'{"run": "a", "run": "b"}', b'{"index":'])
def test_rows_that_cannot_be_read_are_known_as_such(store: ClickHouse, rows: bytes) -> None:
    """So that a sink can tell poison from absence."""
    with pytest.raises(BadRows):
        store.insert("ammeter_private.session_events", (), rows)


def test_unknown_fields_and_nulls_are_no_poison(store: ClickHouse) -> None:
    """A newer writer says more than this version knows."""
    store.insert("ammeter_private.session_events", (), b'{"event_id":"a","new":{"x":[1]},"index":null}')
    assert store.query("SELECT event_id, `index` FROM ammeter_private.session_events").rows == [["a", 0]]


def test_poison_is_found_by_the_engine_too(store: ClickHouse) -> None:
    """One unreadable message of a batch is set aside, its neighbours stored; twice gives the same."""
    items = [Item(RAW, "session-events", 0, number, splice(message("s", number), 0, number), 3) for number in range(9)]
    items[4] = items[4]._replace(rows=b'{"event_id": [}\n')
    for _ in range(2):
        insert(store, "ammeter_private", items, 5)
    assert store.query("SELECT count() FROM ammeter_private.session_events FINAL").rows == [[24]]
    assert store.query("SELECT `offset` FROM ammeter.dead_letters").rows == [[4]]
