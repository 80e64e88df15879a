"""docs/runbooks.md: a heading for each alert and an alert for each heading, and what it tells to type can be typed."""

import re
from pathlib import Path

import pytest
import typer

from ammeter import cli
from ammeter.settings import Settings
from ammeter.telemetry import CATALOGUE as CATALOGUED
from grafana.alerts import pipeline, product
from streams.detect.catalogue import CATALOGUE
from tests.grafana.test_alert_rules import known, metrics
from tests.test_catalogues import anchors

PAGE = (Path(__file__).parents[2] / "docs/runbooks.md").read_text()
PARTS = ("**Means.**", "**In an emergency.**", "**Fix.**")
STATEMENTS = [
    re.sub(r"^ +", "", found, flags=re.MULTILINE) for found in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
]


def runbooks(page: str) -> dict[str, str]:
    """Each alert's text, by the anchor of its heading."""
    found = {}
    for part in re.split(r"^### ", page, flags=re.MULTILINE)[1:]:
        heading, _, text = part.partition("\n")
        (anchor,) = anchors(f"# {heading}")
        found[anchor] = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0]
    return found


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    """Detectors lead to the heading that their catalogue names, rules of Prometheus to that of their name."""
    named = [detector.runbook for detector in CATALOGUE] + [rule.anchor for rule in pipeline.RULES]

    assert sorted(runbooks(PAGE)) == sorted(named)


def test_grafanas_rules_are_the_detectors_that_notify() -> None:
    """The same names, the same severity, the same runbook."""
    assert [(rule.name, rule.severity, rule.anchor) for rule in product.RULES] == [
        (detector.name, detector.severity, detector.runbook) for detector in CATALOGUE if detector.notifies
    ]


@pytest.mark.parametrize("anchor", runbooks(PAGE))
def test_a_runbook_says_what_it_means_what_to_do_at_once_and_how_to_mend_it(anchor: str) -> None:
    """In this order."""
    text = runbooks(PAGE)[anchor]

    assert [text.count(part) for part in PARTS] == [1, 1, 1]
    assert sorted(PARTS, key=text.index) == list(PARTS)


def test_what_runbooks_name_exists() -> None:
    """Metrics, settings and commands."""
    code = set(re.findall(r"`([^`\n]+)`", PAGE))
    command = typer.main.get_command(cli.app)

    assert {metric for piece in code for metric in metrics(piece.partition(" ")[0])} - known() - {*CATALOGUED} == set()
    settings = {name for piece in code for name in re.findall(r"AMMETER_(\w+)", piece)}
    assert settings <= {name.upper() for name in Settings.model_fields}
    commands = {piece.split()[1] for piece in code if piece.startswith("ammeter ")}
    assert commands <= set(command.commands)  # type: ignore[attr-defined] # a group's


def test_statements_are_found() -> None:
    """Those of the page, without their indentation."""
    assert len(STATEMENTS) == PAGE.count("```sql") == 4
    assert all(statement.startswith("SELECT") for statement in STATEMENTS)
