"""Java's ahead-of-time cache of Kafka: made once, starts in half the time. Rule: a start never depends on it."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from ammeter.broker import jars
from ammeter.broker.errors import BrokerError
from ammeter.broker.jars import JarSet
from ammeter.broker.java import VERSION
from ammeter.broker.process import Hold

log = structlog.get_logger("ammeter.broker")

WRITE_WITHIN_SECONDS = 90.0
"""How long Java may take to write its cache when it ends."""


def path_of(found: JarSet, cache: Path) -> Path:
    """Where the cache for this Java and these jars lies; Java itself would refuse it for others."""
    key = hashlib.sha256(f"{VERSION}\n{found.class_path}".encode()).hexdigest()[:12]
    return jars.directory(cache).parent / f"java-{VERSION}-{key}.aot"


def use(cache: Path | None) -> list[str]:
    """Java's options to start with a cache; when it does not fit after all, Java goes on without it."""
    return [] if cache is None else [f"-XX:AOTCache={cache}", "-XX:AOTMode=auto", "-Xlog:aot*=error"]


def record(written: Path) -> list[str]:
    """Java's options of a run at whose end the cache is written."""
    return [f"-XX:AOTCacheOutput={written}"]


def seal_of(place: Path) -> Path:
    """Holds the hash of the cache; empty when making one failed, so that it is not tried at each start."""
    return place.with_suffix(".sha256")


async def ensure(place: Path, train: Callable[[Path], Awaitable[None]], say: Callable[[str], None]) -> Path | None:
    """The cache at `place`, made by `train` where none was ever tried or its bytes were spoilt; None without one."""
    seal = seal_of(place)
    if seal.exists():
        if not seal.read_text():
            return None
        if await asyncio.to_thread(_is_whole, place):
            return place
    scratch = place.parent / "training"
    await asyncio.to_thread(scratch.mkdir, exist_ok=True)
    try:
        hold = Hold(scratch / "lock")
    except BrokerError:
        return None  # another start is making it at this moment
    try:
        say("Preparing Apache Kafka for quick starts (about 15 s, once).")
        written = scratch / place.name
        try:
            await train(written)
        except BrokerError as error:
            log.warning("kafka_training_failed", reason=str(error))
        return place if await asyncio.to_thread(_keep, written, place) else None
    finally:
        hold.release()


def _is_whole(place: Path) -> bool:
    return place.is_file() and jars.sha256(place) == seal_of(place).read_text()


def _keep(written: Path, place: Path) -> bool:
    made = written.is_file()
    seal_of(place).write_text(jars.sha256(written) if made else "")
    if made:
        written.replace(place)
    return made
