"""The boards in Chromium, over the real store with a plausible day in it."""

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

from ammeter.boards import BoardsConfig, BoardsServer
from grafana.board import DASHBOARDS
from sinks.clickhouse_read import ClickHouseReader
from tests.grafana.organisation import TEAMS, TROUBLED
from tests.grafana.shown import DATABASE, Shown, shown

pytestmark = pytest.mark.browser

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
IMAGES = Path(__file__).parents[2] / "docs" / "images"
BOARDS = {"teams-live": "dark", "pipeline": "dark"}
WINDOW = f"FROM {DATABASE}.team_windows WHERE span = '1h'"


@pytest.fixture(scope="module")
def shown_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One store for all of them; nobody changes what is in it."""
    with shown(tmp_path_factory.mktemp("browser") / "store") as store:
        yield store


@pytest.fixture(scope="module")
def url(shown_store: Shown) -> Iterator[str]:
    """The boards, served from a thread of their own: the browser is driven from this one."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    reader = ClickHouseReader(shown_store.read_url)
    status = {"phase": "live", "text": "A simulated organisation of 10 teams; one of them is in growing trouble."}
    config = BoardsConfig("127.0.0.1", 0, DASHBOARDS, shown_store.read_url, database=DATABASE)
    server = BoardsServer(config, reader.query, lambda: status)
    asyncio.run_coroutine_threadsafe(server.start(), loop).result()
    yield server.url
    asyncio.run_coroutine_threadsafe(server.stop(), loop).result()
    asyncio.run_coroutine_threadsafe(reader.close(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        yield chromium
        chromium.close()


class Visit:
    """A page, and what it should not have done."""

    def __init__(self, browser: Browser, url: str, width: int = 1440, height: int = 3200) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": height})
        self.wrong: list[str] = []
        self._url = url
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._see)

    def open(self, path: str) -> Page:
        """The board, once every panel with a query shows something."""
        self.page.goto(self._url + path)
        panels = self.page.locator("section:not([data-type=text])")
        drawn = self.page.locator("section[data-state=data], section[data-state=empty]")
        expect(drawn).to_have_count(panels.count(), timeout=30_000)
        return self.page

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self._url, self._url.replace("http", "ws", 1), "data:")):
            self.wrong.append(f"asked {request.url}")


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Visit]:
    """A wide page; at its end nothing may have gone wrong."""
    made = Visit(browser, url)
    yield made
    made.page.close()
    assert made.wrong == []


def figure(page: Page, title: str) -> str:
    """What a stat shows."""
    return page.locator(f"section[data-title='{title}'] .stat b").inner_text()


@pytest.mark.parametrize("board", BOARDS)
def test_every_panel_shows_data(visit: Visit, board: str) -> None:
    """On a plausible day no panel of either board is empty or broken, with no error and no outside request."""
    page = visit.open(f"/d/{board}")

    expect(page.locator("section[data-state=empty]")).to_have_count(0)
    expect(page.get_by_test_id("live")).not_to_have_class("live off")
    expect(page.get_by_test_id("banner")).to_contain_text("one of them is in growing trouble")


def test_figures_are_those_of_sql(visit: Visit, shown_store: Shown) -> None:
    """Stats and table show what SQL says, written as people read it."""
    page = visit.open("/d/teams-live")
    rate = f"SELECT 100 * sum(tool_failures) / sum(tool_calls) {WINDOW}"

    assert figure(page, "Prompts") == f"{shown_store.value(f'SELECT toFloat64(sum(prompts)) {WINDOW}'):,.0f}"
    assert figure(page, "People") == f"{shown_store.value(f'SELECT toFloat64(sum(people)) {WINDOW}'):,.0f}"
    assert figure(page, "Tool failures") == f"{shown_store.value(rate):.1f}%"
    rows = page.locator("section[data-title='Teams in the window'] tbody tr")
    expect(rows).to_have_count(len(TEAMS))
    row = rows.filter(has_text=TROUBLED).locator("td").all_inner_texts()
    team = f"{WINDOW} AND team_id = '{TROUBLED}'"
    assert row[2] == f"{shown_store.value(f'SELECT toFloat64(prompts) {team}'):,.0f}"
    assert row[5] == f"{shown_store.value(f'SELECT 100 * tool_failures / tool_calls {team}'):.1f}%"


