"""Grafana's rules for what detectors say. Rule: a rule only reads `anomalies`; what is wrong was decided before.

A query always has a row, for the plugin takes an empty answer for a failure. A row's text columns become labels, and an
alert is who its labels say: so they are what does not change while it stays open.
"""

from dataclasses import dataclass
from typing import Literal

from grafana.alerts.prometheus import TEAM
from grafana.plain_yaml import Value, render

BOARD = "anomalies"
"""Where each alert leads: its evidence."""

QUERY, CONDITION = "A", "B"

SQL = """\
SELECT team, alert, sentence, toFloat64(1) AS firing
FROM (
    SELECT if(team_id = '', 'organisation', team_id) AS team, id AS alert, sentence
    FROM ammeter.anomalies
    WHERE detector = '{name}' AND status = 'firing' AND reopened = 0 AND NOT is_muted
)
UNION ALL
SELECT '', '', '', toFloat64(0)"""
"""One that came back soon is on the boards and is told nobody anew."""


@dataclass(frozen=True)
class ProductRule:
    """One detector that notifies, as Grafana reads it."""

    name: str
    """Of streams/detect/catalogue.py."""
    title: str
    severity: Literal["alert", "pipeline"]
    """pipeline: those who run Ammeter hear of it, not the team."""

    @property
    def anchor(self) -> str:
        """Of its heading in docs/runbooks.md, which is its title."""
        return self.title.lower().replace(" ", "-")

    @property
    def sql(self) -> str:
        """One row for each open alert, and one for none."""
        return SQL.format(name=self.name)

    def yaml(self) -> Value:
        """The rule as Grafana provisions it."""
        team = TEAM if self.severity == "pipeline" else "{{ .Labels.team }}"
        return {
            "uid": f"ammeter-{self.name.replace('_', '-')}",
            "title": self.title,
            "condition": CONDITION,
            "data": [self._query(), self._condition()],
            "dashboardUid": BOARD,
            "noDataState": "OK",
            "execErrState": "Error",
            "for": "0s",
            # Two evaluations without the store are no end of an alert.
            "keepFiringFor": "5m",
            "labels": {"team": team, "severity": self.severity, "metric": self.name},
            "annotations": {
                "summary": "{{ .Labels.sentence }}",
                "runbook_url": "${RUNBOOKS_URL}#" + self.anchor,
                "__dashboardUid__": BOARD,
            },
            "isPaused": False,
        }

    def _query(self) -> Value:
        return {
            "refId": QUERY,
            "relativeTimeRange": {"from": 600, "to": 0},
            "datasourceUid": "ammeter",
            "model": {
                "refId": QUERY,
                "editorType": "sql",
                "queryType": "table",
                "format": 1,
                "rawSql": self.sql,
                "intervalMs": 1000,
                "maxDataPoints": 43200,
            },
        }

    def _condition(self) -> Value:
        return {
            "refId": CONDITION,
            "relativeTimeRange": {"from": 0, "to": 0},
            "datasourceUid": "__expr__",
            "model": {
                "refId": CONDITION,
                "type": "threshold",
                "expression": QUERY,
                "datasource": {"type": "__expr__", "uid": "__expr__"},
                "conditions": [{"evaluator": {"type": "gt", "params": [0.5]}}],
                "intervalMs": 1000,
                "maxDataPoints": 43200,
            },
        }


RULES = (
    ProductRule("abandonment", "Abandonment", "alert"),
    ProductRule("tool_failures", "Tool failures", "alert"),
    ProductRule("api_failures", "API failures", "alert"),
    ProductRule("success", "Verified success", "alert"),
    ProductRule("cost_per_success", "Cost per success", "alert"),
    ProductRule("silence", "Silence", "pipeline"),
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
