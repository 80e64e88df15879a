"""What every board's page does: choices, keys, themes, SQL, CSV, live figures, empty and broken stores."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import BOARDS, PATIENCE_MS, Site, Visit, panel

pytestmark = pytest.mark.browser


WRITTEN = """async () => {
  const { roundTicks, tick, timeTicks } = await import(document.querySelector("link[href$='/format.js']").href);
  const axis = (high, unit, counted) => {
    const found = roundTicks(0, high, 4, unit, counted);
    return found.map((value) => tick(value, unit, found[1]));
  };
  const at = (day) => new Date(2026, 10, day).getTime();
  const days = (from, to, count) => timeTicks(at(from), at(to), count).map(([, text]) => text);
  return {
    people: axis(10, "short", true), rates: axis(10, "short"), money: axis(0.7, "currencyUSD"),
    dollars: axis(1200, "currencyUSD"), minutes: axis(50 * 60_000, "ms"), hours: axis(4 * 3600, "s"),
    week: days(20, 27, 3), month: days(1, 29, 4), quarter: days(-59, 29, 3), night: days(20, 21, 2),
  };
}"""


def test_axes_are_written_as_people_count(visit: Visit) -> None:
    """No half people, cents in pairs, minutes and hours in round ones, a day where a day begins, months from afar."""
    page = visit.open("/d/anomalies")

    assert page.evaluate(WRITTEN) == {
        "people": ["0", "5", "10"],
        "rates": ["0", "2.5", "5", "7.5", "10"],
        "money": ["$0.00", "$0.20", "$0.40", "$0.60"],
        "dollars": ["$0", "$500", "$1,000"],
        "minutes": ["0", "15 min", "30 min", "45 min"],
        "hours": ["0", "1 h", "2 h", "3 h", "4 h"],
        "week": ["Nov 22", "Nov 25"],
        "month": ["Nov 2", "Nov 9", "Nov 16", "Nov 23"],
        "quarter": ["Oct", "Nov"],
        "night": ["Nov 20", "12:00", "Nov 21"],
    }


def test_several_teams_are_chosen(visit: Visit) -> None:
    """What is checked in a picker narrows the figures, stays in the address, and is undone by Back and by All."""
    page = visit.open("/d/tools?from=now-24h")
    everything = page.locator("section[data-title='Tool calls'] .stat b").first.inner_text()
    page.get_by_test_id("var-team").click()
    teams = page.locator("#pick-team .boxes input")
    names = [str(teams.nth(number).get_attribute("value")) for number in range(2)]
    for name in names:
        page.get_by_role("checkbox", name=name, exact=True).check()

    expect(page.get_by_test_id("var-team")).to_contain_text(", ".join(names))
    for name in names:
        assert f"var-team={name}" in page.url
    figure = page.locator("section[data-title='Tool calls'] .stat b").first
    expect(figure).not_to_have_text(everything, timeout=PATIENCE_MS)
    page.get_by_role("button", name="All", exact=True).click()
    expect(figure).to_have_text(everything, timeout=PATIENCE_MS)
    assert "var-team" not in page.url


def test_ranges(visit: Visit) -> None:
    """Usual ranges, earlier, later, wider, any two moments: each is in the address in Grafana's words."""
    page = visit.open("/d/pipeline")
    page.get_by_test_id("range").select_option("now-6h")
    assert "from=now-6h&to=now" in page.url
    page.get_by_test_id("wider").click()
    assert "from=now-43200s" in page.url
    page.get_by_test_id("earlier").click()
    assert re.search(r"from=\d{13}&to=\d{13}", page.url)
    page.get_by_test_id("later").click()
    assert "to=now" in page.url
    page.get_by_test_id("range").select_option("custom")
    page.get_by_test_id("range-from").fill("2026-01-02T10:00")
    page.get_by_test_id("range-to").fill("2026-01-02T09:00")
    page.get_by_test_id("range-apply").click()
    expect(page.locator("dialog .wrong")).to_contain_text("before it begins")
    page.get_by_test_id("range-to").fill("2026-01-02T11:00")
    page.get_by_test_id("range-apply").click()
    expect(page.get_by_test_id("range")).to_contain_text("Jan 2, 2026")
    begins, ends = (int(text) for text in re.findall(r"(?:from|to)=(\d{13})", page.url))
    assert ends - begins == 3_600_000


def test_a_range_is_chosen_by_dragging(visit: Visit) -> None:
    """Dragging over a chart zooms every panel into that range, and shows figures on the way."""
    page = visit.open("/d/pipeline")
    plot = page.locator("section[data-type=timeseries][data-state=data] .plot").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, middle)
    expect(page.locator(".tip")).to_be_visible()
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=4)
    page.mouse.up()

    expect(page).to_have_url(re.compile(r"from=\d{13}&to=\d{13}"))


