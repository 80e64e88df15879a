"""Workers and brokers that die in the middle: nothing is lost, nothing is counted twice."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ammeter.broker import EmbeddedBroker
from ammeter.topics import ensure, plan
from streams.engine.ending import RESTART
from tests.integration.engine_site import Site
from tests.integration.workers import wait_until

pytestmark = pytest.mark.broker


@pytest.fixture
def site(broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str, tmp_path: Path) -> Iterator[Site]:
    """A corner of the shared broker."""
    site = Site(broker.address, kafka_prefix, tmp_path)
    yield site
    site.close()


def in_background(site: Site, count: int, rate: float) -> threading.Thread:
    """Sends while the test does harm."""
    thread = threading.Thread(target=lambda: asyncio.run(site.send(count, rate=rate)))
    thread.start()
    return thread


@pytest.mark.slow
def test_kill_9_in_mid_run_loses_and_doubles_nothing(site: Site) -> None:
    """Three kills, one of them while it restores; tables and what was sent on stay of one cut through both stages."""
    sending = in_background(site, 6_000, rate=500)
    for in_the_middle in (True, False, True):
        worker = site.worker()
        if in_the_middle:
            worker.wait_ready(8)
            before = sum(site.messages("sessions").values())
            wait_until(lambda before=before: sum(site.messages("sessions").values()) > before)  # type: ignore[misc] # bound in the loop
        else:
            wait_until(lambda worker=worker: "partitions assigned" in worker.text())  # type: ignore[misc] # as above
        assert worker.kill() == -9

    site.worker().wait_ready(8)
    sending.join()

    wait_until(site.sums)


@pytest.mark.slow
def test_a_zombie_is_ended_by_the_fence(site: Site) -> None:
    """Stopped past its session, succeeded, awake again: it ends with 70, and nothing it had folded becomes visible."""
    sending = in_background(site, 9_000, rate=500)
    zombie = site.worker(instance="old", session_timeout_s=6).wait_ready(8)
    wait_until(lambda: site.messages("user-minutes"))
    zombie.send(signal.SIGSTOP)
    site.worker(instance="new", session_timeout_s=6).wait_ready(8)

    zombie.send(signal.SIGCONT)

    assert zombie.wait_exit() == RESTART
    sending.join()
    wait_until(site.sums)


@pytest.mark.slow
def test_a_worker_that_is_told_to_leave_hands_over_at_once(site: Site) -> None:
    """Two share the work; one leaves by SIGTERM, and the other has all long before a session of 60 s could end."""
    sending = in_background(site, 6_000, rate=400)
    stays = site.worker(instance="stays", session_timeout_s=60).wait_ready(8)
    leaves = site.worker(instance="leaves", session_timeout_s=60)
    wait_until(lambda: leaves.folding and len(leaves.folding | stays.folding) == 8 and len(stays.folding) < 8)

    assert leaves.stop() == 0
    wait_until(lambda: len(stays.folding) == 8, 40)

    sending.join()
    wait_until(site.sums)
    kept = stays.metric("ammeter_stage_restore_seconds_count")
    assert kept < 16, "what it kept over the first rebalance was not read again"
    assert stays.stop() == 0


@pytest.mark.slow
def test_a_broker_that_is_killed_and_comes_back_loses_nothing(own_broker: EmbeddedBroker, tmp_path: Path) -> None:
    """The worker waits for it and goes on by itself; what was acknowledged is counted once."""
    asyncio.run(own_broker.start())
    asyncio.run(ensure(own_broker.address, plan(partitions=4)))
    site = Site(own_broker.address, "", tmp_path)
    try:
        worker = site.worker().wait_ready(8)
        asyncio.run(site.send(1_000))
        wait_until(lambda: site.messages("sessions"))
        assert own_broker.pid is not None
        os.kill(own_broker.pid, signal.SIGKILL)
        asyncio.run(own_broker.wait_ended())
        asyncio.run(own_broker.start())
        asyncio.run(site.send(1_000))

        wait_until(site.sums)
        assert worker.stop() == 0
    finally:
        site.close()


def test_a_restored_worker_knows_all_that_it_knew(site: Site) -> None:
    """Every name, from before and after the restart; how long it took is measured."""
    asyncio.run(site.send(500))
    first = site.worker().wait_ready(8)
    wait_until(site.sums)
    assert first.stop() == 0

    second = site.worker().wait_ready(8)
    asyncio.run(site.send(500))

    wait_until(site.sums)
    assert second.metric("ammeter_stage_restore_seconds_count", stage="count") == 4
    assert second.metric("ammeter_stage_state_entries", stage="count", kind="names") >= 0
