"""Made-up records of a transcript, as the client writes them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from schemas import wire
from sources.transcripts.reader import Transcript
from sources.transcripts.records import Malformed
from sources.transcripts.seen import Seen
from tests.sources.support import PSEUDONYMS

START = 1_770_000_000_000
SESSION = "5e551000-0000-4000-8000-000000000001"
REJECTED = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the"
    " new_string was NOT written to the file). STOP what you are doing and wait for the user to tell you how to go on."
)


class Writer:
    """Writes one session's records, a second apart."""

    def __init__(self, session: str = SESSION, at: int = START) -> None:
        self.session, self.at, self.lines = session, at, list[bytes]()
        self.ids = 0

    def record(self, kind: str, **more: Any) -> str:
        """Any record; gives its uuid."""
        self.ids += 1
        self.at += 1_000
        time = datetime.fromtimestamp(self.at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        uuid = f"{self.session}-{self.ids}"
        own = {"parentUuid": None, "isSidechain": False, "sessionId": self.session, "version": "2.1.330"}
        whole = own | {"type": kind, "uuid": uuid, "timestamp": time, "entrypoint": "cli"} | more
        self.lines.append(json.dumps(whole, separators=(",", ":")).encode())
        return uuid

    def user(self, content: Any, **more: Any) -> str:
        """A user record."""
        return self.record("user", message={"role": "user", "content": content}, **more)

    def answer(self, message_id: str, *blocks: dict[str, Any], output: int = 5, **more: Any) -> str:
        """One record of an answer; all of an answer's tell the tokens so far."""
        usage = {
            "input_tokens": 3,
            "output_tokens": output,
            "cache_read_input_tokens": 100,
            "cache_creation_input_tokens": 20,
        }
        message = {"id": message_id, "model": "claude-opus-5", "content": list(blocks), "usage": usage}
        return self.record("assistant", message=message, **({"requestId": f"req_{message_id}"} | more))

    def result(self, tool_use_id: str, content: Any = "done", is_error: bool = False, **more: Any) -> str:
        """A call's result."""
        block = {"type": "tool_result", "tool_use_id": tool_use_id, "content": content, "is_error": is_error}
        return self.user([block], **more)

    def text(self) -> bytes:
        """The file."""
        return b"".join(line + b"\n" for line in self.lines)


def call(tool_use_id: str, name: str = "Bash", **given: Any) -> dict[str, Any]:
    """A block that calls a tool."""
    return {"type": "tool_use", "id": tool_use_id, "name": name, "input": given}


def text(said: str) -> dict[str, Any]:
    """A block of text."""
    return {"type": "text", "text": said}


def read(lines: Iterable[bytes], name: str = f"{SESSION}.jsonl", seen: Seen | None = None) -> list[wire.Event]:
    """The events of a whole file; places rise."""
    transcript = Transcript(name, PSEUDONYMS, seen or Seen(), user_id="u_0000000000000001", user_id_kind="enduser")
    found: list[wire.Event] = []
    for line in lines:
        try:
            found += transcript.read(line)
        except Malformed:
            continue
    found += transcript.end()
    for run in {event.run for event in found}:
        places = [event.index for event in found if event.run == run]
        assert places == sorted(set(places))
    return found


def of(found: Iterable[wire.Event], kind: type[wire.Envelope]) -> list[Any]:
    """Those of one kind."""
    return [event for event in found if isinstance(event, kind)]
