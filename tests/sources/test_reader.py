"""Reading requests: what each record becomes, under which name, and what a resend changes."""

import json
from itertools import zip_longest
from typing import Any

import msgspec
import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest

from schemas import wire
from schemas.codec import read_events
from schemas.topics import MESSAGE_BYTES
from sources.messages import pack
from sources.otlp.limits import Limits
from sources.otlp.reader import NO_SESSION, UNREADABLE, Reader
from sources.otlp.refused import Refused
from tests.sources import support
from tests.sources.support import NOW, attributes, events_of, logs_body, metrics_body, only_event, point, record

BOTH = [(f"otlp_json/{run}", f"otlp_protobuf/{run}") for run in ("s01-text", "s02-edit", "s03-commit", "s10-multi")]
BOTH += [("otlp_json/s04-tool-failures", "otlp_protobuf/s04-tool-failures")]
BOTH += [("otlp_json/s31-cumulative-gzip", "otlp_protobuf/s31-cumulative-gzip")]


@pytest.mark.parametrize(("in_json", "in_protobuf"), BOTH)
def test_both_encodings_of_a_scenario_agree_in_shape(in_json: str, in_protobuf: str) -> None:
    """Signal by signal, the same kinds of events with the same fields filled, in the same order."""
    shapes = []
    for recording in (in_json, in_protobuf):
        found: dict[str, list[Any]] = {"logs": [], "metrics": []}
        for body in support.bodies(support.CLAUDE_CODE / recording):
            for message in pack(support.read(body).sessions):
                found[body.kind] += [_shape(event) for event in read_events(message.value)]
        shapes.append(found)
    assert shapes[0] == shapes[1]


def _shape(event: wire.Event) -> tuple[str, tuple[str, ...]]:
    said: dict[str, Any] = json.loads(msgspec.json.encode(event))
    volatile = {"ttft_ms", "duration_ms"}  # a call on loopback may take no measurable time
    return said["type"], tuple(sorted(said.keys() - volatile))


def test_the_same_body_in_protobuf_says_the_same() -> None:
    """A JSON body, rewritten as protobuf, gives equal events but for their run."""
    for body in support.bodies(support.CLAUDE_CODE / "otlp_json"):
        if body.kind != "logs":
            continue
        packed = ParseDict(json.loads(body.body), ExportLogsServiceRequest()).SerializeToString()
        other = Reader(support.PSEUDONYMS).read("logs", "protobuf", packed, body.received_at)
        for left, right in zip_longest(_events(support.read(body)), _events(other)):
            assert left | {"run": "", "event_id": ""} == right | {"run": "", "event_id": ""}


def _events(reading: Any) -> list[dict[str, Any]]:
    return [msgspec.to_builtins(event) for events in reading.sessions.values() for event in events]


def test_a_resend_is_the_same_but_for_its_receipt() -> None:
    """Every recorded body gives the same messages again, byte for byte, when read with the same time."""
    for body in support.bodies():
        first, again, later = (pack(support.read(body, at).sessions) for at in (NOW, NOW, NOW + 7))
        assert first == again
        moved = [value.value.replace(b'"received_at":%d' % (NOW + 7), b'"received_at":%d' % NOW) for value in later]
        assert [message.value for message in first] == moved


def test_an_index_is_the_place_in_the_body() -> None:
    """Records that are skipped or refused count, so that a newer reader gives the others the same ids."""
    known = record("user_prompt", prompt_length=3)
    body = logs_body(record("hook_registered"), 5, {"attributes": []}, known, record("hook_registered"), known)
    found = events_of(body)
    assert [(type(event).__name__, event.index) for event in found] == [
        ("PromptSubmitted", 24),
        ("SequenceSeen", 39),
        ("PromptSubmitted", 40),
    ]
    assert all(event.event_id == f"{event.run}-{event.index}" for event in found)


