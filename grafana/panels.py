"""
The panel kinds that the boards are made of, and the classic Grafana JSON of each.

Rule: this file knows JSON shapes; what a board asks and how it looks is said in grafana/boards.
"""

import re
from dataclasses import dataclass
from typing import Literal

from grafana.colors import PALETTE
from grafana.fields import Column, Json, Step, Word, label_name, mappings, painted, thresholds

PARENTHESIS = r"\\\g<0>"
"""What one becomes in a regular expression."""
DATASOURCE = {"type": "grafana-clickhouse-datasource", "uid": "${datasource}"}


@dataclass(frozen=True, kw_only=True)
class Panel:
    """What every panel has; `name` is also the name of its SQL file, unless several panels ask one."""

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
    words: tuple[Word, ...] = ()
    columns: tuple[Column, ...] = ()
    link: tuple[str, str] | None = None
    """Title and URL of the link on each value."""
    empty: str = "Nothing in this time range"
    query: str = ""
    """The name of the SQL file that it shares."""
    figure: str = ""
    """The one column that it shows beside the time, of a query that it shares."""
    interval: str = "1m"
    """The finest that its time axis is cut; minutes are the finest grain of the tables."""

    type = ""
    time_series = False

    def color(self) -> Json:
        """How values get their colour."""
        return {"mode": "thresholds"} if self.steps else {"mode": "fixed", "fixedColor": PALETTE["blue"]}

    def custom(self) -> Json:
        """The look that only this kind of panel has."""
        return {}

    def options(self) -> Json:
        """The options of this kind of panel."""
        return {}

    def overrides(self) -> list[Json]:
        """How single columns differ."""
        return [column.override() for column in self.columns]

    def json(self, sql: str) -> Json:
        """The panel with its query, without id and place."""
        defaults: Json = {
            "color": self.color(),
            "custom": self.custom(),
            "mappings": mappings(self.words),
            "noValue": self.empty,
            "thresholds": thresholds(self.steps or (Step("text"),)),
            "unit": self.unit,
        }
        for key, value in (("decimals", self.decimals), ("min", self.minimum), ("max", self.maximum)):
            if value is not None:
                defaults[key] = value
        if self.link is not None:
            title, url = self.link
            defaults["links"] = [{"title": title, "url": url}]
        return {
            "type": self.type,
            "title": self.title,
            "description": self.description,
            "datasource": DATASOURCE,
            "interval": self.interval,
            "fieldConfig": {"defaults": defaults, "overrides": self.overrides()},
            "options": self.options(),
            "targets": [target(sql, self.time_series)],
        }


@dataclass(frozen=True, kw_only=True)
class Stat(Panel):
    """One figure: the last of a series, with the trend that led to it where there is one."""

    width: int = 4
    height: int = 4
    trend: bool = False
    named: str = ""
    """The label column that says beside the figure what it is of (time, label, value)."""
    several: bool = False
    """Whether each column is a figure of its own, called by its name."""

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
            "reduceOptions": {
                "calcs": ["lastNotNull"],
                "fields": f"/^{re.sub('[()]', PARENTHESIS, self.figure)}$/" if self.figure else "",
                "values": False,
            },
            "showPercentChange": False,
            "textMode": "value_and_name" if self.named or self.several else "value",
            "wideLayout": False,
        }

    def color(self) -> Json:
        """By threshold where there is one, else the colour of text, or of a trend."""
        if self.steps or not self.trend:
            return {"mode": "thresholds"}
        return {"mode": "fixed", "fixedColor": PALETTE["blue"]}

    def json(self, sql: str) -> Json:
        """The figure is called by its label alone."""
        panel = super().json(sql)
        if self.named:
            panel["fieldConfig"]["defaults"]["displayName"] = label_name(self.named)
        return panel


