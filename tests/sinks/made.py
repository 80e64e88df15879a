"""What the sink's tests feed it: messages of events, table records, and ways to wait."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import msgspec

from schemas import wire
from schemas.codec import write_events
from schemas.derived import DEFINITIONS

T = 1_795_000_000_000
"""A moment, in epoch milliseconds."""

pack = msgspec.msgpack.encode


def tool(session: str, run: int, index: int, **more: Any) -> wire.ToolFinished:
    """One finished tool call."""
    name = f"{run:016x}"
    fields: dict[str, Any] = {"user_id": "u_1", "user_id_kind": "email", "team_hint": "red", "duration_ms": 500}
    fields |= {"occurred_at": T + index, "received_at": T + 1000} | more
    return wire.ToolFinished(
        event_id=f"{name}-{index}", source="claude-code", session_id=session, run=name, index=index, **fields
    )


def message(session: str, run: int, count: int = 3) -> bytes:
    """A message of so many events."""
    return write_events([tool(session, run, index) for index in range(count)])


def windows(version: int, events: int) -> bytes:
    """The windows of a team with so many events in each, as of T."""
    sums = {0: events, 17: events * 1000}
    return pack(wire.TeamWindows(version, DEFINITIONS, T // 60_000, [1, 1, 1], [sums, sums, sums]))


async def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Waits until it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "not true in time"
        await asyncio.sleep(0.05)