def test_one_bad_record_costs_only_itself() -> None:
    """A record of the wrong type and one without a session are counted with what to do; the others are taken."""
    reading = Reader(support.PSEUDONYMS).read(
        "logs", "json", logs_body(record("user_prompt"), None, [], {"attributes": 7}, record("user_prompt")), NOW
    )
    assert reading.rejected == {UNREADABLE: 2, NO_SESSION: 1}
    assert len(reading.sessions["session-1"]) == 2
    assert "OTEL_METRICS_INCLUDE_SESSION_ID" in reading.advice


def test_a_bad_attribute_costs_only_itself() -> None:
    """A record of which one attribute is broken keeps the others."""
    one = record("api_request", input_tokens=7)
    one["attributes"] += [5, {"key": 3}, {"key": "model", "value": {"stringValue": 9}}, {"key": "x", "value": {}}]
    event = only_event(logs_body(one))
    assert isinstance(event, wire.ModelResponded)
    assert (event.input_tokens, event.model) == (7, "")


def test_half_an_emoji_costs_nothing() -> None:
    """JavaScript may cut a text between the halves of a character; the batch is read all the same."""
    body = logs_body(record("user_prompt", prompt_length=4, prompt="XX")).replace(b"XX", rb"\ud83d\\")
    event = only_event(body)
    assert isinstance(event, wire.PromptSubmitted)
    assert event.prompt_length == 4


@given(st.lists(st.one_of(st.none(), st.integers(0, 1_000_000)), min_size=1, max_size=20))
def test_uninteresting_events_are_condensed(sequences: list[int | None]) -> None:
    """One event tells how many there were, and from which sequence to which, with or without one."""
    records = [record("hook_execution_start", event__sequence={} if n is None else n) for n in sequences]
    event = only_event(logs_body(*records))
    known = [number for number in sequences if number is not None]
    assert isinstance(event, wire.SequenceSeen)
    assert (event.first, event.last, event.count) == (min(known, default=0), max(known, default=0), len(sequences))


def test_events_are_kept_by_session() -> None:
    """A body of several sessions gives each its own messages."""
    reading = Reader(support.PSEUDONYMS).read(
        "logs", "json", logs_body(*(record("user_prompt", session=f"s{n % 3}") for n in range(9))), NOW
    )
    assert {message.session_id: message.events for message in pack(reading.sessions)} == {"s0": 3, "s1": 3, "s2": 3}


def test_a_large_message_is_split() -> None:
    """Above the limit of a message there are several, in order, none too large, nothing lost."""
    reading = Reader(support.PSEUDONYMS).read(
        "logs",
        "json",
        logs_body(*(record("api_request", request_id=f"r{n}", model="m" * 190) for n in range(2_000))),
        NOW,
    )
    found = pack(reading.sessions)
    indexes = [event.index for message in found for event in read_events(message.value)]
    assert len(found) > 1
    assert all(len(message.value) <= MESSAGE_BYTES for message in found)
    assert indexes == [n * 8 for n in range(2_000)]


def test_too_many_records_are_413() -> None:
    """In both encodings a body of more records than allowed is refused as a whole."""
    reader = Reader(support.PSEUDONYMS, limits=Limits(records=10))
    body = logs_body(*(record("user_prompt") for _ in range(11)))
    packed = ParseDict(json.loads(body), ExportLogsServiceRequest()).SerializeToString()
    for encoding, content in (("json", body), ("protobuf", packed)):
        with pytest.raises(Refused) as caught:
            reader.read("logs", encoding, content, NOW)  # type: ignore[arg-type]  # one of the two
        assert caught.value.status == 413


def test_a_notice_of_the_client_is_no_prompt() -> None:
    """A tag tells it; where the text is redacted, a finished background agent and a long prompt right after it do."""

    def prompts(*records: object) -> list[bool]:
        return [event.injected for event in events_of(logs_body(*records)) if isinstance(event, wire.PromptSubmitted)]

    ended = record("subagent_completed", NOW, is_async=True)
    hidden: dict[str, Any] = {"prompt": "<REDACTED>", "prompt_length": "714"}
    assert prompts(record("user_prompt", prompt="<task-notification>x", prompt_length=714)) == [True]
    assert prompts(ended, record("user_prompt", NOW + 90, **hidden), record("user_prompt", NOW + 900, **hidden)) == [
        True,
        False,
    ]
    assert prompts(ended, record("user_prompt", NOW + 2_001, **hidden)) == [False]
    assert prompts(ended, record("user_prompt", NOW + 90, prompt="<REDACTED>", prompt_length=30)) == [False]
    assert prompts(ended, record("user_prompt", NOW + 90, prompt="typed " * 50, prompt_length=300)) == [False]
    assert prompts(record("user_prompt", **hidden)) == [False]
    assert prompts(record("subagent_completed", is_async=False), record("user_prompt", NOW + 9, **hidden)) == [False]


