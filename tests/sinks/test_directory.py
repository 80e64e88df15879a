"""The same schema and client on a directory, without a server; in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
from schemas import wire
from schemas.derived import DEFINITIONS
from sinks import schema
from sinks.clickhouse import connect
from sinks.migrate import migrate
from sinks.reconcile import reconcile
from sinks.rows import splice
from tests.sinks.made import message

store = connect(sys.argv[1])
assert migrate(store) and not migrate(store)
assert schema.shown(store) == open("sinks/schema.sql").read()
store.insert("ammeter_private.session_events", (), splice(message("s", 1, 3), 0, 0))
assert store.query("SELECT events FROM ammeter.event_minutes").rows == [[3]]
assert reconcile(store)[0].relation == "sessions"
store.close()
again = connect(sys.argv[1], database="ammeter")
assert again.query("SELECT events FROM event_minutes").rows == [[3]]
assert not migrate(again)
"""


@pytest.mark.slow
def test_a_directory_is_a_store(tmp_path: Path) -> None:
    """Migrations, inserts, views and the oracle work there, and the data are there when it is opened again."""
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "store")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
