"""The hook payloads of a recorded run, at the moments at which they were sent. Payloads themselves carry no time."""

import json
from collections.abc import Iterable, Sequence

from schemas import wire
from schemas.codec import read_events
from sources.hooks import Hooks, run_of
from sources.messages import Message, pack
from tests.sources.support import PSEUDONYMS
from tests.stories.hand_counted import Run

_LAST_OF_ITS_PROMPT = ("Stop", "StopFailure", "SessionEnd")


def moments(lines: Sequence[bytes], told: Iterable[Message]) -> list[int]:
    """When each hook ran, by what telemetry says of the same prompt or call; never before the one ahead of it."""
    prompts: dict[str, tuple[int, int]] = {}
    calls: dict[str, int] = {}
    begun: dict[str, int] = {}
    for message in told:
        for event in read_events(message.value):
            at = event.occurred_at
            begun[event.session_id] = min(at, begun.get(event.session_id, at))
            if event.prompt_id:
                first, last = prompts.get(event.prompt_id, (at, at))
                prompts[event.prompt_id] = min(first, at), max(last, at)
            if isinstance(event, wire.ToolFinished):
                calls[event.tool_use_id] = at
    found: list[int] = []
    for line in lines:
        hook = json.loads(line)
        first, last = prompts.get(hook.get("prompt_id", ""), (0, 0))
        at = calls.get(hook.get("tool_use_id", ""), last if hook["hook_event_name"] in _LAST_OF_ITS_PROMPT else first)
        found.append(max(at or begun.get(hook["session_id"], 0), found[-1] + 1 if found else 0))
    return found


def hooks_of(run: Run, told: list[Message], late: int = 0) -> list[Message]:
    """The messages of a run's hooks, each a request of its own, `late` milliseconds after they were sent."""
    assert run.hooks is not None
    lines = run.hooks.read_bytes().splitlines()
    reader = Hooks(PSEUDONYMS)
    messages: list[Message] = []
    for index, (line, at) in enumerate(zip(lines, moments(lines, told), strict=True)):
        events = reader.read(line, run_of([line, b"%d" % index]), 0, at + late)
        messages += pack({events[0].session_id: events})
    return messages