def test_how_a_client_was_started_is_told_by_its_requests() -> None:
    """Who asks the model as `sdk` is no person at a terminal, the main thread is; what the client says goes first."""
    found = events_of(logs_body(record("user_prompt"), record("api_request", query_source="sdk")))
    assert {event.entrypoint for event in found} == {"sdk-cli"}
    said = events_of(logs_body(record("api_request", query_source="sdk", app__entrypoint="sdk-py")))
    assert {event.entrypoint for event in said} == {"sdk-py"}
    at_terminal = events_of(logs_body(record("api_request", query_source="repl_main_thread")))
    assert {event.entrypoint for event in at_terminal} == {"cli"}
    neither = events_of(logs_body(record("api_request", query_source="compact")))
    assert {event.entrypoint for event in neither} == {""}


def test_the_strongest_identity_is_the_person() -> None:
    """Enduser, then the header, then e-mail, account, installation; from the record first, then the resource."""

    def who(enduser: str = "", resource: dict[str, object] | None = None, **said: Any) -> tuple[str, str, str]:
        event = only_event(logs_body(record("user_prompt", **said), **(resource or {})), enduser=enduser)
        return event.user_id, event.user_id_kind, event.install_id

    name = support.PSEUDONYMS.of
    everything: dict[str, Any] = {
        "user.id": "i",
        "user.account_uuid": "a",
        "user.email": "Dana@Example.com",
        "enduser.id": "e",
    }
    assert who(**everything) == (name("e"), "enduser", name("i"))
    del everything["enduser.id"]
    assert who(**everything) == (name("dana@example.com"), "email", name("i"))
    assert who(enduser="h", **everything) == (name("h"), "enduser", name("i"))
    assert who(resource={"enduser.id": "r"}, **everything) == (name("r"), "enduser", name("i"))
    del everything["user.email"]
    assert who(**everything) == (name("a"), "account", name("i"))
    assert who(user__account_id=17) == (name("17"), "account", "")
    assert who(user__id="i") == (name("i"), "install", name("i"))
    assert who() == ("", "", "")


def test_the_team_is_the_first_key_that_says_one() -> None:
    """team.id, team, department; from the record first, then the resource; the keys can be set."""

    def team(resource: dict[str, object] | None = None, **said: Any) -> str:
        return only_event(logs_body(record("user_prompt", **said), **(resource or {}))).team_hint

    assert team(department="d", team="t", team__id="i") == "i"
    assert team(department="d", team="t") == "t"
    assert team({"team.id": "of the resource"}, department="d") == "d"
    assert team({"team.id": "of the resource"}) == "of the resource"
    assert team() == ""
    reading = Reader(support.PSEUDONYMS, ("squad",)).read(
        "logs", "json", logs_body(record("x", squad="q", team="t")), NOW
    )
    assert reading.sessions["session-1"][0].team_hint == "q"


def test_failures_keep_their_reason_and_not_their_text() -> None:
    """The text of an error becomes one word."""
    said: dict[str, Any] = {
        "error": "Repeated 529 Overloaded errors for dana",
        "total_attempts": 3,
        "total_retry_duration_ms": 1759,
    }
    body = logs_body(
        record("api_error", error="429 rate_limit_error", status_code=429), record("api_retries_exhausted", **said)
    )
    first, second = events_of(body)
    assert isinstance(first, wire.ModelRequestFailed)
    assert isinstance(second, wire.ModelRequestFailed)
    assert (first.kind, first.reason, first.status_code) == ("error", "rate_limit", 429)
    assert (second.kind, second.reason, second.attempts, second.duration_ms) == (
        "retries_exhausted",
        "overloaded",
        3,
        1759,
    )


