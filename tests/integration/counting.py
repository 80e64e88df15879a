"""Two tiny stages for tests of the engine: what they count can be checked against what was sent, to the last one.

`count` reads session-events and adds up numbers by name; `relay` reads what it sends on, so its log is full of holes.
"""

from collections.abc import Mapping

import msgspec

from streams.agents.stages import Makers
from streams.metrics.stage import Output, Record


class Sent(msgspec.Struct):
    """A message: add `n` to `name`; `boom` makes the fold raise."""

    name: str
    n: int
    boom: bool = False


class Tally(msgspec.Struct, array_like=True):
    """What is known of one name: in how many messages, their sum, and the stage's time when the last was folded."""

    version: int = 0
    messages: int = 0
    total: int = 0
    at: int = 0


_sent = msgspec.json.Decoder(Sent).decode
_delta = msgspec.msgpack.Decoder(tuple[str, int, int]).decode
_tally = msgspec.msgpack.Decoder(Tally).decode
encode = msgspec.msgpack.encode


class _Adding:
    tables: tuple[str, ...]
    sends: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self.deltas: dict[str, list[int]] = {}

    def restore(self, table: str, key: bytes, value: bytes) -> None:
        """One tally."""
        self.tallies[key.decode()] = _tally(value)

    def begin(self, now: int) -> None:
        pass

    def add(self, name: str, messages: int, total: int, now: int) -> None:
        tally = self.tallies.setdefault(name, Tally())
        tally.messages, tally.total, tally.at = tally.messages + messages, tally.total + total, now
        delta = self.deltas.setdefault(name, [0, 0])
        delta[0], delta[1] = delta[0] + messages, delta[1] + total

    def changed(self, now: int, version: int) -> Output:
        deltas, self.deltas = self.deltas, {}
        for name in deltas:
            self.tallies[name].version = version
        tables = [Record(self.tables[0], name.encode(), encode(self.tallies[name])) for name in deltas]
        return Output(tables, self.changes(deltas))

    def changes(self, deltas: Mapping[str, list[int]]) -> list[Record]:
        return []

    def sizes(self) -> dict[str, int]:
        return {"names": len(self.tallies)}


class Count(_Adding):
    """Adds up what is sent, and tells the next stage the differences."""

    name = "count"
    source = "session-events"
    tables: tuple[str, ...] = ("sessions",)
    sends: tuple[str, ...] = ("user-changes",)

    def apply(self, message: bytes, now: int) -> None:
        sent = _sent(message)
        if sent.boom:
            raise RuntimeError("boom")
        self.add(sent.name, 1, sent.n, now)

    def changes(self, deltas: Mapping[str, list[int]]) -> list[Record]:
        return [Record("user-changes", name.encode(), encode((name, *delta))) for name, delta in deltas.items()]


class Relay(_Adding):
    """Adds up the differences."""

    name = "relay"
    source = "user-changes"
    tables: tuple[str, ...] = ("user-minutes",)

    def apply(self, message: bytes, now: int) -> None:
        self.add(*_delta(message), now)


COUNTING: Makers = {Count.name: Count, Relay.name: Relay}
