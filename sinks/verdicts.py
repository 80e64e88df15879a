"""How a session went, as SQL over what it holds. Rule: the same definitions as the stream's, written apart from it.

A sign is a bit (schemas.evidence.Sign). The expressions take a relation `t` with the counters of a whole session, its
`marks`, `has_end`, `told`, and whether its person `came_back`.
"""

from schemas.evidence import (
    MANY_FAILURES,
    MANY_FAILURES_SHARE,
    PUSHBACKS,
    TROUBLE,
    Mark,
    Sign,
)

COHORT_MS = 15 * 60_000
"""A session is judged so long after it closed: until then its person may come back."""


def _latest(*marks: Mark) -> str:
    return f"greatest({', '.join(f't.marks[{mark.value}]' for mark in marks)})"


def _mark(mark: Mark) -> str:
    return f"t.marks[{mark.value}]"


_PROMPT, _ANSWER, _API_FAILED, _STOPPED = map(_mark, (Mark.PROMPT, Mark.ANSWER, Mark.API_FAILED, Mark.STOPPED))
_SUCCEEDED, _FAILED = _mark(Mark.TOOL_SUCCEEDED), _mark(Mark.TOOL_FAILED)
_PASSED, _NOT_PASSED = _mark(Mark.TEST_PASSED), _mark(Mark.TEST_FAILED)
_SAID = _latest(Mark.ANSWER, Mark.TOOL_SUCCEEDED, Mark.TOOL_FAILED, Mark.TEST_PASSED, Mark.TEST_FAILED)
_SHARE, _OF = MANY_FAILURES_SHARE

SIGNS: dict[Sign, str] = {
    Sign.COMMIT: "t.commits > 0 OR t.commit_commands > 0",
    Sign.PULL_REQUEST: "t.pull_requests > 0",
    Sign.TESTS_PASSED_LAST: f"{_PASSED} > 0 AND {_PASSED} >= {_NOT_PASSED}",
    Sign.TOLD: "t.told != ''",
    Sign.FINAL_TOOL_FAILURE: f"{_FAILED} > {_SUCCEEDED}",
    Sign.FINAL_API_FAILURE: f"{_API_FAILED} > {_ANSWER}",
    Sign.TESTS_FAILED_LAST: f"{_NOT_PASSED} > {_PASSED}",
    Sign.LOOP: "t.loops > 0",
    Sign.PUSHBACK: f"t.interrupts + t.user_rejections >= {PUSHBACKS}",
    Sign.MANY_FAILURES: f"t.tool_failures >= {MANY_FAILURES} AND {_OF} * t.tool_failures >= {_SHARE} * t.tool_calls",
    Sign.UNANSWERED: f"{_PROMPT} > {_SAID}",
    Sign.STOPPED_LAST: f"{_STOPPED} > 0 AND {_STOPPED} >= {_latest(*(mark for mark in Mark if mark != Mark.STOPPED))}",
    Sign.WROTE_CODE: "t.lines_added > 0",
    Sign.CAME_BACK: "t.came_back",
    Sign.END_SEEN: "t.has_end",
}


def signs() -> str:
    """All of them, as one number."""
    bits = [f"bitShiftLeft(toUInt32({sql}), {sign.value})" for sign, sql in SIGNS.items()]
    return f"toUInt32({' + '.join(bits)})"


def has(number: str, *wanted: Sign) -> str:
    """Whether a number of signs has one of those wanted."""
    return f"bitAnd({number}, {sum(1 << sign for sign in wanted)}) != 0"


def troubled(number: str) -> str:
    """Whether a session hit trouble."""
    return has(number, *TROUBLE)


_BADLY = (
    Sign.FINAL_TOOL_FAILURE,
    Sign.FINAL_API_FAILURE,
    Sign.TESTS_FAILED_LAST,
    Sign.UNANSWERED,
    Sign.STOPPED_LAST,
)
"""A session that ended with one of these was given up, unless it wrote code."""

_VERIFIED = (Sign.COMMIT, Sign.PULL_REQUEST, Sign.TESTS_PASSED_LAST)


def outcome(number: str) -> str:
    """Name of schemas.evidence.Outcome."""
    badly = has(number, *_BADLY)
    given_up = f"{badly} AND NOT ({has(number, Sign.WROTE_CODE)})"
    return (
        f"multiIf(t.told != '', toString(t.told), {has(number, *_VERIFIED)}, 'verified_success', "
        "t.prompts + t.responses + t.tool_calls = 0, 'unknown', "
        f"{given_up} AND {has(number, Sign.CAME_BACK)}, 'restarted', "
        f"{given_up} AND {troubled(number)}, 'abandoned_after_trouble', "
        f"{given_up}, 'abandoned', "
        f"{ENDED_CLEAN.format(badly=badly)}, 'ended_clean', 'unknown')"
    )


ENDED_CLEAN = f"NOT ({{badly}}) AND ({_ANSWER} > 0 OR {_SUCCEEDED} > 0)"
_ANSWERED_LAST = f"{_ANSWER} > 0 AND {_ANSWER} >= {_latest(*(mark for mark in Mark if mark != Mark.ANSWER))}"


def confidence(number: str, told_outcome: str) -> str:
    """Name of schemas.evidence.Confidence."""
    end_seen = has(number, Sign.END_SEEN)
    return (
        f"multiIf({has(number, Sign.TOLD, *_VERIFIED)}"
        f" OR ({end_seen} AND {has(number, Sign.FINAL_API_FAILURE)}), 'high', "
        f"{end_seen} OR ({told_outcome} = 'ended_clean' AND {_ANSWERED_LAST}), 'medium', 'low')"
    )


def evidence(number: str) -> str:
    """Names of the signs."""
    names = ", ".join(f"'{sign.name.lower()}'" for sign in Sign)
    return f"arrayFilter((name, bit) -> bitTest({number}, bit), [{names}], range({len(Sign)}))"
