"""What the demo says of alerts: each that opens, once, in its own words."""

import asyncio
from pathlib import Path

import pytest

from ammeter.settings import Settings
from ammeter.show import Show
from ammeter.watch import Watch
from sinks.clickhouse import ClickHouse
from tests.sinks.test_alerts import alert
from tests.sinks.test_views import put


def test_an_alert_is_said_once_and_what_is_for_the_digest_is_not(
    store: ClickHouse, store_url: str, tmp_path: Path
) -> None:
    """Nor one that is over before anybody looked."""
    put(store, "anomalies", (("a",), alert(sentence="Red [gives] up.")), (("b",), alert(severity="digest")))
    put(store, "anomalies", (("c",), alert(status="resolved")))

    async def look() -> list[list[str]]:
        watch = Watch(Settings(clickhouse=store_url, data=tmp_path))
        try:
            found = [await watch.new_alerts(), await watch.new_alerts()]
            put(store, "anomalies", (("d",), alert(sentence="Blue too.", severity="pipeline")))
            return [*found, await watch.new_alerts()]
        finally:
            await watch.close()

    assert asyncio.run(look()) == [["Red [gives] up."], [], ["Blue too."]]


def test_what_looks_like_markup_is_printed_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    """A team may be called anything."""
    Show().alert("Team [red] gives up more.")
    assert "Alert: Team [red] gives up more." in capsys.readouterr().out
