"""One embedded broker: prepared, started, ready, watched, stopped."""

import asyncio
import base64
import shutil
import subprocess
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from ammeter.broker import aot, jars, ready
from ammeter.broker.config import LOG_DIRECTORY, BrokerConfig, server_properties
from ammeter.broker.errors import BrokerError
from ammeter.broker.jars import JarSet
from ammeter.broker.java import format_command, server_command
from ammeter.broker.ports import answers, free_ports, is_taken
from ammeter.broker.process import TERMINATED, BrokerProcess, Ended, Hold, stop_orphan

log = structlog.get_logger("ammeter.broker")

RETRY_SECONDS = 0.1


class EmbeddedBroker:
    """Apache Kafka as one node on loopback.

    It may be started again after it was stopped or has died, on the same data. It is bound to no event loop.
    """

    def __init__(self, config: BrokerConfig, say: Callable[[str], None] = log.info) -> None:
        """`say` is told in a sentence what takes long (fetching the jars) or was found (an orphan)."""
        self.config = config
        self._say = say
        self._hold: Hold | None = None
        self._process: BrokerProcess | None = None

    @property
    def address(self) -> str:
        """What clients connect to: host:port."""
        return self.config.address

    @property
    def pid(self) -> int | None:
        """The id of Kafka's process, or None when it was not started."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Returns when the broker is ready.

        Raises BrokerError when the jars cannot be had or are not the published ones, a port is taken, another process
        runs this directory's broker, or Kafka ends or is not ready in time; nothing is left running then.
        """
        if self._process and self._process.ended is None:
            raise BrokerError(f"Kafka's process {self.pid} runs already: stop it before starting it again.")
        found = await jars.ensure(self.config.cache, self._say)
        place = aot.path_of(found, self.config.cache)
        cache = await aot.ensure(place, lambda written: self._train(found, written), self._say)
        await self._run(found, aot.use(cache))

    async def stop(self, within: float | None = None) -> Ended:
        """Stops the broker; SIGKILL when it takes longer than `within` seconds (the configured ones by default).

        Returns how it ended. Raises BrokerError when it had never been started.
        """
        if self._process is None:
            raise BrokerError("The embedded broker was not started: start it before stopping it.")
        ended = await self._process.stop(self.config.stop_within if within is None else within)
        if ended.code not in TERMINATED:
            log.warning("kafka_ended_badly", code=ended.code, last_line=ended.last_line)
        self._release()
        return ended

    async def wait_ended(self) -> Ended:
        """Returns when the broker's process has ended, asked or not, with how. Raises BrokerError when not started."""
        if self._process is None:
            raise BrokerError("The embedded broker was not started: start it before waiting for its end.")
        return await self._process.wait()

    async def _train(self, found: JarSet, written: Path) -> None:
        """One short run on data of its own, at whose end Java writes what it learned.

        The data have a fixed place, so that what a killed training left is found by the next one as any orphan is.
        """
        data = written.parent / "broker"
        port, controller_port = free_ports(2)
        broker = EmbeddedBroker(replace(self.config, data=data, port=port, controller_port=controller_port), self._say)
        await broker._run(found, aot.record(written))
        await broker.stop(aot.WRITE_WITHIN_SECONDS)
        await asyncio.to_thread(shutil.rmtree, data)

    async def _run(self, found: JarSet, aot_options: list[str]) -> None:
        data = self.config.data.resolve()
        data.mkdir(parents=True, exist_ok=True)
        if self._hold is None:
            self._hold = Hold(data / "kafka.lock")
        try:
            properties = data / "server.properties"
            if orphan := await stop_orphan(data, properties, self.config.stop_within):
                self._say(f"Stopped Kafka's process {orphan}, which an earlier run had left behind.")
            self._refuse_taken_ports()
            properties.write_text(server_properties(self.config))
            if not (data / LOG_DIRECTORY).is_dir():
                await asyncio.to_thread(_format, found, data)
            command = server_command(found, self.config, properties, aot_options)
            # Without an await: a cancelled start must know the process that it has to stop.
            self._process = BrokerProcess(command, data)
            await self._wait_ready(self._process)
        except BaseException:
            if self._process:
                await self._process.stop(self.config.stop_within)
            self._release()
            raise

    async def _wait_ready(self, process: BrokerProcess) -> None:
        reason: str | None = "its port is closed"
        try:
            async with asyncio.timeout(self.config.ready_within):
                while reason is not None:
                    if ended := process.ended:
                        raise BrokerError(f"Kafka ended while it started ({ended}): see {self.config.data}/kafka.log.")
                    if answers(self.config.port):
                        reason = await ready.not_ready(self.address)
                    if reason is not None:
                        await asyncio.sleep(RETRY_SECONDS)
        except TimeoutError:
            raise BrokerError(
                f"Kafka was not ready within {self.config.ready_within:.0f} s ({reason}): "
                f"see {self.config.data}/kafka.log, whose last line is: {process.last_line or '(none)'}"
            ) from None

    def _refuse_taken_ports(self) -> None:
        for port in (self.config.port, self.config.controller_port):
            if is_taken(port):
                raise BrokerError(
                    f"Port {port} is taken by another process: stop that one, "
                    "or move all ports of this stack with AMMETER_PORT_BASE."
                )

    def _release(self) -> None:
        if self._hold:
            self._hold.release()
        self._hold = None


def _format(found: JarSet, data: Path) -> None:
    """Prepares the data directory beside its place, then renames: it is whole or not there."""
    scratch = data / "formatting"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    shutil.copyfile(data / "server.properties", scratch / "server.properties")
    command = format_command(found, _cluster_id(), scratch / "server.properties")
    done = subprocess.run(  # noqa: S603 - the command is built by us, without a shell
        command, cwd=scratch, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise BrokerError(f"Kafka could not prepare the directory {data}: {words[0] if words else 'no reason given'}")
    (scratch / LOG_DIRECTORY).rename(data / LOG_DIRECTORY)
    shutil.rmtree(scratch)


def _cluster_id() -> str:
    """Kafka's form of a random UUID: 22 characters, none a leading dash, which its tool would take for an option."""
    while (name := base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode()).startswith("-"):
        pass
    return name
