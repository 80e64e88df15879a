"""The whole stack on this machine: a recorded request becomes figures, a demo reports, and nothing is left running."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ammeter.ports import taken
from ammeter.settings import Settings
from bench.stand import free_base

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "tests/fixtures/otlp/claude_code/otlp_json/s02-edit"
EXPECTED = ROOT / "tests/fixtures/otlp/expected.json"
BAD = "Abandonment of troubled sessions (a proxy), team checkout"
READY_WITHIN_S, FIGURES_WITHIN_S, STOP_WITHIN_S, DEMO_WITHIN_S = 120, 60, 60, 900

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture
def base() -> int:
    """A base from which on all ports of a stack are free."""
    return free_base()


def _environment(base: int, cache: Path) -> dict[str, str]:
    ours = {"AMMETER_PORT_BASE": str(base), "AMMETER_CACHE": str(cache), "PYTHONUNBUFFERED": "1"}
    return {name: value for name, value in os.environ.items() if not name.startswith("AMMETER_")} | ours


def _running(mark: str) -> list[int]:
    """Processes whose command line or environment names `mark`, this one and its own children by tools left out."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            text = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        except OSError:
            continue
        if mark.encode() in text and int(process.name) != os.getpid():
            found.append(int(process.name))
    return found


@contextmanager
def _started(log: Path, environment: dict[str, str], *arguments: object) -> Iterator["subprocess.Popen[bytes]"]:
    """A command that runs, its output in a file; killed at the end if it has not ended."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "ammeter", *map(str, arguments)], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ammeter(environment: dict[str, str], *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ammeter", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


def test_up_turns_a_recorded_request_into_figures_and_leaves_nothing(base: int, cache: Path, tmp_path: Path) -> None:
    """Receiver, Kafka, stages, sink, store and SQL; Ctrl-C ends all with 0."""
    data, log = tmp_path / "data", tmp_path / "log"
    environment = _environment(base, cache) | {"AMMETER_DATA": str(data)}
    (session, figures), *_ = json.loads(EXPECTED.read_text())["otlp_json/s02-edit"].items()
    asked = f"SELECT prompts, tool_calls, lines_added FROM sessions WHERE session_id = '{session}'"
    with _started(log, environment, "up") as stack:
        until = time.monotonic() + READY_WITHIN_S
        while "Ctrl-C stops everything" not in log.read_text():
            assert stack.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.1)
        assert f"export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{base + 1}" in log.read_text().splitlines()
        for _ in range(2):  # a request that comes twice counts once
            sent = _ammeter(environment, "replay", RECORDED)
            assert sent.returncode == 0, sent.stderr
        until = time.monotonic() + FIGURES_WITHIN_S
        found: list[dict[str, int | str]] = []
        while not found or int(found[0]["lines_added"]) < figures["lines_added"]:
            assert time.monotonic() < until, found
            found = json.loads(_ammeter(environment, "sql", asked, "--format", "json").stdout or "[]")
        assert {name: int(value) for name, value in found[0].items()} == {name: figures[name] for name in found[0]}
        assert _ammeter(environment, "reconcile").stdout.strip().endswith("no difference")
        stack.send_signal(signal.SIGINT)
        assert stack.wait(STOP_WITHIN_S) == 0, log.read_text()

    assert _running(str(data)) == []
    assert taken(Settings(port_base=base)) == {}


@contextmanager
def _webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address that takes messages, and what came."""
    took: list[dict[str, Any]] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            took.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Taking) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", took
        server.shutdown()


def test_a_demo_reports_and_leaves_nothing(base: int, cache: Path, tmp_path: Path) -> None:
    """
    All that was produced is stored, no letter is dead, every board answers; of the one bad team one alert is told, to a
    webhook as well, once.
    """
    report, routes = tmp_path / "r.json", tmp_path / "routes.toml"
    environment = _environment(base, cache) | {"TMPDIR": str(tmp_path), "AMMETER_ROUTES_FILE": str(routes)}
    with _webhook() as (address, took):
        routes.write_text(f'digest = false\n[channels]\nhook = "{address}"\n')
        with _started(tmp_path / "log", environment, "demo", "--for", 5, "--no-browser", "--report", report) as demo:
            code = demo.wait(DEMO_WITHIN_S)
    result = json.loads(report.read_text())

    assert code == 0, (tmp_path / "log").read_text()
    assert result["produced"] == result["stored"] > 1_000
    assert (result["dead_letters"], result["lost"], result["boards_ok"]) == (0, 0, True)
    assert [alert.partition(":")[0] for alert in result["alerts"]] == [BAD]
    ((told,),) = [message["alerts"] for message in took]
    assert (told["kind"], told["metric"], told["team"]) == ("opened", "abandonment", "checkout")
    assert told["board_url"].startswith(f"{result['boards_url']}/d/team?var-team=checkout&from=")
    assert result["windows"] >= 10 * 3
    assert 0 < result["delay_ms"]["p50"] <= result["delay_ms"]["p99"]
    assert result["boards_url"] == f"http://127.0.0.1:{base + 5}"
    assert list(tmp_path.glob("ammeter-demo-*")) == []
    assert _running(str(tmp_path)) == []
    assert taken(Settings(port_base=base)) == {}
