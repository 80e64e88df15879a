"""Grafana's alerting files: rendered, as Grafana reads them with the variables of docker-compose.yml, and whole."""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ammeter.settings import Settings
from grafana import alerts
from grafana.alerts.product import RULES, ProductRule
from tests.grafana.alerting_schema import SCHEMA, Json

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "grafana/provisioning/alerting"
FILES = sorted(FOLDER.iterdir())
COMPOSE: Json = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
NOTIFIERS = Settings.model_fields["notifier"].annotation.__args__  # type: ignore[union-attr] # a Literal's


def environment(**chosen: str) -> dict[str, str]:
    """Grafana's environment, as compose makes it of an `.env` that holds these."""
    return {
        name: re.sub(
            r"\$\{(\w+):-((?:[^{}]|\$\{[^{}]*\})*)\}",
            lambda found: chosen.get(found[1]) or default(found[2], chosen),
            f"{value}",
        )
        for name, value in COMPOSE["services"]["grafana"]["environment"].items()
    }


def default(text: str, chosen: dict[str, str]) -> str:
    """What stands after :-, with a variable in it."""
    return re.sub(r"\$\{(\w+):-([^{}]*)\}", lambda found: chosen.get(found[1]) or found[2], text)


def expanded(value: Any, variables: dict[str, str]) -> Any:
    """As Grafana expands it: $NAME and ${NAME} in texts, but for models of queries and for templates."""
    if isinstance(value, str):
        return re.sub(r"\$\{(\w+)\}|\$(\w+)", lambda found: variables[found[1] or found[2]], value)
    if isinstance(value, list):
        return [expanded(each, variables) for each in value]
    if isinstance(value, dict):
        return {key: each if key in ("model", "template") else expanded(each, variables) for key, each in value.items()}
    return value


def provisioned(**chosen: str) -> Json:
    """All files as one."""
    whole: Json = {"apiVersion": 1}
    for file in FILES:
        read = yaml.safe_load(file.read_text())
        assert read.pop("apiVersion") == 1
        assert not whole.keys() & read.keys()
        whole |= read
    made: Json = expanded(whole, environment(**chosen))
    return made


def routes(node: Json) -> Iterator[Json]:
    """A policy and those below it."""
    yield node
    for inner in node.get("routes", []):
        yield from routes(inner)


def complaints(made: Json) -> list[str]:
    """What the schema has against it, and names that lead nowhere."""
    validator = jsonschema.Draft202012Validator(SCHEMA)
    found = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(made)]
    points, times = ({each["name"] for each in made[key]} for key in ("contactPoints", "muteTimes"))
    for route in routes(made["policies"][0]):
        found += [f"no contact point {route['receiver']}"] * (route["receiver"] not in points)
        found += [f"no mute time {name}" for name in route.get("mute_time_intervals", []) if name not in times]
    texts = [str(settings) for point in made["contactPoints"] for settings in point["receivers"]]
    defined = set(re.findall(r'define "([^"]+)"', made["templates"][0]["template"]))
    found += [
        f"no template {name}"
        for text in texts
        for name in re.findall(r'template "([^"]+)"', text)
        if name not in defined
    ]
    for rule in (rule for group in made["groups"] for rule in group["rules"]):
        refs = {data["refId"] for data in rule["data"]}
        named = {rule["condition"]} | set(re.findall(r"\.Values\.(\w+)", rule["annotations"]["summary"]))
        named |= {data["model"]["expression"] for data in rule["data"] if "expression" in data["model"]}
        found += [f"{rule['uid']}: no query {name}" for name in named - refs]
        found += [
            f"{rule['uid']}: {data['refId']} is not its model's"
            for data in rule["data"]
            if data["refId"] != data["model"]["refId"]
        ]
        for one, other in (("__dashboardUid__", "__panelId__"), ("__panelId__", "__dashboardUid__")):
            found += [f"{rule['uid']}: {one} without {other}"] * (
                one in rule["annotations"] and other not in rule["annotations"]
            )
    return found


def test_the_committed_rules_are_current() -> None:
    """What `python -m grafana` would write is what is committed, and every reader of YAML reads the same."""
    for file, text in alerts.files().items():
        assert file.read_text() == text
    read = yaml.safe_load((FOLDER / "rules.yaml").read_text())["groups"][0]["rules"]
    assert read == [rule.yaml() for rule in RULES]


