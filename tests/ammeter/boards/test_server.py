"""The boards over HTTP and WebSocket, with a store in memory behind them."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ammeter.boards import BoardsConfig, BoardsServer
from ammeter.boards.dashboards import read_dashboards
from ammeter.boards.server import cell
from tests.ammeter.boards.loop import in_loop
from tests.ammeter.boards.memory import MemoryStore

DASHBOARDS = Path(__file__).parents[3] / "grafana" / "dashboards"
PATIENCE_S = 60


@asynccontextmanager
async def running(
    store: MemoryStore, status: Mapping[str, str] | None = None, **config: Any
) -> AsyncIterator[tuple[BoardsServer, aiohttp.ClientSession]]:
    """A server of the committed boards and a client for it."""
    await store.start()
    told = status if status is not None else {}
    server = BoardsServer(
        BoardsConfig("127.0.0.1", 0, DASHBOARDS, store.url, gap_s=0.01, **config), store.query, lambda: told
    )
    await server.start()
    async with aiohttp.ClientSession(server.url) as client:
        try:
            yield server, client
        finally:
            await server.stop()
            await store.stop()


async def messages_until(socket: aiohttp.ClientWebSocketResponse, key: str) -> list[dict[str, Any]]:
    """What a tab is sent up to the first message of a kind."""
    got: list[dict[str, Any]] = []
    async with asyncio.timeout(PATIENCE_S):
        while not got or key not in got[-1]:
            got.append(json.loads((await socket.receive()).data))
    return got


@in_loop
async def test_the_page_names_nothing_outside() -> None:
    """A page loads scripts, styles and data from this server only, and may run nothing else."""
    async with running(MemoryStore()) as (_, client), client.get("/") as answer:
        text = await answer.text()
        policy = answer.headers["Content-Security-Policy"]

    assert answer.status == 200
    assert answer.url.path == f"/d/{next(iter(read_dashboards(DASHBOARDS, 'ammeter')))}"
    assert "unsafe-eval" not in policy
    assert "script-src 'self';" in policy
    assert "https://" not in text
    assert "http://" not in text


@in_loop
async def test_files_are_kept_by_name_and_packed() -> None:
    """A file's path changes with its content, so a browser may keep it; every named file is there."""
    async with running(MemoryStore()) as (_, client):
        page = await (await client.get("/d/pipeline")).text()
        paths = {part.split('"')[0] for part in page.split('href="')[1:] if part.startswith("/assets/")}
        answers = [await client.get(path) for path in paths]
        old = await client.get("/assets/0123/page.js")

    assert len(paths) > 5
    assert {answer.status for answer in answers} == {200}
    assert all("immutable" in answer.headers["Cache-Control"] for answer in answers)
    assert {answer.headers["Content-Encoding"] for answer in answers} == {"gzip"}
    assert old.status == 404


@in_loop
async def test_a_tab_gets_all_panels_and_then_only_changes() -> None:
    """The first round sends options and every panel; after a change only what is new in each view follows."""
    store = MemoryStore()
    store.values = [float(number) for number in range(50)]
    async with running(store) as (_, client), client.ws_connect("/api/boards/pipeline/live") as socket:
        first = await messages_until(socket, "tick")
        await store.change(*store.values, 99.0)
        async with asyncio.timeout(PATIENCE_S):
            while "panel" not in (second := (await messages_until(socket, "tick"))[0]):
                pass

    board = json.loads((DASHBOARDS / "pipeline.json").read_text())
    asking = {panel["id"] for panel in board["panels"] if panel.get("targets")}
    assert {message["panel"]["id"] for message in first if "panel" in message} == asking
    assert (second["panel"]["keep"], second["panel"]["series"]) == (50, [[99.0]])


@in_loop
async def test_tabs_of_one_board_cost_one_round() -> None:
    """Ten tabs with the same choices cost the store one query a panel."""
    store = MemoryStore()
    async with running(store) as (_, client):
        sockets = [await client.ws_connect("/api/boards/pipeline/live") for _ in range(10)]
        for socket in sockets:
            await messages_until(socket, "tick")
        asked = list(store.asked)
        for socket in sockets:
            await socket.close()

    assert len(asked) <= 2 * len(set(asked))


@in_loop
async def test_a_page_asks_ahead_for_its_tab() -> None:
    """While its scripts load, a page's panels are asked for; its tab gets those answers, though the store went on."""
    store = MemoryStore()
    async with running(store) as (_, client):
        page = await (await client.get("/d/team?var-team=search&from=now-24h")).text()
        boot = json.loads(page.split('id="boot" type="application/json">')[1].split("</script>")[0])
        async with asyncio.timeout(PATIENCE_S):
            asking = [panel["targets"][0]["rawSql"] for panel in boot["board"]["panels"] if "targets" in panel]
            while len(store.asked) < len(set(asking)):  # noqa: ASYNC110 - the store in memory tells nobody that it was asked
                await asyncio.sleep(0)
        ahead = list(store.asked)
        await store.change(3.0)
        async with client.ws_connect(
            f"/api/boards/team/live?var-team=search&from=now-24h&version={boot['version']}"
        ) as socket:
            got = await messages_until(socket, "tick")

    told = [message["panel"] for message in got if "panel" in message]
    assert got[-1]["tick"]["version"] == boot["version"]
    assert len(told) == len(asking) > len(set(asking))
    assert [view for view in told if 3.0 in view.get("series", [[]])[0]] == []
    assert len(set(ahead)) == len(ahead)