def test_an_unknown_event_keeps_its_name_and_numbers() -> None:
    """Numbers, and numbers in strings whose name says a quantity; no text, no identity, no boolean."""
    said: dict[str, Any] = {
        "wait_ms": "12",
        "lines": 3,
        "share": 0.5,
        "note": "call 4711",
        "code": "4711",
        "user.account_id": 9,
        "ok": True,
    }
    event = only_event(logs_body(record("something_new", **said)))
    assert isinstance(event, wire.Unrecognised)
    assert (event.name, event.numbers) == ("something_new", {"wait_ms": 12.0, "lines": 3.0, "share": 0.5})


def test_a_counter_is_reported_as_it_came() -> None:
    """Integers or doubles, delta or cumulative; seconds become milliseconds and dollars micro-dollars."""
    integer = point(0) | {"asInt": "17"}
    del integer["asDouble"]
    lines = only_event(metrics_body("claude_code.lines_of_code.count", [integer]), "metrics")
    active = only_event(metrics_body("claude_code.active_time.total", [point(1.854, type="cli")], "s"), "metrics")
    cost = only_event(metrics_body("claude_code.cost.usage", [point(0.1211055)], "USD"), "metrics")
    odd = only_event(metrics_body("claude_code.new.share", [point(0.25)]), "metrics")
    found = [event for event in (lines, active, cost, odd) if isinstance(event, wire.UsageReported)]
    assert [(event.value, event.unit, event.kind) for event in found] == [
        (17, "count", ""),
        (1854, "ms", "cli"),
        (121106, "micro_usd", ""),
        (250_000, "micro", ""),
    ]
    assert {(event.temporality, event.started_at, event.series) for event in found} == {("delta", NOW - 60_000, "")}


def test_cumulative_series_have_names_of_their_own() -> None:
    """Points of different attributes are different series, of equal ones the same, whoever's they are."""
    points = [point(3, type="added"), point(5, type="removed"), point(4, type="added")]
    body = metrics_body("claude_code.lines_of_code.count", points, aggregationTemporality=2)
    series = [event.series for event in events_of(body, "metrics") if isinstance(event, wire.UsageReported)]
    assert series[0] == series[2] != series[1]
    assert all(series)


@pytest.mark.parametrize("kind", ["gauge", "histogram", "exponentialHistogram", "summary", "sum"])
def test_what_is_no_counter_is_kept_by_its_numbers(kind: str) -> None:
    """Gauges, histograms and sums that may fall are not usage."""
    said = point(2.5) if kind in ("gauge", "sum") else point(None) | {"count": "4", "sum": 10.5}
    event = only_event(metrics_body("claude_code.something", [said], kind=kind, isMonotonic=False), "metrics")
    assert isinstance(event, wire.Unrecognised)
    assert event.numbers in ({"value": 2.5}, {"count": 4.0, "sum": 10.5})


@pytest.mark.parametrize(
    ("service", "scope", "name", "source"),
    [
        ("claude-code-desktop", "", "x", "claude-code"),
        ("renamed", "com.anthropic.claude_code.events", "x", "claude-code"),
        ("renamed", "", "claude_code.x", "claude-code"),
        ("codex_cli_rs", "codex_otel.log_only", "codex.x", "codex"),
        ("gemini-cli", "gemini-cli", "gemini_cli.x", "gemini-cli"),
        ("github-copilot", "", "x", "copilot"),
        ("another", "", "x", "native"),
    ],
)
def test_a_source_is_told_by_scope_service_or_name(service: str, scope: str, name: str, source: str) -> None:
    """Whatever a company calls the service, the client is known; another client's events are kept by their numbers."""
    said = {"attributes": attributes(conversation__id="c-1", event__name=name, wait_ms=3)}
    body = {"resource": {"attributes": attributes(service__name=service)}}
    body |= {"scopeLogs": [{"scope": {"name": scope}, "logRecords": [said]}]}  # type: ignore[dict-item]  # JSON
    event = only_event(json.dumps({"resourceLogs": [body]}).encode())
    assert isinstance(event, wire.Unrecognised)
    assert (event.source, event.session_id, event.numbers) == (source, "c-1", {"wait_ms": 3.0})


