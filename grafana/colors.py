"""
Which colour a meaning has, on all boards alike.

Rule 1: a series has the colour of its name here, and of nothing else; names that data bring (teams, models, tools)
stand on axes and in tables, never in a colour.
Rule 2: the seven colours stay apart for eyes that lack red or green; tests/grafana/test_colors.py simulates them.
"""

from collections.abc import Mapping
from typing import Literal

Status = Literal["text", "yellow", "red"]
"""Of a threshold: nothing to see, look, act. Grafana and the page have shades of their own for dark and light."""

PALETTE: Mapping[str, str] = {
    "blue": "#385af6",
    "cyan": "#12a8f0",
    "green": "#137814",
    "yellow": "#e69b00",
    "red": "#cf5b68",
    "purple": "#88476e",
    "grey": "#9aa3a8",
}
"""Blue: what the board is about. Cyan: all is well. Green: proved. Yellow: look. Red: bad. Purple, grey: the rest."""

MEANINGS: Mapping[str, str] = {
    "value": "blue",
    # how sessions, calls and requests ended
    "verified": "green",
    "ended clean": "cyan",
    "begun anew": "yellow",
    "abandoned": "purple",
    "abandoned after trouble": "red",
    "unknown": "grey",
    "ok": "cyan",
    "failed": "red",
    "failed after retries": "purple",
    "refused": "yellow",
    # what an alert was worth
    "useful": "cyan",
    "not judged": "grey",
    "false alarm": "yellow",
    # whose figure it is
    "this team": "blue",
    "its past": "cyan",
    "organisation": "grey",
    # what is counted
    "people": "blue",
    "sessions": "blue",
    "prompts": "blue",
    "tool failures": "blue",
    "cache read": "cyan",
    "cache write": "purple",
    "input": "blue",
    "output": "yellow",
    "dollars": "blue",
    # how long
    "p50": "blue",
    "p95": "yellow",
    "p99": "yellow",
    # parts of the pipeline beside the stage `sessions`, in the order of the flow
    "users": "cyan",
    "teams": "green",
    "detect": "purple",
    "sink": "yellow",
    "bytes": "blue",
}
"""The colour of each series by its name."""


def color_of(name: str) -> str | None:
    """The colour of a series, `#rrggbb`; None where the name has no meaning of its own."""
    return PALETTE[MEANINGS[name]] if name in MEANINGS else None
