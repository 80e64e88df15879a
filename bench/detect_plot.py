"""The plot of docs/detection.md as SVG. Rule: it follows from the rows alone, byte for byte.

Left, how long changes take to be found by team size, ours as a line and the best possible as a dotted one; right, how
often each rule alerts where nothing happens. Both axes of both are logarithmic.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log10

from ammeter.backtesting.report import STEADY, Row

WIDTH, HEIGHT = 920, 400
COLOURS = ("#1f6fb2", "#c2571a", "#3b8f4b", "#8a4f9e")
FONT = "font-family='system-ui, sans-serif' font-size='12'"
RULES = {
    "abandonment": "ours",
    "fixed threshold": "fixed threshold, 15 % in 24 h",
    "adaptive band": "Grafana's adaptive band",
    "robust band": "Grafana's robust band",
}


@dataclass(frozen=True)
class Panel:
    """A field with two logarithmic axes."""

    left: int
    title: str
    low: float
    high: float
    ticks: tuple[float, ...]
    sizes: Sequence[int]
    width: int = 380
    top: int = 60
    bottom: int = HEIGHT - 50

    def x(self, people: float) -> float:
        """Where a team size is."""
        first, last = log10(self.sizes[0] * 0.9), log10(self.sizes[-1] * 1.1)
        return self.left + self.width * (log10(people) - first) / (last - first)

    def y(self, value: float) -> float:
        """Where a value is; what lies outside, at the edge."""
        part = (log10(min(max(value, self.low), self.high)) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return self.bottom - (self.bottom - self.top) * part

    def frame(self) -> Iterable[str]:
        """Title, axes and ticks."""
        right = self.left + self.width
        yield f"<text x='{self.left}' y='{self.top - 34}' font-weight='bold'>{self.title}</text>"
        for tick in self.ticks:
            y = self.y(tick)
            yield f"<line x1='{self.left}' y1='{y:.1f}' x2='{right}' y2='{y:.1f}' stroke='#ddd'/>"
            yield f"<text x='{self.left - 6}' y='{y + 4:.1f}' text-anchor='end'>{tick:g}</text>"
        for people in self.sizes:
            yield f"<text x='{self.x(people):.1f}' y='{self.bottom + 18}' text-anchor='middle'>{people}</text>"
        middle = self.left + self.width / 2
        yield f"<text x='{middle:.0f}' y='{self.bottom + 38}' text-anchor='middle'>people in the team</text>"

    def line(self, points: Sequence[tuple[int, float]], colour: str, dashes: str = "") -> Iterable[str]:
        """One row of points, joined."""
        places = [(self.x(people), self.y(value)) for people, value in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dashed = f" stroke-dasharray='{dashes}'" if dashes else ""
        yield f"<polyline points='{path}' fill='none' stroke='{colour}' stroke-width='2'{dashed}/>"
        if not dashes:
            yield from (f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='{colour}'/>" for x, y in places)


def draw(rows: Sequence[Row]) -> str:
    """The whole picture."""
    sizes = sorted({row["team_size"] for row in rows if row["team_size"] is not None})
    delays = Panel(60, "Abandonment: working days until found (median)", 1, 100, (1, 2, 5, 10, 20, 50, 100), sizes)
    alarms = Panel(520, "Where nothing happens: alerts per 100 team-weeks", 0.1, 1000, (0.1, 1, 10, 100, 1000), sizes)
    parts = [*delays.frame(), *alarms.frame()]
    changes = [row for row in rows if row["detector"] == "abandonment" and row["seeds"] is not None]
    for number, scenario in enumerate(dict.fromkeys(row["scenario"] for row in changes)):
        mine = [row for row in changes if row["scenario"] == scenario]
        colour = COLOURS[number % len(COLOURS)]
        parts += delays.line(_points(mine, "median_delay_days"), colour)
        parts += delays.line(_points(mine, "best_possible_delay_days"), colour, "2 4")
        parts += _key(delays.left + 190, delays.top + 4 + 15 * number, colour, scenario)
    parts.append(f"<text x='{delays.left + 190}' y='{delays.top + 60}' fill='#555'>dotted: the best possible</text>")
    for number, (name, shown) in enumerate(RULES.items()):
        mine = [row for row in rows if row["detector"] == name and row["scenario"] == STEADY and row["team_size"]]
        colour = COLOURS[number % len(COLOURS)]
        parts += alarms.line(_points(mine, "false_alarms_per_100_team_weeks"), colour)
        parts += _key(alarms.left + 176, alarms.top + 157 + 16 * number, colour, shown)
    body = "\n".join(parts)
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' {FONT} fill='#222'>\n"
        f"<rect width='{WIDTH}' height='{HEIGHT}' fill='white'/>\n{body}\n</svg>\n"
    )


def _points(rows: Sequence[Row], name: str) -> list[tuple[int, float]]:
    return sorted((row["team_size"], row[name]) for row in rows if row[name] is not None)


def _key(x: int, y: int, colour: str, text: str) -> list[str]:
    return [
        f"<line x1='{x}' y1='{y}' x2='{x + 20}' y2='{y}' stroke='{colour}' stroke-width='2'/>",
        f"<text x='{x + 26}' y='{y + 4}'>{text}</text>",
    ]
