"""What the tools of a session are used on: files and commands that exist nowhere. Rule: a stream of its own.

Who configured the client to show them shows them (OTEL_LOG_TOOL_DETAILS=1); the rest do the same unseen.
"""

from typing import NamedTuple

from sources.simulator.organisation import generator

_FILES = ("app", "parser", "routes", "models", "cache", "auth", "report", "schema", "worker", "client", "index", "math")
_SUFFIXES = {"Python": "py", "TypeScript": "ts", "Go": "go", "Java": "java", "Rust": "rs", "Markdown": "md"}
TESTS_OF = {
    "Python": "pytest -q",
    "TypeScript": "npm test",
    "Go": "go test ./...",
    "Java": "mvn -q test",
    "Rust": "cargo test",
    "Markdown": "make test",
}
_COMMANDS = (
    "git status --short", "git diff --stat", "git log --oneline | head -5", "ls -la", "make build", "make lint",
    "grep -rn TODO src", "cat README.md", "git push", "python3 migrate.py --all",
)  # fmt: skip
TESTS = 0.22
"""Of shell commands: run the tests (verbs of the transcripts)."""
STUCK = 0.7
"""Of failed calls in the turn that goes wrong: on what failed before with the same tool."""
COMMIT = 'git add -A && git commit -q -m "Work"'

_ON_FILES = frozenset({"Read", "Edit", "Write"})


class On(NamedTuple):
    """A file or a command; both empty for a tool that has neither."""

    path: str = ""
    command: str = ""


class WorkedOn:
    """Chooses for the calls of one session, in their order."""

    def __init__(self, seed: int, language: str) -> None:
        self._random = generator(seed ^ 0xF11E)
        self._language = language
        self._failing: dict[str, On] = {}

    def of(self, tool: str, is_stuck: bool) -> On:
        """What a call of this tool is on; `is_stuck`: it fails, and it is not the first time."""
        chance, chosen = self._random.random(), self._draw(tool)
        if not is_stuck:
            return chosen
        if chance < STUCK and tool in self._failing:
            return self._failing[tool]
        self._failing[tool] = chosen
        return chosen

    def tests(self) -> On:
        """The tests, once more."""
        return On(command=TESTS_OF[self._language])

    def _draw(self, tool: str) -> On:
        random = self._random
        if tool in _ON_FILES:
            return On(path=f"/home/dev/project/src/{random.choice(_FILES)}.{_SUFFIXES[self._language]}")
        if tool == "Bash":
            chance, other = random.random(), random.choice(_COMMANDS)
            return On(command=TESTS_OF[self._language] if chance < TESTS else other)
        return On()
