"""Properties of the three stages together, over random logs."""

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import counters as c
from schemas.counters import Sums, add
from streams.metrics.closing import CLOSES_AFTER, WATCHED
from streams.metrics.rolling import KEEP
from tests.examples import share
from tests.streams.metrics.chain import Chain, decoded
from tests.streams.metrics.events import DAY, HOUR, MINUTE, T
from tests.streams.metrics.logs import Writer
from tests.streams.metrics.oracle import Log, Oracle

SEEDS = st.integers(0, 2**32)
LENGTHS = st.integers(1, 60)
QUIET = st.sampled_from([0, MINUTE, 4 * MINUTE, 20 * MINUTE, 2 * HOUR, 23 * HOUR, 2 * DAY])
VERDICTS = range(c.SESSIONS_JUDGED, c.SESSIONS_CODED + 1)
bounded = settings(max_examples=share(100), derandomize=True, database=None)


def run(log: Log, end: int, flushes: random.Random | None, restarts: random.Random | None = None) -> Chain:
    """The log through the chain; flushed after each message, or at random moments, and at the end."""
    chain = Chain()
    for at, message in log:
        chain.send(message, at)
        if flushes is None:
            chain.flush()
        elif flushes.random() < 0.5:
            chain.flush(stages=flushes.randint(1, 3))
        if restarts is not None and restarts.random() < 0.2:
            chain.flush()
            chain.restart(restarts)
    chain.flush(end)
    chain.flush(end)
    return chain


def final(chain: Chain) -> dict[str, Any]:
    """Everything a view shows, segments added up."""
    teams = {team: windows for team, windows in chain.team_windows().items() if any(windows[1])}
    return {
        "sessions": chain.stored_sessions(),
        "minutes": chain.stored_minutes(),
        "user_windows": chain.user_windows(),
        "team_windows": teams,
        "verdicts": chain.verdicts(),
    }


def figures(chain: Chain) -> dict[str, Any]:
    """What a view shows but for open, closed and when: those depend on when a message was received."""
    found = final(chain)
    found["sessions"] = {name: one["sums"] for name, one in found["sessions"].items()}
    return found


@bounded
@given(SEEDS, LENGTHS, QUIET)
def test_tables_equal_the_oracle(seed: int, length: int, quiet: int) -> None:
    """Whatever the log, every table holds what a plain loop over the events gives."""
    log = Writer(seed).log(length)
    end = log[-1][0] + quiet
    oracle = Oracle(log, end)
    found = final(run(log, end, None))
    assert found["sessions"] == oracle.sessions()
    assert {key: _of_events(sums) for key, sums in found["minutes"].items()} == oracle.minutes()
    windows = {user: [_of_events(sums) for sums in spans] for user, spans in found["user_windows"].items()}
    assert windows == oracle.user_windows()
    of_teams = found["team_windows"].items()
    assert {team: (people, [_of_events(sums) for sums in spans]) for team, (people, spans) in of_teams} == (
        oracle.team_windows()
    )


def _of_events(sums: Sums) -> Sums:
    """Without what verdicts add: test_users_any_order.py compares that."""
    return {number: n for number, n in sums.items() if number % c.OTHER not in VERDICTS or number >= c.TOOL_DURATIONS}


@bounded
@given(SEEDS, LENGTHS, QUIET)
def test_when_a_flush_falls_makes_no_difference(seed: int, length: int, quiet: int) -> None:
    """Any schedule of flushes, of each stage, gives the same tables once segments are added up."""
    log = Writer(seed).log(length)
    end = log[-1][0] + quiet
    assert final(run(log, end, random.Random(seed))) == final(run(log, end, None))


def _told(chain: Chain) -> list[Any]:
    """Every record of every flush, in no order within one."""
    return [
        sorted((r.topic, r.key, repr(_sorted(decoded(r.value)) if r.value else None)) for r in part)
        for one in (chain.sessions, chain.users, chain.teams)
        for output in one.outputs
        for part in output
    ]


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((key, _sorted(one)) for key, one in value.items())
    return [_sorted(one) for one in value] if isinstance(value, list) else value


