"""
The panel kinds that the boards are made of, and the classic Grafana JSON of each.

Rule: this file knows JSON shapes; what a board asks and how it looks is said in grafana/boards.
"""

from dataclasses import dataclass
from typing import Any, Literal

DATASOURCE = {"type": "grafana-clickhouse-datasource", "uid": "${datasource}"}

Json = dict[str, Any]
Color = Literal["text", "blue", "green", "yellow", "orange", "red", "purple"]


@dataclass(frozen=True)
class Step:
    """A threshold: from `value` on (None: from the lowest value) a figure has this colour."""

    color: Color
    value: float | None = None


@dataclass(frozen=True)
class Column:
    """How one named column or series differs from its panel's default look."""

    name: str
    unit: str | None = None
    decimals: int | None = None
    color: Color | None = None
    steps: tuple[Step, ...] = ()
    link: tuple[str, str] | None = None
    """Title and URL of the link on each of its cells."""
    width: int | None = None

    def override(self) -> Json:
        """The field override of Grafana."""
        properties: list[Json] = []
        if self.unit is not None:
            properties.append({"id": "unit", "value": self.unit})
        if self.decimals is not None:
            properties.append({"id": "decimals", "value": self.decimals})
        if self.color is not None:
            properties.append({"id": "color", "value": {"mode": "fixed", "fixedColor": self.color}})
        if self.steps:
            properties.append({"id": "thresholds", "value": thresholds(self.steps)})
            properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
        if self.link is not None:
            title, url = self.link
            properties.append({"id": "links", "value": [{"title": title, "url": url}]})
        if self.width is not None:
            properties.append({"id": "custom.width", "value": self.width})
        return {"matcher": {"id": "byName", "options": self.name}, "properties": properties}


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What every panel has; `name` is also the name of its SQL file."""

    name: str
    title: str
    description: str
    width: int
    height: int
    unit: str = "short"
    decimals: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    steps: tuple[Step, ...] = ()
    columns: tuple[Column, ...] = ()
    empty: str = "Nothing in this time range"

    type = ""
    time_series = False

    def color(self) -> Json:
        """How values get their colour."""
        return {"mode": "thresholds" if self.steps else "palette-classic-by-name"}

    def custom(self) -> Json:
        """The look that only this kind of panel has."""
        return {}

    def options(self) -> Json:
        """The options of this kind of panel."""
        return {}

    def json(self, sql: str) -> Json:
        """The panel with its query, without id and place."""
        defaults: Json = {
            "color": self.color(),
            "custom": self.custom(),
            "mappings": [],
            "noValue": self.empty,
            "thresholds": thresholds(self.steps or (Step("text"),)),
            "unit": self.unit,
        }
        for key, value in (("decimals", self.decimals), ("min", self.minimum), ("max", self.maximum)):
            if value is not None:
                defaults[key] = value
        return {
            "type": self.type,
            "title": self.title,
            "description": self.description,
            "datasource": DATASOURCE,
            # Minutes are the finest grain of the tables; a finer interval would leave holes.
            "interval": "1m",
            "fieldConfig": {"defaults": defaults, "overrides": [column.override() for column in self.columns]},
            "options": self.options(),
            "targets": [target(sql, self.time_series)],
        }


@dataclass(frozen=True, kw_only=True)
class Stat(Panel):
    """One figure, the last of its series, over the trend that led to it."""

    width: int = 4
    height: int = 4
    trend: bool = True

    type = "stat"
    time_series = True

    def options(self) -> Json:
        """The last value large, the trend as an area."""
        return {
            "colorMode": "value",
            "graphMode": "area" if self.trend else "none",
            "justifyMode": "auto",
            "orientation": "auto",
            "percentChangeColorMode": "standard",
            "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
            "showPercentChange": False,
            "textMode": "value",
            "wideLayout": True,
        }

    def color(self) -> Json:
        """By threshold where there is one, else the neutral colour of a trend."""
        return {"mode": "thresholds"} if self.steps else {"mode": "fixed", "fixedColor": "blue"}


@dataclass(frozen=True, kw_only=True)
class TimeSeries(Panel):
    """Lines over time; in long form (time, label, value) one line a label."""

    width: int = 12
    height: int = 8
    label: str = ""
    """The label column of a query in long form."""
    stacked: bool = False
    bands: bool = False
    """Whether thresholds are drawn as bands behind the lines."""

    type = "timeseries"
    time_series = True

    def color(self) -> Json:
        """One colour a name, the same on every panel."""
        return {"mode": "palette-classic-by-name"}

    def custom(self) -> Json:
        """Thin lines without points; a hole of over half an hour stays a hole."""
        return {
            "drawStyle": "line",
            "fillOpacity": 35 if self.stacked else 0,
            "lineWidth": 1,
            "showPoints": "never",
            "spanNulls": 1_800_000,
            "stacking": {"group": "A", "mode": "normal" if self.stacked else "none"},
            "thresholdsStyle": {"mode": "dashed+area" if self.bands else "off"},
        }

    def options(self) -> Json:
        """Legend below, all lines of a moment in one tooltip."""
        return {
            "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }

    def json(self, sql: str) -> Json:
        """A line of a long-form query is called by its label alone."""
        panel = super().json(sql)
        if self.label:
            panel["fieldConfig"]["defaults"]["displayName"] = label_name(self.label)
        return panel


@dataclass(frozen=True, kw_only=True)
class Table(Panel):
    """Rows and columns, sorted by the query."""

    width: int = 24
    height: int = 10

    type = "table"

    def custom(self) -> Json:
        """Text left, figures right."""
        return {"align": "auto", "cellOptions": {"type": "auto"}, "filterable": False, "inspect": False}

    def options(self) -> Json:
        """A header, compact rows."""
        return {"cellHeight": "sm", "frameIndex": 0, "showHeader": True}

    def color(self) -> Json:
        """Cells are coloured by their column's thresholds only."""
        return {"mode": "thresholds"}


