"""A page in the browser, what it should not have done, and how the figures on it are read."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, expect

from ammeter import compose
from bench.boards_site import Store

PATIENCE_MS = 120_000
FOLDERS = (compose.dashboards(), compose.personal_dashboards())
BOARDS: dict[str, dict[str, Any]] = {
    board["uid"]: board
    for folder in FOLDERS
    for board in sorted((json.loads(path.read_text()) for path in folder.glob("*.json")), key=lambda one: one["uid"])
}
"""All committed boards by uid."""

SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"
SIZES = {"": 1, "K": 1e3, "Mil": 1e6, "Bil": 1e9, "ms": 1, "s": 1e3, "min": 6e4, "h": 36e5, "d": 864e5, "%": 0.01}
SIZES |= {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


@dataclass(frozen=True)
class Site:
    """Served boards, the store behind them, and who looks."""

    url: str
    store: Store
    user: str


class Visit:
    """One page."""

    def __init__(self, browser: Browser, url: str, width: int = 1440, height: int = 3200, **more: Any) -> None:
        self.page: Page = browser.new_page(viewport={"width": width, "height": height}, **more)
        self.page.set_default_timeout(PATIENCE_MS)
        self.wrong: list[str] = []
        self._url = url
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("request", self._see)

    def open(self, path: str) -> Page:
        """The board, once every panel with a query has its answer and is drawn."""
        self.page.goto(self._url + path)
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until every panel is drawn."""
        asking = self.page.locator("section:not([data-type=text])")
        expect(self.page.locator("section[data-state]")).to_have_count(asking.count(), timeout=PATIENCE_MS)

    def close(self) -> None:
        """Close the page; it must have done nothing wrong."""
        self.page.close()
        assert self.wrong == [], self.wrong

    def picture(self, name: str) -> None:
        """Keep a picture of the whole page under build/, for people to look at."""
        self.page.mouse.move(0, 0)
        height = self.page.evaluate("document.getElementById('grid').getBoundingClientRect().bottom + scrollY")
        width = self.page.viewport_size["width"] if self.page.viewport_size else 1440
        self.page.set_viewport_size({"width": width, "height": min(int(height), 8000)})
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(message.text)

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self._url, self._url.replace("http", "ws", 1), "data:")):
            self.wrong.append(f"asked {request.url}")


CUT = """() => {
  const found = [];
  const box = (one) => one.getBoundingClientRect();
  const say = (one, what) => found.push(`${one.closest("section").dataset.title}: ${what}`);
  for (const plot of document.querySelectorAll(".plot")) {
    const labels = [...plot.querySelectorAll("text")].map((one) => [box(one), one.firstChild.textContent]);
    const [from, to] = [box(plot).left - 1, box(plot).right + 1];
    labels.forEach(([one, text], place) => {
      if (one.left < from || one.right > to) say(plot, `${text} is cut`);
      for (const [other, beside] of labels.slice(place + 1)) {
        const [beneath, above] = one.top < other.top ? [other, one] : [one, other];
        const isOn = one.left < other.right && other.left < one.right && beneath.top < above.bottom - 3;
        if (isOn) say(plot, `${text} lies on ${beside}`);
      }
    });
  }
  const whole = "section:is([data-type=stat], [data-type=text]) .body, .legend, section > h2";
  for (const one of document.querySelectorAll(whole))
    if (one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
      say(one, `${one.className || one.tagName} is cut`);
  for (const one of document.querySelectorAll("td.wrapped"))
    if (box(one).right > box(one.closest("section")).right) say(one, "a sentence is cut");
  const here = box(document.querySelector("nav [aria-current]"));
  if (here.left < 0 || here.right > innerWidth) found.push("the board's name is out of sight");
  return found;
}"""


def cut(page: Page) -> list[str]:
    """What nobody can read: labels over one another, titles, legends, figures and sentences that are cut."""
    return list(page.evaluate(CUT))


def panel(page: Page, title: str) -> Locator:
    """The first panel of a title."""
    return page.locator(f'section[data-title="{title}"]').first


def stat(page: Page, title: str) -> float:
    """What a panel of one figure shows, as a number."""
    return figure(panel(page, title).locator(".stat b").first.inner_text())


def figure(text: str) -> float:
    """
    A figure as it is written, as a number: shares as shares, times in milliseconds.

    >>> figure("12.5%"), figure("$1,234"), figure("1.5 s"), figure("12.3 K"), figure("2 MiB")
    (0.125, 1234.0, 1500.0, 12300.0, 2097152.0)
    """
    match = re.fullmatch(r"(-?)\$?([\d,.]+)\s*([A-Za-z%]*)", text.strip())
    assert match, text
    return float(match[1] + match[2].replace(",", "")) * SIZES[match[3]]
