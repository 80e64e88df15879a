"""The recorded runs, counted by hand: loads tests/stories/hand, and renders docs/hand-counted.md from it.

The tables were read off the raw bodies, hooks and transcripts by a person; no figure in them was computed by the
product. `python -m tests.stories.hand_counted` renders the page.
"""

import json
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HAND = Path(__file__).parent / "hand"
FIXTURES = ROOT / "tests" / "fixtures" / "otlp"
SHARED = ROOT.parent / "shared" / "data" / "otlp"
PAGE = ROOT / "docs" / "hand-counted.md"

CLIENTS = ("claude_code", "codex", "gemini")

REPORTED = (
    "reported_input_tokens",
    "reported_output_tokens",
    "reported_cache_read_tokens",
    "reported_cache_creation_tokens",
    "reported_cost_micros",
)
METRICS = (*REPORTED, "lines_added", "lines_removed", "commits", "edits_accepted", "edits_rejected",
           "active_user_ms", "active_cli_ms")  # fmt: skip
"""Claude Code's metrics tell these; its log records tell the others."""

COLUMNS = (
    "prompts",
    "slash_commands",
    "injected_prompts",
    "turns",
    "responses",
    "tool_calls",
    "tool_failures",
    "tool_accepts",
    "tool_rejections",
    "user_rejections",
    "api_failures",
    "api_retries_exhausted",
    "interrupts",
    "subagents",
    "compactions",
    "mode_changes",
    "loops",
    "tests_passed",
    "tests_failed",
    "commit_commands",
    "pull_requests",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "cost_micros",
    *METRICS,
)
"""Every one is told of every session; what a table does not name is zero."""


@dataclass(frozen=True)
class Ending:
    """How a session went, and how that is known."""

    outcome: str
    troubled: bool
    confidence: str
    signs: tuple[str, ...]
    end_reason: str


@dataclass(frozen=True)
class Counted:
    """One session of a run, as a person counts it."""

    session: str
    phantom: bool
    half: str
    figures: dict[str, int]
    turns_ms: tuple[int, ...]
    actions: tuple[int, ...]
    """Tool calls, one number a turn."""
    ending: Ending | None
    """From telemetry alone; None for a phantom."""
    hooked: Ending | None
    """With the hooks of the same run; None where there are none."""
    hooked_more: dict[str, int]
    """Figures that only the hooks bring."""
    why: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """One recorded run."""

    client: str
    name: str
    """Client, encoding, run."""
    scenario: str
    sessions: tuple[Counted, ...]

    @property
    def folder(self) -> Path:
        """Where its bodies are; those of other clients than Claude Code are read where they lie."""
        return (FIXTURES if self.name.startswith("claude_code/") else SHARED) / self.name

    @property
    def hooks(self) -> Path | None:
        """Its hook payloads, if it has any."""
        if all(session.hooked is None for session in self.sessions):
            return None
        return FIXTURES / "claude_code" / "hooks" / f"{self.name.rsplit('/', 1)[1]}.jsonl"


@cache
def runs() -> dict[str, Run]:
    """All runs, by name."""
    found: dict[str, Run] = {}
    for client in CLIENTS:
        table = json.loads((HAND / f"{client}.json").read_text())
        for told in table["runs"]:
            like = found[told["like"]] if "like" in told else None
            sessions = tuple(
                _counted(session, like.sessions[place] if like else None, told.get("with_hooks", True))
                for place, session in enumerate(told["sessions"])
            )
            scenario = told.get("scenario") or (like.scenario if like else "")
            found[told["run"]] = Run(table["client"], told["run"], scenario, sessions)
    return found


def traps() -> dict[str, list[tuple[str, list[str], str]]]:
    """By client, in the order of the recordings' notes: the trap, the runs that show it, how it is counted."""
    return {
        client: [tuple(row) for row in rows] for client, rows in json.loads((HAND / "traps.json").read_text()).items()
    }


