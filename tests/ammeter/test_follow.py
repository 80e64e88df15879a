"""Transcripts followed into a live receiver: whatever happens to either, each event counts once and none is lost."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import aiohttp
import msgspec
import pytest

from ammeter.follow import FollowConfig, Follower, Refused
from ammeter.follow_state import FollowState, StateError
from ammeter.person import person
from schemas import wire
from schemas.codec import read_events
from sources.http import Receiver, ReceiverConfig
from sources.messages import pack
from streams.metrics.sessions import Sessions
from tests.sources.support import NOW, PSEUDONYMS, MemoryLog
from tests.sources.transcripts.made import Writer, call, read, text

TOKEN = "t" * 32
LONG_AGO = 1_700_000_000
"""A file that was changed then is settled."""


def written(session: str, answers: int = 12) -> Writer:
    """A session of some calls."""
    w = Writer(session)
    w.user("Go")
    for number in range(answers):
        w.answer(f"{session}-m{number}", text("x"), call(f"{session}-t{number}", command="ls"), output=number)
        w.result(f"{session}-t{number}", is_error=number % 5 == 0)
    w.record("system", subtype="turn_duration", durationMs=9)
    return w


def figures(messages: Iterable[bytes]) -> dict[str, dict[int, int]]:
    """What the sessions stage counts of each session."""
    stage, found = Sessions(), dict[str, dict[int, int]]()
    stage.begin(0)
    for message in messages:
        stage.apply(message, NOW)
    for record in stage.changed(NOW, 1).tables:
        if record.key and record.value is not None:
            key = msgspec.msgpack.decode(record.key, type=wire.SessionKey)
            found[key.session_id] = msgspec.msgpack.decode(record.value, type=wire.SessionState).sums
    return found


def expected(*writers: Writer) -> dict[str, dict[int, int]]:
    """What they hold, read at once."""
    packed = []
    for w in writers:
        events = read(w.lines, f"{w.session}.jsonl")
        for event in events:
            event.received_at = NOW
        packed += pack({w.session: events})
    return figures(message.value for message in packed)


def put(folder: Path, w: Writer, end: int | None = None) -> Path:
    """Its file, up to a byte, settled."""
    path = folder / "-home-dana-x" / f"{w.session}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(w.text()[:end])
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


class Stand:
    """A receiver whose log is in memory, and what follows a folder into it."""

    def __init__(self, receiver: Receiver, log: MemoryLog, tmp_path: Path) -> None:
        self.log, self.tmp_path, self.folder = log, tmp_path, tmp_path / "projects"
        self.folder.mkdir(exist_ok=True)
        self.url = f"http://127.0.0.1:{receiver.port}"

    async def look(self, times: int = 1, **more: object) -> Follower:
        """A process that starts, looks, and ends."""
        config = FollowConfig(self.folder, self.url, person("dana@example.com"), **more)  # type: ignore[arg-type] # options as they come
        state = FollowState(self.tmp_path / "state.sqlite")
        try:
            follower = Follower(config, state, PSEUDONYMS)
            headers = {"Authorization": f"Bearer {config.token}"}
            async with aiohttp.ClientSession(self.url, headers=headers) as session:
                for _ in range(times):
                    await follower.look(session, asyncio.Event())
            return follower
        finally:
            state.close()

    def figures(self) -> dict[str, dict[int, int]]:
        """What its log holds, counted."""
        return figures(message.value for message in self.log.messages)

    def events(self) -> list[wire.Event]:
        """What its log holds."""
        return [event for message in self.log.messages for event in read_events(message.value)]


async def until(question: Callable[[], bool]) -> None:
    """Asks until it is so, for a minute."""
    for _ in range(6_000):
        if question():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError("not within a minute")


def stand(tmp_path: Path, test: Callable[[Stand], Awaitable[None]], config: ReceiverConfig | None = None) -> None:
    """Runs a test with a receiver."""

    async def run() -> None:
        log = MemoryLog()
        receiver = Receiver(config or ReceiverConfig(port=0), log, PSEUDONYMS, lambda: NOW)
        await receiver.start()
        try:
            async with asyncio.timeout(60):
                await test(Stand(receiver, log, tmp_path))
        finally:
            await receiver.stop()

    asyncio.run(run())


def test_a_growing_folder_is_sent_as_it_grows(tmp_path: Path) -> None:
    """New files, new lines, half lines; each process goes on where the one before it was; the person is a pseudonym."""
    first, second = written("first"), written("second")

    async def test(to: Stand) -> None:
        for cut in (0.1, 0.35, 0.6, 1):
            put(to.folder, first, int(len(first.text()) * cut))
            await to.look()
        put(to.folder, second)
        (to.folder / "-home-dana-x" / "first" / "tool-results").mkdir(parents=True)
        (to.folder / "-home-dana-x" / "notes.jsonl").write_text('{"note": 1}\n')
        follower = await to.look()
        assert (follower.progress.files, follower.progress.malformed) == (2, 0)
        assert to.figures() == expected(first, second)
        events = to.events()
        assert len({event.event_id for event in events}) == len(events)
        assert {event.user_id for event in events} == {PSEUDONYMS.of("dana@example.com")}
        assert (await to.look()).progress.events == 0

    stand(tmp_path, test)


@pytest.mark.parametrize("seed", range(6))
def test_a_crash_between_sending_and_keeping_costs_nothing(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was acknowledged and not kept is sent again under the same ids, and counts once."""
    dice, w = random.Random(seed), written("first", answers=30)
    keep = FollowState.keep

    def lost(*_: object) -> None:
        raise ChildProcessError("killed")

    async def test(to: Stand) -> None:
        for cut in sorted(dice.randrange(len(w.text())) for _ in range(8)):
            put(to.folder, w, cut)
            monkeypatch.setattr(FollowState, "keep", lost if dice.random() < 0.5 else keep)
            with contextlib.suppress(ChildProcessError):
                await to.look()
        monkeypatch.setattr(FollowState, "keep", keep)
        put(to.folder, w)
        await to.look()
        assert to.figures() == expected(w)

    stand(tmp_path, test)


