"""A rule of Prometheus, and a group of them. Rule: the address of its runbook is made from its name."""

from dataclasses import dataclass
from typing import Literal

from grafana.plain_yaml import Value, render

TEAM = "platform"
"""Who runs Ammeter; no team of users hears of the pipeline."""

Urgency = Literal["now", "soon"]
"""now: figures are late or lost while nobody acts. soon: within the working day."""


@dataclass(frozen=True)
class PipelineRule:
    """One alert."""

    name: str
    """Begins with Ammeter; its runbook's heading."""
    expression: str
    """PromQL; holds while something is wrong."""
    holds_for: str
    """How long it must hold."""
    urgency: Urgency
    summary: str
    """What is wrong, in one sentence, with Prometheus's templates."""

    @property
    def anchor(self) -> str:
        """Of its heading in docs/runbooks.md."""
        return self.name.lower()

    def yaml(self, part: str) -> Value:
        """The rule as Prometheus reads it."""
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.holds_for,
            "labels": {"team": TEAM, "severity": "pipeline", "urgency": self.urgency, "metric": part},
            "annotations": {
                "summary": self.summary,
                # An external label of prometheus.yml, for only the installation knows where its pages are read.
                "runbook_url": "{{ $externalLabels.runbooks }}#" + self.anchor,
            },
        }


@dataclass(frozen=True)
class RuleGroup:
    """The rules of one part of the pipeline."""

    part: str
    rules: tuple[PipelineRule, ...]


def file(groups: tuple[RuleGroup, ...]) -> str:
    """The rule file as it is committed."""
    head = "# Rendered from grafana/alerts/pipeline.py by `python -m grafana`.\n"
    listed = [
        {"name": f"ammeter-{group.part}", "rules": [rule.yaml(group.part) for rule in group.rules]} for group in groups
    ]
    return head + render({"groups": listed})
