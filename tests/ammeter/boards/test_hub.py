"""One query for one question, however many ask."""

import asyncio

import pytest

from ammeter.boards import hub as hubs
from ammeter.boards.hub import Hub
from sinks.frame import Frame, QueryFailed
from tests.ammeter.boards.loop import in_loop


class Memory:
    """A store in memory that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.open = asyncio.Event()
        self.failing = False

    async def query(self, sql: str) -> Frame:
        """The SQL itself as the answer."""
        self.asked.append(sql)
        await self.open.wait()
        if self.failing:
            raise QueryFailed("away")
        return Frame(("value",), ("string",), ([sql],))


@in_loop
async def test_tabs_share_an_answer() -> None:
    """Many who ask the same of one version of the store cost it one query."""
    store = Memory()
    hub = Hub(store.query, 0)
    waiting = [asyncio.create_task(hub.answer("SELECT 1")) for _ in range(10)]
    store.open.set()

    answers = await asyncio.gather(*waiting)

    assert store.asked == ["SELECT 1"]
    assert {answer.columns[0][0] for answer in answers} == {"SELECT 1"}


@in_loop
async def test_who_leaves_takes_nothing_from_the_others() -> None:
    """A tab that closes while its query runs leaves the answer to those who also wait for it."""
    store = Memory()
    hub = Hub(store.query, 0)
    leaving, staying = (asyncio.create_task(hub.answer("SELECT 1")) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    store.open.set()

    assert (await staying).columns == (["SELECT 1"],)


@in_loop
async def test_a_change_asks_anew() -> None:
    """A new version of the store has no old answers, and wakes who waits for it."""
    store = Memory()
    store.open.set()
    hub = Hub(store.query, 0)
    await hub.answer("SELECT 1")
    waiting = asyncio.create_task(hub.wait(0))
    await hub.change(5)
    await hub.answer("SELECT 1")

    assert await waiting == 1
    assert hub.now.at_ms == 5
    assert len(store.asked) == 2


@in_loop
async def test_what_was_asked_ahead_waits_for_who_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that is kept has its answers though the store goes on; after a while it is forgotten."""
    store = Memory()
    store.open.set()
    hub = Hub(store.query, 3)
    kept = hub.keep()
    await hub.answer("SELECT 1", version=kept)
    await hub.change(5)

    found = hub.kept(str(kept.number))
    await hub.answer("SELECT 1", version=found)
    assert (found.at_ms, len(store.asked)) == (3, 1)
    assert all(hub.kept(other) is hub.now for other in ("", "7", "-1", "x", "٣"))

    monkeypatch.setattr(hubs, "KEPT_S", 0.01)
    kept = hub.keep()
    await hub.change(6)
    await asyncio.sleep(0.05)
    assert hub.kept(str(kept.number)) is hub.now


@in_loop
async def test_a_failure_is_not_remembered() -> None:
    """Who asks after the store came back gets an answer, though nothing changed in it."""
    store = Memory()
    store.open.set()
    store.failing = True
    hub = Hub(store.query, 0)
    with pytest.raises(QueryFailed):
        await hub.answer("SELECT 1")
    store.failing = False

    assert (await hub.answer("SELECT 1")).columns == (["SELECT 1"],)
