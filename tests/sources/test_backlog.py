"""Messages that nobody waits for: in order, at least once, and counted where they are lost."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import pytest

from sources import backlog
from sources.backlog import LOST, WRITTEN, Backlog
from sources.messages import Message
from tests.sources.support import NOW, MemoryLog


def message(number: int, size: int = 10) -> Message:
    """A message of one event."""
    return Message("s", b"%0*d" % (size, number), NOW, 1)


def lost(reason: str) -> float:
    """How many payloads were lost so far."""
    return float(LOST.labels(reason)._value.get())


def run(
    test: Callable[[Backlog, MemoryLog], Awaitable[None]], log: MemoryLog | None = None, most: int = 1 << 20
) -> None:
    """Runs a test with a backlog over a log in memory."""

    async def inner() -> None:
        found = log or MemoryLog()
        waiting = Backlog(found, most)
        waiting.start()
        async with asyncio.timeout(30):
            await test(waiting, found)

    asyncio.run(inner())


def test_what_is_put_is_written_in_order_before_a_stop_ends() -> None:
    """More than a batch of it."""

    async def test(waiting: Backlog, log: MemoryLog) -> None:
        before = WRITTEN._value.get()
        for number in range(2 * backlog.BATCH_MESSAGES + 7):
            waiting.put([message(number)])
        assert log.messages == []
        await waiting.stop(10)
        assert [int(each.value) for each in log.messages] == list(range(2 * backlog.BATCH_MESSAGES + 7))
        assert WRITTEN._value.get() - before == len(log.messages)

    run(test)


def test_what_the_log_refused_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it is taken; nothing overtakes it."""
    monkeypatch.setattr(backlog, "AGAIN_S", (0.001,))

    class Twice(MemoryLog):
        refusals = 0

        async def send(self, messages: Sequence[Message]) -> None:
            self.refusals += 1
            self.away = self.refusals <= 3
            await super().send(messages)

    async def test(waiting: Backlog, log: MemoryLog) -> None:
        for number in range(5):
            waiting.put([message(number)])
        await waiting.stop(10)
        assert [int(each.value) for each in log.messages] == list(range(5))

    run(test, Twice())


def test_what_does_not_fit_is_lost_and_counted() -> None:
    """The bound is in bytes; what waits already is kept."""

    async def test(waiting: Backlog, log: MemoryLog) -> None:
        before, log.away = lost("full"), True
        for number in range(30):
            waiting.put([message(number, 600)])
        assert lost("full") - before == 20
        log.away = False
        await waiting.stop(10)
        assert [int(each.value) for each in log.messages] == list(range(10))

    run(test, most=10_000)


def test_a_stop_without_a_log_ends_and_counts_what_it_leaves() -> None:
    """It waits no longer than it was told."""

    async def test(waiting: Backlog, log: MemoryLog) -> None:
        before, log.away = lost("stopped"), True
        waiting.put([message(1), message(2)])
        await waiting.stop(0.01)
        assert lost("stopped") - before == 2
        await waiting.stop(0.01)
        assert lost("stopped") - before == 2

    run(test)


def test_a_fault_costs_its_batch_alone() -> None:
    """What comes after it is written."""

    class Faulty(MemoryLog):
        async def send(self, messages: Sequence[Message]) -> None:
            if messages[0].value.endswith(b"0"):
                raise KeyError("x")
            await super().send(messages)

    async def test(waiting: Backlog, log: MemoryLog) -> None:
        before = lost("fault")
        waiting.put([message(0)])
        while lost("fault") == before:  # noqa: ASYNC110 - nothing else tells; bounded by the test's own time
            await asyncio.sleep(0)
        waiting.put([message(1)])
        await waiting.stop(10)
        assert [int(each.value) for each in log.messages] == [1]

    run(test, Faulty())
