"""Kafka's jars: resolved once into the user's cache. Rule: nothing is run that the committed list of hashes lacks."""

import asyncio
import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from ammeter.broker.errors import BrokerError, JarsUnavailable

COORDINATES = "org.apache.kafka:kafka_2.13:4.3.1+org.slf4j:slf4j-simple:1.7.36"
VERSION = "4.3.1"

RESOLVE_WITHIN_SECONDS = 600


@dataclass(frozen=True)
class JarSet:
    """Jars whose bytes were found to be the published ones, in the order of the list."""

    paths: tuple[Path, ...]

    @property
    def class_path(self) -> str:
        """What Java is given: each jar by name, so that a stray file in the directory is not run."""
        return os.pathsep.join(str(path) for path in self.paths)


def published() -> Mapping[str, str]:
    """The committed list: jar name to SHA-256."""
    text = files("ammeter.broker").joinpath("kafka-jars.sha256").read_text()
    return {name: digest for digest, name in (line.split() for line in text.splitlines())}


def directory(cache: Path) -> Path:
    """Where this version's jars lie below the user's cache."""
    return cache / f"kafka-{VERSION}" / "jars"


def verified(where: Path, wanted: Mapping[str, str] | None = None) -> JarSet:
    """The jars of this directory, each compared with the list (`wanted`: another one).

    Raises BrokerError when one is missing or has other bytes.
    """
    wanted = published() if wanted is None else wanted
    if (wrong := _first_wrong(where, wanted)) is not None:
        raise BrokerError(
            f"{where / wrong} is missing or not the file that was published: remove the folder {where} and start again."
        )
    return JarSet(tuple(where / name for name in wanted))


def _first_wrong(where: Path, wanted: Mapping[str, str]) -> str | None:
    for name, digest in wanted.items():
        path = where / name
        if not path.is_file() or sha256(path) != digest:
            return name
    return None


async def ensure(cache: Path, say: Callable[[str], None]) -> JarSet:
    """The verified jars, fetched first where the cache has none.

    Raises BrokerError when they cannot be had or are not the published ones.
    """
    where = directory(cache)
    if not where.is_dir():
        say("Fetching Apache Kafka's jars (44 MB, once).")
        await _fetch(where)
    return await asyncio.to_thread(verified, where)


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def adopt(found: Mapping[str, Path], where: Path) -> None:
    """Copies the listed jars of `found` (name to path) beside their place, checks them, then renames.

    So the place is whole or not there, whoever else does the same. Raises BrokerError when one is missing or other.
    """
    where.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=where.parent, prefix="fetching-") as scratch:
        staged = Path(scratch) / "jars"
        staged.mkdir()
        for name in published().keys() & found.keys():
            shutil.copyfile(found[name], staged / name)
        if (wrong := _first_wrong(staged, published())) is not None:
            raise BrokerError(f"{wrong} was not found or is not the file that was published: fetch the jars again.")
        try:
            staged.rename(where)
        except OSError:
            if not where.is_dir():
                raise


async def _fetch(where: Path) -> None:
    where.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=where.parent, prefix="resolving-") as scratch:
        found = await _resolve(Path(scratch), where)
        await asyncio.to_thread(adopt, found, where)


async def _resolve(scratch: Path, where: Path) -> Mapping[str, Path]:
    """Runs jgo, which reads Maven Central; it only resolves, and never launches anything."""
    options = ["--ignore-config", "--resolver", "python", "--class-path-only", "--links", "copy", "--color", "never"]
    caches = ["--repo-cache", str(scratch / "maven"), "--cache-dir", str(scratch / "jgo"), "--timeout", "60"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jgo", *options, *caches, "info", "jars", COORDINATES),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), RESOLVE_WITHIN_SECONDS)
    except TimeoutError:
        output = b"no answer within 10 minutes"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        raise JarsUnavailable(unavailable(where, _reason(output)))
    return {path.name: path for path in (scratch / "maven").rglob("*.jar")}


def _reason(output: bytes) -> str:
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def unavailable(where: Path, reason: str) -> str:
    """The sentence for a machine that has no jars and cannot fetch them: the three ways out."""
    return (
        f"Apache Kafka's jars are not in {where} and could not be fetched ({reason}): "
        "run `make jars` once with access to Maven Central (`make jars-mvn` does it through Maven and its settings), "
        "or copy that folder from a machine that has it, "
        "or use a broker of your own with AMMETER_KAFKA=host:port."
    )
