"""Counts what the recorded bodies hold. Rule: shares no code with the readers, so that it can contradict them.

`python -m tests.sources.count_recordings` writes tests/fixtures/otlp/expected.json; expected.md says how it counts.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest

FIXTURES = Path(__file__).parents[1] / "fixtures" / "otlp"
RECORDINGS = FIXTURES / "claude_code"
EXPECTED = FIXTURES / "expected.json"

COLUMNS = (
    "prompts",
    "tool_calls",
    "tool_failures",
    "tool_rejections",
    "api_failures",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "cost_micros",
    "lines_added",
    "lines_removed",
    "commits",
)
TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")


def parsed(path: Path) -> Any:
    """A body as plain dicts, in the shape of OTLP JSON."""
    body = path.read_bytes()
    if path.name.endswith(".gz"):
        body = gzip.decompress(body)
    if ".json" in path.name:
        return json.loads(body)
    request = ExportLogsServiceRequest() if "v1_logs" in path.name else ExportMetricsServiceRequest()
    request.ParseFromString(body)
    return MessageToDict(request)


def attributes(of: Any) -> dict[str, Any]:
    """Names to values; the one value that each holds, as it stands there."""
    return {pair["key"]: next(iter(pair["value"].values()), None) for pair in of.get("attributes", ())}


def typed_by_nobody(recording: str) -> set[str]:
    """The prompts that the client put in itself, by the text that its own hook was given (hooks log, same run)."""
    log = RECORDINGS / "hooks" / f"{recording}.jsonl"
    if not log.exists():
        return set()
    found = set()
    for line in log.read_text().splitlines():
        payload = json.loads(line)
        payload = payload.get("payload", payload)
        if payload.get("hook_event_name") == "UserPromptSubmit" and payload["prompt"].startswith("<"):
            found.add(payload["prompt_id"])
    return found


def log_events(folder: Path) -> Iterator[dict[str, Any]]:
    """The attributes of each log record, in order of arrival."""
    for path in sorted(folder.glob("*v1_logs.*")):
        if path.name.endswith(".headers.json"):
            continue
        for group in parsed(path)["resourceLogs"]:
            for scope in group["scopeLogs"]:
                for record in scope["logRecords"]:
                    yield attributes(record)


def counter_totals(folder: Path) -> dict[tuple[str, str, str], float]:
    """By session, metric and type: deltas added up; of cumulative series the last value."""
    totals: dict[tuple[str, str, str], float] = {}
    last: dict[tuple[str, str, str, str], float] = {}
    for path in sorted(folder.glob("*v1_metrics.*")):
        if path.name.endswith(".headers.json"):
            continue
        for group in parsed(path)["resourceMetrics"]:
            for scope in group["scopeMetrics"]:
                for metric in scope["metrics"]:
                    is_delta = metric["sum"]["aggregationTemporality"] in (1, "AGGREGATION_TEMPORALITY_DELTA")
                    for point in metric["sum"]["dataPoints"]:
                        a = attributes(point)
                        key = (str(a["session.id"]), str(metric["name"]), str(a.get("type", "")))
                        if is_delta:
                            totals[key] = totals.get(key, 0) + float(point["asDouble"])
                        else:
                            last[(*key, json.dumps(a, sort_keys=True))] = float(point["asDouble"])
    for (session, name, kind, _), value in last.items():
        totals[session, name, kind] = totals.get((session, name, kind), 0) + value
    return totals


def count(folder: Path) -> dict[str, dict[str, int]]:
    """Session to figures of one recording."""
    sessions: dict[str, Counter[str]] = {}
    notices = typed_by_nobody(folder.name) if folder.parent.name == "otlp_json" else set()
    for a in log_events(folder):
        figures = sessions.setdefault(a["session.id"], Counter())
        name = a["event.name"]
        if name == "user_prompt":
            figures["prompts"] += "command_name" not in a and a["prompt.id"] not in notices
        elif name == "tool_result":
            figures["tool_calls"] += 1
            figures["tool_failures"] += a["success"] == "false"
        elif name == "tool_decision":
            figures["tool_rejections"] += a["decision"] == "reject"
        elif name == "api_error":
            figures["api_failures"] += 1
        elif name == "api_request":
            for column in TOKENS:
                figures[column] += int(a[column])
            figures["cost_micros"] += round(float(a["cost_usd"]) * 1e6)
    for (session, name, kind), value in counter_totals(folder).items():
        figures = sessions.setdefault(session, Counter())
        if name == "claude_code.lines_of_code.count":
            figures[f"lines_{kind}"] += int(value)
        elif name == "claude_code.commit.count":
            figures["commits"] += int(value)
    return {session: {column: figures[column] for column in COLUMNS} for session, figures in sorted(sessions.items())}


def count_all() -> dict[str, dict[str, dict[str, int]]]:
    """Recording (encoding/run) to session to figures."""
    return {
        f"{folder.parent.name}/{folder.name}": count(folder)
        for encoding in ("otlp_json", "otlp_protobuf")
        for folder in sorted((RECORDINGS / encoding).iterdir())
        if folder.is_dir()
    }


def rendered() -> str:
    """expected.json as it is committed."""
    return json.dumps(count_all(), indent=1) + "\n"


if __name__ == "__main__":
    EXPECTED.write_text(rendered())
