"""The users stage on Kafka itself: each verdict once, team windows that follow the directory, whatever is killed."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from ammeter.broker import EmbeddedBroker
from schemas import counters as c
from schemas import wire
from schemas.topics import partition_of
from streams.agents.worker import USAGE
from tests.integration.engine_site import PARTITIONS, Site
from tests.integration.workers import wait_until
from tests.streams.metrics.users import key_of, record

pytestmark = pytest.mark.broker

MINUTE, HOUR = 60_000, 3_600_000
PEOPLE = [f"u_{number:02}" for number in range(12)]


@pytest.fixture
def site(broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str, tmp_path: Path) -> Iterator[Site]:
    """A corner of the shared broker, for the stages themselves."""
    site = Site(broker.address, kafka_prefix, tmp_path, makers="streams.agents.stages:STAGES")
    yield site
    site.close()


def now() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


async def put(site: Site, changes: Iterable[wire.UserChange], rate: float = 0) -> None:
    """Sends changes of the sessions stage, `rate` a second (0: at once)."""
    async with AIOKafkaProducer(bootstrap_servers=site.address, enable_idempotence=True) as producer:
        for change in changes:
            key = change.user_id.encode()
            await producer.send(
                f"{site.prefix}user-changes", msgspec.msgpack.encode(change), key, partition_of(key, PARTITIONS)
            )
            if rate:
                await asyncio.sleep(1 / rate)
        await producer.flush()


async def direct(site: Site, teams: Mapping[str, str | None]) -> None:
    """Puts people into teams, ever since; None takes the entry away."""
    async with AIOKafkaProducer(bootstrap_servers=site.address) as producer:
        for identity, team_id in teams.items():
            value = record((0, team_id)) if team_id is not None else None
            await producer.send_and_wait(f"{site.prefix}directory", value, key_of(identity), partition=0)


def latest(site: Site, topic: str) -> dict[Any, Any]:
    """What a table holds, decoded."""
    rows: dict[bytes, bytes | None] = {}
    for found in asyncio.run(site.records(topic)):
        rows[found.key] = found.value
    decode = msgspec.msgpack.Decoder(strict=False).decode
    return {tuple(decode(key)): decode(value) for key, value in rows.items() if key and value is not None}


def teams(site: Site) -> dict[str, tuple[int, int]]:
    """Of each team with anybody in it: people active in 24 hours, and their events."""
    windows = latest(site, "team-windows")
    return {team_id: (row[3][2], row[4][2].get(c.EVENTS, 0)) for (team_id,), row in windows.items() if row[3][2]}


def sessions_of(user_id: str, count: int, at: int) -> Iterator[wire.UserChange]:
    """Sessions of a person, an hour apart, that were opened and closed; the last long enough ago to be judged."""
    for nth in range(count):
        begun = at - (count + 1 - nth) * HOUR
        opened = wire.Notice(f"{user_id}-{nth}", begun, "opened", begun, "red", begun, "", {})
        closed = msgspec.structs.replace(opened, state="closed", at=begun + MINUTE, ended_at=begun + MINUTE)
        closed.sums = {c.PROMPTS: 1, c.RESPONSES: 1}
        panes = {"red": {begun // MINUTE: {c.EVENTS: 1}}}
        yield wire.UserChange(user_id, panes, [opened])
        yield wire.UserChange(user_id, {}, [closed])


@pytest.mark.slow
def test_each_verdict_is_told_and_counted_once_whatever_is_killed(site: Site) -> None:
    """Two kills in the middle: no session without a verdict, none with two, and the sums of teams are of one cut."""
    count, at = 12, now()
    changes = [change for user_id in PEOPLE for change in sessions_of(user_id, count, at)]
    sending = threading.Thread(target=lambda: asyncio.run(put(site, changes, rate=12)))
    sending.start()
    for _ in range(2):
        worker = site.worker("users", "teams").wait_ready(2 * PARTITIONS)
        before = len(asyncio.run(site.records("signals", 1)))
        wait_until(lambda before=before: len(asyncio.run(site.records("signals", 1))) > before)  # type: ignore[misc] # bound in the loop
        assert sending.is_alive(), "the kill is in the middle"
        assert worker.kill() == -9
    site.worker("users", "teams").wait_ready(2 * PARTITIONS)
    sending.join()

    expected = len(PEOPLE) * count
    wait_until(lambda: len(asyncio.run(site.records("signals", 1))) >= expected)
    wait_until(lambda: _judged(site) == expected, what="the teams have heard of every verdict")

    told = Counter(msgspec.msgpack.decode(found.key)[0] for found in asyncio.run(site.records("signals", 1)))
    assert told == {f"{user_id}-{nth}": 1 for user_id in PEOPLE for nth in range(count)}
    minutes = latest(site, "user-minutes").values()
    assert sum(row[2].get(c.SESSIONS_JUDGED, 0) for row in minutes) == expected


def _judged(site: Site) -> int:
    windows = latest(site, "team-windows").values()
    return sum(int(row[4][2].get(c.SESSIONS_JUDGED, 0)) for row in windows)


def test_live_team_windows_follow_the_directory_over_a_restart(site: Site) -> None:
    """What is live moves while the worker runs; what changed while none ran is made good; the sums stay the same."""
    minute = now() // MINUTE - 1
    asyncio.run(direct(site, {PEOPLE[0]: "green"}))
    worker = site.worker("users", "teams").wait_ready(2 * PARTITIONS)
    asyncio.run(put(site, (wire.UserChange(user_id, {"red": {minute: {c.EVENTS: 2}}}, []) for user_id in PEOPLE)))
    wait_until(lambda: teams(site) == {"red": (11, 22), "green": (1, 2)})

    asyncio.run(direct(site, dict.fromkeys(PEOPLE[:5], "green") | {PEOPLE[5]: ""}))
    wait_until(lambda: teams(site) == {"red": (6, 12), "green": (5, 10), "unassigned": (1, 2)})
    assert worker.metric("ammeter_stage_directory_entries", stage="users") == 6
    assert worker.kill() == -9

    asyncio.run(direct(site, {PEOPLE[0]: None, PEOPLE[1]: "blue", PEOPLE[11]: "blue"}))
    asyncio.run(put(site, [wire.UserChange(PEOPLE[1], {"red": {minute: {c.EVENTS: 1}}}, [])]))
    worker = site.worker("users", "teams").wait_ready(2 * PARTITIONS)
    expected = {"red": (6, 12), "green": (3, 6), "blue": (2, 5), "unassigned": (1, 2)}
    wait_until(lambda: teams(site) == expected)
    assert worker.stop() == 0
    assert teams(site) == expected


def test_a_cluster_without_a_directory_is_told_what_to_do(site: Site) -> None:
    """One that was set up by an older version: the worker does not start, and says why."""

    async def remove() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=site.address)
        await admin.start()
        try:
            await admin.delete_topics([f"{site.prefix}directory"])
            while f"{site.prefix}directory" in await admin.list_topics():  # noqa: ASYNC110 - the broker tells when asked
                await asyncio.sleep(0.05)
        finally:
            await admin.close()

    asyncio.run(asyncio.wait_for(remove(), 20))
    worker = site.worker("users")
    assert worker.wait_exit() == USAGE
    assert f"Topic {site.prefix}directory is not there: run `ammeter topics`." in worker.text()
