"""Time in a running worker is its log's, whoever was away."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ammeter.broker import EmbeddedBroker
from ammeter.topics import ensure, plan
from streams.engine.clock import Clock
from tests.integration.engine_site import Site
from tests.integration.workers import wait_until

pytestmark = pytest.mark.broker

MINUTE = 60_000


def fast_clock() -> Clock:
    """Two minutes a second, from the past: Kafka refuses what is stamped far ahead."""
    real = time.time() * 1000
    return Clock(origin=real, start=real - 2 * 24 * 60 * MINUTE, rate=120)


def test_a_worker_that_was_away_folds_at_the_time_of_the_log(
    broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str, tmp_path: Path
) -> None:
    """Ten minutes later by the clock, what waited is folded at the time at which it was sent."""
    site, clock = Site(broker.address, kafka_prefix, tmp_path), fast_clock()
    try:
        sent_at = clock.now()
        asyncio.run(site.send(50, at=lambda nth: sent_at + nth))
        wait_until(lambda: clock.now() > sent_at + 10 * MINUTE)
        site.worker("count", clock=clock).wait_ready(4)
        wait_until(lambda: site.sums(["sessions"]))

        assert all(tally.at < sent_at + MINUTE for tally in site.tallies("sessions").values())
    finally:
        site.close()


@pytest.mark.slow
def test_time_stands_still_while_the_broker_is_away(own_broker: EmbeddedBroker, tmp_path: Path) -> None:
    """The age of the watermark grows while nobody says that the log has no more, and is gone when it says so again."""
    asyncio.run(own_broker.start())
    asyncio.run(ensure(own_broker.address, plan(partitions=4)))
    site, clock = Site(own_broker.address, "", tmp_path), fast_clock()
    try:
        worker = site.worker("count", clock=clock, session_timeout_s=30).wait_ready(4)
        started = clock.now()
        asyncio.run(site.send(200, at=lambda nth: started))

        def age() -> float:
            return worker.metric("ammeter_stage_watermark_age_seconds") / 4

        wait_until(lambda: site.sums(["sessions"]))
        wait_until(lambda: 0 < age() < 6 * 60)
        assert own_broker.pid is not None
        os.kill(own_broker.pid, signal.SIGSTOP)
        try:
            wait_until(lambda: age() > 12 * 60)
        finally:
            os.kill(own_broker.pid, signal.SIGCONT)

        wait_until(lambda: age() < 6 * 60)
        assert worker.stop() == 0
    finally:
        site.close()
