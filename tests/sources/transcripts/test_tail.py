"""The growing end of a file: whole lines, each once, from wherever reading stood."""

import random
from pathlib import Path

import msgspec
import pytest

from schemas import wire
from sources.transcripts.reader import Transcript
from sources.transcripts.seen import Seen
from sources.transcripts.tail import Offset, anew, read_more, was_rewritten
from tests.sources.support import PSEUDONYMS
from tests.sources.transcripts.made import SESSION, Writer, call, read, text

NAME = f"{SESSION}.jsonl"


def written(answers: int = 6) -> Writer:
    """A session of some calls."""
    w = Writer()
    w.user("Go")
    for number in range(answers):
        w.answer(f"m{number}", text("x"), call(f"t{number}", command="ls"), output=1)
        w.answer(f"m{number}", text("y"), output=number)
        w.result(f"t{number}")
    return w


def more(path: Path, offset: Offset, seen: Seen) -> list[wire.Event]:
    """What is new, read by a reader that knows only what is kept."""
    transcript = Transcript(
        path.name, PSEUDONYMS, seen, user_id="u_0000000000000001", user_id_kind="enduser", state=offset.state,
        generation=offset.generation,
    )  # fmt: skip
    found, _ = read_more(path, offset, transcript)
    return found


@pytest.mark.parametrize("seed", range(8))
def test_any_growth_and_any_restart_give_the_same(tmp_path: Path, seed: int) -> None:
    """Cut anywhere, also within a line, and kept as bytes in between: the same events as of the whole file."""
    dice, whole, path = random.Random(seed), written().text(), tmp_path / NAME
    offset, seen, found = Offset(), Seen(), list[wire.Event]()
    cuts = sorted(dice.randrange(len(whole)) for _ in range(12))
    for cut in [*cuts, len(whole)]:
        path.write_bytes(whole[:cut])
        assert not was_rewritten(path, offset)
        found += more(path, offset, seen)
        offset = msgspec.msgpack.decode(msgspec.msgpack.encode(offset), type=Offset)
    last = Transcript(NAME, PSEUDONYMS, seen, state=offset.state).end()
    expected = read(written().lines)
    assert [event.event_id for event in [*found, *last]] == [event.event_id for event in expected]
    assert [*found, *last] == expected


def test_a_half_written_line_waits(tmp_path: Path) -> None:
    """It is neither read nor bad."""
    path, lines = tmp_path / NAME, written().lines
    path.write_bytes(lines[0] + b"\n" + lines[1][:20])
    offset, seen = Offset(), Seen()
    assert len(more(path, offset, seen)) == 1
    assert more(path, offset, seen) == []
    assert (offset.malformed, offset.at) == (0, len(lines[0]) + 1)


def test_lines_that_are_none_are_counted(tmp_path: Path) -> None:
    """And cost only themselves."""
    path, lines = tmp_path / NAME, written().lines
    path.write_bytes(b"\n".join([lines[0], b"{half", b"", *lines[1:]]) + b"\n")
    offset = Offset()
    assert len(more(path, offset, Seen())) > 1
    assert offset.malformed == 1


@pytest.mark.parametrize("how", ["shorter", "another"])
def test_a_file_written_anew_is_noticed(tmp_path: Path, how: str) -> None:
    """It is read from its beginning; what it repeats is known, and what is new has ids that nothing had before."""
    path, w = tmp_path / NAME, written()
    path.write_bytes(w.text())
    offset, seen = Offset(), Seen()
    before = more(path, offset, seen)
    again = w.lines[:4] if how == "shorter" else [b'{"type":"summary","summary":"x","leafUuid":"y"}', *w.lines]
    other = Writer(at=w.at)
    other.ids = 500
    other.user("More")
    path.write_bytes(b"\n".join([*again, *other.lines]) + b"\n")
    assert was_rewritten(path, offset)
    offset = anew(offset)
    found = more(path, offset, seen)
    assert [type(event).__name__ for event in found] == ["PromptSubmitted"]
    assert not {event.event_id for event in before} & {event.event_id for event in found}
    assert offset.generation == 1
