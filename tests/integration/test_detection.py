"""Detection on Kafka itself: killed again and again, it says each thing once; history in the store is told once."""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from ammeter.broker import EmbeddedBroker
from ammeter.reheard import NotRecomputed, alerts_again
from ammeter.retold import retell
from ammeter.settings import Settings
from schemas import wire
from schemas.signals import read_signal
from schemas.topics import partition_of
from sinks.clickhouse import ClickHouse
from streams.detect.stage import Detect
from tests.integration.engine_site import Site
from tests.integration.watched import DAY, MINUTE, Told, signals
from tests.integration.workers import wait_until
from tests.sinks.test_views import put, session
from tests.streams.detect.test_again import plain

pytestmark = pytest.mark.broker

KILLS = 6

Word = tuple[str, str, int, str]
"""Alert, firing or resolved, when, and the sentence."""


@pytest.fixture
def site(broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str, tmp_path: Path) -> Iterator[Site]:
    """A corner of the shared broker, for the stages themselves."""
    site = Site(broker.address, kafka_prefix, tmp_path, makers="streams.agents.stages:STAGES")
    yield site
    site.close()


def now() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def words(rows: list[tuple[bytes, bytes]]) -> list[Word]:
    """What was said, each opening and end; what only brings figures up to date is left out."""
    found: list[Word] = []
    last: dict[str, tuple[str, int]] = {}
    for key, value in rows:
        name, row = msgspec.msgpack.decode(key)[0], msgspec.msgpack.decode(value, type=wire.Anomaly)
        if last.get(name) != (row.status, row.changed_at):
            last[name] = (row.status, row.changed_at)
            found.append((name, row.status, row.changed_at, row.sentence))
    return found


def expected(log: list[Told], at: int) -> list[Word]:
    """What one says who was never stopped."""
    stage, rows = Detect(), list[tuple[bytes, bytes]]()
    stage.begin(0)
    for number, told in enumerate(log):
        stage.take(told.key, told.value, told.at)
        rows += [
            (key, value or b"") for topic, key, value in stage.changed(told.at, number).tables if topic == "anomalies"
        ]
    rows += [(key, value or b"") for topic, key, value in stage.changed(at, len(log)).tables if topic == "anomalies"]
    return words(rows)


def said(site: Site) -> list[Word]:
    """What is committed."""
    return words([(found.key, found.value) for found in asyncio.run(site.records("anomalies", 1)) if found.key])


async def tell(site: Site, log: list[Told]) -> None:
    """Sends the signals."""
    async with AIOKafkaProducer(bootstrap_servers=site.address, enable_idempotence=True) as producer:
        for told in log:
            await producer.send(f"{site.prefix}signals", told.value, told.key, 0, timestamp_ms=told.at)
        await producer.flush()


def place(site: Site) -> int:
    """Up to where the detector has read, as it was committed last."""
    points = [found.value for found in asyncio.run(site.records("anomalies", 1)) if found.key == b""]
    return msgspec.msgpack.decode(points[-1], type=wire.Checkpoint).offset if points else 0


def end(site: Site) -> int:
    """How many signals there are."""
    return len(asyncio.run(site.records("signals", 1)))


async def drop(site: Site, before: int) -> None:
    """The log of signals loses its beginning."""
    admin = AIOKafkaAdminClient(bootstrap_servers=site.address)
    await admin.start()
    try:
        place = TopicPartition(f"{site.prefix}signals", 0)
        await admin.delete_records({place: RecordsToDelete(before)})
    finally:
        await admin.close()


@pytest.mark.slow
def test_a_detector_that_is_killed_says_what_it_would_have_said(site: Site, tmp_path: Path) -> None:
    """Six kills at random moments while four weeks of signals come in: no alert is lost, none is said twice."""
    draw, today = random.Random(15), now() // DAY * DAY
    log = [told for told in signals(4, today - 28 * DAY, 29) if told.at < now() - MINUTE]
    cuts = [0, *sorted(draw.sample(range(len(log)), KILLS)), len(log)]
    behind = 0
    for begun, ended in pairwise(cuts[:-1]):
        worker = site.worker("detect").wait_ready(1)
        sending = threading.Thread(target=lambda part=log[begun:ended]: asyncio.run(tell(site, part)))
        sending.start()
        time.sleep(draw.uniform(0.05, 1.0))
        assert worker.kill() == -9
        sending.join()
        behind += place(site) < end(site)
    assert behind, "a kill was in the middle"
    asyncio.run(tell(site, log[cuts[-2] :]))
    site.worker("detect").wait_ready(1)

    wait_until(lambda: said(site) == expected(log, now()))

    names = [(name, status, at) for name, status, at, _ in said(site)]
    assert len(set(names)) == len(names)
    assert {name.rpartition("-")[0] for name, *_ in names} >= {"abandonment", "api_failures"}
    assert asyncio.run(site.records("signals-dlq", 1)) == []
    settings = Settings(kafka=site.address, topic_prefix=site.prefix, data=tmp_path)
    latest = {found.key: found.value for found in asyncio.run(site.records("anomalies", 1)) if found.key}
    assert plain(asyncio.run(alerts_again(settings))) == plain(latest), "the log says the same once more"
    asyncio.run(drop(site, 1))
    with pytest.raises(NotRecomputed, match="begins at 1"):
        asyncio.run(alerts_again(settings))


