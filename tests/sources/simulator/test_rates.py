"""Every stated rate, counted in a large run; those of people in test_organisation."""

from collections import Counter
from dataclasses import fields

import pytest

from sources.simulator.figures import DAY, LONG_PAUSE
from sources.simulator.happenings import (
    Answer,
    ApiFailure,
    Counted,
    Exhausted,
    Happening,
    ModeChange,
    Noise,
    ProcessEnded,
    ProcessStarted,
    Prompt,
    Result,
    SubagentDone,
    Unknown,
    Unseen,
)
from sources.simulator.plan import Plan
from sources.simulator.rates import Rates
from sources.simulator.session import Session
from sources.simulator.simulation import Simulation

pytestmark = pytest.mark.slow  # thousands of sessions, to tell rates from chance

MONDAY = 1_790_553_600_000
SIMULATION = Simulation(20, 300, seed=8)
PEOPLE = {
    "hooks", "details", "old_client", "protobuf", "gzip", "cumulative", "says_version", "resource_only", "enduser",
    "install_only", "no_team", "prints",
}  # fmt: skip
PARALLEL = {"parallel"}
"""Counted by what it leaves: answers without text against calls; see the test of its own."""


class Count:
    """How often something could have happened, and did."""

    def __init__(self) -> None:
        self.could: Counter[str] = Counter()
        self.did: Counter[str] = Counter()

    def add(self, rate: str, could: int, did: int) -> None:
        """Some chances and what came of them."""
        self.could[rate] += could
        self.did[rate] += did


@pytest.fixture(scope="module")
def counted() -> Count:
    """Twelve days of 300 people, looked at as sessions and as requests."""
    count = Count()
    for plan in SIMULATION.plans(MONDAY, MONDAY + 12 * DAY):
        _plan(count, plan)
        happenings = [it for chapter in Session(plan, Rates()).chapters() for it in chapter]
        _happenings(count, plan, happenings)
    sent: Counter[str] = Counter()
    for _, sending, delivery in SIMULATION.deliveries(MONDAY, MONDAY + 2 * DAY):
        if delivery.kind != "ended" and not delivery.lost:
            sent[sending] += 1
    bodies = sent.total() - sent["again"]
    count.add("resent", bodies, sent["first"])
    count.add("cut", bodies, sent["cut"])
    return count


def _plan(count: Count, plan: Plan) -> None:
    count.add("killed", 1, plan.killed)
    for before, after in zip(plan.turns, plan.turns[1:], strict=False):
        if after.at - before.end > LONG_PAUSE:
            restarted = after.before in ("resume", "continue")
            count.add("restarted", 1, restarted)
            if restarted:
                count.add("continued", 1, after.before == "continue")
        else:
            count.add("cleared", 1, after.before == "clear")


def _happenings(count: Count, plan: Plan, happenings: list[Happening]) -> None:
    by_kind: Counter[type] = Counter(map(type, happenings))
    typed = [it for it in happenings if isinstance(it, Prompt) and not it.command and not it.injected]
    if not plan.printed and not plan.killed:
        commands = [it for it in happenings if isinstance(it, Prompt) and it.command not in ("", "exit", "clear")]
        count.add("slash", len(typed), len(commands))
        count.add("mode_changed", len(typed), by_kind[ModeChange])
        committing = {it.prompt for it in happenings if isinstance(it, Counted) and it.metric == "commit.count"}
        interrupted = {it.prompt for it in happenings if isinstance(it, Unseen) and it.what == "interrupt"}
        count.add("interrupted", len(typed) - len(committing), len(interrupted))
    last = typed[-1].prompt if typed else ""
    wrong = typed[plan.trouble].prompt if 0 <= plan.trouble < len(typed) else ""
    asked: Counter[bool] = Counter()
    failed: Counter[bool] = Counter()
    for it in happenings:
        if isinstance(it, Answer) and not it.agent and it.seen and it.query_source != "compact":
            asked[it.prompt == wrong] += 1
        elif isinstance(it, ApiFailure):
            failed[it.prompt == wrong] += 1
    count.add("api_failed", asked[False] + failed[False], failed[False])
    count.add("api_failed_in_trouble", asked[True] + failed[True], failed[True])
    count.add("retries_exhausted", by_kind[ApiFailure], by_kind[Exhausted])
    unseen = sum(isinstance(it, Unseen) and it.what == "failure" for it in happenings)
    interrupts = {it.prompt for it in happenings if isinstance(it, Unseen) and it.what == "interrupt"}
    shown = sum(
        isinstance(it, Result) and not it.success and not it.agent and it.prompt not in interrupts for it in happenings
    )
    count.add("unseen_failure", unseen + shown, unseen)
    agents = [it for it in happenings if isinstance(it, SubagentDone)]
    count.add("background", len(agents), sum(it.is_async for it in agents))
    count.add("unknown_event", by_kind[ProcessStarted], by_kind[Unknown])
    if plan.verified and not plan.killed and not any(
        isinstance(it, ApiFailure) and it.prompt == last for it in happenings
    ):  # fmt: skip
        commits = [it for it in happenings if isinstance(it, Counted) and it.metric == "commit.count"]
        ended_so = sum(it.prompt == last for it in commits)
        count.add("committed", 1, ended_so)
        if ended_so:
            pulls = [it for it in happenings if isinstance(it, Counted) and it.metric == "pull_request.count"]
            count.add("pull_request", 1, len(pulls))


