"""What is done with a request whichever protocol it came by. Rule: acknowledged only after the log has acknowledged.

The one exception are hooks: they hold a person up, so they are taken at once and written behind. Memory is bounded by
what may be in flight at once, whatever is sent.
"""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

from ammeter import telemetry
from schemas import wire
from schemas.people import Pseudonyms
from sources import native
from sources.backlog import Backlog
from sources.hooks import Hooks, Sender
from sources.messages import Log, Message, Unavailable, pack
from sources.otlp.envelope import DEFAULT_TEAM_KEYS
from sources.otlp.limits import Limits
from sources.otlp.reader import Encoding, Reader, Reading, Signal
from sources.otlp.refused import Refused
from sources.otlp.unpack import unpack
from sources.tokens import bearer

BYTES = telemetry.counter("ammeter_receiver_bytes_total", "Bytes of bodies as sent.", ("path",))
EVENTS = telemetry.counter("ammeter_receiver_events_total", "Canonical events acknowledged by the log.")
REJECTED = telemetry.counter("ammeter_receiver_rejected_records_total", "Records not taken, by reason.", ("reason",))
UNATTRIBUTED = telemetry.counter(
    "ammeter_receiver_unattributed_records_total", "Records that by their nature name no session.", ("client",)
)
UNKNOWN = telemetry.counter("ammeter_receiver_unrecognised_total", "Events this version does not know.", ("name",))
IN_FLIGHT = telemetry.gauge("ammeter_receiver_in_flight_bytes", "Bytes of bodies being read, parsed or written.")
FAULTS = telemetry.counter("ammeter_receiver_faults_total", "Bodies on which our own code failed; answered 400.")

_MOST_NAMES = 200
_LAST_INDEX = 1 << 31


@dataclass(frozen=True)
class IntakeConfig:
    """Whom it lets in, and how much at once."""

    tokens: Mapping[str, str] = field(default_factory=dict)
    """Name to token; empty: everybody who can connect may send."""
    team_keys: tuple[str, ...] = DEFAULT_TEAM_KEYS
    limits: Limits = field(default_factory=Limits)
    in_flight_bytes: int = 64 << 20
    """Of bodies at once; above it: 503."""
    inline_bytes: int = 64 << 10
    """A larger or packed body is parsed beside the loop, so that others need not wait for it."""
    hook_bytes: int = 16 << 20
    """The longest payload of a hook: it holds what a tool read or wrote."""
    hooks_waiting_bytes: int = 16 << 20
    """Of events that hooks told and the log has not taken yet; what comes above it is lost."""
    flush_within_s: float = 2.0
    """How long a stop waits for them."""


