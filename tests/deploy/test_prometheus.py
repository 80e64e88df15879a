"""A real Prometheus with our configuration and rules, and a real part of ours that it reads."""

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from ammeter.broker import free_ports
from bench.stand import free_base
from grafana.alerts.pipeline import RULES

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "grafana/prometheus"
PATIENCE_S = 60


@contextmanager
def running(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    """A process that is ended in the end."""
    with log.open("wb") as to:
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=to, stderr=to)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def asked(port: int, path: str) -> Any:
    """What Prometheus's interface answers; nothing while it does not."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/{path}", timeout=5) as answer:
            return json.loads(answer.read())["data"]
    except OSError:
        return None


def configuration(part: int) -> dict[str, Any]:
    """Ours, with one part at a port of this machine, asked every second."""
    made: dict[str, Any] = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    made["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    made["rule_files"] = [str(FOLDER / file) for file in made["rule_files"]]
    del made["alerting"]
    (job,) = made["scrape_configs"]
    del job["dns_sd_configs"]
    (receiver,) = (each for each in job["static_configs"] if each["labels"] == {"part": "receiver"})
    job["static_configs"] = [{**receiver, "targets": [f"127.0.0.1:{part}"]}]
    return made


def _is_calm(rule: dict[str, Any], since: datetime | None) -> bool:
    """Whether it was evaluated after a moment, and had nothing to say."""
    return since is not None and rule["state"] == "inactive" and datetime.fromisoformat(rule["lastEvaluation"]) > since


def test_it_reads_a_part_and_evaluates_every_rule(tmp_path: Path) -> None:
    """The part is up, our metrics come with the labels that rules want, no rule fails, and nothing fires."""
    prometheus = shutil.which("prometheus")
    if prometheus is None:
        pytest.skip("prometheus is not on this machine: apt-get install prometheus")
    port, metrics, broker = free_ports(3)
    (tmp_path / "prometheus.yml").write_text(json.dumps(configuration(metrics)))
    server = [
        prometheus,
        f"--config.file={tmp_path / 'prometheus.yml'}",
        f"--storage.tsdb.path={tmp_path / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    receiver = {
        "AMMETER_DATA": str(tmp_path / "data"),
        "AMMETER_KAFKA": f"127.0.0.1:{broker}",  # nobody is there, which a receiver waits for
        "AMMETER_PORT_BASE": str(free_base()),
        "AMMETER_METRICS_PORT": str(metrics),
    }
    with ExitStack() as stack:
        stack.enter_context(
            running([sys.executable, "-m", "ammeter", "receive"], tmp_path / "receiver.log", **receiver)
        )
        stack.enter_context(running(server, tmp_path / "prometheus.log"))
        until, seen = time.monotonic() + PATIENCE_S, None
        while True:
            up = asked(port, "query?query=up%3D%3D1") or {"result": []}
            if up["result"] and not seen:
                seen = datetime.now(UTC)
            groups = (asked(port, "rules") or {"groups": []})["groups"]
            rules = {rule["name"]: rule for group in groups for rule in group["rules"]}
            # While the part starts it is down, and a rule waits for it; once it is up, no rule may go on waiting.
            if up["result"] and rules and all(_is_calm(rule, seen) for rule in rules.values()):
                break
            assert time.monotonic() < until, (rules, (tmp_path / "prometheus.log").read_text()[-2000:])
            time.sleep(0.5)
        (found,) = up["result"]
        flights = asked(port, "query?query=ammeter_receiver_in_flight_bytes")

    assert found["metric"] == {
        "__name__": "up",
        "instance": f"127.0.0.1:{metrics}",
        "job": "ammeter",
        "part": "receiver",
    }
    assert flights["result"]
    assert {name: rule["health"] for name, rule in rules.items()} == {rule.name: "ok" for rule in RULES}
