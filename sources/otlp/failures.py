"""Why a model request failed. Rule: from its status, else from words of its text, which goes no further."""

from typing import Literal

Reason = Literal["", "overloaded", "rate_limit", "invalid_request", "auth", "server", "timeout", "other"]

_WORDS: tuple[tuple[str, Reason], ...] = (
    ("overloaded", "overloaded"),
    ("rate limit", "rate_limit"),
    ("rate_limit", "rate_limit"),
    ("too many requests", "rate_limit"),
    ("quota", "rate_limit"),
    ("timed out", "timeout"),
    ("timeout", "timeout"),
    ("authentication", "auth"),
    ("unauthorized", "auth"),
    ("permission", "auth"),
    ("api key", "auth"),
    ("invalid", "invalid_request"),
    ("context_length", "invalid_request"),
    ("internal server error", "server"),
    ("api_error", "server"),
)
_STATUSES: dict[int, Reason] = {
    401: "auth",
    403: "auth",
    407: "auth",
    408: "timeout",
    504: "timeout",
    429: "rate_limit",
    529: "overloaded",
}


def reason(status: int, text: object) -> Reason:
    """One word for why.

    >>> reason(0, "Repeated 529 Overloaded errors"), reason(400, "x"), reason(503, None), reason(0, "?")
    ('overloaded', 'invalid_request', 'server', 'other')
    """
    if status in _STATUSES:
        return _STATUSES[status]
    if 400 <= status < 500:
        return "invalid_request"
    if 500 <= status < 600:
        return "server"
    if not isinstance(text, str) or not text:
        return "other" if status else ""
    lowered = text[:1_000].lower()
    return next((found for words, found in _WORDS if words in lowered), "other")


def is_final(status: int) -> bool:
    """Whether a status says by itself that asking again is of no use: a fault of the request or of its sender.

    >>> [status for status in (0, 200, 400, 401, 408, 429, 499, 500, 529) if is_final(status)]
    [400, 401]
    """
    return 400 <= status < 500 and status not in (408, 409, 425, 429, 499)
