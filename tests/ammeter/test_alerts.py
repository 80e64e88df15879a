"""Alerts at the command line: what fires, what people say of it, and where that goes."""

import asyncio
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from ammeter import alerts, cli, outside, outside_log
from ammeter.broker import EmbeddedBroker, free_ports
from ammeter.secrets import make_key
from ammeter.settings import Settings, SettingsError
from schemas import wire
from sinks.clickhouse import connect
from sinks.migrate import Databases, migrate
from sinks.rows import OUTSIDE, TABLES, json_lines
from tests.sinks.alerted import DAY, alert, hook, resolved
from tests.sinks.made import T, pack

pytestmark = pytest.mark.slow  # each command opens a store

A, B, C = "abandonment-0000000a", "api_failures-0000000b", "trouble-0000000c"

ALERTS = {
    A: alert(),
    B: resolved(alert(detector="api_failures", team_id="", scope="organisation", opened_at=T - DAY)),
    C: alert(detector="trouble", severity="digest"),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory whose store has three alerts, one of them told: made once, for a schema takes its time."""
    made = tmp_path_factory.mktemp("alerts") / "data"
    store = connect(str(made / "store"))
    migrate(store)
    table = TABLES["anomalies"]
    rows = [row for ident, each in ALERTS.items() for row in table.rows(pack(wire.AnomalyKey(ident)), pack(each))]
    store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(rows))
    heard = wire.AlertDelivery(1, 1, "firing", T, 1, failure="it answered 503", attempts=3, sending="again")
    told = OUTSIDE["alert-deliveries"]
    row = told.row(pack(wire.AlertDeliveryKey("platform", A)), pack(heard), 1)
    store.insert(f"ammeter_private.{told.name}", told.columns, json_lines([row]))
    store.close()
    make_key(made / "key")
    return made


@pytest.fixture
def data(original: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return Path(shutil.copytree(original, tmp_path / "data", symlinks=True))


def ammeter(*arguments: object, code: int = 0) -> str:
    """Runs a command in this process; gives its standard output."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AMMETER_PORT_BASE", str(min(free_ports(1)[0], 60_000)))  # away from any stack that runs here
        done = CliRunner().invoke(cli.app, list(map(str, arguments)))
    if isinstance(done.exception, SettingsError):
        assert code == 2, done.exception
        return done.stdout
    assert done.exit_code == code, done.output
    return done.stdout


def listed(data: Path, *more: str, code: int) -> list[dict[str, Any]]:
    """What `list --json` says."""
    found: list[dict[str, Any]] = json.loads(ammeter("alerts", "list", *more, "--json", "--data", data, code=code))
    return found


def test_what_fires_is_listed_until_somebody_takes_it_on(data: Path) -> None:
    """Exit 1 while somebody is needed; the digest needs nobody."""
    first = listed(data, code=1)
    ammeter("alerts", "ack", A[-8:], "--by", "kim@example.org", "--comment", "the proxy", "--data", data)
    second = listed(data, code=0)
    ammeter("alerts", "ack", A, "--undo", "--data", data)

    assert [row["id"] for row in first] == [A, C]
    assert first[0]["channels"] == [
        {
            "channel": "platform",
            "word": "firing",
            "told_at": T,
            "number": 1,
            "sending": "again",
            "attempts": 3,
            "failure": "it answered 503",
            "in_doubt": False,
        }
    ]
    assert [row["is_acked"] for row in second] == [True, False]
    assert [row["is_acked"] for row in listed(data, code=1)] == [False, False]
    assert {row["id"] for row in listed(data, "--all", code=1)} == set(ALERTS)
    assert listed(data, "--team", "blue", code=0) == []
    table = ammeter("alerts", "list", "--all", "--data", data, code=1)
    assert re.search(rf"{A} +│ firing ", table)
    assert "2026-11-18 11:06" in table
    assert "organisation" in table
    noted = json.loads(
        ammeter(
            "sql",
            "SELECT acked_by, comment FROM ammeter_private.alert_note_rows FINAL",
            "--format",
            "json",
            "--data",
            data,
        )
    )
    assert "kim" not in str(noted)
    assert noted[0]["comment"] == "the proxy"


