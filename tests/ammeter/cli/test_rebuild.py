"""`ammeter rebuild`, on recordings and on a simulated hour, in a directory."""

from pathlib import Path

import pytest

from tests.ammeter.cli.test_files import RECORDED, ammeter, rows

pytestmark = pytest.mark.slow

SESSIONS = "SELECT * FROM ammeter_private.sessions ORDER BY session_id"
MINUTES = "SELECT * FROM ammeter_private.user_minutes ORDER BY user_id, team_id, minute"


def rebuilt_as_it_was(data: Path) -> None:
    """What the views show is what they showed, and the oracle agrees with it."""
    before = rows(data, SESSIONS), rows(data, MINUTES)
    assert before[0]
    assert ammeter("rebuild", "--data", data).startswith("rebuilt from ")
    assert (rows(data, SESSIONS), rows(data, MINUTES)) == before
    assert ammeter("reconcile", "--data", data).strip().endswith("no difference")


def test_recordings_are_rebuilt_row_for_row(tmp_path: Path) -> None:
    """All that were recorded as JSON."""
    ammeter("analyse", RECORDED / "otlp_json", "--data", tmp_path)
    rebuilt_as_it_was(tmp_path)


def test_a_simulation_is_rebuilt_row_for_row(tmp_path: Path) -> None:
    """Several people and teams, canonical events from a file."""
    events = tmp_path / "events.jsonl.gz"
    ammeter("simulate", "--users", 12, "--teams", 3, "--seed", 5, "--rate", 200, "--for", 6, "--to", events)
    ammeter("analyse", events, "--data", tmp_path)
    rebuilt_as_it_was(tmp_path)
