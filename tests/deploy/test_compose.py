"""docker-compose.yml: a compose file by its schema; what it starts, sets, opens and mounts is there in the code."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ammeter.settings import STANDARD_PORTS
from sinks.routes import read_routes
from streams.detect.catalogue import CATALOGUE
from tests.deploy.parts import complaints, listens, refused_settings, unknown_settings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SCHEMA = json.loads((ROOT / "tests/deploy/compose-spec.json").read_text())
SERVICES: Mapping[str, Any] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("ammeter:")}
ASK_THE_STORE = (["migrate"], ["sink", "clickhouse"], ["boards"])
ON_THE_HOST = {name for name, service in SERVICES.items() if service.get("network_mode") == "host"}
"""They share this machine's network: what they listen to is published, and they reach what others publish."""
LISTENS_ELSEWHERE = {
    "kafka": {9092},
    "clickhouse": {8123},
    "grafana": {3000},
    "prometheus": {9090},
    "alertmanager": {9093},
}


def interpolated(value: Any) -> Any:
    """With the defaults of variables, as without any in `.env`; secrets are x."""
    if isinstance(value, str):
        inner = re.sub(r"\$\{\w+:-([^${}]*)\}", r"\1", re.sub(r"\$\{\w+:\?[^{}]*\}", "x", value))
        return re.sub(r"\$\{\w+:-([^${}]*)\}", r"\1", inner)
    if isinstance(value, list):
        return [interpolated(each) for each in value]
    if isinstance(value, dict):
        return {key: interpolated(each) for key, each in value.items()}
    return value


def test_it_is_a_compose_file() -> None:
    """By the specification's schema, with no key that it does not know; a planted one is found."""
    validator = jsonschema.Draft202012Validator(SCHEMA)
    assert [error.message for error in validator.iter_errors(COMPOSE)] == []

    planted = json.loads(json.dumps(COMPOSE))
    planted["services"]["kafka"]["healthchecks"] = {}
    assert list(validator.iter_errors(planted))


@pytest.mark.parametrize("name", OURS)
def test_each_command_is_one_of_ours(name: str) -> None:
    """The command line knows each command with its options."""
    assert complaints(OURS[name]["command"]) == []


def test_a_wrong_command_is_found() -> None:
    """A command, an option, a stage and a sink that there is not."""
    for command in (["worker"], ["work", "--stages", "all"], ["work", "--stage", "some"], ["sink", "slack"]):
        assert complaints(command)


def test_all_parts_are_started() -> None:
    """Schema, topics, receiver, stages, sink, boards, and the two notifiers."""
    assert sorted(" ".join(service["command"]) for service in OURS.values()) == [
        "boards", "migrate", "receive", "sink alertmanager", "sink chat", "sink clickhouse", "topics",
        "work --stage all",
    ]  # fmt: skip


@pytest.mark.parametrize("name", OURS)
def test_settings_are_known_and_taken(name: str) -> None:
    """Each AMMETER_ variable of our containers is a setting, and its value one that it takes."""
    environment = interpolated(OURS[name]["environment"])

    assert unknown_settings(list(environment)) == []
    assert refused_settings(environment) == []


def test_a_notifier_starts_where_it_is_the_one() -> None:
    """The profile of a notifier is the value of NOTIFIER that it wants, and `.env` starts it by that."""
    profiles = {name: service["profiles"] for name, service in OURS.items() if "profiles" in service}

    assert profiles == {"chat": ["chat"], "to-alertmanager": ["alertmanager"]}
    for name, (profile,) in profiles.items():
        assert OURS[name]["command"] == ["sink", profile]
    assert "\nCOMPOSE_PROFILES=${NOTIFIER}\n" in EXAMPLE


