"""The recorded runs, held to what a person counted in them: figures, turns, endings, in any order and however often."""

import math
import random
import re

import pytest

from schemas.counters import bucket
from sources.messages import Message
from tests.stories import hand_counted
from tests.stories.folded import Folded, apart, fold, interleaved, recorded
from tests.stories.hand_counted import COLUMNS, Counted, Run, runs, traps

RUNS = [
    pytest.param(run, id=name, marks=() if name.startswith("claude_code/") else pytest.mark.shared)
    for name, run in runs().items()
]


def messages_of(run: Run) -> list[Message]:
    """Its messages; skips where the other clients' recordings are not at hand."""
    if not run.folder.is_dir():
        pytest.skip(f"needs ../shared/data/otlp/{run.name}")
    return recorded(run.folder)


def same(found: dict[str, Folded], run: Run) -> None:
    """Each session of the run has the figures counted by hand, and there is no other."""
    assert set(found) == {session.session for session in run.sessions}
    for session in run.sessions:
        one = found[session.session]
        assert one.figures == session.figures
        assert one.turn_buckets == buckets_of(session)
        assert one.log_actions == sum(round(1000 * math.log2(1 + calls)) for calls in session.actions)
        assert one.ending == session.ending


def buckets_of(session: Counted) -> dict[int, int]:
    """The turns' half octaves."""
    found: dict[int, int] = {}
    for ms in session.turns_ms:
        found[bucket(ms)] = found.get(bucket(ms), 0) + 1
    return found


def test_the_page_is_current() -> None:
    """docs/hand-counted.md is what the tables say."""
    assert hand_counted.PAGE.read_text() == hand_counted.rendered()


def test_every_trap_is_there_and_every_run_that_it_names() -> None:
    """Twenty of Claude Code, eleven of Codex, seven of Gemini; each shows in a run here or says that none does."""
    assert {client: len(rows) for client, rows in traps().items()} == {"Claude Code": 20, "Codex": 11, "Gemini": 7}
    named = {run.name.rsplit("/", 1)[1] for run in runs().values()}
    for rows in traps().values():
        for _, shows, counted in rows:
            assert set(shows) <= named
            assert shows or re.search(r"No recording|Switched off", counted)


@pytest.mark.parametrize("run", RUNS)
def test_as_it_came(run: Run) -> None:
    """In order of receipt."""
    same(fold(messages_of(run)), run)


@pytest.mark.parametrize("run", RUNS)
def test_in_any_order_and_twice(run: Run) -> None:
    """Bodies shuffled and sent twice, then event by event, each body's between the others': the same."""
    messages, pick = messages_of(run), random.Random(run.name)
    twice = [*messages, *messages]
    pick.shuffle(twice)
    same(fold(twice), run)
    same(fold(interleaved(apart(messages), pick)), run)


@pytest.mark.parametrize("run", RUNS)
def test_which_half_it_is_in(run: Run) -> None:
    """All of it is interactive use or print mode, as its session was; metrics too, though they say nothing of it."""
    found = fold(messages_of(run))
    for session in run.sessions:
        if session.half:
            one = found[session.session]
            assert {column: one.half(column, session.half) for column in COLUMNS} == session.figures
            assert one.verdict is not None
            assert one.verdict.is_interactive == (session.half == "interactive")
