"""Loading what people know: into the topic in one transaction, or straight into a store that nobody runs."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ammeter import outside, outside_log
from ammeter.broker import EmbeddedBroker, free_ports
from ammeter.secrets import make_key, pseudonyms
from ammeter.settings import Settings, SettingsError
from ammeter.topics import TopicsError
from schemas import wire
from schemas.derived import DEFINITIONS
from tests.ammeter.cli.test_files import ammeter, rows

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def record(person: str, team: str, version: int = 1) -> wire.DirectoryRecord:
    """One person in one team."""
    return wire.DirectoryRecord(version, DEFINITIONS, person, [wire.DirectoryEntry(0, team)])


@pytest.fixture
def settings(broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str, tmp_path: Path) -> Settings:
    """Of a deployment on the tests' broker."""
    return Settings(kafka=broker.address, topic_prefix=kafka_prefix, partitions=4, data=tmp_path)


def held(settings: Settings) -> dict[str, Any]:
    """Identity to record, as the topic has it."""
    found = asyncio.run(outside_log.held(settings.kafka_address, settings.topic_prefix + "directory"))
    return {
        outside.name_of("directory", key): msgspec.msgpack.decode(value, type=wire.DirectoryRecord)
        for key, value in found.items()
    }


def test_a_load_reaches_the_topic(settings: Settings) -> None:
    """Under the identity's key, with versions that rise from load to load whatever the clock says."""
    first = outside.load(settings, "directory", {"u_1": record("u_1", "web"), "u_2": record("u_1", "web")}, given=False)
    before = held(settings)
    outside.load(settings, "directory", {"u_1": record("u_1", "ops")}, given=False)
    after = held(settings)

    assert first.records == 2
    assert [entry.team_id for each in (before, after) for entry in each["u_1"].entries] == ["web", "ops"]
    assert after["u_2"] == before["u_2"]
    assert after["u_1"].version > before["u_1"].version > 1_700_000_000_000_000


def test_a_version_rises_above_one_from_the_future(settings: Settings) -> None:
    """Somebody's clock was fast: what is loaded later still counts."""
    name, ahead = settings.topic_prefix + "directory", 4_000_000_000_000_000
    key, value = outside.key_of("directory", "u_1"), msgspec.msgpack.encode(record("u_1", "web", ahead))
    asyncio.run(outside_log.write(settings.kafka_address, name, "t", {key: value}))
    outside.load(settings, "directory", {"u_1": record("u_1", "ops")}, given=False)

    assert held(settings)["u_1"].version == ahead + 1


def test_replace_takes_the_others_back(settings: Settings) -> None:
    """A null for each that the file does not have, in the same transaction."""
    outside.load(settings, "directory", {"u_1": record("u_1", "web"), "u_2": record("u_2", "web")}, given=False)
    done = outside.load(settings, "directory", {"u_2": record("u_2", "ops")}, given=False, replace=True)

    assert (done.records, done.removed) == (1, 1)
    assert list(held(settings)) == ["u_2"]


def test_all_or_nothing(settings: Settings) -> None:
    """What Kafka does not take undoes what it took before."""
    name = settings.topic_prefix + "directory"
    changes: dict[bytes, bytes | None] = {b"a": b"1", b"b": b"x" * (2 << 20)}
    with pytest.raises(TopicsError, match="Nothing was loaded"):
        asyncio.run(outside_log.write(settings.kafka_address, name, "t", changes))

    assert held(settings) == {}


def test_labels_and_interventions_are_keyed_by_their_ids(settings: Settings) -> None:
    """As the catalogue says: plain ids."""
    outside.load(settings, "session-labels", {"s1": wire.SessionLabel(1, 2, "s1", 5, work_mode="fix")}, given=False)
    outside.load(settings, "interventions", {"t1": wire.Intervention(1, 2, "t1", "training", 5)}, given=False)
    found = [
        asyncio.run(outside_log.held(settings.kafka_address, settings.topic_prefix + name))
        for name in ("session-labels", "interventions")
    ]

    assert [list(each) for each in found] == [[b"s1"], [b"t1"]]


def test_a_topic_that_is_missing_is_told(broker: EmbeddedBroker, tmp_path: Path) -> None:
    """Kafka would make one by itself, with other settings."""
    settings = Settings(kafka=broker.address, topic_prefix="nobodys-", data=tmp_path)
    with pytest.raises(TopicsError, match="run `ammeter topics`"):
        outside.load(settings, "directory", {"u_1": record("u_1", "web")}, given=False)