@dataclass(frozen=True, kw_only=True)
class BarChart(Panel):
    """One stacked horizontal bar a row: the first column names it, the others are its parts."""

    width: int = 12
    height: int = 9
    x_field: str = "team"

    type = "barchart"

    def custom(self) -> Json:
        """Solid bars."""
        return {"fillOpacity": 90, "lineWidth": 0}

    def options(self) -> Json:
        """Horizontal and stacked, all parts of a bar in one tooltip."""
        return {
            "barRadius": 0,
            "barWidth": 0.75,
            "fullHighlight": False,
            "groupWidth": 0.7,
            "legend": {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": True},
            "orientation": "horizontal",
            "showValue": "never",
            "stacking": "normal",
            "tooltip": {"mode": "multi", "sort": "none"},
            "xField": self.x_field,
            "xTickLabelMaxLength": 24,
            "xTickLabelRotation": 0,
            "xTickLabelSpacing": 0,
        }


@dataclass(frozen=True, kw_only=True)
class Heatmap(Panel):
    """Time across, one row a label, the value as depth of colour."""

    width: int = 24
    height: int = 9
    label: str = "team"

    type = "heatmap"
    time_series = True

    def custom(self) -> Json:
        """No look of its own."""
        return {}

    def options(self) -> Json:
        """The query already gives the cells; colour grows with the square root, so that quiet hours stay visible."""
        return {
            "calculate": False,
            "cellGap": 1,
            "color": {
                "exponent": 0.5,
                "fill": "blue",
                "mode": "scheme",
                "reverse": False,
                "scale": "exponential",
                "scheme": "Blues",
                "steps": 64,
            },
            "exemplars": {"color": "rgba(255,0,255,0.7)"},
            "filterValues": {"le": 1e-9},
            "legend": {"show": False},
            "rowsFrame": {"layout": "auto"},
            "showValue": "never",
            "tooltip": {"mode": "single", "yHistogram": False},
            "yAxis": {"axisPlacement": "left", "reverse": True},
        }

    def json(self, sql: str) -> Json:
        """A row of cells is called by its label alone."""
        panel = super().json(sql)
        panel["fieldConfig"]["defaults"]["displayName"] = label_name(self.label)
        return panel


@dataclass(frozen=True)
class Text:
    """Markdown that tells the question, how to read, and what not to use the board for."""

    content: str
    width: int = 24
    height: int = 3

    def json(self) -> Json:
        """The panel without id and place."""
        return {
            "type": "text",
            "title": "",
            "description": "",
            "fieldConfig": {"defaults": {}, "overrides": []},
            "options": {"content": self.content, "mode": "markdown"},
        }


@dataclass(frozen=True)
class Row:
    """A heading over the panels that follow it."""

    title: str
    width: int = 24
    height: int = 1

    def json(self) -> Json:
        """The open row without id and place."""
        return {"type": "row", "title": self.title, "collapsed": False, "panels": []}


def thresholds(steps: tuple[Step, ...]) -> Json:
    """Absolute thresholds, lowest first."""
    return {"mode": "absolute", "steps": [{"color": step.color, "value": step.value} for step in steps]}


def label_name(label: str) -> str:
    """A display name that is the label alone, where Grafana would write the value's name before it."""
    return "${__field.labels." + label + "}"


def target(sql: str, time_series: bool) -> Json:
    """A query as the ClickHouse plugin keeps it."""
    return {
        "refId": "A",
        "datasource": DATASOURCE,
        "editorType": "sql",
        "format": 0 if time_series else 1,
        "pluginVersion": "4.20.0",
        "queryType": "timeseries" if time_series else "table",
        "rawSql": sql,
    }