@pytest.mark.parametrize("body", [b"{}", b'{"resourceLogs":[]}', b'{"resourceLogs":null}', b'{"resourceLogs":[{}]}'])
def test_an_empty_batch_is_fine(body: bytes) -> None:
    """There is nothing in it, and nothing wrong with it."""
    assert Reader(support.PSEUDONYMS).read("logs", "json", body, NOW).records == 0
    assert Reader(support.PSEUDONYMS).read("logs", "protobuf", b"", NOW).records == 0


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"7", b'{"resourceLogs":7}', b"\xff", b"[" * 100_000, b'{"resourceLogs":[7]}']
)
def test_a_broken_body_is_400(body: bytes) -> None:
    """What is not OTLP JSON is refused, and the answer repeats nothing of it."""
    with pytest.raises(Refused) as caught:
        Reader(support.PSEUDONYMS).read("logs", "json", body, NOW)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    ("parameters", "tool_input", "kind", "server"),
    [
        ({"full_command": "git commit -m x", "bash_command": "git"}, {"command": "git commit -m x"}, "commit", ""),
        (None, {"command": "npm test"}, "test", ""),
        ({"mcp_server_name": "tracker", "mcp_tool_name": "get"}, {"id": 1}, "", "tracker"),
        (None, {"file_path": "/home/dev/a.py", "old_string": "x"}, "", ""),
    ],
)
def test_details_of_a_tool_leave_as_a_hash_and_a_kind(
    parameters: dict[str, str] | None, tool_input: dict[str, Any], kind: str, server: str
) -> None:
    """Where the client shows them; the whole command comes first, since the input is cut at 512 characters."""
    said: dict[str, Any] = {"tool_name": "Bash", "tool_input": json.dumps(tool_input)}
    said |= {"tool_parameters": json.dumps(parameters)} if parameters else {}
    event = only_event(logs_body(record("tool_result", **said)))
    assert isinstance(event, wire.ToolFinished)
    assert (event.command_kind, event.mcp_server, bool(event.target)) == (kind, server, "id" not in tool_input)


def test_slash_commands_without_a_name_are_told_by_their_text() -> None:
    """Older versions give no command_name; where the prompt is shown it says what it is."""
    for text, command, injected in (
        ("/compact now", "compact", False),
        ("/home/x is gone", "", False),
        ("<task-notification>", "", True),
        ("<REDACTED>", "", False),
    ):
        event = only_event(logs_body(record("user_prompt", prompt=text, prompt_length=len(text))))
        assert isinstance(event, wire.PromptSubmitted)
        assert (event.command_name, event.injected) == (command, injected)


def test_a_refusal_that_another_model_answered_is_none() -> None:
    """The person never saw it; the one that ends a request is."""
    assert isinstance(only_event(logs_body(record("api_refusal", server_fallback_hop=True))), wire.SequenceSeen)
    event = only_event(logs_body(record("api_refusal", server_fallback_hop="false")))
    assert isinstance(event, wire.ModelRequestFailed)
    assert event.kind == "refusal"


def test_print_mode_is_known_by_whoever_asks_the_model() -> None:
    """Also where every request failed: an error says who asked, as an answer does."""
    for name in ("api_request", "api_error", "assistant_response"):
        found = events_of(logs_body(record("user_prompt", prompt_length=3), record(name, query_source="sdk")))
        assert {event.entrypoint for event in found} == {"sdk-cli"}


def test_documented_events_without_a_figure_are_no_unknown_ones() -> None:
    """They are condensed, bodies of requests too."""
    names = ("skill_activated", "at_mention", "auth", "internal_error", "feedback_survey", "api_request_body")
    event = only_event(logs_body(*(record(name, event__sequence=n) for n, name in enumerate(names))))
    assert isinstance(event, wire.SequenceSeen)
    assert (event.first, event.last, event.count) == (0, 5, 6)