@bounded
@given(SEEDS, LENGTHS, QUIET)
def test_restored_from_its_tables_a_stage_goes_on_as_if_it_never_stopped(seed: int, length: int, quiet: int) -> None:
    """Killed after any flush and restored, every later record is the one that the uninterrupted stage writes."""
    log = Writer(seed).log(length)
    end = log[-1][0] + quiet

    class Unmoved(Chain):
        def restart(self, shuffle: random.Random) -> None:
            """Nothing happens."""

    chains = []
    for kind in (Chain, Unmoved):
        chain, cuts = kind(), random.Random(seed)
        for at, message in log:
            chain.send(message, at)
            if cuts.random() < 0.4:
                chain.flush()
                if cuts.random() < 0.5:
                    chain.restart(random.Random(seed))
        chain.flush(end)
        chain.flush(end + DAY)
        chains.append(chain)
    assert _told(chains[0]) == _told(chains[1])


@bounded
@given(SEEDS, LENGTHS, QUIET)
def test_detectors_are_told_what_the_minutes_hold(seed: int, length: int, quiet: int) -> None:
    """Whenever flushed and killed: the last word on each closed minute and each failure is what is stored of it."""
    log = Writer(seed).log(length)
    end = log[-1][0] + quiet
    chain = run(log, end, random.Random(seed), random.Random(seed))
    chain.flush(end + MINUTE)

    oldest, newest = (end + MINUTE) // MINUTE - KEEP, (end + MINUTE) // MINUTE - CLOSES_AFTER
    teams: dict[tuple[str, int], Sums] = {}
    failed = {}
    for (user_id, team_id, minute), sums in chain.stored_minutes().items():
        if oldest < minute:
            if minute <= newest:
                add(teams.setdefault((team_id, minute), {}), sums)
            if failures := c.total(sums, c.API_FAILURES):
                failed[team_id, minute, user_id] = (failures, c.total(sums, c.RESPONSES))
    assert {
        place: _watched(told.sums) for place, told in chain.closed_minutes.items() if place[1] > oldest and told.sums
    } == {place: _watched(sums) for place, sums in teams.items() if _watched(sums)}
    assert {
        name: (told.api_failures, told.responses)
        for name, told in chain.failures.items()
        if name[1] > oldest and told.api_failures
    } == failed


def _watched(sums: Sums) -> Sums:
    return {number: amount for number, amount in sums.items() if number in WATCHED}


@bounded
@given(SEEDS, LENGTHS)
def test_resends_cost_nothing(seed: int, length: int) -> None:
    """A log in which every message comes again, at first perhaps in half, counts what the plain one counts."""
    pick = random.Random(seed)
    plain: Log = []
    resent: Log = []
    for at, message in Writer(seed).log(length):
        lines = message.splitlines()
        half = lines[: pick.randint(0, len(lines))]
        plain.append((at, message))
        resent += [(at, b"\n".join(half))] if half else []
        resent += [(at, message), (at, message)]
    end = plain[-1][0] + 3 * MINUTE
    assert counted(run(resent, end, pick)) == counted(run(plain, end, None))


def counted(chain: Chain) -> Any:
    """What each session and each minute holds, whoever it counts for: half a message may hide who it was."""
    minutes: dict[int, Sums] = {}
    for (_, _, minute), sums in chain.stored_minutes().items():
        add(minutes.setdefault(minute, {}), sums)
    return figures(chain)["sessions"], minutes


@bounded
@given(SEEDS, LENGTHS)
def test_the_order_of_arrival_does_not_matter(seed: int, length: int) -> None:
    """Messages of sessions that show one identity, received within minutes, count the same in any order."""
    log = _whole_runs(Writer(seed, one_identity=True).log(length))
    shuffled = log.copy()
    random.Random(seed).shuffle(shuffled)
    assert _placed(run(shuffled, T + MINUTE, None)) == _placed(run(log, T + MINUTE, None))


def _placed(chain: Chain) -> dict[str, Any]:
    """As figures, but for the minute and half of what counts where the log first tells it: a loop, an interrupt."""
    found = figures(chain)
    for sums in found["sessions"].values():
        for number in (c.LOOPS, c.INTERRUPTS):
            add(sums, {number: sums.pop(number + c.OTHER, 0)})
    windows = [sums for of_user in found["user_windows"].values() for sums in of_user]
    windows += [sums for _, of_team in found["team_windows"].values() for sums in of_team]
    for sums in (*found["minutes"].values(), *windows):
        for number in (c.LOOPS, c.INTERRUPTS):
            sums.pop(number, None)
            sums.pop(number + c.OTHER, None)
    return found


def _whole_runs(log: Log) -> Log:
    """Each run once and whole, all received at one moment."""
    longest: dict[bytes, bytes] = {}
    for _, message in log:
        run_of = message.split(b'"run":"')[1][:16]
        longest[run_of] = max(longest.get(run_of, b""), message, key=len)
    return [(T, message) for message in longest.values()]
