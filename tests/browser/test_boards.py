"""Each board in Chromium, on a simulated organisation: drawn, right, reachable, and readable."""

import csv
import io
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from ammeter.boards.mine import Person, bound
from bench import simulated
from tests.browser.visit import BOARDS, Site, Visit, cut, figure, panel, stat

pytestmark = pytest.mark.browser

PERSONAL = ("my-sessions", "session")
RAW = "FROM ammeter_private.session_events FINAL WHERE"
TYPED = "type = 'prompt_submitted' AND command_name = '' AND NOT injected"
"""What counts as a prompt."""
DAY, MINUTE = 86_400_000, 60_000


def panels(board: str, *kinds: str) -> list[dict[str, Any]]:
    """The panels of a board that ask something, of these kinds."""
    return [one for one in BOARDS[board]["panels"] if one.get("targets") and one["type"] in kinds]


def answer(page: Page, board: str, number: int) -> list[list[str]]:
    """What SQL says of a panel, header first."""
    query = page.url.partition("?")[2]
    response = page.request.get(f"{page.url.partition('/d/')[0]}/api/boards/{board}/panels/{number}.csv?{query}")
    assert response.status == 200, response.text()
    return list(csv.reader(io.StringIO(response.text())))


def own(site: Site) -> Person:
    """Who looks."""
    name = simulated.KEY.of(site.user)
    return Person(name, (name,))


@pytest.mark.parametrize("board", BOARDS)
def test_every_panel_answers(visit: Visit, board: str) -> None:
    """No panel is broken; what has nothing to show says why; nothing is asked outside, and no script complains."""
    page = visit.open(f"/d/{board}")
    visit.picture(f"{board}-1440")

    errors = page.locator("section[data-state=error]").all_inner_texts()
    assert errors == []
    for text in page.locator("section[data-state=empty] .message span").all_inner_texts():
        assert text.strip()
    assert page.locator("section[data-state=data]").count() >= len(panels(board, "stat", "table", "timeseries")) / 2
    assert cut(page) == []
    assert (
        page.locator(".scroll").evaluate_all("all => all.filter(one => one.scrollWidth > one.clientWidth).length") == 0
    )
    expect(page.get_by_test_id("live")).not_to_have_class(re.compile("off"))


@pytest.mark.parametrize("board", BOARDS)
def test_figures_are_those_of_sql(visit: Visit, board: str) -> None:
    """Stats, tables and bars show what SQL says, written as people read it."""
    page = visit.open(f"/d/{board}")

    for one in panels(board, "stat"):
        place = page.get_by_test_id(f"panel-{one['id']}")
        header, *rows = answer(page, board, one["id"])
        shown = place.locator(".stat b").all_inner_texts()
        if place.get_attribute("data-state") == "data" and len(header) == 2:
            last = [row[1] for row in rows if row[1] != ""][-1]
            assert figure(shown[0]) == pytest.approx(float(last), rel=0.02, abs=0.006), one["title"]
    for one in panels(board, "table", "barchart"):
        place = page.get_by_test_id(f"panel-{one['id']}")
        rows = answer(page, board, one["id"])[1:]
        drawn = place.locator("tbody tr, .bar")
        assert drawn.count() == len(rows), one["title"]
        for row, text in zip(rows, drawn.all_inner_texts(), strict=True):
            if not re.match(r"\d{4}-|\d{12,}|$", row[0]):
                assert row[0].lstrip("'")[:20] in text, one["title"]


def test_own_figures_are_those_of_raw_events(visit: Visit, site: Site) -> None:
    """My sessions counts what raw events say of the person who looks, and of nobody else.

    The day moves while the page loads, and begins with a whole minute: its prompts are at least those that are in every
    such day, at most those that are in any.
    """
    raw = bound("${private}.events", "ammeter_private", own(site))
    began = now(site)
    page = visit.open("/d/my-sessions?from=now-24h")
    shown, ended = stat(page, "Prompts"), now(site)

    def prompts(since: int, until: int) -> float:
        within = f"e.occurred_at BETWEEN {since} AND {until}"
        return site.store.value(f"SELECT count() FROM {raw} AS e WHERE {TYPED} AND {within}")

    assert prompts(ended - DAY, began) <= shown <= prompts(began - DAY - MINUTE, ended)
    assert 0 < shown < site.store.value(f"SELECT count() {RAW} {TYPED}") / 4


