"""Sending: to a receiver that is busy, away or fine, to a log that hesitates, into a file."""

import asyncio
import gzip
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from schemas.codec import read_events
from schemas.people import Pseudonyms
from sources import messages as log
from sources.simulator import send
from sources.simulator.canonical import Message, messages
from sources.simulator.figures import DAY, HOUR
from sources.simulator.otlp import Request, requests
from sources.simulator.send import Totals, send_messages, send_requests, write_messages
from sources.simulator.simulation import Simulation

MONDAY = 1_790_553_600_000
PSEUDONYMS = Pseudonyms(b"k" * 32)
SLICE = (MONDAY + DAY + 10 * HOUR, MONDAY + DAY + 11 * HOUR)
SIMULATION = Simulation(3, 30, seed=3)


@dataclass
class Always:
    """A clock at which everything is due."""

    rate: float = 1.0

    def now(self) -> int:
        """The far future."""
        return 4_000_000_000_000


class Receiver:
    """Answers what it is told to, and remembers what came."""

    def __init__(self, answers: Sequence[tuple[int, str]] = ()) -> None:
        self.answers = list(answers)
        self.bodies: list[bytes] = []
        self.broken = 0
        self.tokens: Counter[str] = Counter()

    async def handle(self, request: web.Request) -> web.Response:
        """One request."""
        try:
            body = await request.content.read()
        except ConnectionResetError:
            self.broken += 1
            return web.Response(status=400)
        self.tokens[request.headers.get("Authorization", "")] += 1
        self.bodies.append(body)
        status, retry_after = self.answers.pop(0) if self.answers else (200, "")
        return web.Response(status=status, headers={"Retry-After": retry_after} if retry_after else {})