@pytest.mark.parametrize("to", ["", "Slack", "Teams", "Mail", "Webhook"])
@pytest.mark.parametrize("notifier", ["", *NOTIFIERS])
def test_grafana_takes_the_files_whatever_is_chosen(notifier: str, to: str) -> None:
    """Whoever tells people and wherever: no unknown key, no name that leads nowhere, no empty address."""
    assert complaints(provisioned(NOTIFIER=notifier, ALERTS_TO=to)) == []


def test_grafana_is_quiet_where_another_tells() -> None:
    """Every route below the root is muted but for NOTIFIER=grafana, and every alert has such a route."""
    for notifier in ("", *NOTIFIERS):
        made = provisioned(NOTIFIER=notifier)
        times = {each["name"]: each["time_intervals"] for each in made["muteTimes"]}
        below = made["policies"][0]["routes"]
        for route in below:
            (name,) = route["mute_time_intervals"]
            quiet = times[name] == [{"times": [{"start_time": "00:00", "end_time": "24:00"}]}]
            assert quiet == (notifier not in ("", "grafana"))
        taken = {value for route in below for label, _, value in route["object_matchers"] if label == "severity"}
        assert taken == {rule.severity for rule in RULES}


def empty_address(made: Json) -> None:
    made["contactPoints"][0]["receivers"][0]["settings"]["url"] = ""


def unknown_key(made: Json) -> None:
    made["groups"][0]["rules"][0]["keep_firing_for"] = "5m"


def unknown_receiver(made: Json) -> None:
    made["policies"][0]["routes"][0]["receiver"] = "Nobody"


def unknown_time(made: Json) -> None:
    made["policies"][0]["routes"][0]["mute_time_intervals"] = ["never"]


def unknown_value(made: Json) -> None:
    made["groups"][0]["rules"][0]["annotations"]["summary"] = "{{ .Values.more.Value }}"


def no_panel(made: Json) -> None:
    del made["groups"][0]["rules"][0]["annotations"]["__panelId__"]


def unknown_state(made: Json) -> None:
    made["groups"][0]["rules"][0]["noDataState"] = "Ok"


def no_template(made: Json) -> None:
    made["templates"][0]["template"] = '{{ define "other" }}{{ end }}'


@pytest.mark.parametrize(
    "plant",
    [empty_address, unknown_key, unknown_receiver, unknown_time, unknown_value, no_panel, unknown_state, no_template],
)
def test_the_check_bites(plant: Callable[[Json], None]) -> None:
    """Each fault that is planted is found."""
    made = copy.deepcopy(provisioned())
    plant(made)

    assert complaints(made)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_only_reads_anomalies(rule: ProductRule) -> None:
    """No arithmetic on what happened, no other table; no data is no alert, and the store's absence ends none."""
    made: Any = rule.yaml()

    for sql in rule.queries.values():
        assert re.findall(r"\b(?:FROM|JOIN)\s+(\S+)", sql) == ["ammeter.anomalies"]
        assert f"detector = '{rule.name}'" in sql
    assert (made["noDataState"], made["execErrState"]) == ("OK", "KeepLast")
    assert made["labels"]["metric"] == rule.name
    assert made["labels"]["severity"] == rule.severity
    assert ("team" in made["labels"]) == ("AS about" in rule.queries["firing"])


def test_only_variables_that_compose_sets_are_named() -> None:
    """Each is in Grafana's environment; one that were not would be empty, and Grafana would not start."""
    named = {
        name
        for file in FILES
        for line in file.read_text().splitlines()
        if not line.lstrip().startswith("#") and "replaceRegexpAll" not in line
        for name in re.findall(r"\$\{?(\w+)", line)
    }

    assert named == {
        "AMMETER_RUNBOOKS_URL", "NOTIFIER", "ALERTS_TO", "PIPELINE_ALERTS_TO",
        "ALERTS_SLACK_URL", "ALERTS_TEAMS_URL", "ALERTS_MAIL_TO", "ALERTS_WEBHOOK_URL",
    }  # fmt: skip
    assert named <= set(COMPOSE["services"]["grafana"]["environment"])
