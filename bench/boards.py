"""How long a board takes in a browser, on loopback: `python -m bench.boards [--days 2] [--runs 5]`.

Each run opens one board in a fresh browser context, with nothing in its cache, on a server that has asked the store
nothing yet. The tab is there, as it is for who comes from another page; with `--starting` it begins with the board, so
that the browser starts a process meanwhile. Measured in the page are the first contentful paint, and when the last
panel was drawn: of those in sight on a screen of 1440 x 900, and of all. Nothing else should run meanwhile: the load
before is among the results. Exits 1 when a board misses what it must reach.
"""

import argparse
import json
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser
from rich.console import Console
from rich.table import Table

from bench import boards_site
from bench.stand import machine

RESULTS = Path(__file__).parent / "results"
PAINT_MS, IN_SIGHT_MS = 500, 1_500
PATIENCE_MS = 120_000
SCREEN = {"width": 1440, "height": 900}

WATCH = """
window.drawn = {};
new MutationObserver((changes) => {
  for (const { target } of changes) if (target.dataset.state) window.drawn[target.id] ??= performance.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] });
"""
TOLD = """() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  bytes: performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
    .reduce((sum, one) => sum + one.transferSize, 0),
  panels: Object.entries(window.drawn).map(([id, at]) => ({ at, top: document.getElementById(id).offsetTop })),
})"""


STARTED_MS = 1_000
"""So long a browser may take to start its processes."""


def once(browser: Browser, url: str, board: str, is_starting: bool) -> dict[str, float]:
    """One cold opening; milliseconds since the navigation began, and bytes beside the socket's."""
    context = browser.new_context(viewport=SCREEN)  # type: ignore[arg-type]  # a plain dict is one
    page = context.new_page()
    page.add_init_script(WATCH)
    if not is_starting:
        page.goto(f"{url}/api/status")
        page.wait_for_timeout(STARTED_MS)
    page.goto(f"{url}/d/{board}")
    asking = page.locator("section:not([data-type=text])").count()
    # Panels draw when they come into sight: the first screen is measured before the rest is.
    page.wait_for_selector("section[data-state]", timeout=PATIENCE_MS)
    in_sight = page.locator("section:not([data-type=text])").evaluate_all(
        "(all) => all.filter((one) => one.getBoundingClientRect().top < innerHeight).map((one) => one.id)"
    )
    for panel in in_sight:
        page.wait_for_selector(f"#{panel}[data-state]", timeout=PATIENCE_MS)
    first = page.evaluate(TOLD)
    page.set_viewport_size({"width": SCREEN["width"], "height": 5000})
    while page.locator("section[data-state]").count() < asking:
        page.wait_for_timeout(20)
    told = page.evaluate(TOLD)
    context.close()
    seen = [one["at"] for one in first["panels"] if one["top"] < SCREEN["height"]]
    return {
        "paint_ms": told["paint"],
        "in_sight_ms": max(seen),
        "all_ms": max(one["at"] for one in told["panels"]),
        "kilobytes": told["bytes"] / 1024,
        "panels": asking,
    }


def measure(days: int, runs: int, is_starting: bool) -> dict[str, Any]:
    """All boards, each several times, each on a server of its own."""
    found: dict[str, Any] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        boards_site.store(Path(folder) / "store", days) as store,
        boards_site.chromium() as browser,
    ):
        found["events"] = int(store.value("SELECT count() FROM ammeter_private.session_events"))
        found["sessions"] = int(store.value("SELECT count() FROM ammeter.sessions"))
        user = boards_site.viewer(int(store.value("SELECT toUnixTimestamp(now()) * 1000")))
        for board in boards_site.boards():
            openings = []
            for _ in range(runs):
                with boards_site.serving(store.url, store.read_url, user) as url:
                    openings.append(once(browser, url, board, is_starting))
            found.setdefault("boards", {})[board] = {
                "panels": int(openings[0]["panels"]),
                "kilobytes": round(median(one["kilobytes"] for one in openings), 1),
            } | {
                name: {"median": round(median(values)), "highest": round(max(values))}
                for name in ("paint_ms", "in_sight_ms", "all_ms")
                for values in [[one[name] for one in openings]]
            }
    return found


def main() -> int:
    """Measures, prints a table, keeps the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--days", type=int, default=14, help="of the simulated organisation of four teams")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--starting", action="store_true", help="the browser starts a process for each opening")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    before = machine()
    found = measure(options.days, options.runs, options.starting)
    table = Table("board", "panels", "KB", "first paint", "in sight", "all", title="milliseconds, median (highest)")
    good = True
    for board, one in found["boards"].items():
        paint, sight, all_ = (one[name] for name in ("paint_ms", "in_sight_ms", "all_ms"))
        good &= paint["median"] <= PAINT_MS and sight["median"] <= IN_SIGHT_MS
        times = (f"{times['median']} ({times['highest']})" for times in (paint, sight, all_))
        table.add_row(board, str(one["panels"]), f"{one['kilobytes']:.0f}", *times)
    Console().print(table)
    print(f"{found['events']:,} events, {found['sessions']:,} sessions")
    result = {"days": options.days, "runs": options.runs, "must": {"paint_ms": PAINT_MS, "in_sight_ms": IN_SIGHT_MS}}
    options.results.mkdir(parents=True, exist_ok=True)
    result["starting"] = options.starting
    file = options.results / ("boards-starting.json" if options.starting else "boards.json")
    file.write_text(json.dumps({**result, **found, "before": before, "after": machine()}, indent=1) + "\n")
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