def test_choices_change_figures_and_address(visit: Visit, shown_store: Shown) -> None:
    """A team, a window and a range chosen in the page change its figures and stay in its address."""
    page = visit.open("/d/teams-live")
    page.get_by_test_id("var-team").click()
    page.get_by_role("checkbox", name=TROUBLED).check()
    page.get_by_test_id("var-span").select_option("1440")
    page.get_by_test_id("range").select_option("now-24h")

    day = f"SELECT toFloat64(sum(prompts)) FROM {DATABASE}.team_windows WHERE span = '24h' AND team_id = '{TROUBLED}'"
    wanted = f"{shown_store.value(day):,.0f}"
    expect(page.locator("section[data-title='Prompts'] .stat b")).to_have_text(wanted)
    for part in (f"var-team={TROUBLED}", "var-span=1440", "from=now-24h"):
        assert part in page.url
    page.reload()
    expect(page.locator("section[data-title='Prompts'] .stat b")).to_have_text(wanted)


def test_a_panel_tells_its_sql_and_rows(visit: Visit) -> None:
    """The menu of a panel shows its SQL as it runs, saves its rows, and shows it alone."""
    page = visit.open("/d/teams-live")
    panel = page.locator("section[data-title='Teams in the window']")
    number = panel.get_attribute("id").removeprefix("panel-")  # type: ignore[union-attr]  # the section has an id
    panel.hover()
    page.get_by_test_id(f"sql-{number}").click()
    expect(page.get_by_test_id("expanded")).to_contain_text(f"FROM {DATABASE}.team_windows")
    page.get_by_role("button", name="Close").click()
    with page.expect_download() as download:
        page.get_by_test_id(f"csv-{number}").click()
    assert len(download.value.path().read_text().splitlines()) == 1 + len(TEAMS)
    page.get_by_test_id(f"view-{number}").click()
    expect(panel).to_have_class("alone")
    assert f"viewPanel={number}" in page.url


@pytest.mark.parametrize("board", BOARDS)
def test_a_phone_shows_it_all(browser: Browser, url: str, board: str) -> None:
    """At 375 px nothing is wider than the screen, and every panel draws when it is reached."""
    visit = Visit(browser, url, width=375, height=6000)
    page = visit.open(f"/d/{board}")

    assert page.evaluate("document.documentElement.scrollWidth") == 375
    page.close()
    assert visit.wrong == []


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("board", BOARDS)
def test_axe_finds_nothing(browser: Browser, url: str, board: str, theme: str) -> None:
    """axe-core, the checker of accessibility, finds no violation in either theme."""
    modules = os.environ.get("AMMETER_NODE_MODULES", "")
    script = Path(modules) / "axe-core" / "axe.min.js"
    if not modules or not script.exists():
        pytest.skip("no axe-core: npm install axe-core, and name its node_modules in AMMETER_NODE_MODULES")
    page = Visit(browser, url).open(f"/d/{board}?theme={theme}")
    page.evaluate(script.read_text())
    found = page.evaluate("axe.run().then(result => result.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    page.close()

    assert found == []


@pytest.mark.parametrize(("board", "theme"), BOARDS.items())
def test_the_readme_shows_them(browser: Browser, url: str, board: str, theme: str) -> None:
    """The README's pictures are what the test saw."""
    visit = Visit(browser, url)
    page = visit.open(f"/d/{board}?theme={theme}")
    height = page.evaluate("document.getElementById('grid').getBoundingClientRect().bottom")
    page.set_viewport_size({"width": 1440, "height": min(int(height), 2050)})
    page.mouse.move(0, 0)
    IMAGES.mkdir(exist_ok=True)
    page.screenshot(path=IMAGES / f"{board}.png")
    page.close()

    assert (IMAGES / f"{board}.png").stat().st_size > 50_000
    assert visit.wrong == []