def test_keys(visit: Visit) -> None:
    """Everything a panel and the page offer is reached by keys alone."""
    page = visit.open("/d/pipeline?theme=dark")
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("dark or light")
    page.keyboard.press("Escape")
    plot = page.locator("section[data-type=timeseries][data-state=data] .plot").first
    plot.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".tip")).to_be_visible()
    page.keyboard.press("e")
    expect(page.get_by_test_id("expanded")).to_contain_text("FROM ammeter.")
    page.keyboard.press("Escape")
    plot.focus()
    page.keyboard.press("v")
    expect(page.locator("section.alone")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("section.alone")).to_have_count(0)
    page.keyboard.press("k")
    expect(page.locator("header")).to_be_hidden()
    assert "kiosk" in page.url


def test_a_panel_tells_its_sql_and_rows(visit: Visit) -> None:
    """The menu of a panel shows its SQL as it runs, saves its rows, and shows it alone."""
    page = visit.open("/d/pipeline")
    place = panel(page, "Clients")
    number = str(place.get_attribute("id")).removeprefix("panel-")
    place.hover()
    page.get_by_test_id(f"sql-{number}").click()
    expect(page.get_by_test_id("expanded")).to_contain_text("FROM ammeter.")
    expect(page.get_by_test_id("expanded")).not_to_contain_text("$")
    page.get_by_role("button", name="Close").click()
    with page.expect_download() as download:
        page.get_by_test_id(f"csv-{number}").click()
    assert len(download.value.path().read_text().splitlines()) == 1 + place.locator("tbody tr").count()
    page.get_by_test_id(f"view-{number}").click()
    expect(place).to_have_class("alone")
    assert f"viewPanel={number}" in page.url


def test_a_table_is_sorted_by_its_heads(visit: Visit) -> None:
    """A click on a head sorts by it: figures from the top, then the other way, then as the query has it."""
    page = visit.open("/d/pipeline")
    place = panel(page, "Clients")
    head = place.get_by_role("button", name="events")
    column = place.locator("tbody td:nth-child(3)")

    def figures() -> list[float]:
        return [float(text.replace(",", "")) for text in column.all_inner_texts()]

    head.click()
    expect(place.locator("th[aria-sort=descending]")).to_have_count(1)
    assert figures() == sorted(figures(), reverse=True)
    place.get_by_role("button", name="events").click()
    expect(place.locator("th[aria-sort=ascending]")).to_have_count(1)
    assert figures() == sorted(figures())


def test_a_series_is_hidden_by_its_name(visit: Visit) -> None:
    """A click on an entry of the legend takes its line away, and brings it back."""
    page = visit.open("/d/pipeline")
    place = panel(page, "Lag by part")
    lines = place.locator("path.series")
    many = lines.count()
    place.locator(".legend button").first.click()
    expect(lines).to_have_count(many - 1)
    place.locator(".legend button").first.click()
    expect(lines).to_have_count(many)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_theme_is_the_systems_until_one_is_chosen(browser: Browser, site: Site, scheme: str) -> None:
    """Dark or light as the system says; the switch and the address beat it."""
    visit = Visit(browser, site.url, color_scheme=scheme)
    page = visit.open("/d/pipeline")
    other = {"dark": "light", "light": "dark"}[scheme]
    expect(page.locator("html")).to_have_attribute("data-theme", scheme)
    page.get_by_test_id("theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", other)
    page.goto(f"{site.url}/d/pipeline")
    expect(page.locator("html")).to_have_attribute("data-theme", other)
    visit.close()


@pytest.mark.parametrize("board", BOARDS)
def test_an_empty_store_says_why_nothing_is_there(browser: Browser, empty_site: Site, board: str) -> None:
    """With nothing in the store no panel fails: each shows nothing with its reason, or a figure of zero."""
    visit = Visit(browser, empty_site.url)
    page = visit.open(f"/d/{board}")
    visit.picture(f"{board}-empty")

    assert page.locator("section[data-state=error]").all_inner_texts() == []
    reasons = page.locator("section[data-state=empty] .message span").all_inner_texts()
    assert all(reason.strip() for reason in reasons)
    assert reasons
    visit.close()


def test_figures_follow_the_store(browser: Browser, empty_site: Site) -> None:
    """A row that comes into the store is on the page without a reload."""
    visit = Visit(browser, empty_site.url)
    page = visit.open("/d/pipeline?from=now-6h")
    figure = panel(page, "Dead letters").locator(".stat b")
    expect(figure).to_have_text("0")
    empty_site.store.client.command(
        "INSERT INTO ammeter_private.dead_letter_rows (at, topic, partition, offset, reason) "
        "VALUES (toUnixTimestamp64Milli(now64(3)), 'session-events', 0, 1, 'not JSON')"
    )

    expect(figure).to_have_text("1", timeout=PATIENCE_MS)
    visit.close()


def test_a_store_that_is_away_is_told(browser: Browser, broken_url: str) -> None:
    """Without a store each panel says that it cannot be reached, and the page says so once for all."""
    visit = Visit(browser, broken_url)
    page: Page = visit.open("/d/pipeline")
    visit.picture("pipeline-broken")

    expect(page.locator("section[data-state=error]").first).to_contain_text("could not be reached")
    expect(page.get_by_test_id("banner")).to_contain_text("Store away", timeout=PATIENCE_MS)
    visit.close()