@in_loop
async def test_the_bar_is_there_before_the_scripts() -> None:
    """A page's HTML has a link to each board, this one marked, and decides on dark or light before it paints."""
    async with running(MemoryStore()) as (_, client):
        page = await (await client.get("/d/team")).text()

    boards = read_dashboards(DASHBOARDS, "ammeter")
    assert re.findall(r'<a href="/d/(\w+)"', page) == list(boards)
    assert re.findall(r'<a href="/d/(\w+)"[^>]*aria-current="page"', page) == ["team"]
    assert page.index("/theme.js") < page.index("/page.css") < page.index("<body>")


@in_loop
async def test_a_store_without_versions_is_asked_again() -> None:
    """Behind a plain ClickHouse, which tells no changes, a tab still gets what is new."""
    store = MemoryStore(tells_changes=False)
    async with running(store) as (_, client), client.ws_connect("/api/boards/pipeline/live") as socket:
        await messages_until(socket, "tick")
        store.values = [1.0, 7.0]
        async with asyncio.timeout(PATIENCE_S):
            found: list[dict[str, Any]] = []
            while not any("panel" in message for message in found):
                found = await messages_until(socket, "tick")

    assert any("7.0" in json.dumps(message) for message in found)


@in_loop
async def test_a_broken_query_breaks_its_panel_only() -> None:
    """A store's refusal reaches the panels as words; the page and its connection stay."""
    store = MemoryStore()
    store.broken = "Code: 60. Unknown table"
    async with running(store) as (_, client), client.ws_connect("/api/boards/pipeline/live") as socket:
        broken = await messages_until(socket, "tick")
        store.broken = ""
        await store.change(1.0, 2.0)
        healed = await messages_until(socket, "tick")
        while not any("panel" in message for message in healed):
            healed = await messages_until(socket, "tick")

    assert {message["panel"]["error"] for message in broken if "panel" in message} == {"Code: 60. Unknown table"}
    assert all("error" not in message["panel"] for message in healed if "panel" in message)


@in_loop
async def test_sql_and_csv_of_a_panel() -> None:
    """SQL is told as written and as it runs; CSV holds the panel's rows and is safe in a spreadsheet."""
    async with running(MemoryStore(), database="other") as (_, client):
        told = await (await client.get("/api/boards/pipeline/panels/2.sql")).json()
        rows = await (await client.get("/api/boards/pipeline/panels/2.csv")).text()

    assert "${database}" in told["sql"]
    assert "FROM other.event_minutes" in told["expanded"]
    assert rows.splitlines() == ["time,value", "0,1.0", "60000,2.0"]
    assert cell("=1+1") == "'=1+1"


@in_loop
async def test_status_reaches_page_and_api() -> None:
    """What the stack says of itself is sent to open tabs and can be asked for."""
    status = {"phase": "loading history", "text": "two weeks"}
    async with running(MemoryStore(), status) as (_, client):
        asked = await (await client.get("/api/status")).json()
        async with client.ws_connect("/api/boards/pipeline/live") as socket:
            told = (await messages_until(socket, "status"))[-1]["status"]
            status["phase"] = "live"
            changed = (await messages_until(socket, "status"))[-1]["status"]

    assert asked == told == {"phase": "loading history", "text": "two weeks"}
    assert changed["phase"] == "live"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/d/nothing", 404),
        ("/d/pipeline?from=tomorrow", 400),
        ("/d/pipeline?from=now&to=now-1h", 400),
        ("/api/boards/pipeline/panels/999.sql", 404),
        ("/api/boards/pipeline/panels/x.sql", 404),
        ("/assets/x/../../server.py", 404),
    ],
)
def test_what_is_not_there_is_told(path: str, status: int) -> None:
    """A wrong address or range is answered with its status, under the same policy as everything else."""

    @in_loop
    async def ask() -> None:
        async with running(MemoryStore()) as (_, client), client.get(path) as answer:
            assert answer.status == status
            assert "Content-Security-Policy" in answer.headers

    ask()


@in_loop
async def test_strangers_are_refused() -> None:
    """Another page's socket, a foreign name for this machine: 403."""
    async with running(MemoryStore()) as (_, client):
        foreign = await client.get("/d/pipeline", headers={"Host": "evil.example"})
        other = await client.get("/api/boards/pipeline/live", headers={"Origin": "http://evil.example"})

    assert (foreign.status, other.status) == (403, 403)


def test_boards_for_everybody_want_a_proxy() -> None:
    """Listening beyond this machine without a login proxy is refused in words that say what to do."""
    with pytest.raises(ValueError, match="name the login proxy"):
        BoardsServer(BoardsConfig("0.0.0.0", 0, DASHBOARDS, "http://127.0.0.1:1"), MemoryStore().query)


@in_loop
async def test_an_end_waits_for_no_tab() -> None:
    """Stopping the server closes its open tabs, telling them that it goes."""
    store = MemoryStore()
    async with running(store) as (server, client), client.ws_connect("/api/boards/pipeline/live") as socket:
        await messages_until(socket, "tick")
        async with asyncio.timeout(PATIENCE_S):
            stopping = asyncio.create_task(server.stop())
            while not socket.closed:
                await socket.receive()
            await stopping

    assert socket.close_code == aiohttp.WSCloseCode.GOING_AWAY