class Intake:
    """Reads bodies and writes what they say; shared by all protocols of one receiver."""

    def __init__(self, config: IntakeConfig, log: Log, pseudonyms: Pseudonyms, now: Callable[[], int]) -> None:
        self.config = config
        self._out, self._now, self._pseudonyms = log, now, pseudonyms
        self._reader = Reader(pseudonyms, config.team_keys, config.limits)
        self._hooks = Hooks(pseudonyms)
        self._hook_run, self._hook_index = uuid4().hex[:16], 0
        self._backlog = Backlog(log, config.hooks_waiting_bytes)
        self._beside = ThreadPoolExecutor(1, "parse")  # one: what a large body takes, only one of them takes at a time
        self._in_flight = 0
        self._names: set[str] = set()
        self._stopping = False

    @property
    def ready(self) -> bool:
        """Whether what is sent now can be acknowledged."""
        return self._out.ready and not self._stopping

    def start(self) -> None:
        """Begins to write what hooks tell."""
        self._backlog.start()

    def refuse(self) -> None:
        """From now on nothing new is taken but hooks, whose senders cannot send again."""
        self._stopping = True

    async def stop(self) -> None:
        """Writes what hooks have told, and ends; called when nothing is under way any more."""
        self._stopping = True
        await self._backlog.stop(self.config.flush_within_s)
        self._beside.shutdown(wait=False, cancel_futures=True)

    def admit(self, authorization: str) -> None:
        """Raises Refused where no token is shown that it knows."""
        if self.config.tokens and bearer(self.config.tokens, authorization) is None:
            raise Refused(401, "Send a token that the receiver knows: Authorization: Bearer <token>.")

    def hold(self) -> "Held":
        """Room for one request's body, to be taken while it is read and released at the end."""
        return Held(self)

    async def otlp(
        self, signal: Signal, encoding: Encoding, body: bytes, *, packed: str = "", enduser: str = "", path: str
    ) -> Reading:
        """Returns once the log has what an OTLP body says. `packed` is its content encoding. Raises Refused,
        Unavailable."""
        read = partial(self._reader.read, signal, encoding, received_at=self._now(), enduser=enduser)
        return await self._take(read, body, packed, path)

    async def events(self, body: bytes, *, packed: str = "", path: str) -> Reading:
        """The same with canonical events, a line each."""
        limits = self.config.limits
        read = partial(native.read_lines, pseudonyms=self._pseudonyms, received_at=self._now(), limits=limits)
        return await self._take(read, body, packed, path)

    def hook(self, body: bytes, sender: Sender, *, path: str) -> None:
        """Takes one hook's payload and returns at once; never raises for a log that is away. Raises Refused."""
        BYTES.labels(path).inc(len(body))
        events = self._hooks.read(body, self._hook_run, self._hook_index, self._now(), sender)
        self._hook_index += 1
        if self._hook_index == _LAST_INDEX:
            self._hook_run, self._hook_index = uuid4().hex[:16], 0
        for event in events:
            if isinstance(event, wire.Unrecognised):
                self._count_unknown(event.name, 1)
        self._backlog.put(pack({events[0].session_id: events}))

    def lose_hook(self, reason: str) -> None:
        """A hook's payload could not even be read: there are too many at once."""
        self._backlog.lose(reason)

    async def _take(self, read: Callable[[bytes], Reading], body: bytes, packed: str, path: str) -> Reading:
        if self._stopping:
            raise Unavailable("The receiver is stopping.")
        BYTES.labels(path).inc(len(body))
        if packed or len(body) > self.config.inline_bytes:
            loop = asyncio.get_running_loop()
            reading, messages = await loop.run_in_executor(self._beside, self._parse, read, body, packed)
        else:
            reading, messages = self._parse(read, body, packed)
        del body
        await self._out.send(messages)
        self._count(reading, messages)
        return reading

    def _parse(self, read: Callable[[bytes], Reading], body: bytes, packed: str) -> tuple[Reading, list[Message]]:
        reading = read(unpack(body, packed, self.config.limits))
        return reading, pack(reading.sessions)

    def _count(self, reading: Reading, messages: list[Message]) -> None:
        EVENTS.inc(sum(message.events for message in messages))
        for reason, count in reading.rejected.items():
            REJECTED.labels(reason).inc(count)
        for client, count in reading.unattributed.items():
            UNATTRIBUTED.labels(client).inc(count)
        for name, count in reading.unknown.items():
            self._count_unknown(name, count)

    def _count_unknown(self, name: str, count: int) -> None:
        if len(self._names) < _MOST_NAMES:
            self._names.add(name)
        UNKNOWN.labels(name if name in self._names else "(others)").inc(count)


class Held:
    """What one request holds of the bytes that may be in flight."""

    def __init__(self, intake: Intake) -> None:
        self._intake, self._bytes = intake, 0

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: object) -> None:
        self._intake._in_flight -= self._bytes
        IN_FLIGHT.dec(self._bytes)
        self._bytes = 0

    def take(self, count: int) -> None:
        """Raises Unavailable where the receiver holds enough already."""
        intake = self._intake
        if intake._in_flight + count > intake.config.in_flight_bytes:
            raise Unavailable("The receiver is busy.")
        intake._in_flight += count
        self._bytes += count
        IN_FLIGHT.inc(count)