def mounts(service: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Source, target and whether it is read-only."""
    parts = [interpolated(volume).split(":") for volume in service.get("volumes", [])]
    return [(source, target, options == ["ro"]) for source, target, *options in parts]


def test_what_is_mounted_is_there() -> None:
    """Files and folders of the repository exist and are read-only; other volumes are declared."""
    for service in SERVICES.values():
        for source, _, is_read_only in mounts(service):
            if source.startswith("./"):
                assert (ROOT / source).exists(), source
                assert is_read_only, source
            else:
                assert source in COMPOSE["volumes"]
    used = {source for service in SERVICES.values() for source, _, _ in mounts(service)}
    assert set(COMPOSE["volumes"]) <= used


def test_paths_that_settings_name_are_mounted() -> None:
    """A file that a setting names is a mount, a config or a secret of the same container."""
    for name, service in OURS.items():
        targets = {target for _, target, _ in mounts(service)}
        targets |= {config["target"] for config in service.get("configs", [])}
        targets |= {f"/run/secrets/{secret}" for secret in service.get("secrets", [])}
        files = {value for key, value in service["environment"].items() if key.endswith("_FILE")}
        if service["command"] not in ASK_THE_STORE:
            files.discard("/run/secrets/clickhouse-password")  # a setting of all, a file of those who read it
        assert files <= targets, name


def test_paths_of_other_images_are_mounted() -> None:
    """Grafana's home, its provisioned boards and the files of Prometheus lie where they are looked for."""
    targets = {target: source for service in SERVICES.values() for source, target, _ in mounts(service)}
    home = Path(SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert (ROOT / targets[str(home.parent)] / home.name).exists()
    provider = yaml.safe_load((ROOT / "grafana/provisioning/dashboards/ammeter.yaml").read_text())["providers"][0]
    assert provider["options"]["path"] in targets
    prometheus = yaml.safe_load((ROOT / targets["/etc/prometheus/prometheus.yml"]).read_text())
    assert all(f"/etc/prometheus/{file}" in targets for file in prometheus["rule_files"])
    assert (ROOT / targets["/etc/alertmanager"] / "alertmanager.yml").exists()


def test_no_read_only_container_has_something_copied_into_it() -> None:
    """Compose copies configs with content, and secrets out of the environment, into a container: it must take them."""
    for name, service in SERVICES.items():
        if service.get("configs") or service.get("secrets"):
            assert not service.get("read_only"), name


def test_ports_open_on_this_machine_only_and_somebody_listens() -> None:
    """Nothing is published beyond loopback; behind each is a port of that part."""
    for name, service in SERVICES.items():
        inside = (
            listens(service["command"], interpolated(service["environment"]))
            if name in OURS
            else LISTENS_ELSEWHERE[name]
        )
        for published in service.get("ports", []):
            address, outer, inner = published.split(":")
            assert (address, outer) == ("127.0.0.1", inner)
            assert int(inner) in inside, name
    outer = [int(published.split(":")[1]) for service in SERVICES.values() for published in service.get("ports", [])]
    for name in ON_THE_HOST:
        environment = interpolated(SERVICES[name]["environment"])
        assert environment["AMMETER_HOST"] == "127.0.0.1"
        outer += listens(SERVICES[name]["command"], environment)
        assert "ports" not in SERVICES[name]
    assert len(outer) == len(set(outer))


def test_addresses_lead_to_services() -> None:
    """host:port in settings, in the data source and in prometheus.yml is a service that listens there."""
    known = {
        f"{name}:{port}"
        for name, service in SERVICES.items()
        for port in (
            listens(service["command"], interpolated(service["environment"]))
            if name in OURS
            else LISTENS_ELSEWHERE[name]
        )
    }
    prometheus = yaml.safe_load((ROOT / "grafana/prometheus/prometheus.yml").read_text())
    reader = SERVICES["grafana"]["environment"]
    named = {f"{reader['AMMETER_READER_HOST']}:{reader['AMMETER_READER_PORT']}"}
    for service in OURS.values():
        for value in interpolated(service["environment"]).values():
            named |= set(re.findall(r"(?:^|@|//)([a-z-]+:\d+)", value))
    named |= {
        target
        for job in (*prometheus["scrape_configs"], *prometheus["alerting"]["alertmanagers"])
        for static in job["static_configs"]
        for target in static["targets"]
    }

    assert {"kafka:9092", "clickhouse:8123", "alertmanager:9093", "work:9464"} <= named
    assert named <= known
    published = {port.rpartition(":")[0] for service in SERVICES.values() for port in service.get("ports", [])}
    assert list(ON_THE_HOST) == ["boards"]
    assert SERVICES["boards"]["environment"]["AMMETER_CLICKHOUSE"].rpartition("@")[2] in published


def test_every_part_that_stays_is_watched() -> None:
    """A health check for each service that does not end by itself, at a port where it listens; jobs have none."""
    for name, service in SERVICES.items():
        if name in ("migrate", "topics"):
            assert "healthcheck" not in service
            continue
        asked = " ".join(service["healthcheck"]["test"])
        inside = (
            listens(service["command"], interpolated(service["environment"]))
            if name in OURS
            else LISTENS_ELSEWHERE[name]
        )
        assert int(re.findall(r":(\d{4})\b", asked)[0]) in inside, name
    scraped = yaml.safe_load((ROOT / "grafana/prometheus/prometheus.yml").read_text())["scrape_configs"][0]
    targets = {target for static in scraped["static_configs"] for target in static["targets"]}
    targets |= {f"{name}:{found['port']}" for found in scraped["dns_sd_configs"] for name in found["names"]}
    metrics = COMPOSE["x-ammeter"]["environment"]["AMMETER_METRICS_PORT"]
    assert targets == {
        f"{name}:{metrics}" for name, service in OURS.items() if "healthcheck" in service and name not in ON_THE_HOST
    }


def test_the_example_of_routes_is_one() -> None:
    """It is taken with the variables that the notifier's container has; every alert goes somewhere."""
    environment = OURS["chat"]["environment"]
    addresses = {f"env:{name}": f"json://{name.lower()}" for name in environment}
    text = (ROOT / "deploy/compose/routes.toml").read_text()
    routes = read_routes(text, addresses.__getitem__, [detector.name for detector in CATALOGUE])

    assert set(routes.addresses) == {"platform", "everybody"}
    assert routes.routes[-1].severities == ("alert", "pipeline", "digest")


def test_images_have_versions() -> None:
    """No image floats; ours has the version of the project."""
    version = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[0]

    assert all(re.search(r":v?\d+\.\d+\.\d+$", service["image"]) for service in SERVICES.values())
    assert {service["image"] for service in OURS.values()} == {f"ammeter:{version}"}


def test_no_secret_has_a_default() -> None:
    """Nothing starts without them: no password is known to those who have read this file."""
    secrets = set(re.findall(r"^([A-Z_]+)=$", EXAMPLE, re.MULTILINE))

    assert secrets == {"CLICKHOUSE_PASSWORD", "READER_PASSWORD", "BOARDS_PASSWORD", "GRAFANA_PASSWORD", "AMMETER_TOKEN"}
    for name in secrets:
        assert re.findall(rf"\$\{{{name}(?!:\?)", TEXT) == []
    assert set(re.findall(r"\$\{([A-Z_]+):\?", TEXT)) == secrets


def test_the_example_names_every_variable() -> None:
    """What can be set in `.env` stands in `.env.example`, and nothing that is not asked for."""
    asked = set(re.findall(r"\$\{([A-Z_]+)[:}]", TEXT))
    shown = set(re.findall(r"^#?([A-Z_]+)=", EXAMPLE, re.MULTILINE))

    assert shown == asked | {"COMPOSE_PROFILES"}


def test_make_env_fills_the_secrets_in() -> None:
    """Each with something of its own, long enough for a token; the rest stays as it is."""
    made = [
        subprocess.run([ROOT / "deploy/compose/make-env"], capture_output=True, text=True, check=True).stdout
        for _ in "12"
    ]
    values = [value for text in made for value in re.findall(r"^[A-Z_]+=([0-9a-f]{48})$", text, re.MULTILINE)]

    assert len(values) == len(set(values)) == 10
    assert re.sub(r"^([A-Z_]+=)[0-9a-f]{48}$", r"\1", made[0], flags=re.MULTILINE) == EXAMPLE
    assert "/.env" in (ROOT / ".gitignore").read_text().split()


def test_readers_read_what_they_may_and_no_more() -> None:
    """Grafana's user of the store has one grant; the boards' one sees people too; both have limits."""
    content = COMPOSE["configs"]["clickhouse-readers"]["content"]
    profile, _, users = content.partition("<users>")
    grants = {
        user: re.findall("<query>(.*)</query>", users.split(f"<{user}>")[1].split(f"</{user}>")[0])
        for user in (
            SERVICES["grafana"]["environment"]["AMMETER_READER_USER"],
            re.findall("//(.*)@", SERVICES["boards"]["environment"]["AMMETER_CLICKHOUSE"])[0],
        )
    }

    assert grants == {
        "reader": ["GRANT SELECT ON ammeter.*"],
        "boards": ["GRANT SELECT ON ammeter.*", "GRANT SELECT ON ammeter_private.*"],
    }
    assert users.count("<profile>reader</profile>") == users.count("<password>$") == len(grants)
    assert "<readonly>2</readonly>" in profile
    assert all(f"<{limit}>" in profile for limit in ("max_execution_time", "max_memory_usage", "max_result_rows"))
    assert STANDARD_PORTS.store == 8123