@asynccontextmanager
async def _served(receiver: Receiver) -> Any:
    app = web.Application(client_max_size=1 << 30)
    app.router.add_post("/v1/{kind}", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _run(work: Callable[[], Awaitable[Totals]]) -> Totals:
    async def main() -> Totals:
        return await work()

    return asyncio.run(main())


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Resends at once."""
    monkeypatch.setattr(send, "RESEND_AFTER_S", (0.0, 0.0, 0.0, 0.0))


def _all() -> list[Request]:
    return list(requests(SIMULATION, *SLICE))


def _one() -> Request:
    return next(request for request in _all() if not request.sent)


def _unpacked(request: Request) -> bytes:
    """As the server hands it on."""
    return gzip.decompress(request.body) if "Content-Encoding" in request.headers else request.body


def test_each_event_is_acknowledged_once() -> None:
    """Over HTTP: whole bodies come as they are, cut ones break, and events of resends count once."""
    wanted, receiver = _all(), Receiver()

    async def work() -> Totals:
        async with _served(receiver) as url:
            return await send_requests(wanted, url, Always(), "secret")

    totals = _run(work)
    cut = [request for request in wanted if request.cut]
    assert Counter(receiver.bodies) == Counter(_unpacked(request) for request in wanted if not request.cut)
    assert set(receiver.tokens) == {"Bearer secret"}
    assert totals.sent == len(wanted)
    assert totals.cut == receiver.broken == len(cut) > 0
    once = {request.body_id: request.events for request in wanted if not request.cut}
    assert totals.acknowledged == sum(once.values())
    assert totals.lost == 0


@pytest.mark.usefixtures("no_waiting")
def test_a_busy_receiver_gets_the_same_bytes_again() -> None:
    """503 and 429 make the client send byte-identically, four more times at most."""
    receiver = Receiver([(503, ""), (429, "0"), (503, "")])

    async def work() -> Totals:
        async with _served(receiver) as url:
            return await send_requests([_one()], url, Always())

    totals = _run(work)
    assert receiver.bodies == [_unpacked(_one())] * 4
    assert (totals.resent, totals.lost, totals.acknowledged) == (3, 0, _one().events)


@pytest.mark.parametrize(
    ("answers", "tries"), [([(500, "")], 1), ([(400, "")], 1), ([(503, "60")], 1), ([(503, "")] * 5, 5)]
)
@pytest.mark.usefixtures("no_waiting")
def test_what_the_client_gives_up_is_lost(answers: list[tuple[int, str]], tries: int) -> None:
    """An answer that does not heal, a Retry-After beyond the deadline, a fifth refusal: lost, and counted."""
    receiver = Receiver(answers)

    async def work() -> Totals:
        async with _served(receiver) as url:
            return await send_requests([_one()], url, Always())

    totals = _run(work)
    assert len(receiver.bodies) == tries
    assert (totals.lost, totals.acknowledged) == (_one().events, 0)


def test_a_receiver_that_is_away_loses_batches_as_the_client_does() -> None:
    """A refused connection is no resend and no crash."""
    totals = _run(lambda: send_requests([_one()], "http://127.0.0.1:9", Always()))
    assert (totals.lost, totals.resent) == (_one().events, 0)


def test_of_two_sendings_the_one_that_came_counts() -> None:
    """A first sending that was taken is not lost because the second was not."""
    first = replace_request(_one(), "first")
    receiver = Receiver([(200, ""), (400, "")])

    async def work() -> Totals:
        async with _served(receiver) as url:
            return await send_requests([first, replace_request(first, "again")], url, Always())

    totals = _run(work)
    assert (totals.acknowledged, totals.lost) == (first.events, 0)


def replace_request(request: Request, sent: Any) -> Request:
    """The same, as another of several sendings."""
    return request._replace(sent=sent)


class Hesitant:
    """A log that refuses every third time."""

    def __init__(self) -> None:
        self.taken: list[log.Message] = []
        self.calls = 0
        self.ready = True

    async def send(self, messages: Sequence[log.Message]) -> None:
        """Takes them or refuses."""
        self.calls += 1
        if self.calls % 3 == 0:
            raise log.Unavailable
        self.taken += messages


def _ids(found: Sequence[bytes]) -> set[str]:
    return {event.event_id for value in found for event in read_events(value)}


@pytest.mark.usefixtures("no_waiting")
def test_messages_are_sent_until_acknowledged() -> None:
    """To Kafka: everything arrives in order; acknowledged are the distinct event ids."""
    wanted: list[Message] = list(messages(SIMULATION, *SLICE, PSEUDONYMS))
    to = Hesitant()
    totals = _run(lambda: send_messages(wanted, to, Always(), at_once=50))
    assert [message.value for message in to.taken] == [message.events for message in wanted]
    assert totals.acknowledged == len(_ids([message.events for message in wanted]))
    assert totals.resent > 0


def test_a_file_holds_every_line(tmp_path: Path) -> None:
    """Into a file: one event a line, resends as they would come, acknowledged the distinct ones."""
    wanted = list(messages(SIMULATION, *SLICE, PSEUDONYMS))
    path = tmp_path / "events.jsonl"
    totals = write_messages(wanted, path)
    lines = path.read_bytes().splitlines()
    assert len(lines) == sum(message.event_count for message in wanted)
    assert totals.acknowledged == len({id_ for message in wanted for id_ in _ids([message.events])})


def test_nothing_is_sent_before_it_is_due() -> None:
    """The clock decides: what lies ahead waits until the clock is there."""
    wanted = list(messages(SIMULATION, *SLICE, PSEUDONYMS))[:30]

    class Stepping:
        rate = 1e9

        def __init__(self) -> None:
            self.time = wanted[0].at_ms - 1

        def now(self) -> int:
            """A second later each time that somebody looks."""
            self.time += 1_000
            return self.time

    clock = Stepping()

    class Watching(Hesitant):
        async def send(self, messages: Sequence[log.Message]) -> None:
            """Checks the time."""
            assert all(message.received_at <= clock.time for message in messages)
            self.taken += messages

    to = Watching()
    _run(lambda: send_messages(wanted, to, clock))
    assert len(to.taken) == len(wanted)
