"""Stories of rolling windows: what enters, what leaves, and who is there."""

import pytest

from schemas import counters as c
from tests.streams.metrics.chain import Chain, decoded
from tests.streams.metrics.events import DAY, HOUR, MINUTE, T, by, message, prompt

M = T // MINUTE


def prompts(chain: Chain, team: str) -> list[int]:
    """Of a team, in each span."""
    return [window.get(c.PROMPTS, 0) for window in chain.team_windows()[team][1]]


def people(chain: Chain, team: str) -> list[int]:
    """Of a team, in each span."""
    return chain.team_windows()[team][0]


def test_a_minute_leaves_each_span_when_its_time_has_passed() -> None:
    """A prompt at 10:00 is in the span of 5 minutes until 10:04, and no longer at 10:05.

      10:00  10:01  10:02  10:03  10:04  10:05
    ──┬■─────┬──────┬──────┬──────┬──────┬───▶
      └────────── in it ──────────┘      │ out of it
    """
    chain = Chain()
    chain.send(message(prompt(T, **by("ann"))), T)
    seen = []
    for minutes in (0, 4, 5, 59, 60, 1439, 1440):
        chain.flush(T + minutes * MINUTE)
        seen.append((prompts(chain, "red"), people(chain, "red")))
    full, hour, day, none = [1, 1, 1], [0, 1, 1], [0, 0, 1], [0, 0, 0]
    assert seen == [(what, what) for what in (full, full, hour, hour, day, day, none)]


def test_a_minute_ahead_enters_when_it_comes() -> None:
    """A client whose clock is four minutes ahead is counted in its own minute, not before.

      now 10:00                 10:04
    ──────┬───────────────────────■──────▶
          └ not yet in any span   └ in all of them
    """
    chain = Chain()
    chain.send(message(prompt(T + 4 * MINUTE, received_at=T, **by("ann"))), T)
    chain.flush(T + 3 * MINUTE)
    assert chain.user_windows() == {}
    chain.flush(T + 4 * MINUTE)
    assert prompts(chain, "red") == [1, 1, 1]


def test_a_window_that_empties_is_written_with_zeros_and_then_forgotten() -> None:
    """A null alone would leave the old figures in the store for good: zeros go first, in the same flush."""
    chain = Chain()
    chain.send(message(prompt(T, **by("ann"))), T)
    chain.flush(T)
    chain.flush(T + DAY)
    written = [record for record in chain.users.outputs[-1].tables if record.topic == "user-windows"]
    assert [record.value and decoded(record.value)[3] for record in written] == [[{}, {}, {}], None]
    assert prompts(chain, "red") == people(chain, "red") == [0, 0, 0]
    assert any(topic == "team-windows" for topic, _ in chain.teams.tables)


def test_who_moves_between_teams_leaves_their_work_where_they_did_it() -> None:
    """Ann works for red, then, in another session, for blue: each team keeps its own, Ann has the sum.

    red  ■ 10:00
    blue         ■ 10:10
    Ann  ■       ■
    """
    chain = Chain()
    chain.send(message(prompt(T, **by("ann", "red"))), T)
    chain.flush(T)
    later = T + 10 * MINUTE
    chain.send(message(prompt(later, session_id="second", run=2, **by("ann", "blue"))), later)
    chain.flush(later)
    assert (prompts(chain, "red"), people(chain, "red")) == ([0, 1, 1], [0, 1, 1])
    assert (prompts(chain, "blue"), people(chain, "blue")) == ([1, 1, 1], [1, 1, 1])
    assert [window[c.PROMPTS] for window in chain.user_windows()["ann"]] == [1, 2, 2]


def test_two_sessions_of_one_person_are_one_person() -> None:
    """Distinct people are exact, however many sessions, minutes and flushes they come in."""
    chain = Chain()
    for number in range(6):
        who = by(("ann", "bob")[number % 2])
        chain.send(
            message(prompt(T + number * MINUTE, session_id=f"s{number}", run=number, **who)), T + number * MINUTE
        )
        chain.flush()
    assert people(chain, "red") == [2, 2, 2]


def test_a_late_minute_that_is_remembered_adds_to_its_row() -> None:
    """Up to 25 hours back a minute is remembered: its row is written again, with all of it."""
    chain = Chain()
    chain.send(message(prompt(T, **by("ann"))), T)
    chain.flush(T)
    chain.send(message(prompt(T, run=2, received_at=T + 24 * HOUR, **by("ann"))), T + 24 * HOUR)
    chain.flush()
    rows = [(decoded(key), row[2]) for (topic, key), row in chain.users.store.items() if topic == "user-minutes"]
    assert rows == [(["ann", "red", M, 0], {c.EVENTS: 2, c.PROMPTS: 2})]


def test_a_minute_too_late_to_be_remembered_is_a_row_of_its_own() -> None:
    """Older than 25 hours it is a segment: written for the store and forgotten in one flush; rows add up.

    10:00 ■──────── 25 h: remembered ────────┤ forgotten ─── a late event for 10:00
            row (…, 10:00, 0)                                row (…, 10:00, version)
    """
    chain = Chain()
    chain.send(message(prompt(T, **by("ann"))), T)
    chain.flush(T)
    late = T + 26 * HOUR
    chain.flush(late)
    chain.send(message(prompt(T, session_id="other", run=2, received_at=late, **by("ann"))), late)
    chain.flush()
    written = [record for record in chain.users.outputs[-1].tables if record.topic == "user-minutes"]
    assert [(decoded(record.key)[3], record.value is None) for record in written] == [
        (chain.version, False),
        (chain.version, True),
    ]
    judged = {c.SESSIONS_JUDGED: 1, c.SESSIONS_LEFT: 1}  # the first session, meanwhile
    assert chain.stored_minutes() == {("ann", "red", M): {c.EVENTS: 2, c.PROMPTS: 2} | judged}
    assert not any(topic == "user-minutes" for topic, _ in chain.users.tables)


@pytest.mark.parametrize("silence", [5 * MINUTE, HOUR, 3 * DAY])
def test_windows_empty_though_nobody_sends(silence: int) -> None:
    """Time alone moves them, by a minute or by days at once."""
    chain = Chain()
    chain.send(message(prompt(T, **by("ann"))), T)
    chain.flush(T)
    chain.flush(T + silence)
    assert prompts(chain, "red") == [0, int(silence < HOUR), int(silence < DAY)]


def test_a_one_shot_fold_never_writes_over_the_stream() -> None:
    """Its sessions and minutes carry its own version as segment, also what it forgets and meets again."""
    chain = Chain(segment=1_795_000_000_000_001)
    for at in (T, T + 26 * HOUR):
        chain.send(message(prompt(at, run=at, **by("ann"))), at)
        chain.flush(at)
    segments = [decoded(key)[-1] for (_, key) in chain.sessions.store]
    assert segments == [1_795_000_000_000_001, 1_795_000_000_000_002]
    minutes = [decoded(key)[-1] for (topic, key) in chain.users.store if topic == "user-minutes"]
    assert minutes == [1_795_000_000_000_001] * 2
