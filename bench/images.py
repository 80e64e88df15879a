"""The pictures of README and docs, anew: `python -m bench.images` or `make images`, from simulated boards."""

import tempfile
from pathlib import Path

from bench import boards_site

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SHOWN = {"now": "theme=dark"}
"""The boards that are shown, and how."""
DAYS = 7
HIGHEST = 2_050


def main() -> None:
    """Writes a PNG a board."""
    IMAGES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        boards_site.store(Path(folder) / "store", DAYS) as store,
        boards_site.serving(store.url, store.read_url, "") as url,
        boards_site.chromium() as browser,
    ):
        for board, asked in SHOWN.items():
            page = browser.new_page(viewport={"width": 1440, "height": HIGHEST})
            page.goto(f"{url}/d/{board}?{asked}")
            asking = page.locator("section:not([data-type=text])").count()
            while page.locator("section[data-state]").count() < asking:
                page.wait_for_timeout(100)
            height = page.evaluate("document.getElementById('grid').getBoundingClientRect().bottom")
            page.set_viewport_size({"width": 1440, "height": min(int(height), HIGHEST)})
            page.wait_for_timeout(500)
            page.screenshot(path=IMAGES / f"{board}.png")
            page.close()


if __name__ == "__main__":
    main()