def test_a_mute_is_of_a_detector_a_team_or_one_alert(data: Path) -> None:
    """And it ends, or is taken back."""
    ammeter("alerts", "mute", "abandonment", "--team", "blue", "--data", data)
    other = listed(data, code=1)
    ammeter("alerts", "mute", "abandonment", "--for", "90m", "--data", data)
    muted = listed(data, code=0)
    ammeter("alerts", "mute", "abandonment", "--undo", "--data", data)
    ammeter("alerts", "mute", A, "--data", data)

    assert [row["is_muted"] for row in other] == [False, False]
    assert [row["is_muted"] for row in muted] == [True, False]
    assert [row["is_muted"] for row in listed(data, code=0)] == [True, False]
    ammeter("alerts", "mute", "abandonment", "--for", "soon", "--data", data, code=2)
    ammeter("alerts", "mute", "nothing", "--team", "red", "--data", data, code=2)


def test_feedback_is_kept_beside_what_was_said_before(data: Path) -> None:
    """A note is changed, not replaced."""
    ammeter("alerts", "ack", A, "--data", data)
    ammeter("alerts", "useful", A, "yes", "--data", data)
    shown = json.loads(ammeter("alerts", "show", A, "--json", "--data", data))
    text = ammeter("alerts", "show", A, "--data", data)

    assert (shown["useful"], shown["is_acked"]) == ("yes", True)
    assert text.startswith(ALERTS[A].sentence)
    assert "platform: not told: it answered 503 (3 attempts)" in text
    ammeter("alerts", "useful", A, "perhaps", "--data", data, code=2)
    ammeter("alerts", "show", "abandonment-99999999", "--data", data, code=2)
    ammeter("alerts", "show", "0000000", "--data", data, code=2)


def test_with_a_stream_a_note_is_a_record_of_its_topic(
    broker: EmbeddedBroker, topics: Callable[[str], str], kafka_prefix: str, tmp_path: Path
) -> None:
    """Two changes one after the other, though the store knows of neither yet."""
    settings = Settings(kafka=broker.address, topic_prefix=kafka_prefix, data=tmp_path)
    about = alerts.About(A, "abandonment", "red")

    where = alerts.change(settings, about, lambda note: replace(note, acked_at=T), given=False)
    alerts.change(settings, about, lambda note: replace(note, useful="no"), given=False)

    held = asyncio.run(outside_log.held(broker.address, topics(outside.ALERT_NOTES)))
    note = msgspec.msgpack.decode(held[A.encode()], type=wire.AlertNote)
    assert (note.id, note.detector, note.team_id, note.acked_at, note.useful) == (A, "abandonment", "red", T, "no")
    assert topics(outside.ALERT_NOTES) in where


def test_channels_are_tried(tmp_path: Path) -> None:
    """A message to each; why it was not taken, and no address."""

    async def body() -> tuple[dict[str, str], list[dict[str, Any]]]:
        async with hook() as web:
            routes = tmp_path / "routes.toml"
            routes.write_text(f"[channels]\ngood = '{web.url}'\nbad = 'http://127.0.0.1:9/?secret=hush'")
            settings = Settings(routes_file=routes)
            with pytest.raises(SettingsError, match="'x' is no channel: choose bad, good"):
                await alerts.check_channels(settings, "x")
            return await alerts.check_channels(settings, ""), web.took

    found, took = asyncio.run(body())

    assert found == {"good": "", "bad": "nobody answers there"}
    assert [each["kind"] for each in took] == ["test"]


def test_the_store_is_asked_for_what_there_is(data: Path) -> None:
    """A floor hides figures of fewer people here, too."""
    store = connect(str(data / "store"))
    migrate(store, floor=8)
    found = alerts.Alerts(store, Databases()).one(A)
    store.close()

    assert found["people"] is None
    assert "12 of 61" not in found["sentence"]
