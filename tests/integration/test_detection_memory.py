"""The detector under the engine, over Kafka in memory: killed whenever, it says what it would have said."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import msgspec
import pytest

from schemas import wire
from streams.detect.stage import Detect
from streams.engine.partition import CHECKPOINT_KEY, Partition
from streams.engine.transaction import Written
from tests.integration.watched import DAY, Told, signals
from tests.streams.engine.memory import Memory, MemoryTransactions, done, partition

BEGINS = 20_775 * DAY
"""A Monday."""

DAYS = 28
KILLS = 50
ANOMALIES = "anomalies"


@dataclass
class Site:
    """A log of signals, and every row of `anomalies` that was ever committed, in order."""

    told: list[Told]
    memory: Memory = field(default_factory=Memory)
    rows: list[tuple[str, wire.Anomaly]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for told in self.told:
            self.memory.send(told.value, at=told.at, key=told.key)

    def begin(self) -> Partition:
        """A process takes over."""
        made, _ = partition(self.memory, now=self.told[-1].at)
        means = replace(made.means, make_stage=Detect, make_transactions=lambda: Recording(self.memory, site=self))
        part = Partition(0, means)
        done(part.open())
        return part

    def fold(self, part: Partition, to: int) -> None:
        """It reads on; on the way it commits what is more than an hour of time."""
        if part.place < to:
            done(part.fold(self.memory.batch(part.place, to)))

    def words(self) -> list[tuple[str, str, int, str]]:
        """What was said: each alert's openings and ends, told apart from mere refreshes of its figures."""
        found: list[tuple[str, str, int, str]] = []
        last: dict[str, tuple[str, int]] = {}
        for name, row in self.rows:
            if last.get(name) != (row.status, row.changed_at):
                last[name] = (row.status, row.changed_at)
                found.append((name, row.status, row.changed_at, row.sentence))
        return found

    def states(self) -> dict[bytes, object]:
        """What is remembered at last, without the versions of flushes."""
        return {
            key: msgspec.msgpack.decode(value)[1:]
            for table, rows in self.memory.tables.items()
            for key, value in rows.items()
            if table in Detect.tables and key != CHECKPOINT_KEY
        }


@dataclass
class Recording(MemoryTransactions):
    """Notes each row of `anomalies` that is committed."""

    site: Site | None = None

    async def commit(self, own: Sequence[Written], sent: Sequence[Written], at: int) -> None:
        """Notes it when it is."""
        await super().commit(own, sent, at)
        assert self.site is not None
        for topic, key, value in own:
            if topic == ANOMALIES and key:
                assert value is not None
                name = msgspec.msgpack.decode(key, type=wire.AnomalyKey).id
                self.site.rows.append((name, msgspec.msgpack.decode(value, type=wire.Anomaly)))


def run(site: Site, cuts: list[int], *, killed: bool) -> None:
    """Reads the log in pieces, committed each; killed: what was folded of the next piece is lost with its process."""
    draw = random.Random(len(cuts))
    part = site.begin()
    for begun, ended in pairwise([0, *cuts, site.memory.end]):
        if killed:
            site.fold(part, draw.randint(begun, ended))
            part = site.begin()
            assert part.place >= begun
        site.fold(part, ended)
        done(part.flush())


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_fifty_kills_change_no_verdict_and_repeat_none(seed: int) -> None:
    """Alerts, their sentences, when they were said and all that is remembered are those of who was never killed."""
    told = signals(seed, BEGINS, DAYS)
    cuts = sorted(random.Random(seed).sample(range(1, len(told)), KILLS))
    killed, spared, at_once = Site(told), Site(told), Site(told)
    run(killed, cuts, killed=True)
    run(spared, cuts, killed=False)
    run(at_once, [], killed=False)

    assert killed.words() == spared.words()
    assert killed.states() == spared.states() == at_once.states()
    said = killed.words()
    assert len({(name, status, at) for name, status, at, _ in said}) == len(said), "nothing is said twice"
    opened = {name.rpartition("-")[0] + " " + row.team_id for name, row in killed.rows}
    assert {"abandonment red", "api_failures blue"} <= opened, "there was something to say"


def test_what_is_not_committed_is_said_once_by_the_successor() -> None:
    """The alert opens, and the process dies between the fold and the commit."""
    told = signals(1, BEGINS, DAYS)
    site = Site(told)
    run(site, [], killed=False)
    opened = min(row.opened_at for _, row in site.rows)
    cut = max(number for number, each in enumerate(told) if each.at <= opened) + 1

    again = Site(told)
    part = again.begin()
    again.fold(part, cut)
    assert again.rows == []
    part = again.begin()
    again.fold(part, cut)
    done(part.flush(), part.flush())
    assert [row.opened_at for _, row in again.rows] == [opened]
    done(again.begin().flush())
    assert len(again.rows) == 1
