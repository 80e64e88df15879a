"""Recorded and simulated input, from the command line into a directory and out again by SQL."""

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ammeter.broker import free_ports
from tests.sources.count_recordings import COLUMNS, EXPECTED
from tests.sources.transcripts.made import Writer, text

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
RECORDED = ROOT / "tests/fixtures/otlp/claude_code"
SESSIONS = f"SELECT session_id, {', '.join(COLUMNS)} FROM sessions ORDER BY session_id"


def ammeter(*arguments: object, code: int = 0, **environment: object) -> str:
    """Runs a command in a process of its own, away from any stack that runs here; gives its standard output."""
    (port,) = free_ports(1)
    environ = os.environ | {"AMMETER_PORT_BASE": str(min(port, 60_000)), "PYTHONWARNINGS": "error"}
    environ |= {name: str(value) for name, value in environment.items()}
    command = [sys.executable, "-m", "ammeter", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == code, done.stderr
    return done.stdout


def rows(data: Path, statement: str) -> list[dict[str, Any]]:
    """What SQL says of a directory."""
    found: list[dict[str, Any]] = json.loads(ammeter("sql", statement, "--format", "json", "--data", data))
    return found


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """All recordings, analysed once into a directory; and the report."""
    data = tmp_path_factory.mktemp("analysed")
    paths = RECORDED / "otlp_json", RECORDED / "otlp_protobuf"
    return data, json.loads(ammeter("analyse", *paths, "--data", data, "--json"))


def expected() -> dict[str, dict[str, int]]:
    """Session to figures, phantoms left out."""
    found: dict[str, Counter[str]] = {}
    for sessions in json.loads(EXPECTED.read_text()).values():
        for session_id, figures in sessions.items():
            found.setdefault(session_id, Counter()).update(figures)
    return {session: {c: figures[c] for c in COLUMNS} for session, figures in found.items() if any(figures.values())}


def test_analysis_gives_what_the_recordings_hold(analysed: tuple[Path, dict[str, Any]]) -> None:
    """Each session, figure for figure, through reader, folds, store and view."""
    found = {row.pop("session_id"): row for row in rows(analysed[0], SESSIONS)}

    assert {session: {c: int(row[c]) for c in COLUMNS} for session, row in found.items()} == expected()


def test_the_report_adds_up(analysed: tuple[Path, dict[str, Any]]) -> None:
    """Distinct events, and the sums of the sessions."""
    data, report = analysed
    (raw,) = rows(
        data, "SELECT count() AS events, uniqExact(event_id) AS ids FROM ammeter_private.session_events FINAL"
    )

    assert report["events"] == int(raw["events"]) == int(raw["ids"])
    assert report["sessions"] == len(expected())
    for column in ("prompts", "tool_calls", "input_tokens"):
        assert sum(team[column] for team in report["teams"]) == sum(each[column] for each in expected().values())


def test_the_same_files_again_add_nothing(analysed: tuple[Path, dict[str, Any]]) -> None:
    """Also in another order, and named twice."""
    data, report = analysed
    before = rows(data, SESSIONS)

    paths = RECORDED / "otlp_protobuf", RECORDED / "otlp_json", RECORDED / "otlp_json"
    again = json.loads(ammeter("analyse", *paths, "--data", data, "--json"))

    assert (again["events"], again["already_stored"]) == (0, report["events"] + report["already_stored"])
    assert rows(data, SESSIONS) == before


def test_the_oracle_agrees(analysed: tuple[Path, dict[str, Any]]) -> None:
    """`reconcile` finds no difference and exits 0."""
    assert ammeter("reconcile", "--data", analysed[0]).strip().endswith("no difference")


def test_protobuf_and_json_of_one_scenario_agree(analysed: tuple[Path, dict[str, Any]]) -> None:
    """Of the scenarios that were recorded in both, the prompts are the same, session by session."""
    by_encoding: dict[str, dict[str, list[int]]] = {"otlp_json": {}, "otlp_protobuf": {}}
    found = {row["session_id"]: int(row["prompts"]) for row in rows(analysed[0], SESSIONS)}
    for recording, sessions in json.loads(EXPECTED.read_text()).items():
        encoding, scenario = recording.split("/")
        by_encoding[encoding][scenario] = sorted(found[session] for session in sessions if session in found)

    assert len(by_encoding["otlp_protobuf"]) >= 5
    assert by_encoding["otlp_json"] | by_encoding["otlp_protobuf"] == by_encoding["otlp_json"]


def test_files_of_another_kind_are_named_and_skipped(tmp_path: Path) -> None:
    """And the rest is read; nothing readable is exit 1."""
    (tmp_path / "notes.txt").write_text("no telemetry")

    report = json.loads(ammeter("analyse", tmp_path, "--json", code=1))

    assert report["files"] == 0
    assert [Path(path).name for path, _ in report["skipped"]] == ["notes.txt"]


@pytest.mark.parametrize(
    ("option", "people"), [((), 1), (("--user", "dana@example.com"), 1), (("--user-by-folder",), 2)]
)
def test_transcripts_are_analysed_for_oneself(tmp_path: Path, option: tuple[str, ...], people: int) -> None:
    """A folder as the client keeps it; whose they are is the owner, who is named, or the folder's name."""
    for number, name in enumerate(("dana", "kim")):
        w = Writer(f"session-{number}")
        w.user("Go")
        w.answer(f"m{number}", text("Done."))
        path = tmp_path / "projects" / name / f"{w.session}.jsonl"
        path.parent.mkdir(parents=True)
        path.write_bytes(w.text())
    data = tmp_path / "data"

    report = json.loads(ammeter("analyse", tmp_path / "projects", "--data", data, "--json", *option))

    assert (report["files"], report["sessions"], report["skipped"]) == (2, 2, [])
    (found,) = rows(data, "SELECT sum(prompts) AS p, sum(responses) AS r FROM sessions")
    assert (int(found["p"]), int(found["r"])) == (2, 2)
    (raw,) = rows(data, "SELECT uniqExact(user_id) AS people, any(user_id) AS one FROM ammeter_private.session_events")
    assert int(raw["people"]) == people
    assert raw["one"].startswith("u_")


def test_sql_answers_in_three_formats(analysed: tuple[Path, dict[str, Any]]) -> None:
    """A table for a person, JSON and CSV for programs."""
    data = analysed[0]
    statement = "SELECT number + 1 AS n, if(n = 1, 'a,b', 'c') AS text FROM numbers(2) ORDER BY n"

    table = ammeter("sql", statement, "--data", data)

    assert table.splitlines()[-1] == "2 rows"
    assert "│ 1 │ a,b" in table
    assert rows(data, statement) == [{"n": 1, "text": "a,b"}, {"n": 2, "text": "c"}]
    assert list(csv.reader(io.StringIO(ammeter("sql", statement, "--format", "csv", "--data", data)))) == [
        ["n", "text"],
        ["1", "a,b"],
        ["2", "c"],
    ]


def test_a_refused_statement_is_one_sentence(analysed: tuple[Path, dict[str, Any]]) -> None:
    """Exit 2 with the store's own words; the library says nothing beside."""
    done = subprocess.run(
        [sys.executable, "-m", "ammeter", "sql", "SELECT nothing", "--data", analysed[0]],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("ammeter: the store refused the statement: ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("packed", ["", ".gz"])
def test_a_simulation_into_a_file_is_what_its_seed_says(tmp_path: Path, packed: str) -> None:
    """The same seed and span give the same sessions; the file can be analysed."""
    from ammeter.simulate import chosen
    from schemas.people import Pseudonyms
    from sources.simulator.canonical import messages
    from sources.simulator.send import write_messages

    now = 1_768_402_800_000
    files = [tmp_path / f"{n}.jsonl{packed}" for n in (1, 2, 3)]
    for file, seed in zip(files, (5, 5, 6), strict=True):
        simulation = chosen(2, 6, 5.0, seed, "steady", now)
        write_messages(messages(simulation, now - 300_000, now, Pseudonyms(b"k" * 32)), file)
    same, again, other = (file.read_bytes() if not packed else _unpacked(file) for file in files)

    assert same == again != other

    report = json.loads(ammeter("analyse", files[0], "--json", "--data", tmp_path / "d"))
    ids = {json.loads(line)["event_id"] for line in same.splitlines()}
    assert (report["events"], report["invalid"]) == (len(ids), 0)


def _unpacked(file: Path) -> bytes:
    import gzip

    return gzip.decompress(file.read_bytes())


def test_simulate_writes_a_file(tmp_path: Path) -> None:
    """From the command line, at once, with as many lines as it says."""
    said = ammeter(
        "simulate", "--rate", 5, "--seed", 3, "--for", 120, "--to", tmp_path / "s.jsonl", AMMETER_DATA=tmp_path / "d"
    )
    ids = {json.loads(line)["event_id"] for line in (tmp_path / "s.jsonl").read_text().splitlines()}

    assert int(said.split()[0].replace(",", "")) == len(ids) > 100


def test_a_migration_is_planned_and_run(tmp_path: Path) -> None:
    """The plan changes nothing; what ran is not planned again."""
    assert "CREATE DATABASE" in ammeter("migrate", "--plan", "--data", _empty_store(tmp_path))
    assert "ran " in ammeter("migrate", "--data", tmp_path)
    assert ammeter("migrate", "--data", tmp_path).strip() == "the schema is up to date"


def _empty_store(data: Path) -> Path:
    (data / "store").mkdir()
    return data


def test_sql_changes_nothing(analysed: tuple[Path, dict[str, Any]]) -> None:
    """On a directory as on the running store: an ad hoc statement only reads."""
    ammeter(
        "sql", "INSERT INTO ammeter_private.policy SELECT * FROM ammeter_private.policy", "--data", analysed[0], code=2
    )
    ammeter("sql", "DROP TABLE ammeter_private.session_events", "--data", analysed[0], code=2)

    assert len(rows(analysed[0], SESSIONS)) == len(expected())