def test_a_named_kafka_that_is_away_is_no_reason_to_write_elsewhere(tmp_path: Path) -> None:
    """The stream would not know."""
    (port,) = free_ports(1)
    settings = Settings(kafka=f"127.0.0.1:{port}", data=tmp_path)
    with pytest.raises(TopicsError, match="is it running"):
        outside.load(settings, "directory", {"u_1": record("u_1", "web")}, given=True)


def test_a_load_makes_no_key(tmp_path: Path) -> None:
    """Another key than the receiver's would name other people."""
    with pytest.raises(SettingsError, match="point AMMETER_KEY_FILE at the receiver's key"):
        outside.check_key(Settings(data=tmp_path))

    make_key(tmp_path / "key")
    outside.check_key(Settings(data=tmp_path))


def test_a_directory_on_disk_is_loaded_and_listed(tmp_path: Path) -> None:
    """Without a stack: into its store, and out again by pseudonym alone; `--replace` takes the others back."""
    data, file = tmp_path / "data", tmp_path / "d.csv"
    ammeter("analyse", ROOT / "tests/fixtures/otlp/claude_code/otlp_json/s01-text", "--data", data)
    file.write_text(
        "identity,person,team,valid_from\nDana@example.com,,web,\nDana@example.com,,ops,2026-03-01\n"
        "dana-laptop,dana@example.com,web,\nkim@example.com,,,\n"
    )
    told = ammeter("directory", "load", file, "--data", data)
    listed = json.loads(ammeter("directory", "list", "--format", "json", "--data", data))
    names = pseudonyms(Settings(data=data))
    dana, laptop, kim = map(names.of, ("dana@example.com", "dana-laptop", "kim@example.com"))

    assert told.startswith("loaded 3 records into the store at ")
    assert {(row["identity"], row["person"], row["valid_from"], row["team"]) for row in listed} == {
        (dana, dana, "", "web"),
        (dana, dana, "2026-03-01 00:00:00.000", "ops"),
        (laptop, dana, "", "web"),
        (kim, kim, "", "unassigned"),
    }
    assert "example" not in json.dumps(listed)

    file.write_text("identity,team\nkim@example.com,web\n")
    assert "took back 2" in ammeter("directory", "load", file, "--replace", "--data", data)
    listed = json.loads(ammeter("directory", "list", "--format", "json", "--data", data))
    assert [(row["identity"], row["team"]) for row in listed] == [(kim, "web")]


def test_labels_and_interventions_reach_a_store_on_disk(tmp_path: Path) -> None:
    """Loaded again they replace what was said before."""
    data, file = tmp_path / "data", tmp_path / "f.csv"
    ammeter("analyse", ROOT / "tests/fixtures/otlp/claude_code/otlp_json/s01-text", "--data", data)
    for mode in ("Fix", "Build"):
        file.write_text(f"session_id,work_mode,labelled_at,labeller\ns1,{mode},2026-03-01,tool:judge\n")
        ammeter("labels", "load", file, "--data", data)
    file.write_text("id,kind,started_at,team\nt1,training,2026-03-01,web\n")
    ammeter("interventions", "load", file, "--data", data)
    labels = "SELECT session_id, work_mode, labeller FROM ammeter_private.session_label_rows FINAL"
    interventions = "SELECT id, kind, team_id, ended_at FROM ammeter_private.intervention_rows FINAL"

    assert rows(data, labels) == [{"session_id": "s1", "work_mode": "build", "labeller": "tool:judge"}]
    assert rows(data, interventions) == [{"id": "t1", "kind": "training", "team_id": "web", "ended_at": 0}]


def test_a_faulty_file_changes_nothing(tmp_path: Path) -> None:
    """Each fault a line with file, line and column; exit 1; a dry run makes neither key nor store."""
    file = tmp_path / "d.csv"
    file.write_text("identity,team,valid_from\na@example.com,web,soon\n,ops,\n")
    command = [
        sys.executable,
        "-m",
        "ammeter",
        "directory",
        "load",
        str(file),
        "--dry-run",
        "--data",
        str(tmp_path / "d"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"{file}: line 2, valid_from: 'soon' is no date: write 2026-03-31, or 2026-03-31T09:00Z",
        f"{file}: line 3, identity: is empty",
        f"ammeter: nothing was loaded: 2 faults in {file}.",
    ]
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("directory", "identity,team\na@example.com,web\n"),
        ("labels", "session_id,work_mode\ns1,Fix\n"),
        ("interventions", "id,kind,started_at\nt1,training,2026-03-01\n"),
    ],
)
def test_a_dry_run_says_that_all_is_well(command: str, text: str, tmp_path: Path) -> None:
    """And needs nothing that runs."""
    file = tmp_path / "f.csv"
    file.write_text(text)

    assert ammeter(command, "load", file, "--dry-run") == "1 records are well; nothing was written\n"
