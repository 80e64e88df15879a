"""Records to rows, and the bytes of raw events."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import wire
from schemas.codec import read_events, write_events
from schemas.derived import DEFINITIONS
from schemas.topics import CATALOGUE
from sinks.batch import Batch, Record
from sinks.consume import LANES
from sinks.memory import MemoryStore
from sinks.rows import OUTSIDE, TABLES, json_lines, rows_of, splice
from tests.sinks.made import T, message, pack, tool, windows

MINUTE = T // 60_000


def test_every_topic_has_its_place() -> None:
    """What is no stage's own is read by the sink; what becomes no row is known by name."""
    read = {topic for topics in LANES.values() for topic in topics}
    assert {topic.name for topic in CATALOGUE} - read == {"user-changes", "team-changes", "detector-states"}
    assert read - set(TABLES) - set(OUTSIDE) == {"session-events", "team-minutes"}


def test_one_record_of_windows_is_a_row_a_span() -> None:
    """Windows are told together and stored apart, as_of in seconds."""
    rows = rows_of("team-windows", pack(("red",)), windows(7, 4))
    told = [(row.team_id, row.span, row.span_minutes, row.as_of, row.people) for row in rows]  # type: ignore[attr-defined] # rows of team-windows
    assert told == [("red", name, span, MINUTE * 60, 1) for name, span in (("5m", 5), ("1h", 60), ("24h", 1440))]


@pytest.mark.parametrize("topic", TABLES)
def test_nulls_and_checkpoints_are_no_rows(topic: str) -> None:
    """A null says that the stream forgot, and the empty key is a stage's place; neither is a row."""
    assert rows_of(topic, pack(("x",)), None) == []
    if not topic.endswith("-dlq"):
        assert rows_of(topic, b"", pack(wire.Checkpoint(1, T, 1))) == []
        assert rows_of(topic, None, b"anything") == []


TAKEN = (
    ("directory", pack(("u_1",)), wire.DirectoryRecord(1, DEFINITIONS, "u_1", [wire.DirectoryEntry(0, "red")])),
    ("session-labels", b"s", wire.SessionLabel(1, DEFINITIONS, "s", T, work_mode="fix")),
    ("interventions", b"i", wire.Intervention(1, DEFINITIONS, "i", "training", T)),
)


@pytest.mark.parametrize(("topic", "key", "value"), TAKEN)
def test_a_null_takes_back_what_people_said(topic: str, key: bytes, value: object) -> None:
    """Of a table from outside a null is a row too, and the later in the log counts."""
    store, table = MemoryStore(), OUTSIDE[topic]
    for place, told in ((5, pack(value)), (7, None), (6, pack(value))):
        store.insert(table.name, table.columns, json_lines(rows_of(topic, key, told, place)))
        assert len(store.rows(table.name)) == (1 if place == 5 else 0)
    store.insert(table.name, table.columns, json_lines(rows_of(topic, key, pack(value), 8)))
    assert len(store.rows(table.name)) == 1
    with pytest.raises(msgspec.MsgspecError):
        rows_of(topic, key, b"\xc1", 9)


def test_a_batch_hands_on_what_was_taken_back() -> None:
    """Of a key the last record of the log, null or not; a null of a stage's table is no row."""
    batch, record = Batch(), pack(wire.SessionLabel(1, DEFINITIONS, "s", T))
    for offset, (topic, value) in enumerate((("session-labels", record), ("session-labels", None), ("sessions", None))):
        batch.add(Record(topic, 0, offset, T, b"s", value), T)
    (item,) = batch.items(T)
    assert (item.table, item.offset) == ("session_label_rows", 1)
    assert msgspec.json.decode(item.rows)["is_deleted"] == 1


def test_dead_letters_need_no_key() -> None:
    """A message without a key may be the reason."""
    letter = wire.DeadLetter("session-events", 1, 2, T, "key: none", None, b"x")
    (row,) = rows_of("session-events-dlq", None, pack(letter))
    assert msgspec.structs.asdict(row) == {
        "topic": "session-events",
        "partition": 1,
        "offset": 2,
        "at": T,
        "reason": "key: none",
    }


@pytest.mark.parametrize("topic", TABLES)
def test_what_is_no_record_is_refused(topic: str) -> None:
    """The caller sets it aside."""
    with pytest.raises(msgspec.MsgspecError):
        rows_of(topic, pack(("x",)), b"\xc1")


@given(
    st.integers(1, 30), st.integers(0, 65_535), st.integers(0, 1 << 62), st.sampled_from(["", "\n", "\r\n", " \n\n "])
)
def test_splicing_adds_the_position_and_changes_nothing(count: int, partition: int, offset: int, end: str) -> None:
    """Each line is what it was with two more fields, however its writer ended lines."""
    plain = message("s", 5, count)
    written = plain.replace(b"\n", (end or "\n").encode()) + end.encode()
    lines = splice(written, partition, offset).splitlines()
    assert len(lines) == count
    assert splice(written, partition, offset).endswith(b"}\n")
    for line in lines:
        assert msgspec.json.decode(line)["partition"] == partition
        assert msgspec.json.decode(line)["offset"] == offset
    assert write_events(read_events(b"\n".join(lines))) == plain


def test_braces_in_text_are_no_ends_of_lines() -> None:
    """Only a line's last brace is."""
    told = tool("s", 1, 0, tool_name="}\\n{ } \n}")
    (line,) = splice(write_events([told]), 1, 2).splitlines()
    assert read_events(line) == [told]
