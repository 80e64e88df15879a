"""What the embedded broker is told. Rule: loopback only, and everything it keeps lies below its own directory."""

from dataclasses import dataclass
from pathlib import Path

from ammeter.broker.ports import HOST

LOG_DIRECTORY = "log"
"""Below the broker's own directory, which is its working directory: so no path needs escaping."""


@dataclass(frozen=True, kw_only=True)
class BrokerConfig:
    """Where an embedded broker lives and listens, and how long it may take.

    `data` is a directory of its own (made when missing); `cache` is the user's cache, shared by all brokers of this
    user: Kafka's jars lie there. `ready_within` and `stop_within` are seconds.
    """

    data: Path
    cache: Path
    port: int
    controller_port: int
    heap_mb: int = 384
    ready_within: float = 60.0
    stop_within: float = 15.0

    @property
    def address(self) -> str:
        """What clients connect to: host:port."""
        return f"{HOST}:{self.port}"


def server_properties(config: BrokerConfig) -> str:
    """Kafka's own settings: one node that is broker and controller, small, and quick to be back after kill -9."""
    settings = {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{config.controller_port}",
        "listeners": f"PLAINTEXT://{config.address},CONTROLLER://{HOST}:{config.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{config.address}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": LOG_DIRECTORY,
        # One node: nothing has a second copy.
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
        # Topics come from the catalogue; a misspelt name must not make one.
        "auto.create.topics.enable": "false",
        "num.network.threads": "2",
        "num.io.threads": "2",
        "num.recovery.threads.per.data.dir": "2",
        "background.threads": "2",
        "log.cleaner.dedupe.buffer.size": str(16 << 20),
        "log.cleaner.backoff.ms": "5000",
        "log.retention.check.interval.ms": "10000",
        "log.segment.bytes": str(64 << 20),
        "log.index.size.max.bytes": str(1 << 20),
        "message.max.bytes": str(10 << 20),
        "replica.fetch.max.bytes": str(10 << 20),
        # Without these two a broker that was killed refuses its own successor for 9 seconds.
        "broker.session.timeout.ms": "2000",
        "broker.heartbeat.interval.ms": "500",
        "replica.high.watermark.checkpoint.interval.ms": "1000",
    }
    return "".join(f"{key}={value}\n" for key, value in settings.items())