def test_verdicts_of_the_users_stage_reach_the_detector(site: Site) -> None:
    """One process of three stages: what closes is known to the detector; what cannot be read is set aside."""
    closed = now() - 40 * MINUTE
    opened = wire.Notice("s", closed, "opened", closed, "red", closed, "", {})
    ended = msgspec.structs.replace(opened, state="closed", at=closed + MINUTE, ended_at=closed + MINUTE)
    ended.sums = {1: 1, 4: 1}
    change = wire.UserChange("u_1", {"red": {closed // MINUTE: {0: 2, 4: 1, 10: 3}}}, [opened, ended])

    async def send() -> None:
        async with AIOKafkaProducer(bootstrap_servers=site.address) as producer:
            await producer.send_and_wait(f"{site.prefix}signals", b"\x90", b"\x90", 0)
            await producer.send_and_wait(
                f"{site.prefix}user-changes", msgspec.msgpack.encode(change), b"u_1", partition_of(b"u_1", 4)
            )

    asyncio.run(send())
    worker = site.worker("users", "teams", "detect").wait_ready(9)
    wait_until(lambda: len(asyncio.run(site.records("signals", 1))) == 4)
    kinds = {
        type(read_signal(found.key, found.value)[1]).__name__
        for found in asyncio.run(site.records("signals", 1))
        if found.key != b"\x90"
    }
    assert kinds == {"SessionVerdict", "TeamSignal", "UserSignal"}
    wait_until(lambda: worker.metric("ammeter_stage_state_entries", stage="detect", kind="verdicts") == 1)
    (letter,) = asyncio.run(site.records("signals-dlq", 1))
    assert "names neither" in msgspec.msgpack.decode(letter.value, type=wire.DeadLetter).reason
    assert worker.stop() == 0


def test_history_in_the_store_is_told_once(site: Site, store: ClickHouse, store_url: str, tmp_path: Path) -> None:
    """In the order in which it was judged, at its own times, with what its sessions took; old ones are left out."""
    at = now()
    states, verdicts = [], []
    for number, ago in enumerate((3, 1, 2, 40)):
        begun = at - ago * DAY
        told = wire.SessionVerdict(
            1, 2, "u_1", "red", "claude-code", True, begun, begun, begun, "ended_clean", True, 5, "low"
        )
        states.append(((f"s{number}", begun), session(1, sums={1: 2, 6: 9, 7: 4, 8: 9, 17: 500}, started_at=begun)))
        verdicts.append(((f"s{number}", begun), told))
    put(store, "sessions", *states)
    put(store, "signals", *verdicts)
    settings = Settings(kafka=site.address, topic_prefix=site.prefix, clickhouse=store_url, data=tmp_path)

    assert asyncio.run(retell(settings, at)) == 3
    assert asyncio.run(retell(settings, at)) == 0

    records = asyncio.run(site.records("signals", 1))
    assert [msgspec.msgpack.decode(found.key)[0] for found in records] == ["s0", "s2", "s1"]
    assert [found.timestamp for found in records] == [at - 3 * DAY, at - 2 * DAY, at - DAY]
    told = msgspec.msgpack.decode(records[0].value, type=wire.SessionVerdict)
    assert (told.team_id, told.outcome, told.is_troubled, told.judged_at) == ("red", "ended_clean", True, at - 3 * DAY)
    assert (told.prompts, told.tool_calls, told.tool_failures, told.tool_decisions, told.cost_micros) == (
        2,
        9,
        4,
        9,
        500,
    )


def test_where_something_was_told_history_is_not(site: Site, tmp_path: Path) -> None:
    """Detectors would hear of it in the wrong order; the store is not even asked."""
    log = signals(1, now() // DAY * DAY - 9 * DAY, 7)[:1]
    asyncio.run(tell(site, log))
    settings = Settings(kafka=site.address, topic_prefix=site.prefix, clickhouse="http://127.0.0.1:1", data=tmp_path)
    assert asyncio.run(retell(settings, now())) == 0
