"""The doctor as a whole: on a directory, on a broker, on files; what it cannot see it says."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ammeter import doctor
from ammeter.broker import EmbeddedBroker, free_ports
from ammeter.secrets import make_key
from ammeter.settings import Settings
from bench.stand import free_base
from tests.ammeter.cli.test_files import ammeter

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "tests/fixtures/otlp/claude_code/otlp_json"
HOUR_LATER = f"{time.time() * 1000:.0f},1795352500000,1"
"""A clock that shows an hour after the recordings, whenever the tests run."""


def examined(data: Path, code: int) -> Any:
    """What the doctor says of a directory, as JSON."""
    return json.loads(ammeter("doctor", "--json", "--data", data, code=code, AMMETER_CLOCK=HOUR_LATER))


def found(settings: Settings, **more: Any) -> dict[str, str]:
    """Check to what was found, of the last of each."""
    report = doctor.examine(settings, 1_795_000_000_000, given=more.get("given", False))
    return {finding.check: finding.what for finding in report.findings}


@pytest.fixture
def nowhere(tmp_path: Path) -> Settings:
    """A deployment of which nothing runs."""
    return Settings(port_base=free_base(), data=tmp_path)


def test_recordings_are_examined(tmp_path: Path) -> None:
    """As JSON and for a person: the recorded clients, what they lack, exit 1; no event of a recording was lost."""
    ammeter("analyse", RECORDED, "--data", tmp_path)
    told = examined(tmp_path, code=1)
    shown = ammeter("doctor", "--data", tmp_path, code=1, AMMETER_CLOCK=HOUR_LATER)

    (client,) = told["clients"]
    assert (client["source"], client["client_version"], client["people"]) == ("claude-code", "2.1.330", 1)
    assert client["with_logs"] == client["with_metrics"] == client["sessions"]
    assert {finding["check"] for finding in told["findings"]} == {"identity", "temporality"}
    assert all(finding["do"] for finding in told["findings"])
    assert {"files", "clients", "directory", "unknown events", "lost telemetry", "disk"} <= set(told["checked"])
    assert told["skipped"]
    assert "known by the installation alone" in shown
    assert "not looked at: broker, receiver, pipeline" in shown


def test_who_is_in_the_directory_is_no_finding(tmp_path: Path) -> None:
    """A pseudonym that the doctor shows can be given an entry as it is; then all is well, and the exit 0."""
    data, file = tmp_path / "data", tmp_path / "d.csv"
    ammeter("analyse", RECORDED / "s01-text", "--data", data)
    file.write_text("identity,team\nsomebody@example.com,web\n")
    ammeter("directory", "load", file, "--data", data)
    first = examined(data, code=1)["findings"]
    missing = [finding["what"].split()[0] for finding in first if finding["check"] == "directory"]
    file.write_text("identity,team\n" + "".join(f"{identity},web\n" for identity in missing))
    ammeter("directory", "load", file, "--data", data)

    assert len(missing) == 1
    assert examined(data, code=0)["findings"] == []


def test_nothing_that_runs_is_told(nowhere: Settings) -> None:
    """No broker and no store: two findings, each with its address."""
    told = found(nowhere)

    assert told["broker"] == f"nobody answers at {nowhere.kafka_address}"
    assert "no store answers" in told["store"]


def test_secrets_that_others_can_read_are_told(nowhere: Settings, tmp_path: Path) -> None:
    """Key, tokens, password; and tokens that cannot be used."""
    key, tokens = make_key(tmp_path / "key"), tmp_path / "tokens"
    tokens.write_text("laptop short\n")
    tokens.chmod(0o600)
    before = found(nowhere)
    key.chmod(0o644)
    after = found(nowhere)
    unusable = found(nowhere.model_copy(update={"tokens_file": tokens}))
    gone = found(nowhere.model_copy(update={"clickhouse_password_file": tmp_path / "gone"}))

    assert "files" not in before
    assert after["files"] == f"the key {key} can be read by others"
    assert unusable["files"].startswith("the tokens file cannot be used: ")
    assert "short" not in unusable["files"].replace("shorter", "")
    assert gone["files"] == f"the password file {tmp_path / 'gone'} cannot be read (No such file or directory)"


def test_topics_are_compared(
    broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str, nowhere: Settings
) -> None:
    """As they must be: no finding; missing or otherwise: one each."""
    there = nowhere.model_copy(update={"kafka": broker.address, "topic_prefix": kafka_prefix, "partitions": 4})
    missing = there.model_copy(update={"topic_prefix": "nobodys-"})
    other = there.model_copy(update={"partitions": 5})

    assert not {"broker", "topics"} & found(there).keys()
    assert topics("session-events") not in found(missing)["topics"]
    assert "nobodys-session-events" in found(missing)["topics"]
    assert "has 4 partitions and 5 are asked for" in found(other)["topics"]


def test_a_named_broker_that_is_away_is_told(nowhere: Settings) -> None:
    """With its address."""
    (port,) = free_ports(1)
    away = nowhere.model_copy(update={"kafka": f"127.0.0.1:{port}"})

    assert f"127.0.0.1:{port}" in found(away)["broker"]
