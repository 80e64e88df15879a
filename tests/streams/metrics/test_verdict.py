"""The verdict on a session: each sign, each outcome, and what can never make it worse."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import counters as c
from schemas import wire
from schemas.evidence import OUTCOMES, TROUBLE, Mark, Sign
from streams.metrics.verdict import EVIDENCE, Verdict, counted, evidence, is_idle, judge
from tests.examples import share

bounded = settings(max_examples=share(300), derandomize=True, database=None)


@dataclass
class Case:
    """A session by what is known of it: at first one prompt, answered."""

    sums: dict[int, int] = field(default_factory=lambda: {c.PROMPTS: 1, c.RESPONSES: 1})
    marks: dict[int, int] = field(default_factory=lambda: {Mark.PROMPT: 10, Mark.ANSWER: 20})
    end_seen: bool = False
    outcome: str = ""
    came_back: bool = False

    def judge(self) -> Verdict:
        """Its verdict."""
        notice = wire.Notice("s", 1, "closed", 0, "red", 0, "", self.sums, 0, self.marks, self.end_seen, self.outcome)
        return judge(notice, self.came_back)


def case(
    sums: dict[int, int] | None = None, marks: dict[int, int] | None = None, came_back: bool = False, **rest: Any
) -> Case:
    """One answered prompt, and this besides."""
    one = Case(came_back=came_back, **rest)
    one.sums |= sums or {}
    one.marks |= marks or {}
    return one


def signs(one: Case) -> set[Sign]:
    """The signs of its verdict."""
    return {sign for sign in Sign if one.judge().signs >> sign & 1}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (case(), set()),
        (case({c.COMMITS: 1}), {Sign.COMMIT}),
        (case({c.COMMIT_COMMANDS + c.OTHER: 1}), {Sign.COMMIT}),
        (case({c.PULL_REQUESTS: 1}), {Sign.PULL_REQUEST}),
        (case({}, {Mark.TEST_PASSED: 15}), {Sign.TESTS_PASSED_LAST}),
        (case({}, {Mark.TEST_PASSED: 15, Mark.TEST_FAILED: 15}), {Sign.TESTS_PASSED_LAST}),
        (case({}, {Mark.TEST_PASSED: 15, Mark.TEST_FAILED: 16}), {Sign.TESTS_FAILED_LAST}),
        (case(outcome="ended_clean"), {Sign.TOLD}),
        (case(outcome="no such outcome"), set()),
        (case({}, {Mark.TOOL_FAILED: 15}), {Sign.FINAL_TOOL_FAILURE}),
        (case({}, {Mark.TOOL_FAILED: 15, Mark.TOOL_SUCCEEDED: 15}), set()),
        (case({}, {Mark.API_FAILED: 21}), {Sign.FINAL_API_FAILURE}),
        (case({}, {Mark.API_FAILED: 20}), set()),
        (case({c.LOOPS: 1}), {Sign.LOOP}),
        (case({c.INTERRUPTS: 2}), set()),
        (case({c.INTERRUPTS: 2, c.USER_REJECTIONS + c.OTHER: 1}), {Sign.PUSHBACK}),
        (case({c.TOOL_FAILURES: 4, c.TOOL_CALLS: 4}), set()),
        (case({c.TOOL_FAILURES: 5, c.TOOL_CALLS: 17}), set()),
        (case({c.TOOL_FAILURES: 6, c.TOOL_CALLS: 20}), {Sign.MANY_FAILURES}),
        (case({}, {Mark.PROMPT: 21}), {Sign.UNANSWERED}),
        (case({}, {Mark.PROMPT: 20}), set()),
        (case({}, {Mark.PROMPT: 21, Mark.TOOL_SUCCEEDED: 22}), set()),
        (case({}, {Mark.STOPPED: 20}), {Sign.STOPPED_LAST}),
        (case({}, {Mark.STOPPED: 19}), set()),
        (case({c.LINES_ADDED: 1}), {Sign.WROTE_CODE}),
        (case({c.LINES_REMOVED: 1}), set()),
        (case(came_back=True), {Sign.CAME_BACK}),
        (case(end_seen=True), {Sign.END_SEEN}),
    ],
)
def test_each_sign(one: Case, expected: set[Sign]) -> None:
    """Holds from its threshold on and not before; both halves count together; a mark that never was is no sign."""
    assert signs(one) == expected
    assert one.judge().is_troubled is bool(expected & set(TROUBLE))


def test_every_sign_is_tried() -> None:
    """The table above leaves none out."""
    table = test_each_sign.pytestmark[0].args[1]  # type: ignore[attr-defined] # pytest keeps its marks there
    assert set().union(*(expected for _, expected in table)) == set(Sign)


STOPPED: dict[int, int] = {Mark.STOPPED: 30}
FAILED: dict[int, int] = {Mark.API_FAILED: 30}


@pytest.mark.parametrize(
    ("one", "outcome", "confidence"),
    [
        (case(), "ended_clean", "medium"),
        (case(end_seen=True), "ended_clean", "medium"),
        (case({}, {Mark.TOOL_SUCCEEDED: 30}), "ended_clean", "low"),
        (case({c.COMMITS: 1}, STOPPED), "verified_success", "high"),
        (case({c.PULL_REQUESTS: 1}), "verified_success", "high"),
        (case({}, {Mark.TEST_PASSED: 15, Mark.TOOL_SUCCEEDED: 15}), "verified_success", "high"),
        (case({}, STOPPED), "abandoned", "low"),
        (case({}, STOPPED, end_seen=True), "abandoned", "medium"),
        (case({}, {Mark.PROMPT: 30}), "abandoned", "low"),
        (case({}, FAILED), "abandoned_after_trouble", "low"),
        (case({}, FAILED, end_seen=True), "abandoned_after_trouble", "high"),
        (case({}, FAILED, came_back=True), "restarted", "low"),
        (case({}, STOPPED, came_back=True), "restarted", "low"),
        (case({c.LOOPS: 1}, STOPPED), "abandoned_after_trouble", "low"),
        (case({c.LOOPS: 1}), "ended_clean", "medium"),
        (case({}, {Mark.TOOL_FAILED: 15}), "abandoned_after_trouble", "low"),
        (case({c.LINES_ADDED: 2}, FAILED), "unknown", "low"),
        (case(outcome="abandoned"), "abandoned", "high"),
        (case({c.COMMITS: 1}, outcome="restarted"), "restarted", "high"),
        (case(outcome="unknown"), "unknown", "high"),
        (Case({c.API_FAILURES: 1}, dict(FAILED)), "unknown", "low"),
        (Case({c.TOOL_REJECTIONS: 1}, dict(STOPPED), end_seen=True), "unknown", "medium"),
        (Case({c.RESPONSES: 1}, {}), "unknown", "low"),
    ],
)
def test_each_outcome(one: Case, outcome: str, confidence: str) -> None:
    """What was told, then hard evidence, then how it ended; and how sure that is."""
    assert one.judge()[::3] == (outcome, confidence)


def test_what_counts() -> None:
    """Each verdict counts one judged session; trouble, outcome and code as they apply; all in its half."""
    verdict = case({c.LINES_ADDED: 1, c.COMMITS: 1, c.LOOPS: 1}).judge()
    assert counted(verdict, is_interactive=True) == {
        c.SESSIONS_JUDGED: 1,
        c.SESSIONS_TROUBLED: 1,
        c.SESSIONS_VERIFIED: 1,
        c.SESSIONS_CODED: 1,
    }
    assert counted(case({}, FAILED).judge(), is_interactive=False) == {
        c.SESSIONS_JUDGED + c.OTHER: 1,
        c.SESSIONS_TROUBLED + c.OTHER: 1,
        c.SESSIONS_GIVEN_UP + c.OTHER: 1,
    }
    by_outcome = {
        "ended_clean": c.SESSIONS_CLEAN,
        "abandoned": c.SESSIONS_LEFT,
        "restarted": c.SESSIONS_RESTARTED,
        "abandoned_after_trouble": c.SESSIONS_GIVEN_UP,
        "verified_success": c.SESSIONS_VERIFIED,
    }
    for outcome in OUTCOMES:
        expected = {c.SESSIONS_JUDGED: 1} | ({by_outcome[outcome]: 1} if outcome in by_outcome else {})
        assert counted(case(outcome=outcome).judge(), is_interactive=True) == expected


def test_a_session_in_which_nothing_happened_is_idle() -> None:
    """Being started, typing a slash command or being measured is nothing; a refused call is something."""
    assert is_idle({c.EVENTS: 4, c.SLASH_COMMANDS: 1, c.ACTIVE_CLI_MS: 9})
    assert not is_idle({c.TOOL_REJECTIONS + c.OTHER: 1})


AMOUNTS = st.dictionaries(st.sampled_from([*EVIDENCE, *(n + c.OTHER for n in EVIDENCE)]), st.integers(1, 9))
MOMENTS = st.dictionaries(st.sampled_from([int(mark) for mark in Mark]), st.integers(1, 6))
CASES = st.builds(Case, AMOUNTS, MOMENTS, st.booleans(), st.sampled_from(["", "", "", *OUTCOMES]), st.booleans())

RANK = {"unknown": 0, "abandoned": 0, "abandoned_after_trouble": 0, "restarted": 0, "ended_clean": 1}
"""Anything but verified success, by how good it is."""


@bounded
@given(CASES, st.sampled_from([c.COMMITS, c.COMMIT_COMMANDS, c.PULL_REQUESTS]))
def test_a_commit_or_pull_request_never_makes_it_worse(one: Case, number: int) -> None:
    """Whatever else happened: it is then a verified success, unless the client says otherwise, and no more troubled."""
    before = one.judge()
    one.sums[number] = one.sums.get(number, 0) + 1
    after = one.judge()
    assert after.is_troubled == before.is_troubled
    assert after.outcome == (before.outcome if before.signs >> Sign.TOLD & 1 else "verified_success")
    assert after.confidence == "high"


@bounded
@given(CASES)
def test_lines_written_are_never_abandoned(one: Case) -> None:
    """Abandoned, with or without trouble, and restarted mean that not a line was added."""
    one.outcome = ""
    if one.judge().outcome in ("abandoned", "abandoned_after_trouble", "restarted"):
        assert not c.total(one.sums, c.LINES_ADDED)
        one.sums[c.LINES_ADDED] = 1
        assert one.judge().outcome == "unknown"


@bounded
@given(CASES)
def test_coming_back_matters_only_to_what_was_given_up(one: Case) -> None:
    """It turns abandoned into restarted and nothing else, and never makes trouble."""
    one.came_back = False
    before = one.judge()
    one.came_back = True
    after = one.judge()
    given_up = before.outcome in ("abandoned", "abandoned_after_trouble") and not before.signs >> Sign.TOLD & 1
    assert after.outcome == ("restarted" if given_up else before.outcome)
    assert after.is_troubled == before.is_troubled


@bounded
@given(CASES, st.integers(1, 10**12))
def test_only_the_order_of_moments_matters(one: Case, later: int) -> None:
    """The same session a while later gets the same verdict."""
    before = one.judge()
    one.marks = {mark: at + later for mark, at in one.marks.items()}
    assert one.judge() == before


@bounded
@given(CASES)
def test_a_better_last_answer_never_makes_it_worse(one: Case) -> None:
    """An answer after all else: never worse than before, never a final failure of the model."""
    one.outcome = ""
    before = one.judge()
    one.marks[Mark.ANSWER] = 9
    after = one.judge()
    assert RANK.get(after.outcome, 2) >= RANK.get(before.outcome, 2)
    assert not after.signs >> Sign.FINAL_API_FAILURE & 1


@bounded
@given(CASES)
def test_what_is_kept_as_evidence_is_enough(one: Case) -> None:
    """The totals that are kept give the verdict of the whole sums."""
    before, idle = one.judge(), is_idle(one.sums)
    one.sums = evidence(one.sums | {c.EVENTS: 5, c.TOOL_DURATIONS + 3: 2})
    assert set(one.sums) <= set(EVIDENCE)
    assert one.judge() == before
    assert is_idle(one.sums) == idle
