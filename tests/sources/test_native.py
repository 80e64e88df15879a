"""Canonical events over HTTP."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from schemas import wire
from schemas.codec import read_events
from schemas.people import Pseudonyms
from sources.commands import target
from sources.messages import pack
from sources.native import read_lines
from sources.otlp.limits import Limits
from sources.otlp.refused import Refused
from tests.sources.test_http import Client, serve

ROOT = Path(__file__).parents[2]
EXAMPLE = json.loads((ROOT / "schemas/examples/session-events.json").read_text())[0]["events"]
NAMES = Pseudonyms(b"n" * 32)
NOW = 1_795_350_000_000


def _body(*events: dict[str, Any] | bytes) -> bytes:
    return b"\n".join(event if isinstance(event, bytes) else json.dumps(event).encode() for event in events)


def test_events_of_every_type_become_messages_by_session() -> None:
    """All that the contract knows is taken, stamped with the time of receipt."""
    other = {**EXAMPLE[1], "session_id": "another"}

    reading = read_lines(_body(*EXAMPLE, other), NAMES, NOW, Limits())

    assert not reading.rejected
    assert {session: len(events) for session, events in reading.sessions.items()} == {
        EXAMPLE[0]["session_id"]: len(EXAMPLE),
        "another": 1,
    }
    for message in pack(reading.sessions):
        assert {event.received_at for event in read_events(message.value)} == {NOW}


def test_identities_become_pseudonyms_and_pseudonyms_stay() -> None:
    """A name never passes; what was made a pseudonym before is not made one again."""
    named = {**EXAMPLE[1], "user_id": "dana@example.com", "install_id": "laptop-7"}

    reading = read_lines(_body(named, EXAMPLE[2]), NAMES, NOW, Limits())

    first, second = reading.sessions[EXAMPLE[0]["session_id"]]
    assert first.user_id == NAMES.of("dana@example.com")
    assert first.install_id == NAMES.of("laptop-7")
    assert second.user_id == EXAMPLE[2]["user_id"]
    assert b"dana" not in pack(reading.sessions)[0].value


def test_a_file_or_command_becomes_a_keyed_hash() -> None:
    """Whatever a harness puts there."""
    call = next(event for event in EXAMPLE if event["type"] == "tool_finished")
    told = [{**call, "target": text, "index": place} for place, text in enumerate(("/home/dana/x.py", "c1d2e3f4"))]

    (first, second) = read_lines(_body(*told), NAMES, NOW, Limits()).sessions[call["session_id"]]

    assert isinstance(first, wire.ToolFinished)
    assert isinstance(second, wire.ToolFinished)
    assert first.target == target(NAMES, "/home/dana/x.py") != second.target == "c1d2e3f4"


def test_the_example_of_the_page_is_taken() -> None:
    """A harness that is written after it tells a judged session of a pseudonym."""
    (example,) = re.findall("```python\n(.*?)```", (ROOT / "docs" / "native.md").read_text(), re.DOTALL)

    async def test(client: Client) -> None:
        code = example.replace("http://127.0.0.1:4318", client.url)
        await asyncio.to_thread(exec, compile(code, "native.md", "exec"), {})
        (message,) = client.log.messages
        assert [type(event).__name__ for event in read_events(message.value)] == [
            "PromptSubmitted",
            "ToolFinished",
            "OutcomeReported",
            "SessionEnded",
        ]
        assert b"dana" not in message.value

    serve(test)


def test_a_bad_line_costs_only_itself() -> None:
    """The others are taken, and the answer says where the first bad one stands, without its content."""
    secret = {**EXAMPLE[1], "index": "a secret"}

    reading = read_lines(_body(EXAMPLE[1], b"{", secret, b"", EXAMPLE[2]), NAMES, NOW, Limits())

    assert reading.records == 4
    assert reading.rejected.total() == 2
    assert reading.first_fault == "line 2, field type"
    assert len(reading.sessions[EXAMPLE[0]["session_id"]]) == 2


def test_the_id_follows_from_run_and_index() -> None:
    """A writer can't give one event two ids, or two events one."""
    (event,) = read_lines(_body({**EXAMPLE[1], "event_id": "mine"}), NAMES, NOW, Limits()).sessions.popitem()[1]

    assert event.event_id == f"{event.run}-{event.index}"


@pytest.mark.parametrize(("body", "status"), [(b"{}\n[]", 400), (_body(*EXAMPLE[:4]), 413)])
def test_a_body_without_events_or_with_too_many_is_refused(body: bytes, status: int) -> None:
    """One clear error for the whole body."""
    with pytest.raises(Refused) as caught:
        read_lines(body, NAMES, NOW, Limits(records=3))

    assert caught.value.status == status
