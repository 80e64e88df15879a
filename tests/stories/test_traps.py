"""Traps that no recording shows, made of recordings that do not: kills, resends, and clients of another age."""

import json
from typing import Any

import pytest

from schemas.counters import total
from sources.messages import Message, pack
from sources.otlp.reader import Reader
from tests.sources.support import PSEUDONYMS, Plain, bodies
from tests.stories.folded import NUMBERS, apart, fold, recorded
from tests.stories.hand_counted import METRICS, Run, runs

NAMES = ["claude_code/otlp_json/s02-edit", "claude_code/otlp_json/s03-commit", "claude_code/otlp_json/s20-interactive"]


@pytest.fixture(params=NAMES)
def run(request: pytest.FixtureRequest) -> Run:
    """A run of some calls, one with parallel ones, one of a person."""
    return runs()[request.param]


def figures(messages: list[Message]) -> dict[str, dict[str, int]]:
    """By session, those of the hand-counted columns."""
    return {name: one.figures for name, one in fold(messages).items()}


def by_hand(run: Run) -> dict[str, dict[str, int]]:
    """By session, as counted by hand."""
    return {session.session: session.figures for session in run.sessions}


def test_a_killed_run_has_no_metrics_and_all_else(run: Run) -> None:
    """SIGKILL: the logs are there, the metrics are not; lines, commits and active time are missing, and only they."""
    reader = Reader(PSEUDONYMS)
    logs = [each for each in bodies(run.folder) if each.kind == "logs"]
    messages = [
        message
        for each in logs
        for message in pack(reader.read(each.kind, each.encoding, each.body, each.received_at).sessions)
    ]
    assert figures(messages) == {
        session: counted | dict.fromkeys(METRICS, 0) for session, counted in by_hand(run).items()
    }


def test_a_receiver_that_refused_gets_every_body_five_times(run: Run) -> None:
    """Byte-identical resends, half of a body before all of it, and the first again at the end: nothing more."""
    messages = recorded(run.folder)
    events = apart(messages)
    again = [*events[: len(events) // 2], *messages, *messages, *messages, *messages, messages[0]]
    assert figures(again) == by_hand(run)


def cut(body: bytes, first: int) -> list[bytes]:
    """A logs body as two: so many records, and the rest."""
    told = json.loads(body)
    (resource,) = told["resourceLogs"]
    (scope,) = resource["scopeLogs"]
    records = scope["logRecords"]
    return [
        json.dumps({"resourceLogs": [resource | {"scopeLogs": [scope | {"logRecords": some}]}]}).encode()
        for some in (records[:first], records[first:])
    ]


def test_a_print_run_that_takes_longer_than_a_batch_is_print_mode() -> None:
    """Its first body holds the prompt and no answer, its metrics name no mode: nothing of it is interactive use."""
    run = runs()["claude_code/otlp_json/s02-edit"]
    (session,) = run.sessions
    reader = Reader(PSEUDONYMS)
    found = bodies(run.folder)
    (logs,) = [each for each in found if each.kind == "logs"]
    names = [
        next(pair["value"]["stringValue"] for pair in record["attributes"] if pair["key"] == "event.name")
        for record in json.loads(logs.body)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    ]
    parts = cut(logs.body, names.index("api_request"))
    for order in (parts, parts[::-1]):
        messages: list[Message] = []
        for body in order:
            messages += pack(reader.read("logs", "json", body, logs.received_at).sessions)
        for each in found:
            if each.kind == "metrics":
                messages = [
                    *pack(reader.read(each.kind, each.encoding, each.body, each.received_at).sessions),
                    *messages,
                ]
        one = fold(messages)[session.session]
        assert {column: one.half(column, "other") for column in session.figures} == session.figures


LATER = ("anthropic.provider", "anthropic.custom_base_url", "prompt_text", "message.uuid", "ttft_ms", "tool_source",
         "cache_creation_5m_tokens", "cache_creation_1h_tokens", "permission_mode")  # fmt: skip
"""Attributes that 2.1.197 does not send."""


def older(body: bytes) -> bytes:
    """A logs body as 2.1.197 would have sent it."""
    told = json.loads(body)
    for resource in told.get("resourceLogs", ()):
        for scope in resource["scopeLogs"]:
            scope["logRecords"] = [kept for record in scope["logRecords"] if (kept := _older(record)) is not None]
    return json.dumps(told).encode()


def _older(record: dict[str, Any]) -> dict[str, Any] | None:
    pairs = {pair["key"]: pair for pair in record["attributes"]}
    name = pairs["event.name"]["value"]["stringValue"]
    if name in ("managed_settings_resolved", "plugin_loaded"):
        return None
    missing = {*LATER, *(("request_id",) if name.startswith("tool_") else ())}
    return record | {"attributes": [pair for key, pair in pairs.items() if key not in missing]}


def test_a_client_of_half_a_year_ago_counts_the_same(run: Run) -> None:
    """What later versions added is needed for no figure."""
    reader = Reader(PSEUDONYMS)
    messages: list[Message] = []
    for each in bodies(run.folder):
        body = older(each.body) if each.kind == "logs" else each.body
        messages += pack(reader.read(each.kind, each.encoding, body, each.received_at).sessions)
    found = figures(messages)
    assert found == {session: counted for session, counted in by_hand(run).items() if session in found}
    assert {session.session for session in run.sessions if not session.phantom} == set(found)


def test_a_client_that_nobody_knows_yet_counts_the_same(run: Run) -> None:
    """New events and new attributes on old ones: stored, counted as unrecognised, and nothing else changes."""
    reader = Reader(PSEUDONYMS)
    messages: list[Message] = []
    for each in bodies(run.folder):
        messages += pack(reader.read(each.kind, each.encoding, _newer(each), each.received_at).sessions)
    found = fold(messages)
    assert {name: one.figures for name, one in found.items()} == by_hand(run)
    assert sum(total(one.state.sums, NUMBERS["unrecognised"]) for one in found.values()) > 0


def _newer(each: Plain) -> bytes:
    if each.kind != "logs":
        return each.body
    told = json.loads(each.body)
    for resource in told["resourceLogs"]:
        for scope in resource["scopeLogs"]:
            for record in scope["logRecords"]:
                record["attributes"].append({"key": "quantum.flux", "value": {"kvlistValue": {"values": []}}})
            last = json.loads(json.dumps(scope["logRecords"][-1]))
            for pair in last["attributes"]:
                if pair["key"] == "event.name":
                    pair["value"] = {"stringValue": "mind_read"}
            scope["logRecords"].append(last | {"body": {"stringValue": "claude_code.mind_read"}})
    return json.dumps(told).encode()
