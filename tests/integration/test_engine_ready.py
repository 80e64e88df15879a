"""A worker says that it is ready when everything that is its own is restored, and not before."""

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ammeter.broker import EmbeddedBroker
from tests.integration.engine_site import PARTITIONS, Site
from tests.integration.workers import Worker, wait_until

pytestmark = pytest.mark.broker


@pytest.fixture
def site(broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str, tmp_path: Path) -> Iterator[Site]:
    """A corner of the shared broker."""
    site = Site(broker.address, kafka_prefix, tmp_path)
    yield site
    site.close()


def answer(worker: Worker, path: str) -> int:
    """The status of the metrics port's answer; 0 while it does not listen."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{worker.config.metrics_port}{path}", timeout=5) as found:
            return int(found.status)
    except urllib.error.HTTPError as exc:
        return exc.code
    except OSError:
        return 0


def test_a_worker_is_ready_when_all_its_partitions_fold(site: Site) -> None:
    """It answers from the start, refuses while the group and the tables are waited for, and is then ready for good."""
    worker = site.worker()
    assert wait_until(lambda: answer(worker, "/readyz")) == 503
    assert answer(worker, "/healthz") == 200

    wait_until(lambda: answer(worker, "/readyz") == 200)

    assert len(worker.folding) == 2 * PARTITIONS
    for stage in worker.config.stages:
        wait_until(lambda stage=stage: worker.metric("ammeter_stage_owned_partitions", stage=stage) == PARTITIONS)  # type: ignore[misc] # bound in the loop
        assert worker.metric("ammeter_stage_partitions", stage=stage) == PARTITIONS
    assert answer(worker, "/readyz") == 200