def test_a_receiver_that_is_away_is_waited_for(tmp_path: Path) -> None:
    """503 until it heals; nothing is lost and nothing skipped."""
    w = written("first")

    async def test(to: Stand) -> None:
        put(to.folder, w)
        to.log.away = True
        looking = asyncio.create_task(to.look())
        await until(lambda: to.log.refused > 0)
        to.log.away = False
        await looking
        assert to.figures() == expected(w)

    stand(tmp_path, test)


def test_a_stop_while_it_waits_keeps_what_was_sent(tmp_path: Path) -> None:
    """It ends at once, and who comes after sends the rest."""
    w = written("first")

    async def test(to: Stand) -> None:
        put(to.folder, w)
        to.log.away = True
        stop, state = asyncio.Event(), FollowState(tmp_path / "state.sqlite")
        follower = Follower(FollowConfig(to.folder, to.url, person("d")), state, PSEUDONYMS)
        running = asyncio.create_task(follower.run(stop))
        await until(lambda: to.log.refused > 0)
        stop.set()
        await running
        state.close()
        assert follower.progress.events == 0
        to.log.away = False
        await to.look()
        assert to.figures() == expected(w)

    stand(tmp_path, test)


def test_an_answer_that_may_go_on_waits_until_its_file_settles(tmp_path: Path) -> None:
    """Its tokens are those of its last record."""
    w = Writer("first")
    w.user("Go")
    w.answer("m1", text("x"), output=1)

    async def test(to: Stand) -> None:
        path = put(to.folder, w)
        os.utime(path)
        await to.look()
        assert [type(event).__name__ for event in to.events()] == ["PromptSubmitted"]
        w.answer("m1", text("y"), output=50)
        put(to.folder, w)
        await to.look()
        (answer,) = [event for event in to.events() if isinstance(event, wire.ModelResponded)]
        assert answer.output_tokens == 50

    stand(tmp_path, test)


