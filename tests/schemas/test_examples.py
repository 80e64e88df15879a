"""The examples of every topic, walked both ways."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from schemas import events, wire
from schemas.codec import check_event, read_events, write_events
from schemas.derived import Record
from schemas.records import RECORDS
from schemas.topics import TOPICS

EXAMPLES = Path(__file__).parents[2] / "schemas" / "examples"


def _rows(topic: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((EXAMPLES / f"{topic}.json").read_text())
    return rows


def _array(value: Any) -> Any:
    """What stands on the wire: the fields in their order."""
    if isinstance(value, Record):
        return [_array(getattr(value, name)) for name in type(value).model_fields]
    return [_array(item) for item in value] if isinstance(value, list) else value


def _round_trip(model: type[Record], value: dict[str, Any]) -> None:
    """Model, wire struct, msgpack array and back say the same."""
    array = _array(model.model_validate_json(json.dumps(value)))

    struct = msgspec.convert(array, type=getattr(wire, model.__name__))

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(struct), type=Any) == _plain(array)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(array), type=type(struct)) == struct


def _plain(array: Any) -> Any:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(array))


def test_every_topic_has_examples_and_every_example_a_topic() -> None:
    """The catalogue and the directory are closed both ways."""
    assert {path.stem for path in EXAMPLES.glob("*.json")} == set(TOPICS)
    assert set(RECORDS) | {"session-events"} == set(TOPICS)


@pytest.mark.parametrize("topic", sorted(RECORDS))
def test_derived_records_survive_the_wire(topic: str) -> None:
    """What a model accepts, its wire twin carries there and back."""
    seen = set()
    for row in _rows(topic):
        (pair,) = [pair for pair in RECORDS[topic] if pair[0] is None or set(row["key"]) == set(pair[0].model_fields)]
        key_model, value_model = pair
        seen.add(pair)
        if key_model:
            _round_trip(key_model, row["key"])
        if row["value"] is not None:
            _round_trip(value_model, row["value"])
    assert seen == set(RECORDS[topic])


def test_events_survive_the_wire() -> None:
    """Every type of event stands in the example, is accepted by the model, and comes back from its line the same."""
    (row,) = _rows("session-events")
    lines = [json.dumps(event).encode() for event in row["events"]]

    read = read_events(b"\n".join(lines))

    assert read_events(write_events(read)) == read
    assert {type(event).__name__ for event in read} == {model.__name__ for model in events.EVENT_MODELS}
    for line, struct in zip(lines, read, strict=True):
        model = check_event(line)
        assert msgspec.to_builtins(struct) == {**model.model_dump(exclude_defaults=True), "type": model.type}
