"""The chat notifier against a real broker: told once, whoever is killed or away when."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka import AIOKafkaProducer
from msgspec.structs import replace

from ammeter.broker import EmbeddedBroker
from schemas import wire
from sinks.chat import Chat, ChatConfig
from sinks.chat_send import NotTaken, Way, open_way
from sinks.deliveries import Superseded
from sinks.message import Message
from sinks.routes import read_routes
from tests.sinks.alerted import DAY, WRITING, Run, Site, alert, hook, mute, note, resolved
from tests.sinks.made import T, until

A, B = "abandonment-0000000a", "abandonment-0000000b"


class Told(Way):
    """A way that does what a test says, and remembers."""

    kind = "test"

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.fails: NotTaken | None = None
        self.hangs = False

    async def send(self, message: Message) -> None:
        """Takes, hangs after taking, or fails."""
        if self.fails:
            raise self.fails
        self.sent.append(message)
        if self.hangs:
            await asyncio.sleep(3600)


@asynccontextmanager
async def chatting(site: Site, text: str | None = None, ways: Mapping[str, Way] | None = None) -> AsyncIterator[Chat]:
    """A notifier that runs within the block."""
    routes = read_routes(text or "digest = false\n[channels]\na = 'x'", lambda value: value, list(WRITING.detectors))
    opened = ways or {name: open_way(address) for name, address in routes.addresses.items()}
    chat = Chat(ChatConfig(site.address, site.prefix, routes, WRITING, opened), lambda: site.clock)
    await chat.start()
    try:
        yield chat
    finally:
        await chat.stop()


def kill(chat: Chat) -> None:
    """Ends it where it stands."""
    assert chat._running
    chat._running.cancel()


async def settled(chat: Chat) -> None:
    """Long enough that what is to be sent would have been."""
    await asyncio.sleep(1.5)


def test_an_alert_is_told_once_and_its_end_once(on_site: Run) -> None:
    """Over three lives of the notifier, with every refresh of the row."""

    async def body(site: Site) -> None:
        async with hook() as web:
            text = f"[channels]\na = '{web.url}'"
            async with chatting(site, text) as chat:
                await site.alerts({A: alert()})
                await until(lambda: len(web.took) == 1)
                await site.alerts({A: alert(n=70, version=2)})
                await settled(chat)
            async with chatting(site, text) as chat:
                await settled(chat)
                await site.alerts({A: resolved(alert())})
                await until(lambda: len(web.took) == 2)
            async with chatting(site, text) as chat:
                await settled(chat)

            assert web.kinds() == [(A, "opened"), (A, "resolved")]
            assert [body["id"] for body in web.took] == [f"{A}.1", f"{A}.2"]
            assert [head["Idempotency-Key"] for head in web.heads] == [f"{A}.1", f"{A}.2"]
            assert not any(body["is_repeat"] for body in web.took)

    on_site(body)


def test_killed_between_sending_and_writing_it_says_the_same_again(on_site: Run) -> None:
    """The one moment in which a message comes twice: same id, and said to be a repeat."""

    async def body(site: Site) -> None:
        way = Told()
        way.hangs = True
        async with chatting(site, ways={"a": way}) as chat:
            await site.alerts({A: alert(), B: alert(team_id="blue")})
            await until(lambda: bool(way.sent))
            kill(chat)
        first, way.hangs = way.sent[0], False
        told_first = len(first.body["alerts"])
        async with chatting(site, ways={"a": way}) as chat:
            await until(lambda: sum(len(each.body["alerts"]) for each in way.sent[1:]) == 2)
            await settled(chat)

        again = way.sent[1]
        assert again.id == first.id
        assert len(again.body["alerts"]) == told_first
        assert (first.body["is_repeat"], again.body["is_repeat"]) == (False, True)
        assert len(way.sent) == (2 if told_first == 2 else 3)

    on_site(body)


def test_a_stop_waits_for_a_message_on_its_way(on_site: Run) -> None:
    """So that an ordinary restart leaves nothing in doubt; what is next waits for the next life."""

    async def body(site: Site) -> None:
        way, release = Told(), asyncio.Event()

        async def slow(message: Message) -> None:
            way.sent.append(message)
            await release.wait()

        way.send = slow  # type: ignore[method-assign] # this test's own way
        async with chatting(site, ways={"a": way}) as chat:
            await site.alerts({A: alert()})
            await until(lambda: len(way.sent) == 1)
            await site.alerts({B: alert(team_id="blue")})
            await until(lambda: len(chat._log.known.alerts) == 2)
            stopping = asyncio.create_task(chat.stop())
            await asyncio.sleep(0.5)
            assert not stopping.done()
            release.set()
            await stopping
        assert [each.id for each in way.sent] == [f"{A}.1"]
        async with chatting(site, ways={"a": way}) as chat:
            await until(lambda: len(way.sent) == 2)
            await settled(chat)

        assert [each.id for each in way.sent] == [f"{A}.1", f"{B}.1"]
        assert not way.sent[1].body["is_repeat"]

    on_site(body)


def test_what_is_not_taken_is_tried_again_and_holds_up_no_other(on_site: Run) -> None:
    """A channel that fails, one that works; after the wait the same id again."""

    async def body(site: Site) -> None:
        bad, good = Told(), Told()
        bad.fails = NotTaken("it answered 503")
        async with chatting(site, "[channels]\na = 'x'\nb = 'y'", {"a": bad, "b": good}) as chat:
            await site.alerts({A: alert()})
            await until(lambda: len(good.sent) == 1)
            await until(lambda: chat._memory.held[("a", A)].failure == "it answered 503")
            bad.fails = None
            await settled(chat)
            assert bad.sent == []  # the clock stands: it is not time
            site.clock += 2_000
            await until(lambda: len(bad.sent) == 1)
            await until(lambda: chat._memory.held[("a", A)].word == "firing")

            assert bad.sent[0].id == f"{A}.1"
            assert not bad.sent[0].body["is_repeat"]
            assert chat._memory.held[("a", A)].attempts == 2
            assert len(good.sent) == 1

    on_site(body)


def test_a_second_notifier_ends_the_first(on_site: Run) -> None:
    """Before the first sends anything more."""

    async def body(site: Site) -> None:
        first_way, second_way = Told(), Told()
        with suppress(Superseded):
            async with chatting(site, ways={"a": first_way}) as first:
                await site.alerts({A: alert()})
                await until(lambda: ("a", A) in first._memory.held and first._memory.held["a", A].word == "firing")
                async with chatting(site, ways={"a": second_way}) as second:
                    await settled(second)
                    await site.alerts({B: alert(team_id="blue")})
                    await until(lambda: len(second_way.sent) == 1)
                    with pytest.raises(Superseded, match="run one of them alone"):
                        await asyncio.wait_for(first.wait_ended(), 20)

        assert [each.id for each in first_way.sent] == [f"{A}.1"]
        assert [each.id for each in second_way.sent] == [f"{B}.1"]

    on_site(body)


def test_mutes_and_acks_are_heard(on_site: Run) -> None:
    """A mute that comes while it runs; an ack before the next telling."""

    async def body(site: Site) -> None:
        way = Told()
        async with chatting(site, ways={"a": way}) as chat:
            await site.notes(mute("abandonment", "blue", T + 20 * DAY))
            await asyncio.sleep(1)
            await site.alerts({A: alert(), B: alert(team_id="blue")})
            await until(lambda: len(way.sent) == 1)
            site.clock = T + 8 * DAY
            await until(lambda: len(way.sent) == 2)
            await site.notes({A: note(A, acked_at=T + 8 * DAY)})
            await asyncio.sleep(1)
            site.clock = T + 19 * DAY
            await settled(chat)
            await site.alerts({A: resolved(alert())})
            await until(lambda: len(way.sent) == 3)

        kinds = [(each["id"], each["kind"]) for message in way.sent for each in message.body["alerts"]]
        assert kinds == [(A, "opened"), (A, "again"), (A, "resolved")]

    on_site(body)


def test_the_digest_comes_once_a_week(on_site: Run) -> None:
    """With what notifies nobody else; not for the weeks before it ran."""
    monday = 1_795_424_400_000  # 2026-11-23 09:00 UTC
    assert time.gmtime(monday / 1000)[:5] == (2026, 11, 23, 9, 0)

    async def body(site: Site) -> None:
        way, site.clock = Told(), monday - 1000
        await site.alerts({A: alert(detector="trouble", severity="digest", opened_at=monday - DAY)})
        text = "[channels]\na = 'x'"
        async with chatting(site, text, {"a": way}) as chat:
            await settled(chat)
            assert way.sent == []
            site.clock = monday
            await until(lambda: len(way.sent) == 1)
        async with chatting(site, text, {"a": way}) as chat:
            site.clock = monday + 6 * DAY
            await settled(chat)
            site.clock = monday + 7 * DAY
            await until(lambda: len(way.sent) == 2)

        assert [each.id for each in way.sent] == ["digest-2026-11-23", "digest-2026-11-30"]
        assert "Trouble, team red" in way.sent[0].text

    on_site(body)


def test_a_broker_that_was_away_changes_nothing(own_broker: EmbeddedBroker) -> None:
    """What was sent while it died is written down when it is back; nothing is told twice."""
    from ammeter.topics import ensure, plan

    async def body() -> None:
        await own_broker.start()
        await ensure(own_broker.address, plan(prefix="", partitions=1))
        producer = AIOKafkaProducer(bootstrap_servers=own_broker.address)
        await producer.start()
        site, way = Site(own_broker.address, "", producer), Told()
        release = asyncio.Event()

        async def slow(message: Message) -> None:
            way.sent.append(message)
            await release.wait()

        way.send = slow  # type: ignore[method-assign] # this test's own way
        async with chatting(site, ways={"a": way}) as chat:
            await site.alerts({A: alert()})
            await until(lambda: len(way.sent) == 1)
            await producer.stop()
            await own_broker.stop()
            release.set()
            await asyncio.sleep(1)
            await own_broker.start()
            await until(lambda: chat._memory.held.get(("a", A), replace(NOBODY)).word == "firing", 60)
        async with chatting(site, ways={"a": way}) as chat:
            await until(lambda: bool(chat._log.known.alerts))
            await settled(chat)

        assert [each.id for each in way.sent] == [f"{A}.1"]

    asyncio.run(body())


NOBODY = wire.AlertDelivery(version=0, definitions=0, word="", told_at=0, number=0)


def test_a_webhook_is_told_by_its_status(on_site: Run) -> None:
    """Redirects are not followed: they could lead anywhere."""

    async def body(_: Site) -> None:
        message = Message("a.1", "title", "text", {"id": "a.1"})
        async with hook() as web:
            way = open_way(web.url)
            await way.send(message)
            for status in (302, 404, 500):
                web.status = status
                with pytest.raises(NotTaken, match=f"it answered {status}") as caught:
                    await way.send(message)
                assert not caught.value.in_doubt
            url = web.url
        with pytest.raises(NotTaken, match="nobody answers there") as caught:
            await open_way(url).send(message)
        assert "hush" not in str(caught.value)
        assert len(web.took) == 1

    on_site(body)