def _counted(told: dict[str, Any], like: Counted | None, hooks: bool) -> Counted:
    if like is not None:
        return replace(
            like,
            session=told["session"],
            figures=like.figures | told.get("figures", {}),
            turns_ms=tuple(told.get("turns_ms", like.turns_ms)),
            hooked=like.hooked if hooks else None,
            why=told.get("why", {}),
        )
    if told.get("phantom"):
        return Counted(told["session"], True, "", dict.fromkeys(COLUMNS, 0), (), (), None, None, {}, told["why"])
    assert set(told["figures"]) <= set(COLUMNS)
    figures = dict.fromkeys(COLUMNS, 0) | told["figures"]
    ending = _ending(told)
    with_hooks = told.get("with_hooks")
    hooked = _ending(told | with_hooks) if with_hooks else None
    more = (with_hooks or {}).get("figures", {})
    return Counted(told["session"], False, told["half"], figures, tuple(told["turns_ms"]), tuple(told["actions"]),
                   ending, hooked if hooks else None, more, told["why"])  # fmt: skip


def _ending(told: dict[str, Any]) -> Ending:
    return Ending(told["outcome"], told["troubled"], told["confidence"], tuple(told["signs"]), told["end_reason"])


def rendered() -> str:
    """docs/hand-counted.md."""
    parts = [_HEAD, *_overview()]
    for client in dict.fromkeys(run.client for run in runs().values()):
        parts.append(f"## {client}\n")
        for run in (run for run in runs().values() if run.client == client):
            parts += _page_of(run)
    parts.append("## Traps\n\nEach trap of the recordings' notes, where it shows, and how it is counted.\n")
    for client, rows in traps().items():
        parts.append(f"### {client}'s traps\n\n| | trap | shows in | counted |\n|---|---|---|---|")
        parts += [
            f"| {n} | {trap} | {', '.join(shows) or 'no run here'} | {counted} |"
            for n, (trap, shows, counted) in enumerate(rows, 1)
        ]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


_HEAD = """# Counted by hand

<!-- rendered: python -m tests.stories.hand_counted -->

What a careful person counts in the recorded runs of three clients, from the raw request bodies, hook payloads and
transcripts, with the reason for each figure that a trap could bend. The tables are in tests/stories/hand;
`tests/stories/test_hand_counted.py` holds readers, folds and views to them, in any order and however often a body
comes. Each run is counted as if nothing else had happened. Figures that are not named are zero.
Definitions: [metrics](metrics.md); the numbers of traps: [below](#traps).
"""

_SHORT = ("prompts", "turns", "responses", "tool_calls", "tool_failures", "tool_rejections", "api_failures",
          "input_tokens", "output_tokens", "lines_added", "commits")  # fmt: skip


def _overview() -> list[str]:
    lines = ["## All runs\n", f"| run | {' | '.join(_SHORT)} | outcome |", "|---" * (len(_SHORT) + 2) + "|"]
    for run in runs().values():
        for session in run.sessions:
            if session.ending is not None:
                figures = " | ".join(f"{session.figures[column]:,}" for column in _SHORT)
                outcome = session.ending.outcome + (", troubled" if session.ending.troubled else "")
                lines.append(f"| {run.name.split('/', 1)[1]} | {figures} | {outcome} |")
    return [*lines, ""]


def _page_of(run: Run) -> list[str]:
    lines = [f"### {run.name.split('/', 1)[1]}\n", run.scenario + "\n"]
    for session in run.sessions:
        name = f"Session `{session.session[:8]}`"
        if session.ending is None:
            lines += [f"{name} is counted nowhere. {session.why['phantom']}", ""]
            continue
        figures = [f"{column} {session.figures[column]:,}" for column in COLUMNS if session.figures[column]]
        turns = ", ".join(f"{ms:,}" for ms in session.turns_ms) or "none"
        use = "interactive use" if session.half == "interactive" else "print mode"
        lines.append(f"{name}, {use}: {', '.join(figures)}; turns of {turns} ms. {_said(session.ending)}.")
        if session.hooked is not None:
            more = [f"{column} {value:,}" for column, value in session.hooked_more.items()]
            lines.append(f"With hooks: {', '.join([*more, _said(session.hooked)])}.")
        lines += ["", *(f"- {name}: {reason}" for name, reason in session.why.items()), ""]
    return lines


def _said(ending: Ending) -> str:
    trouble = "troubled, " if ending.troubled else ""
    signs = f" ({', '.join(ending.signs)})" if ending.signs else ""
    return f"{ending.outcome}, {trouble}{ending.confidence} confidence, ended by {ending.end_reason}{signs}"


if __name__ == "__main__":
    PAGE.write_text(rendered())
