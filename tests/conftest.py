"""What tests share: one embedded broker a session, names of their own at it, the recordings, and no silent skips."""

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import structlog
from hypothesis import settings

from ammeter.broker import BrokerConfig, EmbeddedBroker, JarsUnavailable, free_ports, jars
from ammeter.topics import ensure, plan

ROOT = Path(__file__).parents[1]

settings.register_profile("whole", deadline=None)
settings.register_profile("daily", deadline=None, max_examples=20)
settings.load_profile("whole")

REQUIRE_ALL = os.environ.get("AMMETER_TEST_REQUIRE") == "all"
"""Set by .ci/run: a machine that has everything skips nothing."""


def user_cache() -> Path:
    """Where Kafka's jars of this user lie."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ammeter"


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """A log that a command of one test set up would write to that test's closed standard error ever after."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def cache() -> Path:
    """The user's cache, with Kafka's jars: fetched once for all tests and all runs."""
    try:
        asyncio.run(jars.ensure(user_cache(), lambda _: None))
    except JarsUnavailable as error:
        pytest.skip(str(error))
    return user_cache()


@pytest.fixture
def own_broker(tmp_path: Path, cache: Path) -> Iterator[EmbeddedBroker]:
    """A broker that a test starts, kills and restarts as it likes; stopped at the end if it was ever started."""
    broker = _broker(tmp_path / "broker", cache)
    yield broker
    if broker.pid is not None:
        asyncio.run(broker.stop())


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Iterator[EmbeddedBroker]:
    """The broker that all tests share: running and ready; tests tell their things apart by `kafka_prefix`."""
    shared_broker = _broker(tmp_path_factory.mktemp("broker"), cache)
    asyncio.run(shared_broker.start())
    yield shared_broker
    asyncio.run(shared_broker.stop())


@pytest.fixture
def kafka_prefix() -> str:
    """Before each topic, group and transactional id of one test."""
    return f"t{uuid4().hex[:8]}-"


@pytest.fixture
def topics(broker: EmbeddedBroker, kafka_prefix: str) -> Callable[[str], str]:
    """The whole catalogue, made under the test's prefix with 4 partitions; gives the full name of a topic."""
    asyncio.run(ensure(broker.address, plan(prefix=kafka_prefix, partitions=4)))
    return lambda name: kafka_prefix + name


@pytest.fixture(scope="session")
def shared() -> Path:
    """The recordings that are not part of the repository."""
    path = ROOT.parent / "shared"
    if not path.is_dir():
        pytest.skip("the recordings in ../shared are not on this machine")
    return path


NEEDS = {"cache": "broker", "shared": "shared"} | dict.fromkeys(
    ("store_url", "store", "shown_store", "quarter"), "slow"
)
"""What a test that uses a fixture is marked with; a store with its schema takes seconds to make."""


LONG = (
    "ammeter/test_whole.py",
    "ammeter/test_demo_alerts.py",
    "sources/simulator/test_rates.py",
    "sinks/test_docs.py",
    "sinks/test_schema.py",
    "integration/test_chaos.py",
    "ammeter/backtesting/test_backtest.py",
    "browser/test_boards.py",
    "ammeter/cli/test_files.py",
    "integration/test_engine_faults.py",
)
"""Files that take more than a minute are begun first, the longest before all: no process waits for another's last."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Marks tests by what they use, before markers choose among them; long files first, however they are shuffled."""
    for item in items:
        for fixture in getattr(item, "fixturenames", ()):
            if fixture in NEEDS:
                item.add_marker(NEEDS[fixture])
    yield
    place = {f"tests/{name}": number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Where everything is required, a skipped test has failed."""
    report = yield
    _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    """Where everything is required, a skipped module has failed."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: Any) -> None:
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and AMMETER_TEST_REQUIRE=all: {report.longrepr[2]}"


def _broker(data: Path, cache: Path) -> EmbeddedBroker:
    port, controller_port = free_ports(2)
    return EmbeddedBroker(BrokerConfig(data=data, cache=cache, port=port, controller_port=controller_port))
