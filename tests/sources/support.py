"""What the tests of the sources share: the recorded bodies, made-up bodies, and a log in memory."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args

from schemas import wire
from schemas.codec import read_events
from schemas.people import Pseudonyms
from sources.bodies import Recorded, find
from sources.messages import Message, Unavailable, pack
from sources.otlp.limits import Limits
from sources.otlp.reader import Encoding, Reader, Reading, Signal
from sources.otlp.unpack import unpack

CLAUDE_CODE = Path(__file__).parents[1] / "fixtures" / "otlp" / "claude_code"
SHARED = Path(__file__).parents[3] / "shared" / "data" / "otlp"
NOW = 1_795_348_900_000
PSEUDONYMS = Pseudonyms(b"k" * 32)


class MemoryLog:
    """A log that keeps what it is sent, or refuses while `away`."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.away = False
        self.refused = 0

    @property
    def ready(self) -> bool:
        return not self.away

    async def send(self, messages: Sequence[Message]) -> None:
        if self.away:
            self.refused += 1
            raise Unavailable("The log is away.")
        self.messages.extend(messages)


class Plain(NamedTuple):
    """A recorded body, unpacked."""

    name: str
    kind: Signal
    encoding: Encoding
    body: bytes
    received_at: int


def recorded(under: Path = CLAUDE_CODE) -> list[Recorded]:
    """The recorded bodies in order of receipt."""
    return [one for one in find([under])[0] if not one.rank]


def plain(one: Recorded) -> Plain:
    """The unpacked body of a recording."""
    assert one.kind in get_args(Signal)
    body = unpack(one.body(), one.headers.get("content-encoding", ""), Limits())
    return Plain("/".join(one.path.parts[-3:]), cast(Signal, one.kind), one.encoding, body, one.received_at)


def bodies(under: Path = CLAUDE_CODE) -> list[Plain]:
    """All recorded bodies, unpacked."""
    return [plain(one) for one in recorded(under) if one.kind in get_args(Signal)]


def read(one: Plain, received_at: int | None = None) -> Reading:
    """What a recorded body holds."""
    reader = Reader(PSEUDONYMS)
    return reader.read(one.kind, one.encoding, one.body, one.received_at if received_at is None else received_at)


def attribute(key: str, value: object) -> dict[str, Any]:
    """One attribute as JavaScript's SDK writes it."""
    if isinstance(value, dict):
        return {"key": key, "value": value}
    kind = {bool: "boolValue", int: "intValue", float: "doubleValue", str: "stringValue"}[type(value)]
    return {"key": key, "value": {kind: value}}


def attributes(**pairs: object) -> list[dict[str, Any]]:
    """Attributes; `__` in a name is a dot."""
    return [attribute(key.replace("__", "."), value) for key, value in pairs.items()]


def record(name: str, at: int = NOW, session: str = "session-1", **more: Any) -> dict[str, Any]:
    """One log record of Claude Code's shape."""
    return {
        "timeUnixNano": f"{at}000000",
        "body": {"stringValue": f"claude_code.{name}"},
        "attributes": attributes(session__id=session, event__name=name, **more),
    }


def logs_body(*records: object, **resource: object) -> bytes:
    """A body of log records of Claude Code."""
    said = {"service__name": "claude-code", "service__version": "2.1.330"} | resource
    scope = {"scope": {"name": "com.anthropic.claude_code.events"}, "logRecords": list(records)}
    return json.dumps(
        {"resourceLogs": [{"resource": {"attributes": attributes(**said)}, "scopeLogs": [scope]}]}
    ).encode()


def metrics_body(name: str, points: Sequence[object], unit: str = "", kind: str = "sum", **more: object) -> bytes:
    """A body of one metric of Claude Code."""
    data: dict[str, Any] = {"dataPoints": list(points)}
    if kind == "sum":
        data |= {"aggregationTemporality": 1, "isMonotonic": True}
    metric = {"name": name, "unit": unit, kind: data | more}
    scope = {"scope": {"name": "com.anthropic.claude_code"}, "metrics": [metric]}
    resource = {"attributes": attributes(service__name="claude-code")}
    return json.dumps({"resourceMetrics": [{"resource": resource, "scopeMetrics": [scope]}]}).encode()


def point(value: object, session: str = "session-1", **more: Any) -> dict[str, Any]:
    """One point; its value as asDouble."""
    return {
        "startTimeUnixNano": f"{NOW - 60_000}000000",
        "timeUnixNano": f"{NOW}000000",
        "asDouble": value,
        "attributes": attributes(session__id=session, **more),
    }


def events_of(body: bytes, kind: Signal = "logs", enduser: str = "") -> list[wire.Event]:
    """The events of a JSON body, through messages and back, so that they are what a stage would read."""
    reading = Reader(PSEUDONYMS).read(kind, "json", body, NOW + 5, enduser)
    return [event for message in pack(reading.sessions) for event in read_events(message.value)]


def only_event(body: bytes, kind: Signal = "logs", enduser: str = "") -> wire.Event:
    """The one event of a body."""
    (event,) = events_of(body, kind, enduser)
    return event


def said(name: str, at: int = NOW, **more: Any) -> dict[str, Any]:
    """One log record whose name and time are attributes alone, as clients other than Claude Code send it."""
    return {
        "timeUnixNano": "0",
        "observedTimeUnixNano": f"{at}000000",
        "attributes": attributes(event__name=name, **more),
    }


def body_of(scope: str, *records: object, **resource: object) -> bytes:
    """A body of log records of any client."""
    found = {"scope": {"name": scope}, "logRecords": list(records)}
    return json.dumps(
        {"resourceLogs": [{"resource": {"attributes": attributes(**resource)}, "scopeLogs": [found]}]}
    ).encode()


def kinds(events: Sequence[wire.Event]) -> list[str]:
    """The types of events, in order."""
    return [str(type(event).__struct_config__.tag) for event in events]
