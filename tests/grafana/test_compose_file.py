"""docker-compose.yml: what it starts exists, what it mounts is there, what it opens is for this machine only."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ammeter.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = (ROOT / "docker-compose.yml").read_text()
COMMANDS = [json.loads(found) for found in re.findall(r"^    command: (\[.*\])$", COMPOSE, re.MULTILINE)]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_is_one_of_ours(command: list[str]) -> None:
    """The command line knows each command with its options."""
    done = subprocess.run(
        [sys.executable, "-m", "ammeter", *command, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert command[0] in done.stdout


def test_all_parts_are_started() -> None:
    """Schema, topics, receiver, stages and sink each have a service."""
    assert [command[0] for command in COMMANDS] == ["migrate", "topics", "receive", "work", "sink"]


def test_settings_are_known() -> None:
    """Each AMMETER_ variable of our containers is a setting."""
    ours = {name for name in re.findall(r"^\s+AMMETER_(\w+):", COMPOSE, re.MULTILINE) if not name.startswith("READER_")}

    assert {name.lower() for name in ours} <= set(Settings.model_fields)


def test_what_is_mounted_is_there() -> None:
    """Files and folders of the repository that containers mount exist, and are mounted read-only."""
    mounts = re.findall(r"- \./(\S+?):\S+?(:ro)?$", COMPOSE, re.MULTILINE)

    assert mounts
    assert all((ROOT / path).exists() and read_only for path, read_only in mounts)


def test_ports_open_on_this_machine_only() -> None:
    """Nothing is published beyond loopback."""
    published = re.findall(r"ports: \[\"(.*?)\"\]", COMPOSE)

    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_images_have_versions() -> None:
    """No image floats."""
    images = re.findall(r"^    image: (\S+)$", COMPOSE, re.MULTILINE)

    assert all(re.search(r":v?\d", image) for image in images)


def test_the_image_is_built_from_the_lock_and_runs_as_nobody_special() -> None:
    """The Dockerfile installs what the lock says, by hash, and leaves root behind."""
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert "--require-hashes --requirement requirements.txt" in dockerfile
    assert dockerfile.index("USER ammeter") < dockerfile.index("ENTRYPOINT")
    packages = set(re.findall(r"^COPY (\w+) \w+$", dockerfile, re.MULTILINE))
    assert packages == {"ammeter", "grafana", "schemas", "sinks", "sources", "streams"}
