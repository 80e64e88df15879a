"""Chromium, and the boards over stores that are shared: a simulated organisation, an empty one, none at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from ammeter.broker import free_ports
from bench import boards_site
from bench.boards_site import CHROMIUM, Store
from tests.browser.visit import Site, Visit

DAYS = 2


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. Of a module: its driver keeps a loop running in this thread, and other tests run their own."""
    if not CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    with boards_site.chromium() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Two days of an organisation; nobody changes what is in it."""
    with boards_site.store(tmp_path_factory.mktemp("simulated") / "store", DAYS) as store:
        yield store


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with its schema and no row."""
    with boards_site.store(tmp_path_factory.mktemp("empty") / "store", 0) as store:
        yield store


@pytest.fixture(scope="session")
def site(simulated: Store) -> Iterator[Site]:
    """The boards of the simulated organisation, as one of its people sees them."""
    user = boards_site.viewer(int(simulated.value("SELECT toUnixTimestamp(now()) * 1000")))
    with boards_site.serving(simulated.url, simulated.read_url, user) as url:
        yield Site(url, simulated, user)


@pytest.fixture(scope="session")
def empty_site(empty: Store) -> Iterator[Site]:
    """The boards of a store in which nothing is."""
    with boards_site.serving(empty.url, empty.read_url, "ada@example.com", gap_s=0.1) as url:
        yield Site(url, empty, "ada@example.com")


@pytest.fixture
def broken_url() -> Iterator[str]:
    """The boards of a store that is not there; for one test only, since they log in this process that it is away."""
    (port,) = free_ports(1)
    away = f"http://127.0.0.1:{port}"
    with boards_site.serving(away, away, "ada@example.com") as url:
        yield url


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Visit]:
    """A wide page; at its end nothing may have gone wrong."""
    made = Visit(browser, site.url)
    yield made
    made.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, the checker of accessibility."""
    modules = os.environ.get("AMMETER_NODE_MODULES", "")
    script = Path(modules) / "axe-core" / "axe.min.js"
    if not modules or not script.exists():
        pytest.skip("no axe-core: npm install axe-core, and name its node_modules in AMMETER_NODE_MODULES")
    return script.read_text()
