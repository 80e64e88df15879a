"""
What a URL asks of a board: its range, the values of its variables, and the SQL that follows from them.

Rule: whose rows a personal board shows is told beside the URL, never by it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ammeter.boards.dashboards import BOUND, Dashboard, Panel
from ammeter.boards.macros import Context, expand
from ammeter.boards.mine import Person, bound
from ammeter.boards.timerange import TimeRange, parse_duration_s, parse_range

FEW = 20
"""Of its intervals a range has at least so many, or its axis does not wait for the end of one."""


@dataclass(frozen=True)
class Mine:
    """The person who is logged in, and the database of people's rows."""

    person: Person
    private: str


class Asked:
    """A board with a range and values."""

    def __init__(
        self, board: Dashboard, query: Mapping[str, Sequence[str]], now_ms: int, mine: Mine | None = None
    ) -> None:
        """Take the URL's parameters in Grafana's names; raises ValueError, whose text says which is wrong."""
        self.board = board
        self.mine = mine
        default = board.json["time"]
        self.range_texts = (
            next(iter(query.get("from", [])), default["from"]),
            next(iter(query.get("to", [])), default["to"]),
        )
        self.variables = board.chosen(
            {name.removeprefix("var-"): list(values) for name, values in query.items() if name.startswith("var-")}
        )
        self.time(now_ms)

    @property
    def is_locked(self) -> bool:
        """Whether the board shows a person's figures and nobody knows whose."""
        return self.board.is_personal and self.mine is None

    def time(self, now_ms: int) -> TimeRange:
        """The range as of now."""
        return parse_range(*self.range_texts, now_ms)

    def axis(self, panel: Panel, now_ms: int) -> TimeRange:
        """The range that a panel's time axis shows; a range of a few of its intervals stays where it is."""
        time = self.time(now_ms)
        most_s = (time.to_ms - time.from_ms) // 1000 // FEW
        return time.on_intervals(time.interval_s(min(parse_duration_s(panel.interval), max(1, most_s))))

    def settle(self, name: str, values: Sequence[str]) -> bool:
        """Choose the first of its values for a variable that must have one and has none; whether that chose one."""
        if name in self.board.singles and not self.variables[name] and values:
            self.variables[name] = [values[0]]
            return True
        return False

    def sql(self, panel: Panel, now_ms: int) -> str:
        """A panel's SQL as the store gets it; raises MacroError."""
        return self.expand(panel.sql, now_ms, parse_duration_s(panel.interval))

    def expand(self, sql: str, now_ms: int, at_least_s: int = 1) -> str:
        """Any SQL of the board; raises MacroError."""
        time = self.time(now_ms)
        variables: dict[str, list[str]] = dict(self.variables)
        if self.board.is_personal and self.mine is not None:
            sql = bound(sql, self.mine.private, self.mine.person)
            variables[BOUND] = [self.mine.person.id]
        return expand(sql, Context(time, time.interval_s(at_least_s), variables, self.board.constants))


def whole_second(ms: int) -> int:
    """The next whole second: macros know seconds, and what happened in this one belongs to now."""
    return -(-ms // 1000) * 1000
