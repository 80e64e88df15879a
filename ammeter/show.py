"""What the demo says on the terminal: steps, one live line, the result. Rule: without a terminal, plain lines."""

import time
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.status import Status

QUIET_EVERY_S = 10.0
"""How often the live line is printed where it cannot be redrawn."""


class Show:
    """Writes to standard output."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._began = time.monotonic()
        self._status: Status | None = None
        self._printed = 0.0

    def step(self, text: str) -> None:
        """Something began."""
        self._console.print(f"[dim]{self._at}[/dim] {text}")

    def line(self, text: str) -> None:
        """The live line: replaces the one before."""
        if self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status(text)
                self._status.start()
            else:
                self._status.update(text)
        elif time.monotonic() - self._printed >= QUIET_EVERY_S:
            self._printed = time.monotonic()
            self.step(text)

    def alert(self, text: str) -> None:
        """Something that somebody should look at."""
        self.end()
        self._console.print(f"[dim]{self._at}[/dim] [bold yellow]Alert:[/bold yellow] {escape(text)}")

    def result(self, result: dict[str, Any]) -> None:
        """What came of it."""
        self.end()
        for name, value in result.items():
            self._console.print(f"  {name}: {value}")

    def end(self) -> None:
        """No live line any more."""
        if self._status is not None:
            self._status.stop()
            self._status = None

    @property
    def _at(self) -> str:
        return f"{time.monotonic() - self._began:5.1f} s"
