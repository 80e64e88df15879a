"""When a client tells what happened: logs every 5 s, counters every 60 s and at its end. Rule: as the real one does.

A batch is sent when it is due by session time; a kill loses what was not sent yet.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sources.simulator.happenings import Answer, Counted, Happening, ProcessEnded, ProcessStarted, Unseen
from sources.simulator.organisation import Person, generator
from sources.simulator.plan import Plan
from sources.simulator.rates import Rates
from sources.simulator.session import Session

LOGS_EVERY_MS = 5_000
METRICS_EVERY_MS = 60_000
LARGEST_BATCH = 512
RESENT_AFTER_MS = 1_000

Attributes = tuple[tuple[str, str], ...]


class Point(NamedTuple):
    """One data point of a counter: what it rose by since the last export, and what the client reports."""

    metric: str
    session: str
    attributes: Attributes
    since: int
    rise: int
    value: int


class Delivery(NamedTuple):
    """One request as a client makes it, or (lost) would have made had it lived."""

    at: int
    plan: Plan
    kind: Literal["logs", "metrics", "ended"]
    records: list[tuple[int, Happening]]
    """Of logs, with their sequence; of "ended", the one happening that only hooks tell."""
    points: list[Point]
    unseen: list[Unseen]
    run: str
    repeat: Literal["", "resent", "cut"]
    lost: bool

    @property
    def person(self) -> Person:
        """Whose client it is."""
        return self.plan.person


class _Series:
    __slots__ = ("rise", "since", "value")

    def __init__(self, since: int) -> None:
        self.since, self.rise, self.value = since, 0, 0


class Client:
    """The part of one session's client that batches and exports."""

    def __init__(self, plan: Plan, rates: Rates) -> None:
        self._plan, self._rates, self._person = plan, rates, plan.person
        self._random = generator(plan.seed ^ 0xD311)
        self._events: list[tuple[int, Happening]] = []
        self._unseen: list[Unseen] = []
        self._series: dict[tuple[str, str, Attributes], _Series] = {}
        self._sequence = 0
        self._logs_due = self._metrics_due = 0
        self._risen = False

    def deliveries(self) -> Iterator[Delivery]:
        """Every request of the session, in order of time."""
        for chapter in Session(self._plan, self._rates).chapters():
            for happening in chapter:
                if (self._events and self._logs_due <= happening.at) or self._metrics_due <= happening.at:
                    yield from self._due(happening.at)
                kind = type(happening)
                if kind is Counted:
                    assert isinstance(happening, Counted)
                    self._rise(happening, happening.metric, happening.attributes, happening.value)
                elif kind is ProcessStarted:
                    self._sequence, self._series, self._risen = 0, {}, False
                    self._metrics_due = happening.at + METRICS_EVERY_MS
                elif kind is ProcessEnded:
                    assert isinstance(happening, ProcessEnded)
                    yield from self._end(happening)
                elif kind is Unseen:
                    assert isinstance(happening, Unseen)
                    self._unseen.append(happening)
                else:
                    if kind is Answer:
                        assert isinstance(happening, Answer)
                        self._spend(happening)
                        if not happening.seen:
                            continue
                    if not self._events:
                        self._logs_due = happening.at + LOGS_EVERY_MS
                    self._events.append((self._sequence, happening))
                    self._sequence += 1
                    if len(self._events) == LARGEST_BATCH:
                        yield self._logs(happening.at)

    def _due(self, now: int) -> Iterator[Delivery]:
        """What has fallen due until now."""
        while True:
            logs = self._logs_due if self._events else now + 1
            if logs > now and self._metrics_due > now:
                return
            if logs <= self._metrics_due:
                yield self._logs(logs)
                continue
            if self._risen or (self._person.cumulative and self._series):
                yield self._metrics(self._metrics_due)
                self._metrics_due += METRICS_EVERY_MS
            else:
                self._metrics_due += METRICS_EVERY_MS * ((now - self._metrics_due) // METRICS_EVERY_MS + 1)

    def _end(self, ended: ProcessEnded) -> Iterator[Delivery]:
        lost = ended.killed
        if self._events or self._unseen:
            yield self._logs(ended.at + 20, lost)
        if self._risen or (self._person.cumulative and self._series and not lost):
            yield self._metrics(ended.at + 40, lost)
        self._metrics_due = ended.at + (1 << 50)
        if not lost and self._person.hooks:
            yield self._delivery(ended.at + 60, "ended", [(0, ended)], [], [], False)

    def _logs(self, at: int, lost: bool = False) -> Delivery:
        events, self._events = self._events, []
        unseen, self._unseen = self._unseen, []
        return self._delivery(at, "logs", events, [], unseen, lost)

    def _metrics(self, at: int, lost: bool = False) -> Delivery:
        points = []
        cumulative = self._person.cumulative
        for (metric, session, attributes), series in self._series.items():
            if cumulative:
                points.append(Point(metric, session, attributes, series.since, series.rise, series.value))
                series.rise = 0
            elif series.rise or series.value:
                points.append(Point(metric, session, attributes, series.since, series.rise, series.rise))
                series.rise, series.value, series.since = 0, 0, at
        self._risen = False
        return self._delivery(at, "metrics", [], points, [], lost)

    def _delivery(
        self, at: int, kind: Literal["logs", "metrics", "ended"], records: list[tuple[int, Happening]],
        points: list[Point], unseen: list[Unseen], lost: bool,
    ) -> Delivery:  # fmt: skip
        run, chance = f"{self._random.getrandbits(64):016x}", self._random.random()
        repeat: Literal["", "resent", "cut"] = ""
        if kind != "ended" and not lost and (records or points):
            if chance < self._rates.resent:
                repeat = "resent"
            elif chance < self._rates.resent + self._rates.cut:
                repeat = "cut"
        return Delivery(at, self._plan, kind, records, points, unseen, run, repeat, lost)

    def _spend(self, answer: Answer) -> None:
        """Cost and tokens as counters, interrupted answers too."""
        source = "subagent" if answer.agent else "auxiliary" if answer.query_source == "compact" else "main"
        attributes: Attributes = (("model", answer.model), ("query_source", source), ("effort", "medium"))
        if answer.agent:
            attributes += (("agent.name", "Explore"),)
        self._rise(answer, "cost.usage", attributes, answer.cost_micros)
        self._rise(answer, "token.usage", (*attributes, ("type", "input")), answer.tokens_in)
        self._rise(answer, "token.usage", (*attributes, ("type", "output")), answer.tokens_out)
        self._rise(answer, "token.usage", (*attributes, ("type", "cacheRead")), answer.cache_read)
        self._rise(answer, "token.usage", (*attributes, ("type", "cacheCreation")), answer.cache_written)

    def _rise(self, happening: Happening, metric: str, attributes: Attributes, value: int) -> None:
        key = (metric, happening.session, attributes)
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = _Series(happening.at)
        series.rise += value
        series.value += value
        self._risen = True
