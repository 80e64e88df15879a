"""
How single columns and series look, and what their values are called: Grafana's overrides, thresholds and mappings.

Rule: this file knows the JSON of fields; a series takes its colour from grafana/colors.py by its name.
"""

from dataclasses import dataclass
from typing import Any

from grafana.colors import PALETTE, Status, color_of

Json = dict[str, Any]


@dataclass(frozen=True)
class Step:
    """A threshold: from `value` on (None: from the lowest value) a figure has this colour."""

    color: Status
    value: float | None = None


@dataclass(frozen=True)
class Word:
    """What a value is called and how it is coloured: of a state, or of a code."""

    value: str
    color: str
    text: str = ""


@dataclass(frozen=True)
class Column:
    """How one named column or series differs from its panel's default look."""

    name: str
    unit: str | None = None
    decimals: int | None = None
    steps: tuple[Step, ...] = ()
    words: tuple[Word, ...] = ()
    link: tuple[str, str] | None = None
    """Title and URL of the link on each of its cells."""
    width: int | None = None
    dashed: bool = False
    fill_to: str = ""
    """The series down to which the area beneath this one is filled: an interval."""
    wrap: bool = False
    hidden: bool = False
    """Only links read it."""

    def override(self) -> Json:
        """The field override of Grafana."""
        properties: list[Json] = []
        if self.unit is not None:
            properties.append({"id": "unit", "value": self.unit})
        if self.decimals is not None:
            properties.append({"id": "decimals", "value": self.decimals})
        if self.steps:
            properties.append({"id": "thresholds", "value": thresholds(self.steps)})
        if self.words:
            properties.append({"id": "mappings", "value": mappings(self.words)})
        if self.steps or self.words:
            properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
        elif self.wrap:
            properties.append({"id": "custom.cellOptions", "value": {"type": "auto", "wrapText": True}})
        if self.link is not None:
            title, url = self.link
            properties.append({"id": "links", "value": [{"title": title, "url": url}]})
        if self.width is not None:
            properties.append({"id": "custom.width", "value": self.width})
        if self.hidden:
            # Tables of Grafana 12.0 and 12.1 know the first, later ones the second.
            properties.append({"id": "custom.hidden", "value": True})
            properties.append({"id": "custom.hideFrom", "value": {"legend": False, "tooltip": False, "viz": True}})
        if self.dashed:
            properties.append({"id": "custom.lineStyle", "value": {"dash": [8, 6], "fill": "dash"}})
        if self.fill_to:
            properties.append({"id": "custom.fillBelowTo", "value": self.fill_to})
            properties.append({"id": "custom.fillOpacity", "value": 15})
        return {"matcher": {"id": "byName", "options": self.name}, "properties": properties}


def painted(names: tuple[str, ...], columns: tuple[Column, ...]) -> list[Json]:
    """Overrides of a chart: each series has its name's colour, and what else its column says."""
    said = {column.name: column.override() for column in columns}
    for name in names:
        override = said.setdefault(name, Column(name).override())
        color = color_of(name)
        if color is None:
            raise ValueError(f"The series {name!r} has no colour: give it a meaning in grafana/colors.py.")
        override["properties"].append({"id": "color", "value": {"mode": "fixed", "fixedColor": color}})
    return list(said.values())


def thresholds(steps: tuple[Step, ...]) -> Json:
    """Absolute thresholds, lowest first."""
    return {"mode": "absolute", "steps": [{"color": step.color, "value": step.value} for step in steps]}


def mappings(words: tuple[Word, ...]) -> list[Json]:
    """Values with a name or a colour of their own."""
    if not words:
        return []
    options = {
        word.value: {"color": PALETTE.get(word.color, word.color), "index": place, "text": word.text or word.value}
        for place, word in enumerate(words)
    }
    return [{"type": "value", "options": options}]


def label_name(label: str) -> str:
    """A display name that is the label alone, where Grafana would write the value's name before it."""
    return "${__field.labels." + label + "}"
