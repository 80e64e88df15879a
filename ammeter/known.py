"""What the store was told of sessions by other sources, for those who bring more of them. Rule: nothing counts twice.

Telemetry, hooks and transcript of a session tell the same under the client's own ids, whichever is brought first. An
event with an id is left out where the store has that id. One without is left out where another source told events
of its kind. An event that stays belongs to no turn that is counted already, and to whom the session is known to belong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

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

_MAKE_TURNS = frozenset(("model_responded", "tool_finished", "model_request_failed"))

_METRICS = {
    "claude_code.lines_of_code.count": "lines_changed",
    "claude_code.commit.count": "commit_made",
    "claude_code.pull_request.count": "pull_request_opened",
}
"""The kind of event in which a transcript tells what a metric counts."""


Who = tuple[str, str, str]
"""Pseudonym, what it was made from, and the team that was said with it."""

Place = tuple[int, int, int]
"""Partition, offset, index."""


@dataclass
class Told:
    """What the store holds of one session."""

    ids: set[tuple[str, str]] = field(default_factory=set)
    """Type and the id that tells events of that type apart."""
    turns: set[str] = field(default_factory=set)
    """Prompts whose turns are counted."""
    types: set[str] = field(default_factory=set)
    """Told by others."""
    who: Who = ("", "", "")
    """Whom it was first said to be of; what names nobody, or is known by its file only, is theirs too."""
    said_at: Place = (1 << 63, 0, 0)


Teller = Literal["telemetry", "transcript", "hook"]


class _First(msgspec.Struct):
    source: str = ""
    via: str = ""


_first = msgspec.json.Decoder(_First).decode


def teller_of(message: Message) -> Teller:
    """Who tells in a message: all its events come from one."""
    event = _first(message.value.partition(b"\n")[0])
    return "hook" if event.via == "hook" else "transcript" if event.source == "transcript" else "telemetry"


def told(
    store: ClickHouse, databases: Databases, sessions: Iterable[str], teller: Teller, before: tuple[int, int]
) -> dict[str, Told]:
    """By session, without what a one-shot fold stored at `before` (its partition, its first offset) or later.

    `teller`: who tells now. What telemetry told before is a resend, and for the folds to know.
    """
    sql = databases.fill(
        "SELECT session_id, type,"
        " multiIf(source = 'transcript', 'transcript', via = 'hook', 'hook', 'telemetry') AS teller,"
        " groupUniqArray(multiIf(type IN ('tool_finished', 'tool_decided'), tool_use_id,"
        " type IN ('model_responded', 'answer_given'), request_id, prompt_id)) AS ids,"
        " groupUniqArray(prompt_id) AS prompts,"
        " argMinIf((user_id, user_id_kind, team_hint), (`partition`, `offset`, `index`), user_id != '') AS named,"
        " minIf((`partition`, `offset`, `index`), user_id != '') AS place FROM ${private}.session_events"
        " WHERE session_id IN {sessions:Array(String)}"
        " AND NOT (`partition` = {partition:UInt16} AND `offset` >= {offset:Int64})"
        " GROUP BY session_id, type, teller"
    )
    asked, found = list(sessions), dict[str, Told]()
    partition, offset = before
    for at in range(0, len(asked), SESSIONS_AT_ONCE):
        given = {"sessions": asked[at : at + SESSIONS_AT_ONCE], "partition": partition, "offset": offset}
        for session_id, kind, who, ids, prompts, named, place in store.query(sql, given).rows:
            is_resend = who == teller == "telemetry"
            if is_resend and not named[0]:
                continue
            one = found.setdefault(str(session_id), Told())
            if named[0] and tuple(place) < one.said_at:
                one.who, one.said_at = tuple(named), tuple(place)
            if is_resend:
                continue
            one.ids.update((str(kind), str(which)) for which in ids if which)
            if kind in _MAKE_TURNS:
                one.turns.update(str(prompt) for prompt in prompts if prompt)
            if who != teller:
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
        return event.source == "transcript" and event.command_source == "builtin" and kind in known.types
    if isinstance(event, wire.UsageReported):
        return _METRICS.get(event.name) in known.types
    return not known.types.isdisjoint(_SAME.get(kind, ()))


def _id(event: wire.Event) -> str:
    if isinstance(event, wire.ToolFinished | wire.ToolDecided):
        return event.tool_use_id
    if isinstance(event, wire.ModelResponded | wire.AnswerGiven):
        return event.request_id
    return event.prompt_id if isinstance(event, wire.PromptSubmitted | wire.TurnInterrupted) else ""


def _elsewhere(event: wire.Event, known: Told) -> wire.Event:
    changes: dict[str, str] = {"prompt_id": ""} if event.prompt_id in known.turns else {}
    # a session is of one person, the first who was named; whose a file on a disk is says no more than that
    if known.who[0] and event.user_id != known.who[0] and (not event.user_id or _names_by_file(event)):
        changes |= dict(zip(("user_id", "user_id_kind", "team_hint"), known.who, strict=True))
    return msgspec.structs.replace(event, **changes) if changes else event


def _names_by_file(event: wire.Event) -> bool:
    return event.source == "transcript" or event.via == "hook"
