"""Runs single parts from settings. Rule: each function is what one command does, and ends with its exit code."""

import os
import subprocess
import sys

from ammeter import compose, process, reading
from ammeter.secrets import pseudonyms, store_password
from ammeter.settings import Settings, SettingsError


async def receive(settings: Settings) -> int:
    """The receiver."""
    from sources.grpc import GrpcConfig, GrpcReceiver
    from sources.http import Receiver, ReceiverConfig
    from sources.kafka import KafkaConfig, KafkaLog
    from sources.tokens import read_tokens

    try:
        tokens = read_tokens(settings.tokens_file.expanduser()) if settings.tokens_file else {}
        config = ReceiverConfig(
            host=settings.host,
            port=settings.ports.receiver,
            tokens=tokens,
            team_keys=compose.team_keys(settings),
        )
    except ValueError as exc:
        raise SettingsError(str(exc)) from None
    log = KafkaLog(KafkaConfig(settings.kafka_address, settings.topic_prefix + "session-events"))
    receiver = Receiver(config, log, pseudonyms(settings), compose.clock(settings).now)
    over_grpc = GrpcReceiver(GrpcConfig(settings.host, settings.ports.grpc), receiver.intake)

    class Part:
        async def start(self) -> None:
            await log.start()
            await receiver.start()
            await over_grpc.start()

        async def stop(self) -> None:
            await over_grpc.stop()
            await receiver.stop()
            await log.stop()

    return await process.serve(Part(), settings)


def work(settings: Settings, stages: tuple[str, ...], number: int) -> int:
    """One worker process; returns 0, 2, or ends the process with 70 or 71."""
    from ammeter import detectors, working_days
    from streams.agents.stages import makers
    from streams.agents.worker import WorkerConfig, run

    made = makers(detectors.load(settings), working_days.load(settings))

    config = WorkerConfig(
        broker=settings.kafka_address,
        stages=stages,
        instance=settings.instance_name(number),
        datadir=settings.data_dir / "workers",
        topic_prefix=settings.topic_prefix,
        group_prefix=settings.group_prefix,
        pace_ms=settings.pace_ms,
        session_timeout_s=settings.session_timeout_s,
        clock=compose.clock(settings),
        metrics_host=settings.host,
        metrics_port=settings.metrics_port or 0,
        parent=settings.parent,
    )
    return run(config, made)


def supervise(settings: Settings, stage: str, processes: int) -> int:
    """Several worker processes, each with a stable name and metrics port of its own."""
    from streams.agents.supervise import supervise as keep_up

    base = settings.metrics_port

    def spawn(number: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", "ammeter", "work", "--stage", stage, "--number", str(number)],
            env=compose.child_environment(settings, metrics_port=base + number if base else None, parent=os.getpid()),
            start_new_session=True,  # Ctrl-C is for the supervisor, which then stops its workers
        )

    return keep_up(spawn, processes)


async def sink(settings: Settings) -> int:
    """The ClickHouse sink; brings the schema up to date first."""
    from sinks.consume import Sink, SinkConfig

    part = Sink(
        SinkConfig(
            broker=settings.kafka_address,
            topic_prefix=settings.topic_prefix,
            group_prefix=settings.group_prefix,
            instance=settings.instance_name(),
            target=reading.target(settings, settings.store_url),
            database=settings.database,
            batch_rows=settings.sink_batch_rows,
            batch_ms=settings.sink_batch_ms,
            floor=settings.floor,
        ),
        now=compose.clock(settings).now,
    )
    return await process.serve(part, settings, ended=part.wait_ended)


async def chat(settings: Settings) -> int:
    """The chat notifier."""
    from ammeter import notifying
    from sinks.chat import Chat, ChatConfig

    notifying.check_notifier(settings, "chat")
    routes = notifying.routes(settings)
    part = Chat(
        ChatConfig(
            broker=settings.kafka_address,
            topic_prefix=settings.topic_prefix,
            routes=routes,
            writing=notifying.writing(settings, routes),
            ways=notifying.ways(routes),
        ),
        now=compose.clock(settings).now,
    )
    return await process.serve(part, settings, ended=part.wait_ended)


async def alertmanager(settings: Settings) -> int:
    """The Alertmanager notifier."""
    from ammeter import notifying
    from sinks.alertmanager import Alertmanager, AlertmanagerConfig

    notifying.check_notifier(settings, "alertmanager")
    part = Alertmanager(
        AlertmanagerConfig(
            broker=settings.kafka_address,
            topic_prefix=settings.topic_prefix,
            writing=notifying.writing(settings),
            addresses=notifying.alertmanagers(settings),
        ),
        now=compose.clock(settings).now,
    )
    return await process.serve(part, settings, ended=part.wait_ended)


async def store(settings: Settings) -> int:
    """The embedded store."""
    from ammeter.store import StoreConfig, StoreServer
    from sinks.migrate import Databases

    try:
        config = StoreConfig(
            path=settings.data_dir / "store",
            host=settings.host,
            port=settings.ports.store,
            read_only_port=settings.ports.store_read_only,
            password=store_password(settings) or None,
            private_databases=frozenset({Databases(settings.database).private}),
        )
    except ValueError as exc:
        raise SettingsError(f"{exc} (AMMETER_CLICKHOUSE_PASSWORD_FILE)") from None
    return await process.serve(StoreServer(config), settings)


async def boards(settings: Settings) -> int:
    """The boards."""
    from ammeter.boards import BoardsConfig, BoardsServer, Personal
    from ammeter.status import read_status
    from sinks.clickhouse_read import ClickHouseReader

    reader = ClickHouseReader(reading.target(settings, settings.store_read_url))
    config = BoardsConfig(
        host=settings.host,
        port=settings.ports.boards,
        dashboards=compose.dashboards(),
        store_url=settings.store_read_url,
        database=settings.database,
        proxies=(settings.boards_proxy,) if settings.boards_proxy else (),
        local_user=settings.boards_user,
    )
    # Our own store shows what is private on the port that writes; a server gives its users what they may do.
    private = ClickHouseReader(reading.target(settings, settings.store_url), read_only=not settings.clickhouse)
    personal = Personal(compose.personal_dashboards(), private.query, pseudonyms(settings).of)
    try:
        server = BoardsServer(config, reader.query, lambda: read_status(settings.data_dir), personal)
    except ValueError as exc:
        raise SettingsError(str(exc)) from None
    return await process.serve(server, settings)
