"""What one client's records of one session become, within one body. Rule: what one client alone does is its module's.

A body is read on its own: what its records tell together (was a failed attempt followed by another?) is told by
`Conversation.close`; what would need an earlier body is not told at all. The one exception are the prompts of a
client that gives them no ids: a reader remembers when they came, and the same body read again is read the same.
"""

import json
from bisect import bisect_right, insort
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, NamedTuple, Protocol

from schemas import wire
from schemas.people import Pseudonyms
from sources.commands import Subject, subject
from sources.otlp.attributes import Attributes, Scalar

Fields = dict[str, Any]
"""An envelope: the fields that every event of a record has."""

MOST_DETAILS = 1 << 18
"""A longer JSON text of arguments is not opened: nobody shows so much."""


class Memory:
    """What a reader remembers of the last conversations of a client whose records say too little of themselves: when
    their prompts came, and which of them nobody started. Bodies may be read in two threads at once."""

    MOST_CONVERSATIONS = 10_000
    MOST_PROMPTS = 32

    def __init__(self) -> None:
        self._prompts: OrderedDict[str, list[int]] = OrderedDict()
        self._marks: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._lock = Lock()

    def prompt_came(self, session_id: str, at: int) -> None:
        """A prompt came at `at`, epoch milliseconds."""
        with self._lock:
            times = self._prompts.setdefault(session_id, [])
            self._prompts.move_to_end(session_id)
            if at not in times:
                insort(times, at)
                del times[: -self.MOST_PROMPTS]
            if len(self._prompts) > self.MOST_CONVERSATIONS:
                self._prompts.popitem(last=False)

    def prompt_at(self, session_id: str, at: int) -> str:
        """The id of the prompt that was under way at `at`; empty where none is remembered.

        >>> memory = Memory()
        >>> memory.prompt_came("c", 1000)
        >>> memory.prompt_at("c", 999), memory.prompt_at("c", 1000), memory.prompt_at("d", 1000)
        ('', 'c-1000', '')
        """
        with self._lock:
            times = self._prompts.get(session_id, ())
            place = bisect_right(times, at)
            at = times[place - 1] if place else 0
        return f"{session_id[:180]}-{at}" if place else ""

    def mark(self, session_id: str, word: str) -> None:
        """Something is to be remembered of this conversation."""
        with self._lock:
            self._marks[session_id, word] = None
            if len(self._marks) > self.MOST_CONVERSATIONS:
                self._marks.popitem(last=False)

    def unmark(self, session_id: str, word: str) -> bool:
        """Forgets it; whether it was remembered."""
        return self._marks.pop((session_id, word), False) is None

    def is_marked(self, session_id: str, word: str) -> bool:
        """Whether that is remembered."""
        return (session_id, word) in self._marks


class Context(NamedTuple):
    """What conversations share."""

    pseudonyms: Pseudonyms
    memory: Memory


class Conversation(Protocol):
    """Reads the log records of one session in one body, in their order."""

    def read(self, called: str, a: Attributes, e: Fields) -> Sequence[wire.Event] | None:
        """The events of a record, Unrecognised for an unknown one; None where it says nothing that is counted."""

    def close(self, events: Sequence[wire.Event]) -> Sequence[wire.Event]:
        """What only the records together tell: changes `events`, and gives those that are still missing."""


class Client(NamedTuple):
    """How to read one client."""

    open: Callable[[Context], Conversation]
    stamp: Callable[[Attributes, Attributes, Fields], None]
    """Puts what record and resource say in the client's own words into the envelope."""
    is_quiet: Callable[[str], bool]
    """Whether a metric says nothing that the client's events do not say better."""
    names_sessions: bool
    """Whether each record should name its session, so that one that does not is worth an advice."""
    numbers_records: bool
    """Whether it counts its records, so that a gap shows loss."""


def following(e: Fields, place: int) -> Fields:
    """The envelope of a record's further event; `place` counts from 1 and stays below the reader's stride."""
    index = e["index"] + place
    return e | {"index": index, "event_id": f"{e['run']}-{index}"}


def opened(text: Scalar | None) -> Mapping[str, object]:
    """The JSON object that a text holds; empty for anything else."""
    if not isinstance(text, str) or len(text) > MOST_DETAILS or not text.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def about(pseudonyms: Pseudonyms, *details: Scalar | Mapping[str, object] | None) -> Subject:
    """What a tool call was about, by the first that says so of its arguments, each a map or a JSON text of one."""
    for said in details:
        found = subject(pseudonyms, said if isinstance(said, Mapping) else opened(said))
        if found.target:
            return found
    return Subject()
