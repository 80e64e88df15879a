"""The embedded broker on real Kafka: ready means ready, acknowledged data stay, orphans are found."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from ammeter.broker import BrokerConfig, BrokerError, EmbeddedBroker, free_ports
from ammeter.broker.process import TERMINATED, is_ours
from ammeter.broker.ready import not_ready

TOPIC = "kept"


async def _create(address: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(TOPIC, 2, 1)])
    finally:
        await admin.close()


async def _write(address: str, count: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", enable_idempotence=True)
    await producer.start()
    try:
        sent = [await producer.send(TOPIC, b"%d" % number, partition=number % 2) for number in range(count)]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def _read(address: str) -> set[int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        places = [TopicPartition(TOPIC, number) for number in range(2)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: set[int] = set()
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                found |= {int(record.value) for record in records}
        return found
    finally:
        await consumer.stop()


def test_acknowledged_data_survive_stop_and_kill(own_broker: EmbeddedBroker) -> None:
    """After a stop, and after kill -9 right behind the acknowledgements, everything is there."""

    async def trial() -> None:
        await own_broker.start()
        await _create(own_broker.address)
        await _write(own_broker.address, 1000)
        stopped = await own_broker.stop()
        assert stopped.code in TERMINATED
        assert stopped.asked

        await own_broker.start()
        assert await _read(own_broker.address) == set(range(1000))
        await _write(own_broker.address, 2000)
        assert own_broker.pid is not None
        os.kill(own_broker.pid, signal.SIGKILL)
        ended = await asyncio.wait_for(own_broker.wait_ended(), 60)
        assert (ended.code, ended.asked) == (-signal.SIGKILL, False)

        await own_broker.start()
        assert await _read(own_broker.address) == set(range(2000))

    asyncio.run(trial())


def test_ready_means_ready(own_broker: EmbeddedBroker) -> None:
    """Before the start the broker is not ready; once `start` returns, a probe succeeds at its first attempt."""

    async def trial() -> None:
        assert await not_ready(own_broker.address) is not None
        await own_broker.start()
        assert await not_ready(own_broker.address) is None
        with pytest.raises(BrokerError, match="runs already"):
            await own_broker.start()

    asyncio.run(trial())


def test_an_orphan_of_a_killed_parent_is_stopped(own_broker: EmbeddedBroker) -> None:
    """A parent that was killed leaves Kafka running; the next start ends that one and takes over its data."""
    config = own_broker.config
    parent_code = (
        "import asyncio, sys; from pathlib import Path; from ammeter.broker import *\n"
        "data, cache, port, controller = sys.argv[1:]\n"
        "config = BrokerConfig(data=Path(data), cache=Path(cache), port=int(port), controller_port=int(controller))\n"
        "broker = EmbeddedBroker(config)\n"
        "async def main():\n"
        "    await broker.start(); print(broker.pid, flush=True); await broker.wait_ended()\n"
        "asyncio.run(main())\n"
    )
    given = [str(config.data), str(config.cache), str(config.port), str(config.controller_port)]
    parent = subprocess.Popen([sys.executable, "-c", parent_code, *given], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        orphan = int(parent.stdout.readline())
    with pytest.raises(BrokerError, match="stop that one, or use another --data"):
        asyncio.run(own_broker.start())
    parent.kill()
    parent.wait()
    properties = config.data.resolve() / "server.properties"
    assert is_ours(orphan, properties)

    asyncio.run(own_broker.start())

    assert own_broker.pid != orphan
    assert not is_ours(orphan, properties)


def test_other_ports_read_the_same_data(own_broker: EmbeddedBroker) -> None:
    """Ports are a setting of a start, not of the data."""

    async def trial() -> None:
        await own_broker.start()
        await _create(own_broker.address)
        await _write(own_broker.address, 10)
        await own_broker.stop()
        port, controller_port = free_ports(2)
        moved = EmbeddedBroker(replace(own_broker.config, port=port, controller_port=controller_port))
        await moved.start()
        try:
            assert await _read(moved.address) == set(range(10))
        finally:
            await moved.stop()

    asyncio.run(trial())


def test_a_taken_port_is_named(own_broker: EmbeddedBroker) -> None:
    """Nothing is started on a port that somebody has, and the directory is free again."""
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", own_broker.config.port))
        somebody.listen()
        with pytest.raises(BrokerError, match=rf"Port {own_broker.config.port} is taken .* AMMETER_PORT_BASE"):
            asyncio.run(own_broker.start())

    asyncio.run(own_broker.start())


def test_a_broker_that_ends_while_starting_tells_its_last_line(own_broker: EmbeddedBroker) -> None:
    """A start that fails at once says so with the log's last words, and leaves nothing running."""
    asyncio.run(own_broker.start())
    asyncio.run(own_broker.stop())
    (own_broker.config.data / "log" / "meta.properties").write_text("nonsense\n")

    with pytest.raises(BrokerError, match=r"ended while it started \(exit code 1, last log line: .+\)"):
        asyncio.run(own_broker.start())


def test_a_broker_that_is_not_ready_in_time_is_stopped(own_broker: EmbeddedBroker) -> None:
    """When the time is over the process is gone and the error says what was missing."""
    hasty = EmbeddedBroker(replace(own_broker.config, ready_within=0.2))

    with pytest.raises(BrokerError, match=r"not ready within 0 s \(its port is closed\)"):
        asyncio.run(hasty.start())

    assert hasty.pid is not None
    assert not is_ours(hasty.pid, own_broker.config.data.resolve() / "server.properties")


def test_a_broker_never_started_cannot_be_stopped(tmp_path: Path) -> None:
    """Stopping and waiting before a start are errors of the caller, in a sentence."""
    broker = EmbeddedBroker(BrokerConfig(data=tmp_path, cache=tmp_path, port=1, controller_port=2))

    with pytest.raises(BrokerError, match="was not started"):
        asyncio.run(broker.stop())
    with pytest.raises(BrokerError, match="was not started"):
        asyncio.run(broker.wait_ended())
