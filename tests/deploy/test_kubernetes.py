"""deploy/kubernetes: manifests by Kubernetes's schemas; commands, settings, ports and mounted paths are the code's."""

import copy
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.deploy.parts import complaints, listens, refused_settings, unknown_settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy/kubernetes"
Json = dict[str, Any]
MANIFESTS: list[Json] = [
    manifest for file in sorted(FOLDER.glob("*.yaml")) for manifest in yaml.safe_load_all(file.read_text())
]
VERSIONS = ("1.29", "1.37")
"""The oldest and the newest Kubernetes that the manifests are held against."""

SETTINGS: Mapping[str, str] = next(each["data"] for each in MANIFESTS if each["kind"] == "ConfigMap")
README = (FOLDER / "README.md").read_text()


def name(manifest: Json) -> str:
    """Kind and name."""
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def of(*kinds: str) -> list[Json]:
    """The manifests of some kinds."""
    return [manifest for manifest in MANIFESTS if manifest["kind"] in kinds]


WORKLOADS = of("Deployment", "StatefulSet", "Job")


def containers(workload: Json) -> Iterator[Json]:
    """Those that prepare, and those that run."""
    pod = workload["spec"]["template"]["spec"]
    yield from pod.get("initContainers", [])
    yield from pod["containers"]


def is_ours(container: Json) -> bool:
    """Whether a container runs a part of Ammeter."""
    return bool(container["image"].startswith("ammeter:"))


EVERY = [(workload, container) for workload in WORKLOADS for container in containers(workload)]
EACH = [(workload, container) for workload, container in EVERY if is_ours(container)]


def environment(container: Json) -> dict[str, str]:
    """What is set to a plain value."""
    own = {each["name"]: each["value"] for each in container.get("env", []) if "value" in each}
    return {**SETTINGS, **own}


def faults(manifest: Json) -> list[str]:
    """What Kubernetes's schemas have against a manifest; strict: no key that they do not know."""
    found = []
    for version in VERSIONS:
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except kubernetes_validate.ValidationError as exc:
            found.append(f"{version}: {exc.message}")
    return found


@pytest.mark.parametrize("manifest", MANIFESTS, ids=name)
def test_a_manifest_is_one(manifest: Json) -> None:
    """By the schemas of the oldest and the newest version."""
    assert faults(manifest) == []


def unknown_key(manifest: Json) -> None:
    manifest["spec"]["template"]["spec"]["container"] = []


def wrong_kind(manifest: Json) -> None:
    manifest["spec"]["replicas"] = "two"


def missing(manifest: Json) -> None:
    del manifest["spec"]["template"]["spec"]["containers"][0]["name"]


@pytest.mark.parametrize("plant", [unknown_key, wrong_kind, missing])
def test_the_schemas_bite(plant: Callable[[Json], None]) -> None:
    """Each fault that is planted is found."""
    manifest = copy.deepcopy(of("StatefulSet")[0])
    plant(manifest)

    assert len(faults(manifest)) == len(VERSIONS)


def test_names_are_unique() -> None:
    """Nothing replaces anything."""
    names = [name(manifest) for manifest in MANIFESTS]

    assert len(names) == len(set(names))


def test_all_parts_are_there() -> None:
    """Topics and schema as a job, receivers, and what has a name of its own as stateful sets."""
    found = {(workload["kind"], " ".join(container["args"])) for workload, container in EACH}

    assert found == {
        ("Job", "topics"),
        ("Job", "migrate"),
        ("Deployment", "receive"),
        ("Deployment", "boards"),
        ("StatefulSet", "work --stage all"),
        ("StatefulSet", "sink clickhouse"),
        ("StatefulSet", "sink chat"),
    }


@pytest.mark.parametrize(("workload", "container"), EACH, ids=lambda each: each.get("name", ""))
def test_commands_and_settings_are_the_codes(workload: Json, container: Json) -> None:
    """The command line knows the command, and the settings each variable with its value."""
    named = [*SETTINGS, *(each["name"] for each in container.get("env", []))]

    assert complaints(container["args"]) == []
    assert unknown_settings(named) == []
    assert refused_settings(environment(container)) == []
    assert "command" not in container  # the image's entry point is ours


def ports(container: Json) -> dict[str, int]:
    """What it declares, by name."""
    return {port["name"]: port["containerPort"] for port in container.get("ports", [])}


@pytest.mark.parametrize(("workload", "container"), EACH, ids=lambda each: each.get("name", ""))
def test_ports_are_those_at_which_parts_listen(workload: Json, container: Json) -> None:
    """Each declared port is one, each probe asks one by its name."""
    if workload["kind"] != "Job":
        assert set(ports(container).values()) == listens(container["args"], environment(container))
        for probe, path in (("readinessProbe", "/readyz"), ("livenessProbe", "/healthz")):
            asked = container[probe]["httpGet"]
            assert asked["path"] == path
            assert asked["port"] in ports(container)


@pytest.mark.parametrize("service", of("Service"), ids=name)
def test_services_lead_to_ports_that_there_are(service: Json) -> None:
    """By the names that the containers of the chosen pods give them."""
    chosen = [
        container
        for workload, container in EVERY
        if service["spec"]["selector"].items() <= workload["spec"]["template"]["metadata"]["labels"].items()
    ]
    declared = {label: number for container in chosen for label, number in ports(container).items()}

    assert sum(len(ports(container)) for container in chosen) == len(declared)
    for port in service["spec"]["ports"]:
        assert port["port"] == declared[port["targetPort"]]


