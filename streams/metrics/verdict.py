"""How a closed session went. Rule: a proxy from telemetry alone; nobody read the session, and nobody may take it so.

Signs are read off counts and moments, never off the order of arrival; the outcome follows from the signs. What the
study behind it means by success, trouble and abandonment needs a reader of the transcript (docs/metrics.md).
"""

from collections.abc import Mapping
from typing import NamedTuple, cast

from schemas import counters as c
from schemas import wire
from schemas.evidence import (
    MANY_FAILURES,
    MANY_FAILURES_SHARE,
    OUTCOMES,
    PUSHBACKS,
    TROUBLE,
    Confidence,
    Mark,
    Outcome,
    Sign,
)

WHAT_HAPPENED = (c.PROMPTS, c.RESPONSES, c.API_FAILURES, c.TOOL_CALLS, c.TOOL_ACCEPTS, c.TOOL_REJECTIONS)
"""A session without any of these is a client that was started and not used: nothing to judge, and no successor."""

EVIDENCE = (
    *WHAT_HAPPENED,
    c.TOOL_FAILURES,
    c.LINES_ADDED,
    c.COMMITS,
    c.PULL_REQUESTS,
    c.INTERRUPTS,
    c.USER_REJECTIONS,
    c.COMMIT_COMMANDS,
    c.LOOPS,
)
"""All that a verdict rests on, of the sums."""

TOLD = (*EVIDENCE, c.COST_MICROS)
"""All that is told with a verdict."""

ENDED_BADLY = sum(
    1 << sign
    for sign in (
        Sign.FINAL_TOOL_FAILURE,
        Sign.FINAL_API_FAILURE,
        Sign.TESTS_FAILED_LAST,
        Sign.UNANSWERED,
        Sign.STOPPED_LAST,
    )
)
"""Signs that a session was given up: its last word was a failure, silence, or the person's stop."""

_TROUBLED = sum(1 << sign for sign in TROUBLE)
_VERIFIED = 1 << Sign.COMMIT | 1 << Sign.PULL_REQUEST | 1 << Sign.TESTS_PASSED_LAST


class Verdict(NamedTuple):
    """How a session went, as far as telemetry tells."""

    outcome: Outcome
    is_troubled: bool
    signs: int
    """Bits of schemas.evidence.Sign."""
    confidence: Confidence


def evidence(sums: Mapping[int, int]) -> c.Sums:
    """What a verdict rests on and what is told with it, of a session's sums, both halves together."""
    return {number: amount for number in TOLD if (amount := c.total(sums, number))}


def is_idle(sums: Mapping[int, int]) -> bool:
    """Whether nothing was asked, answered, called or refused: such a session is not judged."""
    return not any(c.total(sums, number) for number in WHAT_HAPPENED)


def judge(notice: wire.Notice, came_back: bool) -> Verdict:
    """The verdict on a closed session; `came_back`: its person began another within 15 minutes of its last event.

    A proxy: given_up, abandoned and restarted say what telemetry looked like at the end, not what the person thought.
    """
    signs = _signs(notice, came_back)
    outcome = _outcome(notice, signs)
    return Verdict(outcome, bool(signs & _TROUBLED), signs, _confidence(notice, signs, outcome))


def counted(verdict: Verdict, is_interactive: bool) -> c.Sums:
    """What a verdict adds to the minute in which its session began."""
    numbers = [c.SESSIONS_JUDGED]
    if verdict.is_troubled:
        numbers.append(c.SESSIONS_TROUBLED)
    if verdict.outcome in _COUNTERS:
        numbers.append(_COUNTERS[verdict.outcome])
    if verdict.signs >> Sign.WROTE_CODE & 1:
        numbers.append(c.SESSIONS_CODED)
    half = 0 if is_interactive else c.OTHER
    return {number + half: 1 for number in numbers}


_COUNTERS: Mapping[Outcome, int] = {
    "verified_success": c.SESSIONS_VERIFIED,
    "ended_clean": c.SESSIONS_CLEAN,
    "abandoned_after_trouble": c.SESSIONS_GIVEN_UP,
    "abandoned": c.SESSIONS_LEFT,
    "restarted": c.SESSIONS_RESTARTED,
}


def _signs(notice: wire.Notice, came_back: bool) -> int:
    count = {number: c.total(notice.sums, number) for number in EVIDENCE}
    at = [notice.marks.get(mark, 0) for mark in Mark]
    failures, calls = count[c.TOOL_FAILURES], count[c.TOOL_CALLS]
    share, of = MANY_FAILURES_SHARE
    replies = (Mark.ANSWER, Mark.TOOL_SUCCEEDED, Mark.TOOL_FAILED, Mark.TEST_PASSED, Mark.TEST_FAILED)
    holds = {
        Sign.COMMIT: count[c.COMMITS] + count[c.COMMIT_COMMANDS] > 0,
        Sign.PULL_REQUEST: count[c.PULL_REQUESTS] > 0,
        Sign.TESTS_PASSED_LAST: 0 < at[Mark.TEST_PASSED] >= at[Mark.TEST_FAILED],
        Sign.TOLD: notice.outcome in OUTCOMES,
        Sign.FINAL_TOOL_FAILURE: at[Mark.TOOL_FAILED] > at[Mark.TOOL_SUCCEEDED],
        Sign.FINAL_API_FAILURE: at[Mark.API_FAILED] > at[Mark.ANSWER],
        Sign.TESTS_FAILED_LAST: at[Mark.TEST_FAILED] > at[Mark.TEST_PASSED],
        Sign.LOOP: count[c.LOOPS] > 0,
        Sign.PUSHBACK: count[c.INTERRUPTS] + count[c.USER_REJECTIONS] >= PUSHBACKS,
        Sign.MANY_FAILURES: failures >= MANY_FAILURES and of * failures >= share * calls,
        Sign.UNANSWERED: at[Mark.PROMPT] > max(at[mark] for mark in replies),
        Sign.STOPPED_LAST: 0 < at[Mark.STOPPED] == max(at),
        Sign.WROTE_CODE: count[c.LINES_ADDED] > 0,
        Sign.CAME_BACK: came_back,
        Sign.END_SEEN: notice.end_seen,
    }
    return sum(1 << sign for sign, held in holds.items() if held)


def _outcome(notice: wire.Notice, signs: int) -> Outcome:
    if signs >> Sign.TOLD & 1:
        return cast(Outcome, notice.outcome)  # one of OUTCOMES, or it would not be told
    if signs & _VERIFIED:
        return "verified_success"
    if not any(c.total(notice.sums, number) for number in (c.PROMPTS, c.RESPONSES, c.TOOL_CALLS)):
        return "unknown"
    if signs & ENDED_BADLY:
        if signs >> Sign.WROTE_CODE & 1:
            return "unknown"  # something was made, and the end was bad: neither clean nor abandoned
        if signs >> Sign.CAME_BACK & 1:
            return "restarted"
        return "abandoned_after_trouble" if signs & _TROUBLED else "abandoned"
    if notice.marks.get(Mark.ANSWER) or notice.marks.get(Mark.TOOL_SUCCEEDED):
        return "ended_clean"
    return "unknown"


def _confidence(notice: wire.Notice, signs: int, outcome: Outcome) -> Confidence:
    ended, answered = signs >> Sign.END_SEEN & 1, notice.marks.get(Mark.ANSWER, 0)
    if signs >> Sign.TOLD & 1 or signs & _VERIFIED or (ended and signs >> Sign.FINAL_API_FAILURE & 1):
        return "high"
    if ended or (outcome == "ended_clean" and 0 < answered == max(notice.marks.values())):
        return "medium"
    return "low"