def test_a_file_written_anew_counts_what_is_new(tmp_path: Path) -> None:
    """Cut and written on; what stays of it is not told again."""
    w, later = written("first"), Writer("first")
    later.ids = 900
    later.user("More")

    async def test(to: Stand) -> None:
        path = put(to.folder, w)
        await to.look()
        before = len(to.events())
        path.write_bytes(b"\n".join([*w.lines[:3], *later.lines]) + b"\n")
        os.utime(path, (LONG_AGO + 1, LONG_AGO + 1))
        await to.look()
        assert [type(event).__name__ for event in to.events()[before:]] == ["PromptSubmitted"]
        path.unlink()
        await to.look()

    stand(tmp_path, test)


def test_beside_telemetry_only_what_has_an_id_is_sent(tmp_path: Path) -> None:
    """The rest would count twice."""
    w = written("first")
    w.answer("e", call("edit", "Write", file_path="/a"))
    w.result("edit", toolUseResult={"type": "create", "content": "a\n"})
    w.record("pr-link", prUrl="https://git.example/x/pull/1")
    w.record("system", subtype="compact_boundary")

    async def test(to: Stand) -> None:
        put(to.folder, w)
        await to.look(beside_telemetry=True)
        told = {type(event) for event in to.events()}
        assert wire.ToolFinished in told
        assert not told & {wire.LinesChanged, wire.PullRequestOpened, wire.ContextCompacted}

    stand(tmp_path, test)


def test_a_token_is_shown_and_its_lack_is_told(tmp_path: Path) -> None:
    """One sentence that says what to do; with it the same file is sent."""
    w = written("first")

    async def test(to: Stand) -> None:
        put(to.folder, w)
        with pytest.raises(Refused, match="AMMETER_TOKEN_FILE"):
            await to.look()
        await to.look(token=TOKEN)
        assert to.figures() == expected(w)

    stand(tmp_path, test, ReceiverConfig(port=0, tokens={"laptops": TOKEN}))


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """A second one is told; after the first has ended it may."""
    first = FollowState(tmp_path / "state.sqlite")
    with pytest.raises(StateError, match="another ammeter follow"):
        FollowState(tmp_path / "state.sqlite")
    first.close()
    FollowState(tmp_path / "state.sqlite").close()
    (tmp_path / "other").write_bytes(b"no database " * 100)
    with pytest.raises(StateError, match="--state"):
        FollowState(tmp_path / "other")


def test_killed_again_and_again_it_loses_nothing(tmp_path: Path) -> None:
    """The command itself, killed while it works and started again, against files that grow meanwhile."""
    writers = [written(f"session-{number}", answers=60) for number in range(4)]
    dice = random.Random(3)

    async def test(to: Stand) -> None:
        environ = os.environ | {"AMMETER_DATA": str(tmp_path / "data"), "AMMETER_LOG_LEVEL": "error"}
        command = ("-m", "ammeter", "follow", to.folder, "--to", to.url, "--every", "0.1", "--user", "dana@example.com")
        for cut in (0.3, 0.6, 1):
            for w in writers:
                put(to.folder, w, int(len(w.text()) * cut))
            process = await asyncio.create_subprocess_exec(
                sys.executable, *map(str, command), env=environ, stdout=asyncio.subprocess.PIPE
            )
            wanted = len(to.log.messages) + dice.randrange(1, 4)
            await until(lambda: len(to.log.messages) >= wanted if cut < 1 else whole(to))  # noqa: B023 - asked at once
            process.send_signal(signal.SIGKILL if cut < 1 else signal.SIGINT)
            said, _ = await process.communicate()
            assert cut < 1 or (process.returncode == 0 and b"4 transcripts followed" in said)
        assert to.figures() == expected(*writers)

    def whole(to: Stand) -> bool:
        return {event.session_id for event in to.events() if isinstance(event, wire.TurnEnded)} == {
            w.session for w in writers
        }

    stand(tmp_path, test)