SESSION_RATES = [field.name for field in fields(Rates) if field.name not in PEOPLE | PARALLEL]


@pytest.mark.parametrize("rate", SESSION_RATES)
def test_rates_of_sessions_and_requests_hold(counted: Count, rate: str) -> None:
    """What each rate states is what came out, within four standard errors, from enough chances to say so."""
    stated, chances = getattr(Rates(), rate), counted.could[rate]
    assert chances > 40
    found = counted.did[rate] / chances
    assert abs(found - stated) < 4 * (stated * (1 - stated) / chances) ** 0.5, f"{found:.4f} of {chances}"


def test_parallel_calls_hold() -> None:
    """Of the calls that could share an answer with the one before, the stated share does."""
    could = shared = 0
    for plan in SIMULATION.plans(MONDAY + DAY, MONDAY + 2 * DAY):
        seen: dict[str, set[str]] = {}
        for chapter in Session(plan, Rates()).chapters():
            for it in chapter:
                if isinstance(it, Result) and not it.agent and not it.committed:
                    known = seen.setdefault(it.prompt, set())
                    could += bool(known)
                    shared += it.request in known
                    known.add(it.request)
    assert abs(shared / could - Rates().parallel) < 0.02


def test_a_kill_loses_what_was_not_sent() -> None:
    """A killed client's last five seconds of logs and its counters since the last export are marked lost, no more."""
    lost = {"logs": 0, "metrics": 0}
    for _, _, delivery in SIMULATION.deliveries(MONDAY + DAY, MONDAY + 3 * DAY):
        if delivery.lost:
            assert delivery.plan.killed
            assert delivery.kind in lost
            lost[delivery.kind] += 1
            assert all(delivery.at - happening.at <= 5_100 for _, happening in delivery.records)
    assert min(lost.values()) > 5


def test_restarts_begin_their_sequence_again_and_continue_shows_a_phantom() -> None:
    """A resumed session counts from 0 under the same id; --continue logs its start under an id of its own."""
    phantoms = restarts = 0
    for _, sending, delivery in SIMULATION.deliveries(MONDAY + DAY, MONDAY + 3 * DAY):
        if sending in ("again", "cut") or delivery.kind != "logs" or not delivery.records:
            continue
        first = delivery.records[0]
        late = first[1].at > delivery.plan.at + 60_000
        if first[0] == 0 and late:
            restarts += 1
            phantoms += isinstance(first[1], Noise) and len({it.session for _, it in delivery.records}) > 1
    assert restarts > phantoms > 3


def test_sessions_end_by_hook_only_where_hooks_are() -> None:
    """An end is told for people with hooks, never for killed clients."""
    ended = 0
    for _, _, delivery in SIMULATION.deliveries(MONDAY + DAY, MONDAY + 2 * DAY):
        if delivery.kind == "ended":
            ended += 1
            assert delivery.person.hooks
            assert isinstance(delivery.records[0][1], ProcessEnded)
            assert not delivery.records[0][1].killed
    assert ended > 20
