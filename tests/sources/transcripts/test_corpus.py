"""194 real transcripts against figures that were counted from the originals, column by column."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from schemas import wire
from sources.transcripts.prompts import read_attachment, read_user
from sources.transcripts.reader import SYNTHETIC
from sources.transcripts.records import Record, read_record
from tests.sources.transcripts.made import read

pytestmark = [pytest.mark.shared, pytest.mark.slow]

EXACT = (
    "slash_prompts",
    "tool_errors",
    "rejected",
    "lines_added",
    "lines_removed",
    "pr_links",
    "compactions",
    "input_tokens",
    "output_tokens_logged",
    "cache_write_tokens",
    "cache_read_tokens",
)
"""Columns in which every session agrees. tool_errors are failed calls and refused ones."""

EXPLAINED = {
    "prompts": "without those that were typed while the model worked (beside a call's result, or in an attachment), and"
    " without those beside which an editor laid what was open; all of them are prompts here",
    "tool_calls": "calls that have no result too: 13 were cut off or never answered; and one result has no call",
    "interrupts": "with the markers behind a refused call (35 of 71): the refusal is that deed here",
    "api_messages": "with the 26 that the client wrote itself (model <synthetic>)",
}
"""Columns that count something else, and what: the difference is recounted from the records."""

UNKNOWABLE = {
    "commits": "commands are masked: of 149 commits only those show that stand first in their line",
    "pushes": "masked likewise, and not counted here",
    "pr_creates": "masked likewise; a pull request counts by its link",
    "subagent_tool_calls": "are in the files of subagents, which this collection lacks; progress records repeat a part",
    "est_output_tokens": "an estimate from characters",
    "queued_prompts": "queue records: a prompt counts when it goes to the model",
    "files_edited": "paths are masked, and no path is kept here",
}
"""Columns that this reader cannot or does not tell."""


def figures(found: Iterable[wire.Event]) -> Counter[str]:
    """The columns that events tell."""
    sums: Counter[str] = Counter()
    for event in found:
        match event:
            case wire.PromptSubmitted(injected=False, command_name=""):
                sums["prompts"] += 1
            case wire.PromptSubmitted(command_source="custom"):
                sums["slash_prompts"] += 1
            case wire.ToolFinished():
                sums["tool_calls"] += 1
                sums["tool_errors"] += not event.success
            case wire.ToolDecided(decision="reject"):
                sums["tool_calls"] += 1
                sums["tool_errors"] += 1
                sums["rejected"] += event.decision_source == "user_reject"
            case wire.TurnInterrupted():
                sums["interrupts"] += 1
            case wire.LinesChanged():
                sums["lines_added"] += event.added
                sums["lines_removed"] += event.removed
            case wire.PullRequestOpened():
                sums["pr_links"] += 1
            case wire.ContextCompacted():
                sums["compactions"] += 1
            case wire.ModelResponded():
                sums["api_messages"] += 1
                sums["input_tokens"] += event.input_tokens
                sums["output_tokens_logged"] += event.output_tokens
                sums["cache_write_tokens"] += event.cache_creation_tokens
                sums["cache_read_tokens"] += event.cache_read_tokens
            case wire.CommitMade():
                sums["commits"] += 1
    return sums


def differences(lines: Iterable[bytes]) -> Counter[str]:
    """What the columns of EXPLAINED count besides, recounted from the records."""
    more: Counter[str] = Counter()
    calls, results = set[str](), set[str]()
    was_refused = False
    for record in filter(None, map(read_record, lines)):
        blocks = record.message.content if record.message and isinstance(record.message.content, list) else []
        calls |= {block.id for block in blocks if block.type == "tool_use" and block.id}
        results |= {block.tool_use_id for block in blocks if block.type == "tool_result" and block.tool_use_id}
        if record.type == "assistant" and record.message and record.message.model == SYNTHETIC:
            more["api_messages"] += 1
        if record.type == "attachment" and record.attachment:
            queued = read_attachment(record.attachment)
            more["prompts"] -= queued.kind == "prompt" and not queued.injected
        if record.type == "user":
            said = read_user(record)
            more["prompts"] -= said.kind == "prompt" and _is_elsewhere(record)
            more["interrupts"] += said.kind.startswith("interruption") and was_refused
            was_refused = any(
                bytes(memoryview(block.content)[:20]) == b"\"The user doesn't wa" for block in blocks
            ) or (was_refused and said.kind == "")
    more["tool_calls"] += len(calls - results) - len(results - calls)
    return more


def _is_elsewhere(record: Record) -> bool:
    """A typed prompt that stands beside something else."""
    assert record.message is not None
    blocks = record.message.content
    return isinstance(blocks, list) and (
        any(block.type == "tool_result" for block in blocks)
        or any(block.text and block.text.startswith("<ide_") for block in blocks)
    )


def test_every_session_agrees(shared: Path) -> None:
    """To the number in EXACT, and in EXPLAINED by what the records themselves say of the difference."""
    folder = shared / "data" / "transcripts"
    sessions = list(csv.DictReader((folder / "index.csv").read_text().splitlines()))
    assert len(sessions) == 194
    total: Counter[str] = Counter()
    for row in sessions:
        path = folder / "sessions" / row["user"] / f"{row['session_id']}.jsonl.gz"
        lines = gzip.decompress(path.read_bytes()).splitlines()
        found, more = figures(read(lines, path.name)), differences(lines)
        total.update(found)
        for column in EXACT:
            assert found[column] == int(row[column]), (row["session_id"], column)
        for column in EXPLAINED:
            assert found[column] + more[column] == int(row[column]), (row["session_id"], column)
        assert found["commits"] <= int(row["commits"])
    assert total["commits"] == 27
    assert not set(EXACT) & (EXPLAINED.keys() | UNKNOWABLE.keys())
