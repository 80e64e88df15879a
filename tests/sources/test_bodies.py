"""Recorded input on disk."""

import gzip
import shutil
from pathlib import Path

from schemas.codec import read_events, write_events
from sources.bodies import Skipped, find, messages
from sources.messages import pack
from sources.otlp.reader import Reader
from tests.sources import support
from tests.sources.support import NOW, logs_body, record

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
