"""A real store with three people in it, and boards of one person that forget every filter."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from ammeter.boards import BoardsConfig, BoardsServer, Personal
from ammeter.oneshot import OneShot
from schemas import wire
from schemas.codec import write_events
from schemas.derived import DEFINITIONS
from schemas.people import Pseudonyms
from sinks.clickhouse import ClickHouse, connect
from sinks.clickhouse_read import ClickHouseReader
from sinks.migrate import DEFAULT, migrate

ROOT = Path(__file__).parents[3]
NOW = 1_795_000_000_000
KEY = Pseudonyms(b"a key for tests that is long enough")
ADA, ADAS_LAPTOP, BOB, EVE = "ada@example.com", "laptop-of-ada", "bob@example.com", "eve@example.com"
SESSIONS = {"ada-1": ADA, "ada-2": ADAS_LAPTOP, "bob-1": BOB}
PANELS = {
    1: ("table", "SELECT s.session_id AS session FROM ${private}.sessions AS s ORDER BY session"),
    2: ("table", "SELECT DISTINCT e.session_id AS session FROM ${private}.events AS e ORDER BY session"),
    3: ("table", "SELECT sum(m.tool_calls) AS calls FROM ${private}.user_minutes AS m"),
    4: (
        "table",
        "SELECT e.session_id AS session, count() AS events FROM ${private}.events AS e "
        "WHERE e.session_id IN (${session:singlequote}) GROUP BY session",
    ),
    5: ("table", "SELECT s.session_id AS session FROM ${private}.sessions AS s WHERE s.person_id != 'x' OR 1 = 1"),
}
OPTIONS = "SELECT s.session_id AS value, s.session_id AS text FROM ${private}.sessions AS s ORDER BY value"


def board(uid: str, panels: dict[int, tuple[str, str]], *variables: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a board."""
    return {
        "uid": uid,
        "title": uid,
        "time": {"from": "now-1h", "to": "now"},
        "templating": {"list": list(variables)},
        "annotations": {"list": []},
        "panels": [
            {"id": number, "type": kind, "title": f"{number}", "gridPos": {"x": 0, "y": number, "w": 24, "h": 4}}
            | {"targets": [{"rawSql": sql}]}
            for number, (kind, sql) in panels.items()
        ],
    }


def query_variable(name: str, sql: str) -> dict[str, Any]:
    """A variable with exactly one value."""
    return {"type": "query", "name": name, "query": {"rawSql": sql}, "multi": False, "includeAll": False}


def folder(path: Path, *boards: dict[str, Any]) -> Path:
    """A folder of boards."""
    path.mkdir(exist_ok=True)
    for one in boards:
        (path / f"{one['uid']}.json").write_text(json.dumps(one))
    return path


@contextmanager
def store_of_people(path: Path) -> Iterator[str]:
    """Its address. Ada has two identities by the directory; each session has three calls of a tool."""
    command = [sys.executable, "-m", "tests.sinks.serve_store", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = f"http://127.0.0.1:{int(process.stdout.readline())}"
        store = connect(url)
        migrate(store)
        know(store)
        fold = OneShot(store, DEFAULT, NOW)
        for run, (session, who) in enumerate(SESSIONS.items()):
            fold.feed(write_events([tool(session, run, index, KEY.of(who)) for index in range(3)]), NOW)
        fold.finish(NOW + 3_600_000)
        store.close()
        yield url
        process.communicate(timeout=60)


def know(store: ClickHouse) -> None:
    """The directory: two identities of Ada, one of Bob."""
    rows = ", ".join(
        f"('{KEY.of(identity)}', 1, {DEFINITIONS}, '{KEY.of(person)}', [0], ['red'], [''], [''])"
        for identity, person in ((ADA, ADA), (ADAS_LAPTOP, ADA), (BOB, BOB))
    )
    names = "identity, version, definitions, person, valid_from, teams, roles, occupations"
    store.command(f"INSERT INTO ammeter_private.directory_rows ({names}) VALUES {rows}")


def tool(session: str, run: int, index: int, user: str) -> wire.ToolFinished:
    """One finished tool call."""
    name = f"{run:016x}"
    return wire.ToolFinished(
        event_id=f"{name}-{index}",
        source="claude-code",
        session_id=session,
        run=name,
        index=index,
        user_id=user,
        user_id_kind="email",
        team_hint="red",
        duration_ms=500,
        occurred_at=NOW - 600_000 + index,
        received_at=NOW - 600_000 + index,
    )


@asynccontextmanager
async def serving(
    url: str, path: Path, *boards: dict[str, Any], **config: Any
) -> AsyncIterator[tuple[BoardsServer, aiohttp.ClientSession]]:
    """Boards of one person over that store, and a client without a name."""
    reader = ClickHouseReader(url, read_only=True)
    personal = Personal(folder(path / "personal", *boards), reader.query, KEY.of)
    server = BoardsServer(
        BoardsConfig("127.0.0.1", 0, folder(path / "public"), url, **config), reader.query, dict, personal
    )
    await server.start()
    async with aiohttp.ClientSession(server.url) as client:
        try:
            yield server, client
        finally:
            await server.stop()
            await reader.close()
