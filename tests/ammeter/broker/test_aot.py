"""The ahead-of-time cache: made once, made again when spoilt, done without when it cannot be made."""

import asyncio
from pathlib import Path

from ammeter.broker import BrokerError, aot
from ammeter.broker.process import Hold


class Training:
    """Counts its runs; writes what it was given, or fails."""

    def __init__(self, content: bytes | None) -> None:
        self.content = content
        self.runs = 0

    async def __call__(self, written: Path) -> None:
        self.runs += 1
        if self.content is None:
            raise BrokerError("no luck")
        await asyncio.to_thread(written.write_bytes, self.content)


def _ensure(place: Path, training: Training) -> Path | None:
    return asyncio.run(aot.ensure(place, training, lambda _: None))


def test_it_is_made_once(tmp_path: Path) -> None:
    """The second start finds what the first one made."""
    training = Training(b"learned")

    assert _ensure(tmp_path / "k.aot", training) == tmp_path / "k.aot"
    assert _ensure(tmp_path / "k.aot", training) == tmp_path / "k.aot"
    assert training.runs == 1


def test_a_spoilt_one_is_made_again(tmp_path: Path) -> None:
    """Java is never given bytes that it did not write."""
    _ensure(tmp_path / "k.aot", Training(b"learned"))
    (tmp_path / "k.aot").write_bytes(b"spoilt")

    assert _ensure(tmp_path / "k.aot", Training(b"learned")) == tmp_path / "k.aot"
    assert (tmp_path / "k.aot").read_bytes() == b"learned"


def test_a_failed_training_is_not_repeated(tmp_path: Path) -> None:
    """Where it cannot be made, starts go on without it and lose no time on it."""
    training = Training(None)

    assert _ensure(tmp_path / "k.aot", training) is None
    assert _ensure(tmp_path / "k.aot", training) is None
    assert training.runs == 1
    assert aot.use(None) == []


def test_two_starts_do_not_make_it_twice(tmp_path: Path) -> None:
    """While one start makes it another one goes on without, and leaves no mark that would forbid it."""
    training = Training(b"learned")
    (tmp_path / "training").mkdir()
    other = Hold(tmp_path / "training" / "lock")

    assert _ensure(tmp_path / "k.aot", training) is None
    other.release()
    assert _ensure(tmp_path / "k.aot", training) == tmp_path / "k.aot"
    assert training.runs == 1
