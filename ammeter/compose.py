"""Settings to the parts' own configurations. Rule: parts are wired here alone; a part never sees the settings."""

from pathlib import Path
from typing import TYPE_CHECKING

from ammeter import topics
from ammeter.settings import Settings, SettingsError, child_environment
from schemas.topics import HOUR_MS
from streams.engine.clock import Clock

if TYPE_CHECKING:
    from ammeter.broker import BrokerConfig

EMBEDDED_PARTITIONS = 4

__all__ = [
    "EMBEDDED_PARTITIONS",
    "broker",
    "child_environment",
    "clock",
    "dashboards",
    "personal_dashboards",
    "planned_topics",
    "team_keys",
]


def clock(settings: Settings) -> Clock:
    """The clock of every part: the real one, or a faster one that ends there."""
    if not settings.clock:
        return Clock()
    try:
        origin, start, rate = map(float, settings.clock.split(","))
    except ValueError:
        raise SettingsError(f"AMMETER_CLOCK={settings.clock}: give origin,start,rate as three numbers.") from None
    return Clock(origin, start, rate)


def team_keys(settings: Settings) -> tuple[str, ...]:
    """Attributes that name the team, the first found wins."""
    return tuple(key.strip() for key in settings.team_keys.split(",") if key.strip())


def planned_topics(settings: Settings, partitions: int | None = None) -> tuple[topics.PlannedTopic, ...]:
    """The topics as these settings want them."""
    return topics.plan(
        prefix=settings.topic_prefix,
        partitions=partitions or settings.partitions,
        replication=settings.replication,
        compaction_lag_ms=settings.compaction_lag_hours * HOUR_MS,
    )


def broker(settings: Settings) -> "BrokerConfig":
    """The embedded broker."""
    from ammeter.broker import BrokerConfig  # it brings a Java along, which the image does not have

    ports = settings.ports
    return BrokerConfig(
        data=settings.data_dir / "kafka",
        cache=settings.cache_dir,
        port=ports.broker,
        controller_port=ports.controller,
    )


def dashboards() -> Path:
    """Where the boards' JSON lies."""
    return Path(__file__).resolve().parents[1] / "grafana" / "dashboards"


def personal_dashboards() -> Path:
    """Where the JSON of the boards of one person lies, which Grafana never sees."""
    return Path(__file__).resolve().parents[1] / "grafana" / "dashboards-private"
