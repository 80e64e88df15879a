"""The Alertmanager notifier: what is posted, and a real Alertmanager that tells a webhook, once."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ammeter.broker import free_ports
from sinks.alertmanager import CREATOR, HOLD_MS, Alertmanager, AlertmanagerConfig, labels, posted, silences
from sinks.alertmanager import _iso as iso
from sinks.due import Known
from sinks.notifying import FAILING
from tests.sinks.alerted import DAY, HOUR, WRITING, Run, Site, alert, hook, mute, note, resolved
from tests.sinks.made import T, until

SHIPPED = Path(__file__).parents[2] / "deploy/alertmanager/alertmanager.yml"

A, B, C = "abandonment-0000000a", "api_failures-0000000b", "abandonment-0000000c"


def now() -> int:
    """Epoch milliseconds: Alertmanager has a clock of its own."""
    return time.time_ns() // 1_000_000


def needed(program: str) -> str:
    """Where a program is; skips where there is none."""
    found = shutil.which(program)
    if not found:
        pytest.skip(f"{program} is not on this machine (Debian: prometheus-alertmanager)")
    return found


def amtool(*arguments: str) -> str:
    """What amtool answers."""
    done = subprocess.run([needed("amtool"), *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_labels_name_what_fires_where() -> None:
    """And no figure, which would make another alert of it."""
    assert labels(alert(team_id="a b")) == {
        "alertname": "AmmeterAbandonment",
        "team": "a b",
        "severity": "alert",
        "metric": "abandonment",
        "scope": "team",
    }
    assert labels(alert(detector="cost_per_success"))["alertname"] == "AmmeterCostPerSuccess"
    assert labels(alert(scope="organisation", team_id=""))["team"] == "organisation"
    assert labels(alert(team_id=""))["team"] == "unassigned"


def test_what_fires_holds_and_what_ended_has_its_end() -> None:
    """An end is told for an hour; the digest's alerts never; of the same labels the newest alert."""
    fires, ended = alert(), resolved(alert(team_id="blue"), T + HOUR)
    known = Known({A: fires, C: ended, B: alert(detector="trouble", severity="digest")}, {A: note(A, acked_at=T)})

    first, second = posted(known, WRITING, T + HOUR)

    assert first["startsAt"] == "2026-11-18T11:06:40.000+00:00"
    assert first["endsAt"] == iso(T + HOUR + HOLD_MS)
    assert first["annotations"]["acknowledged"] == "yes"
    assert second["endsAt"] == iso(T + HOUR)
    assert [each["labels"]["team"] for each in posted(known, WRITING, T + 3 * HOUR)] == ["red"]
    known.alerts["abandonment-0000000d"] = alert(opened_at=T + DAY)
    assert [each["annotations"]["id"] for each in posted(known, WRITING, T + DAY)] == ["abandonment-0000000d"]


def test_a_mute_is_a_silence() -> None:
    """Of a detector, of a team, of one alert; each catches Ammeter's alerts alone."""
    notes = mute("abandonment", "red", T + DAY) | mute("*", "", T + DAY) | mute("silence", "*", T - 1)
    notes |= {A: note(A, muted_until=T + HOUR), "gone": note("gone", muted_until=T + HOUR)}

    found = silences(notes, {A: alert()}, T)

    assert {key: pairs(each) for key, each in found.items()} == {
        "mute:abandonment:red": {"metric": "abandonment", "team": "red", "alertname": "Ammeter.+"},
        "mute:*:": {"team": "organisation", "alertname": "Ammeter.+"},
        A: labels(alert()),
    }
    assert found[A]["endsAt"] == iso(T + HOUR)


def test_figures_of_too_few_people_are_not_told() -> None:
    """In no annotation."""
    (told,) = posted(Known({A: alert(people=3)}), replace(WRITING, floor=5), T)

    assert "12 of 61" not in json.dumps(told)
    assert "fewer than 5 people" in told["annotations"]["description"]


@pytest.mark.parametrize(
    ("given", "receiver"),
    [
        (["team=payments", "severity=alert", "metric=abandonment", "scope=team"], "team-payments"),
        (["team=ranking", "severity=alert", "metric=success", "scope=team"], "discovery"),
        (["team=payments", "severity=pipeline", "metric=silence", "scope=team"], "platform"),
        (["team=platform", "severity=pipeline", "alertname=AmmeterDeadLetters"], "platform"),
        (["team=organisation", "severity=alert", "scope=organisation"], "everybody"),
        (["team=bucket-1", "severity=alert", "scope=bucket"], "everybody"),
        (["team=anybody", "severity=alert", "scope=team"], "everybody"),
    ],
)
def test_the_shipped_routes_lead_there(given: Sequence[str], receiver: str) -> None:
    """By Alertmanager's own tool."""
    assert amtool("config", "routes", "test", f"--config.file={SHIPPED}", *given) == receiver


