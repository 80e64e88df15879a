"""Recorded input on disk."""

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

from schemas.codec import read_events, write_events
from sources.bodies import Edge, Recorded, Skipped, find, in_order, messages
from sources.messages import Message, pack
from sources.otlp.reader import Reader
from tests.sources import support
from tests.sources.support import NOW, logs_body, record
from tests.sources.transcripts.made import START, Writer, text

READER = Reader(support.PSEUDONYMS)


def test_recordings_are_found_in_order_of_receipt() -> None:
    """All bodies, in both encodings, and logs of hooks, sorted by their arrival; settings are named."""
    everything, skipped = find([support.CLAUDE_CODE])
    found = [one for one in everything if not one.rank]
    assert {one.path.parent.name for one in everything if one.kind == "hooks"} == {"hooks"}
    assert len(found) == len(list(support.CLAUDE_CODE.rglob("*v1_*.headers.json")))
    assert [one.received_at for one in found] == sorted(one.received_at for one in found)
    assert {one.kind for one in found} == {"logs", "metrics"}
    assert {skip.path.parent.name for skip in skipped} == {"claude_code"}


def test_a_file_says_the_same_as_its_request() -> None:
    """The messages of a recording are those that the receiver made of it."""
    for one in support.recorded():
        skipped: list[Skipped] = []
        assert list(messages(one, READER, skipped)) == pack(support.read(support.plain(one)).sessions)
        assert skipped == []


def test_without_headers_receipt_is_the_last_event(tmp_path: Path) -> None:
    """A body without its headers was received when the last of its records had happened."""
    (tmp_path / "v1_logs.json").write_bytes(logs_body(record("user_prompt", NOW), record("user_prompt", NOW + 9)))
    shutil.copy(next(support.CLAUDE_CODE.glob("otlp_protobuf/s01-text/*v1_metrics.pb")), tmp_path)
    found, skipped = find([tmp_path])
    assert ([one.encoding for one in found], skipped) == (["json", "protobuf"], [])
    assert found[0].received_at == NOW + 9
    assert {event.received_at for event in read_events(next(messages(found[0], READER, [])).value)} == {NOW + 9}


def test_canonical_events_are_read(tmp_path: Path) -> None:
    """Plain or packed; consecutive events of one session, run and receipt are one message; a bad line is named."""
    first = support.events_of(logs_body(record("user_prompt"), record("user_prompt")))
    second = support.events_of(logs_body(record("user_prompt", session="session-2")))
    lines = write_events([*first, *second]) + b'\n{"type":"user_prompt"}\n\n'
    (tmp_path / "a.jsonl").write_bytes(lines)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(lines))
    found, skipped = find([tmp_path])
    assert (len(found), skipped) == (2, [])
    for one in found:
        bad: list[Skipped] = []
        sent = list(messages(one, READER, bad))
        assert [(message.session_id, message.events) for message in sent] == [("session-1", 2), ("session-2", 1)]
        assert [event for message in sent for event in read_events(message.value)] == [*first, *second]
        assert len(bad) == 1
        assert bad[0].reason.startswith("line 4")


def test_files_of_another_kind_are_named(tmp_path: Path) -> None:
    """Each with why it was not read; a broken body is named when it is read."""
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "half.jsonl.gz").write_bytes(gzip.compress(b"x" * 99)[:-9])
    (tmp_path / "other.jsonl").write_text('{"type":"user"}\n')
    (tmp_path / "v1_logs.json.gz").write_bytes(b"no gzip")
    shutil.copy(next(support.CLAUDE_CODE.glob("otlp_json/s01-text/*v1_logs.json")), tmp_path / "v1_metrics.pb")
    (tmp_path / "v1_metrics.headers.json").write_text('{"received_at": 1795348828.5, "headers": []}')
    found, skipped = find([tmp_path, tmp_path / "absent"])
    assert {skip.path.name for skip in skipped} == {
        *("notes.txt", "empty.jsonl", "half.jsonl.gz", "other.jsonl", "v1_logs.json.gz", "absent")
    }
    bad: list[Skipped] = []
    assert [list(messages(one, READER, bad)) for one in found] == [[]]
    assert [skip.path.name for skip in bad] == ["v1_metrics.pb"]


def test_transcripts_are_told_from_other_lines(tmp_path: Path) -> None:
    """A whole folder of the client: sessions and their subagents; what lies beside is passed over without a word."""
    project = tmp_path / "-home-dana-x"
    w, agent = Writer(), Writer()
    w.user("Go")
    agent.user("Explore", isSidechain=True, agentId="a9")
    agent.answer("m9", text("Found"), isSidechain=True, agentId="a9")
    files = {
        f"{w.session}.jsonl": b'{"type":"file-history-snapshot","messageId":"m","snapshot":{}}\n' + w.text(),
        "packed.jsonl.gz": gzip.compress(w.text()),
        f"{w.session}/subagents/agent-a9.jsonl": agent.text(),
        f"{w.session}/subagents/agent-a9.meta.json": b"{}",
        f"{w.session}/tool-results/x.txt": b"x",
        "sessions-index.json": b"{}",
        "other.jsonl": b'{"type":"user"}\n',
    }
    for name, content in files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(content)
    found, skipped = find([tmp_path])
    assert {(one.path.name, one.kind) for one in found} == {
        (name, "transcript") for name in (f"{w.session}.jsonl", "packed.jsonl.gz", "agent-a9.jsonl")
    }
    assert [skip.path.name for skip in skipped] == ["other.jsonl"]
    edge = Edge(support.PSEUDONYMS, lambda _: ("u_1", "enduser"))
    sent = [message for one in found for message in messages(one, READER, skipped, edge)]
    events = [event for message in sent for event in read_events(message.value)]
    assert sorted(type(event).__name__ for event in events) == ["AnswerGiven", "ModelResponded", "PromptSubmitted"]
    assert {event.session_id for event in events} == {w.session}


def test_files_are_merged_by_time_and_few_are_open(tmp_path: Path) -> None:
    """However long a file is, what others hold comes between; a file is opened when its time has come."""
    for number in range(4):
        w = Writer(f"session-{number}", START + number * 400_000)
        for turn in range(10):
            w.user(f"prompt {turn}")
            w.at += 70_000
        (tmp_path / f"{number}.jsonl").write_bytes(w.text())
    found, skipped = find([tmp_path])
    edge, opened = Edge(support.PSEUDONYMS, lambda _: ("u_1", "enduser")), []

    def read(one: Recorded) -> Iterator[Message]:
        opened.append(one.path)
        return messages(one, READER, skipped, edge)

    merged = in_order(found, read, lambda message: message.received_at)
    first = next(merged)
    assert len(opened) < 3
    times = [message.received_at for message in (first, *merged)]
    assert times == sorted(times)
    assert len(times) == 40
    assert skipped == []
