"""What the store was told of sessions, for those who bring what a client kept for itself. Rule: nothing counts twice.

Telemetry tells of a session while it runs; its transcript, read later, tells the same again under the client's own ids.
An event with an id is left out where the store has that id. One without is left out where another source told events
of its kind. An event that stays belongs to no turn that is counted already.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from schemas import wire
from schemas.codec import read_events, write_events
from sinks.clickhouse import ClickHouse
from sinks.migrate import Databases
from sources.messages import Message

SESSIONS_AT_ONCE = 500

_SAME: dict[str, tuple[str, ...]] = {
    "lines_changed": ("lines_changed", "usage_reported"),
    "commit_made": ("commit_made", "usage_reported"),
    "pull_request_opened": ("pull_request_opened", "usage_reported"),
    "model_request_failed": ("model_request_failed",),
    "context_compacted": ("context_compacted",),
    "session_started": ("session_started",),
    "subagent_completed": ("subagent_completed",),
    "turn_ended": ("turn_ended",),
    "turn_interrupted": ("turn_interrupted",),
}
"""Without an id: the kinds of event in which another source tells the same."""


@dataclass
class Told:
    """What the store holds of one session."""

    ids: set[tuple[str, str]] = field(default_factory=set)
    """Type and the id that tells events of that type apart."""
    prompts: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    """Of sources other than transcripts."""


def told(store: ClickHouse, databases: Databases, sessions: Iterable[str], before: tuple[int, int]) -> dict[str, Told]:
    """By session, without what a one-shot fold stored at `before` (its partition, its first offset) or later."""
    sql = databases.fill(
        "SELECT session_id, type, source = 'transcript' AS is_own,"
        " groupUniqArray(multiIf(type IN ('tool_finished', 'tool_decided'), tool_use_id,"
        " type IN ('model_responded', 'answer_given'), request_id, prompt_id)) AS ids,"
        " groupUniqArray(prompt_id) AS prompts FROM ${private}.session_events"
        " WHERE session_id IN {sessions:Array(String)}"
        " AND NOT (`partition` = {partition:UInt16} AND `offset` >= {offset:Int64})"
        " GROUP BY session_id, type, is_own"
    )
    asked, found = list(sessions), dict[str, Told]()
    partition, offset = before
    for at in range(0, len(asked), SESSIONS_AT_ONCE):
        given = {"sessions": asked[at : at + SESSIONS_AT_ONCE], "partition": partition, "offset": offset}
        for session_id, kind, is_own, ids, prompts in store.query(sql, given).rows:
            one = found.setdefault(str(session_id), Told())
            one.ids.update((str(kind), str(which)) for which in ids if which)
            one.prompts.update(str(prompt) for prompt in prompts if prompt)
            if not is_own:
                one.types.add(str(kind))
    return found


def without(messages: Sequence[Message], known: dict[str, Told]) -> list[Message]:
    """The messages without what the store was told; one of which nothing stays is left out."""
    found: list[Message] = []
    for message in messages:
        one = known.get(message.session_id)
        if one is None:
            found.append(message)
            continue
        events = read_events(message.value)
        stay = [_elsewhere(event, one) for event in events if not _is_told(event, one)]
        if stay:
            found.append(message._replace(value=write_events(stay), events=len(stay)))
    return found


def _is_told(event: wire.Event, known: Told) -> bool:
    kind = event.__struct_config__.tag
    assert isinstance(kind, str)
    if (kind, _id(event)) in known.ids:
        return True
    if isinstance(event, wire.PromptSubmitted):
        # The client gives a command of its own no id in its transcript.
        return event.command_source == "builtin" and kind in known.types
    return not known.types.isdisjoint(_SAME.get(kind, ()))


def _id(event: wire.Event) -> str:
    if isinstance(event, wire.ToolFinished | wire.ToolDecided):
        return event.tool_use_id
    if isinstance(event, wire.ModelResponded | wire.AnswerGiven):
        return event.request_id
    return event.prompt_id if isinstance(event, wire.PromptSubmitted | wire.TurnInterrupted) else ""


def _elsewhere(event: wire.Event, known: Told) -> wire.Event:
    return msgspec.structs.replace(event, prompt_id="") if event.prompt_id in known.prompts else event