def now(site: Site) -> int:
    """The store's clock, epoch milliseconds."""
    return int(site.store.value("SELECT toUnixTimestamp64Milli(now64(3))"))


def test_a_session_opens_from_the_list(visit: Visit, site: Site) -> None:
    """A click on one of my sessions opens its timeline, with its own range and figures."""
    page = visit.open("/d/my-sessions?from=now-24h")
    panel(page, "Session by session").locator("tbody a").nth(1).click()
    page.wait_for_url("**/d/session?*")
    visit.settle()
    session = re.findall(r"var-session=([^&]+)", page.url)[0]
    where = f"{RAW} session_id = '{session}' AND"

    assert stat(page, "Prompts") == site.store.value(f"SELECT count() {where} {TYPED}")
    assert page.get_by_test_id("var-session").input_value() == session
    assert "from=" not in (page.get_by_test_id("board-anomalies").get_attribute("href") or "")
    visit.picture("session-opened-1440")


def test_another_persons_session_is_empty(visit: Visit, site: Site) -> None:
    """The id of somebody else's session in the address shows nothing of it."""
    other = site.store.client.query(
        f"SELECT session_id {RAW} user_id NOT IN ('', 'unknown', '{own(site).id}') LIMIT 1"
    ).rows[0][0]
    page = visit.open(f"/d/session?var-session={other}&from=now-7d")

    expect(page.locator("section[data-state=data] .stat b")).to_have_count(0)
    expect(page.locator("section tbody tr")).to_have_count(0)


def test_a_team_opens_from_now(visit: Visit) -> None:
    """From the organisation's last hours to the weeks of one of its teams; other boards then have their usual range."""
    page = visit.open("/d/now")
    link = panel(page, "Teams").locator("tbody td:first-child a").first
    name = link.inner_text()
    link.click()
    page.wait_for_url("**/d/team?*")
    visit.settle()

    assert f"var-team={name}" in page.url
    expect(page.get_by_test_id("var-team")).to_contain_text(name)
    expect(page.get_by_test_id("range")).to_have_value("now-90d")
    assert "from=" not in (page.get_by_test_id("board-cost").get_attribute("href") or "")


def test_boards_hand_on_what_was_chosen(visit: Visit) -> None:
    """The bar leads to every board, with the range, and with variables that the other board knows."""
    page = visit.open("/d/team?from=now-24h&var-team=payments")

    for uid in BOARDS:
        href = page.get_by_test_id(f"board-{uid}").get_attribute("href") or ""
        assert "from=now-24h" in href
        known = [one["name"] for one in BOARDS[uid]["templating"]["list"]]
        assert ("var-team=payments" in href) == ("team" in known)


def test_what_happened_is_marked(visit: Visit) -> None:
    """Interventions and alerts stand on the time axes, and say what they are."""
    marks = "section[data-type=timeseries] .mark title"
    found = []
    for board in BOARDS:
        if BOARDS[board]["annotations"]["list"] and board not in PERSONAL:
            page = visit.open(f"/d/{board}?from=now-2d")
            found += page.locator(marks).all_text_contents()

    assert any("Workshop on tests" in text for text in found)


@pytest.mark.parametrize("board", BOARDS)
def test_a_phone_shows_it_all(browser: Browser, site: Site, board: str) -> None:
    """At 375 px nothing is wider than the screen, and every panel draws when it is reached."""
    visit = Visit(browser, site.url, width=375, height=9000, has_touch=True)
    page = visit.open(f"/d/{board}?theme=dark")
    visit.picture(f"{board}-375")

    assert page.evaluate("document.documentElement.scrollWidth") == 375
    assert cut(page) == []
    for text in page.locator(".stat b").all():
        box, place = text.bounding_box(), text.locator("xpath=ancestor::section").bounding_box()
        assert box is not None
        assert place is not None
        assert box["x"] + box["width"] <= place["x"] + place["width"]
    visit.close()


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("board", BOARDS)
def test_axe_finds_nothing(browser: Browser, site: Site, axe: str, board: str, theme: str) -> None:
    """Names, roles and contrast: axe-core finds no violation in either theme."""
    visit = Visit(browser, site.url)
    page = visit.open(f"/d/{board}?theme={theme}")
    page.evaluate(axe)
    found = page.evaluate("axe.run().then(result => result.violations.map(v => [v.id, v.nodes.map(n => n.html)]))")
    visit.close()

    assert found == []