def test_the_shipped_file_is_well() -> None:
    """Its templates, too."""
    assert "SUCCESS" in amtool("check-config", str(SHIPPED))


@asynccontextmanager
async def alertmanager(port: int, config: Path, data: Path) -> AsyncIterator[None]:
    """A real one that runs within the block, and ends in good order."""
    arguments = [f"--config.file={config}", f"--storage.path={data}", f"--web.listen-address=127.0.0.1:{port}"]
    program = [needed("prometheus-alertmanager"), *arguments, "--cluster.listen-address="]
    process = await asyncio.create_subprocess_exec(
        *program, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 20)


def test_a_real_alertmanager_tells_a_webhook_once(on_site: Run, tmp_path: Path) -> None:
    """Fires, groups, is silent, is restarted, resolves; and so is the notifier."""
    needed("prometheus-alertmanager")
    (port,) = free_ports(1)
    address = f"http://127.0.0.1:{port}"

    def silent() -> dict[str, str]:
        found = json.loads(amtool("silence", "query", "--alertmanager.url", address, "-o", "json"))
        return {each["comment"]: each["id"] for each in found if each["createdBy"] == CREATOR}

    @asynccontextmanager
    async def notifier(site: Site) -> AsyncIterator[None]:
        config = AlertmanagerConfig(site.address, site.prefix, WRITING, [address])
        made = Alertmanager(config, now, every_s=0.3)
        await made.start()
        try:
            yield
        finally:
            await made.stop()

    async def body(site: Site) -> None:
        opened = now() - HOUR
        red = alert(opened_at=opened)
        red_too = alert(detector="api_failures", opened_at=opened)
        async with hook() as web:
            config = tmp_path / "alertmanager.yml"
            config.write_text(CONFIG.format(url=web.url))
            async with alertmanager(port, config, tmp_path / "data"):
                async with notifier(site):
                    await site.alerts({A: red, B: red_too})
                    await until(lambda: len(web.took) == 1)
                    amtool(
                        "silence",
                        "add",
                        "--alertmanager.url",
                        address,
                        "--comment",
                        "known",
                        "--author",
                        "a",
                        "team=blue",
                    )
                    await site.alerts({C: alert(team_id="blue", opened_at=opened)})
                    await site.notes(mute("success", "*", now() + DAY))
                    await asyncio.sleep(3)
                async with notifier(site):
                    await asyncio.sleep(2)
                muted = await asyncio.to_thread(silent)
            async with notifier(site):
                await until(lambda: FAILING.labels("alertmanager-0")._value.get() == 1)
                async with alertmanager(port, config, tmp_path / "data"):
                    await until(lambda: FAILING.labels("alertmanager-0")._value.get() == 0)
                    await asyncio.sleep(3)
                    told = len(web.took)
                    await site.notes({"mute:success:*": None})
                    await site.alerts({A: resolved(red, now()), B: resolved(red_too, now())})
                    await until(lambda: web.took[-1]["status"] == "resolved")
                    await asyncio.sleep(2)
                    unmuted = await asyncio.to_thread(silent)

        assert told == 1
        assert sorted(each["labels"]["metric"] for each in web.took[0]["alerts"]) == ["abandonment", "api_failures"]
        assert web.took[0]["commonLabels"]["team"] == "red"
        assert {each["labels"]["team"] for body in web.took for each in body["alerts"]} == {"red"}
        ends = [
            each["labels"]["metric"] for body in web.took for each in body["alerts"] if each["status"] == "resolved"
        ]
        assert sorted(set(ends)) == ["abandonment", "api_failures"]
        assert [body["status"] for body in web.took].count("resolved") == 1
        assert list(muted) == ["Muted in Ammeter: mute:success:*"]
        assert unmuted == {}

    on_site(body)


CONFIG = """
route:
  receiver: chat
  group_by: [team]
  group_wait: 2s
  group_interval: 2s
  repeat_interval: 4h
receivers:
  - name: chat
    webhook_configs:
      - url: {url}
"""


def pairs(silence: dict[str, Any]) -> dict[str, str]:
    """A silence's matchers."""
    return {each["name"]: each["value"] for each in silence["matchers"]}
