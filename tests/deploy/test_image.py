"""The image: what is in it is what the parts want, from the lock; nothing secret and nobody special."""

import re
import subprocess
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from scripts.image_lock import EMBEDDED, image_lock

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROJECT, LOCK = (ROOT / "pyproject.toml").read_text(), (ROOT / "requirements.txt").read_text()
PACKAGES = {"ammeter", "grafana", "schemas", "sinks", "sources", "streams"}

PARTS = (
    "ammeter.boards",
    "ammeter.cli",
    "ammeter.parts",
    "ammeter.status",
    "ammeter.topics",
    "ammeter.reading",
    "sources.http",
    "sources.grpc",
    "sources.kafka",
    "sources.tokens",
    "streams.agents.worker",
    "streams.agents.stages",
    "sinks.consume",
    "sinks.migrate",
    "sinks.chat",
    "sinks.alertmanager",
    "sinks.clickhouse",
    "sinks.clickhouse_read",
)
"""What the commands of containers import, some of it only when they run."""

IMPORTING = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"{name} is not in the image", name=name)

ABSENT = set(sys.argv[1].split(","))
sys.meta_path.insert(0, Absent())
for part in sys.argv[2].split(","):
    __import__(part)
"""


PLACE = {
    "python_version": "3.13",
    "python_full_version": "3.13.13",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "extra": "",
}
"""Where the image's libraries are installed, as their conditions ask for it."""


def names(lock: str) -> set[str]:
    """The packages of a lock."""
    return set(re.findall(r"^([a-z0-9.-]+)==", lock, re.MULTILINE))


def plain(name: str) -> str:
    """A package's name as the index writes it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def lacking(there: set[str]) -> set[str]:
    """What packages of the image want besides on its Python; by hash, pip installs nothing else."""
    wanted = [
        Requirement(text)
        for each in distributions()
        if plain(each.metadata["Name"]) in there
        for text in each.requires or []
    ]
    return {plain(each.name) for each in wanted if each.marker is None or each.marker.evaluate(PLACE)} - there


def imported(absent: set[str], parts: tuple[str, ...] = PARTS) -> str:
    """What importing the parts says when these modules are not there."""
    command = [sys.executable, "-c", IMPORTING, ",".join(sorted(absent)), ",".join(parts)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stderr


def test_the_images_lock_is_a_part_of_the_lock() -> None:
    """Block for block with versions and hashes, without developers' tools and the embedded servers."""
    made = image_lock(PROJECT, LOCK)

    assert all(block in LOCK for block in re.split(r"^(?=[a-z])", made, flags=re.MULTILINE))
    assert made.count("==") <= made.count("--hash=sha256:")
    assert {"aiohttp", "aiokafka", "faust-streaming", "clickhouse-connect", "pydantic-core"} <= names(made)
    assert not {"mypy", "pytest", "playwright", "pip-tools", "ruff"} & names(made)
    assert not EMBEDDED & names(made)


def test_the_images_lock_is_whole_on_the_images_python() -> None:
    """The lock is made on an older one, where a package may want less; one that is taken out is missed."""
    there = names(image_lock(PROJECT, LOCK))

    assert lacking(there) == set()
    assert lacking(there - {"yarl"}) == {"yarl"}


def test_a_dependency_that_is_not_locked_is_told() -> None:
    """The image is never built without it."""
    with pytest.raises(ValueError, match=r"nothing-such is not in the lock: run `make lock`\."):
        image_lock('[project]\ndependencies = ["nothing-such>=1"]', LOCK)


def test_parts_run_with_what_is_in_the_image() -> None:
    """They import with every module of another package away; a package that they want is missed."""
    there = names(image_lock(PROJECT, LOCK))
    modules = packages_distributions()
    kept = {module for module, owners in modules.items() if there & set(map(plain, owners))}
    ours = PACKAGES | {"tests", "bench", "scripts"}

    assert imported(set(modules) - kept - ours - set(sys.stdlib_module_names)) == ""
    assert "aiokafka is not in the image" in imported({"aiokafka"})


def test_it_is_built_from_the_lock_and_runs_as_nobody_special() -> None:
    """By hash; with a number, so that Kubernetes sees that it is not root; everything else belongs to root."""
    assert "image_lock.py > image.txt" in DOCKERFILE
    assert "--require-hashes --requirement image.txt" in DOCKERFILE
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["python:3.13.13-slim-trixie"] * 2
    assert DOCKERFILE.index("USER 10001:10001") < DOCKERFILE.index("ENTRYPOINT")
    assert DOCKERFILE.count("--owner ammeter") == 1
    assert "--chown" not in DOCKERFILE


def test_what_is_copied_is_there_and_let_in() -> None:
    """Each source of a COPY exists and is in the build's context, and nothing else is."""
    copied = [
        line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY") and "--from" not in line
    ]
    sources = {source for line in copied for source in line}
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))

    assert sources == let_in
    assert {source for source in sources if (ROOT / source).is_dir()} == PACKAGES
    assert all((ROOT / source).exists() for source in sources)
