"""Alerts of the store against alerts recomputed: each figure, each alert too many or too few, and why it cannot be."""

# ruff: noqa: F811 - fixtures come by their names

import asyncio
from pathlib import Path

import msgspec
import pytest

from ammeter.broker import free_ports
from ammeter.reheard import NONE, NotRecomputed, alerts_again, differences
from ammeter.settings import Settings
from schemas import wire
from sinks.clickhouse import ClickHouse
from sinks.rows import TABLES, json_lines, rows_of
from tests.sinks.conftest import store, store_url  # noqa: F401 - the store of the sink's tests, as fixtures
from tests.streams.detect.office import Site, Team, work
from tests.streams.detect.test_stage import KNOWN


def bad() -> dict[bytes, bytes]:
    """The alerts of a team in trouble."""
    site = Site(calibration=KNOWN)
    site.feed(work(Team("bad", 12, abandons=0.7, tools=0.2), range(5), 1))
    site.flush()
    return dict(site.tables["anomalies"])


def test_the_stores_alerts_are_those_of_the_log(store: ClickHouse) -> None:
    """No difference; then one figure, one alert too many, one that is missing."""
    again = bad()
    assert again
    rows = [row for key, value in again.items() for row in rows_of("anomalies", key, value)]
    table = TABLES["anomalies"]
    store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(rows))
    assert list(differences(store, again)) == []

    name, value = next(iter(again.items()))
    row = msgspec.msgpack.decode(value, type=wire.Anomaly)
    row.n, row.version = row.n + 1, row.version + 1
    (found,) = differences(store, again | {name: msgspec.msgpack.encode(row)})
    assert (found.relation, found.column, found.recomputed) == ("anomalies", "n", str(row.n))

    fewer = {key: value for key, value in again.items() if key != name}
    (found,) = differences(store, fewer)
    assert (found.key, found.recomputed) == ((msgspec.msgpack.decode(name)[0],), NONE)
    (found,) = differences(store, again | {msgspec.msgpack.encode(("other",)): value})
    assert (found.key, found.stored) == (("other",), NONE)


def test_without_kafka_it_says_why(tmp_path: Path) -> None:
    """No alert is compared, and that is no difference."""
    (port,) = free_ports(1)
    with pytest.raises(NotRecomputed, match="did not answer"):
        asyncio.run(alerts_again(Settings(kafka=f"127.0.0.1:{port}", data=tmp_path)))
