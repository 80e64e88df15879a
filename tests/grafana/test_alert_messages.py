"""What Grafana's messages say: the templates of summaries and of contact points, rendered by another reader of them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from grafana.alerts.product import RULES

ROOT = Path(__file__).parents[2]
MADE = yaml.safe_load((ROOT / "grafana/provisioning/alerting/contact-points.yaml").read_text())
FILE = MADE["templates"][0]["template"].replace(".DashboardURL", ".GeneratorURL")
"""Grafana's alerts know their board; Alertmanager's, whose templates are the same, know where they were made."""

ALERT = {
    "status": "firing",
    "labels": {"alertname": "Abandonment", "team": "checkout", "alert": "abandonment-1234abcd"},
    "annotations": {"summary": "Troubled sessions ...", "runbook_url": "http://r.example#abandonment"},
    "startsAt": "2026-03-02T10:00:00Z",
    "endsAt": "2026-03-02T11:00:00Z",
    "generatorURL": "http://g.example/d/anomalies",
    "fingerprint": "1",
}


@pytest.fixture(scope="module")
def amtool() -> str:
    """Alertmanager's own tool."""
    found = shutil.which("amtool")
    if found is None:
        pytest.skip("amtool is not on this machine: apt-get install prometheus-alertmanager")
    return found


def rendered(amtool: str, folder: Path, text: str, status: str = "firing") -> str:
    """A text with the templates of contact points at hand, for one alert."""
    (folder / "ammeter.tmpl").write_text(FILE)
    data = {
        "receiver": "Slack",
        "status": status,
        "alerts": [{**ALERT, "status": status}],
        "groupLabels": ALERT["labels"],
        "commonLabels": ALERT["labels"],
        "commonAnnotations": ALERT["annotations"],
        "externalURL": "http://g.example",
    }
    (folder / "data.json").write_text(json.dumps(data))
    options = (f"--template.glob={folder}/*.tmpl", f"--template.text={text}", f"--template.data={folder}/data.json")
    done = subprocess.run([amtool, "template", "render", *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.removesuffix("\n")


def summary(amtool: str, folder: Path, name: str, **values: float) -> str:
    """A rule's summary, with values in the places of its queries."""
    (rule,) = (rule for rule in RULES if rule.name == name)
    text = re.sub(r"\.Values\.(\w+)\.Value", lambda found: f"{values[found[1]]:.4f}", rule.summary)
    return rendered(amtool, folder, text)


def test_a_summary_says_what_how_much_and_since_when(amtool: str, tmp_path: Path) -> None:
    """Shares in percent; until there is a calibration it says so."""
    figures = {"now": 19.04, "usual": 7.0, "days": 5.0}

    said = "Troubled sessions that are abandoned: 19.0 % for about 5 days, usually 7.0 %."
    assert summary(amtool, tmp_path, "abandonment", calibrated=1.0, **figures) == said
    assert summary(amtool, tmp_path, "abandonment", calibrated=0.0, **figures) == f"{said} Calibrated on assumptions."


def test_costs_are_told_in_dollars(amtool: str, tmp_path: Path) -> None:
    """And cents; one day is a day."""
    said = summary(amtool, tmp_path, "cost_per_success", now=4.2, usual=2.0, days=1.0, calibrated=1.0)

    assert said == "A verified success costs: 4.20 dollars for about a day, usually 2.00 dollars."


def test_of_few_people_no_figure_is_told(amtool: str, tmp_path: Path) -> None:
    """The view has none, and the query says -1."""
    said = summary(amtool, tmp_path, "abandonment", now=-1.0, usual=-1.0, days=5.0, calibrated=1.0)

    assert said == "Troubled sessions that are abandoned: a change is seen, and of so few people no figure is shown."


def test_a_message_leads_to_board_and_runbook(amtool: str, tmp_path: Path) -> None:
    """Title and text of the contact points, while it fires and when it is over."""
    title, text = '{{ template "ammeter.title" . }}', '{{ template "ammeter.text" . }}'

    assert rendered(amtool, tmp_path, title) == "Abandonment, checkout"
    assert rendered(amtool, tmp_path, title, "resolved") == "Over: Abandonment, checkout"
    assert rendered(amtool, tmp_path, text).splitlines() == [
        "Troubled sessions ...",
        "Evidence: http://g.example/d/anomalies",
        "What to do: http://r.example#abandonment",
        "Seen to: ammeter alerts ack abandonment-1234abcd",
    ]