@dataclass(frozen=True, kw_only=True)
class TimeSeries(Panel):
    """Lines, areas or bars over time, a column a series."""

    width: int = 12
    height: int = 8
    series: tuple[str, ...] = ("value",)
    draw: Literal["line", "bars"] = "line"
    stacked: bool = False
    bands: bool = False
    """Whether thresholds are drawn as bands behind the lines."""
    bridged_ms: int = 1_800_000
    """Longer holes stay holes."""

    type = "timeseries"
    time_series = True

    def custom(self) -> Json:
        """Thin lines without points."""
        filled = 80 if self.draw == "bars" else 35 if self.stacked else 0
        return {
            "drawStyle": self.draw,
            "fillOpacity": filled,
            "lineWidth": 1,
            "showPoints": "never",
            "spanNulls": self.bridged_ms,
            "stacking": {"group": "A", "mode": "normal" if self.stacked else "none"},
            "thresholdsStyle": {"mode": "dashed+area" if self.bands else "off"},
        }

    def color(self) -> Json:
        """Each series has a colour of its own, below."""
        return {"mode": "fixed", "fixedColor": PALETTE["blue"]}

    def overrides(self) -> list[Json]:
        """A colour a series."""
        return painted(self.series, self.columns)

    def options(self) -> Json:
        """Legend below where there are several, all series of a moment in one tooltip."""
        return {"legend": legend(len(self.series) > 1), "tooltip": {"mode": "multi", "sort": "desc"}}

    def json(self, sql: str) -> Json:
        """Without the columns that other panels show."""
        panel = super().json(sql)
        if self.figure:
            kept = {"include": {"names": ["time", self.figure]}}
            panel["transformations"] = [{"id": "filterFieldsByName", "options": kept}]
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
    """One horizontal bar a row, or one a part: the first column names the row, the others are its parts."""

    width: int = 12
    height: int = 9
    x_field: str = "team"
    series: tuple[str, ...] = ("value",)
    stacked: bool = True

    type = "barchart"

    def custom(self) -> Json:
        """Solid bars."""
        return {"fillOpacity": 90, "lineWidth": 0}

    def overrides(self) -> list[Json]:
        """A colour a part."""
        return painted(self.series, self.columns)

    def options(self) -> Json:
        """Horizontal, all parts of a row in one tooltip."""
        return {
            "barRadius": 0,
            "barWidth": 0.75,
            "fullHighlight": False,
            "groupWidth": 0.7,
            "legend": legend(len(self.series) > 1),
            "orientation": "horizontal",
            "showValue": "never",
            "stacking": "normal" if self.stacked else "none",
            "tooltip": {"mode": "multi", "sort": "none"},
            "xField": self.x_field,
            "xTickLabelMaxLength": 24,
            "xTickLabelRotation": 0,
            "xTickLabelSpacing": 0,
        }


@dataclass(frozen=True, kw_only=True)
class Heatmap(Panel):
    """Time across, one row a label, the value as depth of one colour."""

    width: int = 24
    height: int = 9
    label: str = "team"

    type = "heatmap"
    time_series = True

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


@dataclass(frozen=True, kw_only=True)
class StateTimeline(Panel):
    """Time across, a row a text column; each of its values holds until another one."""

    width: int = 24
    height: int = 7

    type = "state-timeline"

    def custom(self) -> Json:
        """Solid states."""
        return {"fillOpacity": 85, "lineWidth": 0}

    def color(self) -> Json:
        """A state's colour is its word's."""
        return {"mode": "thresholds"}

    def options(self) -> Json:
        """Equal states in one piece."""
        return {
            "alignValue": "left",
            "legend": legend(True),
            "mergeValues": True,
            "rowHeight": 0.85,
            "showValue": "never",
            "tooltip": {"mode": "single", "sort": "none"},
        }


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


def legend(shown: bool) -> Json:
    """A legend beneath, or none."""
    return {"calcs": [], "displayMode": "list", "placement": "bottom", "showLegend": shown}


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
