"""Grafana's rules for what detectors say. Rule: a rule only reads `anomalies`; what is wrong was decided before.

A query always has a row, for the plugin takes an empty answer for a failure. A row's text columns become labels, and an
alert is whom its labels name: so they are what does not change while it stays open. Figures change every day; each is a
query of its own, whose value the message shows.
"""

from dataclasses import dataclass
from typing import Literal

from grafana.alerts.prometheus import TEAM
from grafana.boards import BOARDS
from grafana.plain_yaml import Value, render

BOARD, PANEL = "anomalies", "Open now"
"""Where each alert leads: the table of what is open, with its evidence."""

FIRING, CONDITION = "firing", "told"

FIGURES = {
    "share": {"now": "100 * now", "usual": "100 * usual"},
    "dollars": {"now": "now / 1e6", "usual": "usual / 1e6"},
}
"""What is shown of a level, by what it is."""

ALWAYS = {"days": "greatest(1, dateDiff('day', since, now()))", "calibrated": "calibrated"}

SQL = """\
SELECT
    replaceRegexpAll(multiIf(scope = 'organisation', 'organisation', team_id = '', 'unassigned', team_id),
        '[@<>`\\\\[\\\\]]', ' ') AS {team},
    id AS alert,
    toFloat64(coalesce({figure}, -1)) AS value
FROM ammeter.anomalies
WHERE detector = '{name}' AND status = 'firing' AND reopened = 0 AND NOT is_muted
UNION ALL
SELECT '', '', toFloat64(0)"""
"""One that came back soon is on the boards, and nobody is told anew. A team's name comes from outside: no chat may take
it for a mention or a link."""

SUMMARY = (
    "{what}: "
    '{{{{ if ge .Values.now.Value 0.0 }}}}{{{{ printf "%.{decimals}f" .Values.now.Value }}}} {unit} for about '
    "{{{{ if lt .Values.days.Value 1.5 }}}}a day{{{{ else }}}}"
    '{{{{ printf "%.0f" .Values.days.Value }}}} days{{{{ end }}}}'
    ', usually {{{{ printf "%.{decimals}f" .Values.usual.Value }}}} {unit}.'
    "{{{{ else }}}}a change is seen, and of so few people no figure is shown.{{{{ end }}}}"
    "{{{{ if lt .Values.calibrated.Value 1.0 }}}} Calibrated on assumptions.{{{{ end }}}}"
)


@dataclass(frozen=True)
class ProductRule:
    """One detector that notifies, as Grafana reads it."""

    name: str
    """Of streams/detect/catalogue.py."""
    title: str
    what: str
    """Of what the level is, at the beginning of a sentence."""
    severity: Literal["alert", "pipeline"] = "alert"
    """pipeline: those who run Ammeter hear of it, not the team."""
    level: Literal["share", "dollars"] = "share"

    @property
    def anchor(self) -> str:
        """Of its heading in docs/runbooks.md, which is its title."""
        return self.title.lower().replace(" ", "-")

    @property
    def queries(self) -> dict[str, str]:
        """What is asked, by the name of the value: a row for each open alert, and one for none."""
        team = "team" if self.severity == "alert" else "about"
        figures = {FIRING: "1", **FIGURES[self.level], **ALWAYS}
        return {ref: SQL.format(name=self.name, team=team, figure=figure) for ref, figure in figures.items()}

    @property
    def summary(self) -> str:
        """The sentence, a template of Grafana's."""
        unit, decimals = ("%", 1) if self.level == "share" else ("dollars", 2)
        return SUMMARY.format(what=self.what, unit=unit, decimals=decimals)

    def yaml(self) -> Value:
        """The rule as Grafana provisions it."""
        labels = {"severity": self.severity, "metric": self.name}
        return {
            "uid": f"ammeter-{self.name.replace('_', '-')}",
            "title": self.title,
            "condition": CONDITION,
            "data": [*(query(ref, sql) for ref, sql in self.queries.items()), condition()],
            "noDataState": "OK",
            # A store that is away is Prometheus's to tell; what is open stays open.
            "execErrState": "KeepLast",
            "for": "0s",
            "keepFiringFor": "5m",
            # A team of users is the row's.
            "labels": labels if self.severity == "alert" else {"team": TEAM, **labels},
            "annotations": {
                "summary": self.summary,
                "runbook_url": "${AMMETER_RUNBOOKS_URL}#" + self.anchor,
                "__dashboardUid__": BOARD,
                "__panelId__": str(panel_id()),
            },
            "isPaused": False,
        }


def panel_id() -> int:
    """The number of the panel on its board."""
    board = next(board for board in BOARDS if board.uid == BOARD)
    return {panel.get("title"): int(panel["id"]) for panel in board.laid_out()}[PANEL]


def query(ref: str, sql: str) -> Value:
    """A question to the store: a table, whose one number is the value and whose texts are the labels."""
    return {
        "refId": ref,
        "relativeTimeRange": {"from": 600, "to": 0},
        "datasourceUid": "ammeter",
        "model": {"refId": ref, "editorType": "sql", "queryType": "table", "format": 1, "rawSql": sql},
    }


def condition() -> Value:
    """Whether there is a row that fires."""
    return {
        "refId": CONDITION,
        "relativeTimeRange": {"from": 0, "to": 0},
        "datasourceUid": "__expr__",
        "model": {
            "refId": CONDITION,
            "type": "threshold",
            "expression": FIRING,
            "datasource": {"type": "__expr__", "uid": "__expr__"},
            "conditions": [{"evaluator": {"type": "gt", "params": [0.5]}}],
        },
    }


RULES = (
    ProductRule("abandonment", "Abandonment", "Troubled sessions that are abandoned"),
    ProductRule("tool_failures", "Tool failures", "Tool calls that fail"),
    ProductRule("api_failures", "API failures", "Model requests that fail"),
    ProductRule("success", "Verified success", "Sessions with a verified success"),
    ProductRule("cost_per_success", "Cost per success", "A verified success costs", level="dollars"),
    ProductRule("silence", "Silence", "Working days of regular users without a word", severity="pipeline"),
)


def file(rules: tuple[ProductRule, ...] = RULES) -> str:
    """The file as it is committed."""
    head = "# Rendered from grafana/alerts/product.py by `python -m grafana`.\n"
    group: Value = {
        "orgId": 1,
        "name": "Detectors",
        "folder": "Ammeter",
        "interval": "1m",
        "rules": [rule.yaml() for rule in rules],
    }
    return head + render({"apiVersion": 1, "groups": [group]})