def test_boards_are_reached_through_the_login_alone() -> None:
    """The login stands in the boards' own pod, asks them at loopback, which alone may name a user; the service leads to
    it, and the name it gives is the e-mail."""
    (pod,) = (workload["spec"]["template"]["spec"] for workload, each in EACH if each["args"] == ["boards"])
    login, boards = pod["containers"]
    told = environment(login)
    (service,) = (each for each in of("Service") if each["metadata"]["name"] == "ammeter-boards")

    assert environment(boards)["AMMETER_BOARDS_PROXY"] == "127.0.0.1"
    assert told["OAUTH2_PROXY_UPSTREAMS"] == f"http://127.0.0.1:{ports(boards)['boards']}"
    assert told["OAUTH2_PROXY_PREFER_EMAIL_TO_USER"] == "true"
    assert told["OAUTH2_PROXY_HTTP_ADDRESS"].endswith(f":{ports(login)['login']}")
    assert [port["targetPort"] for port in service["spec"]["ports"]] == ["login", "metrics"]
    assert {login[probe]["httpGet"]["port"] for probe in ("readinessProbe", "livenessProbe")} == {"login"}


@pytest.mark.parametrize(("workload", "container"), EVERY, ids=lambda each: each.get("name", ""))
def test_paths_are_mounted(workload: Json, container: Json) -> None:
    """What is mounted is a volume of the pod, every volume is used, and files of settings lie in it."""
    pod = workload["spec"]["template"]["spec"]
    volumes = {volume["name"]: volume for volume in pod["volumes"]}
    mounts = {mount["mountPath"]: volumes[mount["name"]] for mount in container["volumeMounts"]}
    used = {mount["name"] for each in containers(workload) for mount in each["volumeMounts"]}
    there = {
        f"{path}/{item['path']}"
        for path, volume in mounts.items()
        for item in volume.get("secret", {}).get("items", [])
    }
    own = {each["name"]: each["value"] for each in container.get("env", []) if "value" in each}
    needed = {value for key, value in own.items() if key.endswith("_FILE")}
    if container.get("args") in (["migrate"], ["sink", "clickhouse"]):
        needed.add(SETTINGS["AMMETER_CLICKHOUSE_PASSWORD_FILE"])

    assert used == set(volumes)
    assert needed <= there
    if is_ours(container):
        assert {"/data", "/tmp"} <= set(mounts)  # the root is read-only


def test_secrets_are_made_as_the_readme_says() -> None:
    """Each key of the secret that is asked for is one that the README makes, and none is made for nothing."""
    asked = {
        item["key"]
        for workload in WORKLOADS
        for volume in workload["spec"]["template"]["spec"]["volumes"]
        for item in volume.get("secret", {}).get("items", [])
    }
    made = README.partition("create secret")[2].partition("```")[0]
    named = {
        volume["secret"]["secretName"]
        for workload in WORKLOADS
        for volume in workload["spec"]["template"]["spec"]["volumes"]
        if "secret" in volume
    }

    assert named == set(re.findall(r"create secret generic ([\w-]+)", README))
    assert set(re.findall(r"--from-file=([\w.-]+)", made)) == asked
    assert "ammeter-detectors" in README
    assert "secret" not in {manifest["kind"].lower() for manifest in MANIFESTS}


@pytest.mark.parametrize("workload", of("StatefulSet"), ids=name)
def test_the_ordinal_is_the_instance(workload: Json) -> None:
    """A restarted pod is the same member of its groups; it has the time that a stop may take."""
    (container,) = containers(workload)
    (instance,) = (each for each in container["env"] if each["name"] == "AMMETER_INSTANCE")

    assert instance["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}
    (service,) = (each for each in of("Service") if each["metadata"]["name"] == workload["spec"]["serviceName"])
    assert service["spec"]["clusterIP"] == "None"
    assert workload["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] > (
        30 if "work" in container["args"] else 20
    )


@pytest.mark.parametrize("workload", of("StatefulSet", "Deployment"), ids=name)
def test_what_stays_has_a_disruption_budget_of_its_own(workload: Json) -> None:
    """That lets a node be drained: it never asks for all pods at once."""
    labels = workload["spec"]["template"]["metadata"]["labels"]
    assert workload["spec"]["selector"]["matchLabels"].items() <= labels.items()
    (budget,) = (
        each["spec"]
        for each in of("PodDisruptionBudget")
        if each["spec"]["selector"]["matchLabels"].items() <= labels.items()
    )

    assert budget.get("maxUnavailable") == 1 or budget["minAvailable"] < workload["spec"]["replicas"]


@pytest.mark.parametrize(("workload", "container"), EVERY, ids=lambda each: each.get("name", ""))
def test_containers_are_closed(workload: Json, container: Json) -> None:
    """No root, no rights, no writing but where it is meant; memory has a bound; the image has a version."""
    pod = workload["spec"]["template"]["spec"]
    version = re.findall(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)[0]

    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not pod["automountServiceAccountToken"]
    assert not pod["enableServiceLinks"]  # a service called ammeter-... would make AMMETER_ variables
    assert "memory" in container["resources"]["limits"]
    assert container["image"] == f"ammeter:{version}" or re.search(r"/[\w-]+:v\d+\.\d+\.\d+$", container["image"])


def test_the_readme_names_every_file() -> None:
    """And no other."""
    assert set(re.findall(r"^\| \[([\w.]+)\]", README, re.MULTILINE)) == {file.name for file in FOLDER.glob("*.yaml")}
