"""Nothing that a person wrote or did in detail leaves the readers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sources.messages import pack
from sources.otlp.reader import Reader
from tests.sources import support

SECRET = "SECRETdana"

KEPT = frozenset(
    {
        *("session.id", "conversation.id", "prompt.id", "event.name", "event.timestamp", "service.name"),
        *("service.version", "app.version", "app.entrypoint", "team.id", "team", "department"),
        *("model", "request_id", "client_request_id", "query_source", "agent_id", "agent.name", "agent_type"),
        *("speed", "effort", "tool_name", "tool_use_id", "tool_source", "permission_mode", "decision", "source"),
        *("decision_source", "decision_type", "error_type", "mcp_server.name", "mcp_tool.name", "language"),
        *("from_mode", "to_mode", "trigger", "type", "start_type", "command_name", "command_source"),
        *("originator", "call_id", "mcp_server", "model_reasoning_effort", "auth.request_id", "item.id", "agent.type"),
        *("prompt_id", "role", "function_name", "mcp_server_name", "agent_name", "error.type", "model_name"),
        *("gen_ai.conversation.id", "gen_ai.operation.name", "gen_ai.request.model", "gen_ai.response.model"),
        *("gen_ai.response.id", "gen_ai.tool.name", "gen_ai.tool.call.id", "gen_ai.agent.name"),
        *("github.copilot.initiator", "gen_ai.request.reasoning.level", "github.copilot.shutdown_type"),
    }
)
"""The allow-list, told a second time: what may pass, if it has the form of a name."""


EVENTS_OF_OTHERS = [
    *(("codex", f"codex.{event}") for event in ("conversation_starts", "user_prompt", "api_request", "sse_event")),
    *(("codex", f"codex.{event}") for event in ("tool_decision", "tool_result", "agent_response", "unheard_of")),
    *(("gemini-cli", f"gemini_cli.{event}") for event in ("config", "user_prompt", "tool_call", "api_response")),
    *(("gemini-cli", f"gemini_cli.{event}") for event in ("api_error", "slash_command", "agent.finish", "unheard_of")),
    ("gemini-cli", "gemini_cli.plan.approval_mode_switch"),
]


def plant(node: Any, secret: Callable[[str], str]) -> None:
    """Puts a secret into every text below `node` that is not on the list."""
    if isinstance(node, list):
        for item in node:
            plant(item, secret)
    elif isinstance(node, dict):
        if "key" in node and "value" in node:
            if node["key"] not in KEPT:
                _plant_value(node["value"], secret(node["key"]))
            return
        for key, item in node.items():
            if key == "body":
                node[key] = {"stringValue": secret("body")}
            elif key in ("description", "severityText", "traceId", "spanId", "schemaUrl", "eventName"):
                node[key] = secret(key)
            else:
                plant(item, secret)


def _plant_value(value: dict[str, Any], secret: str) -> None:
    for kind in list(value):
        if kind == "stringValue":
            value[kind] = secret
        elif kind in ("arrayValue", "kvlistValue"):
            value[kind] = {"values": [{"stringValue": secret}]}


def texts(body: bytes, kind: Any) -> bytes:
    """All that leaves: the messages, and what is told about the body."""
    reading = Reader(support.PSEUDONYMS).read(kind, "json", body, support.NOW)
    told = f"{reading.advice} {reading.rejected} {dict(reading.unknown)}"
    return b"".join(message.value for message in pack(reading.sessions)) + told.encode()


def recordings() -> list[Any]:
    """Every recorded JSON body of every client that is here."""
    folders = [support.CLAUDE_CODE / "otlp_json"]
    folders += [folder for folder in (support.SHARED / "codex", support.SHARED / "gemini") if folder.is_dir()]
    return [body for folder in folders for body in support.bodies(folder) if body.encoding == "json"]


@pytest.mark.parametrize("shape", [SECRET, f"the {SECRET} prompt", f"/home/{SECRET}/x.py", f"4711 {SECRET}"])
def test_no_planted_text_reaches_a_message(shape: str) -> None:
    """In every text of every recorded body that is not on the list: attributes, bodies, resources, descriptions."""
    for body in recordings():
        found = json.loads(body.body)
        plant(found, lambda _: shape)
        planted = json.dumps(found).encode()
        assert SECRET.encode() in planted
        assert SECRET.encode() not in texts(planted, body.kind), body.name


@pytest.mark.parametrize("shape", [f"the {SECRET} prompt", f"/home/{SECRET}/x.py", f"a\n{SECRET}"])
def test_what_is_on_the_list_must_have_the_form_of_a_name(shape: str) -> None:
    """A sentence or a path is dropped even where a name may pass, labels with spaces and the session's id apart."""
    names = KEPT - {"session.id", "conversation.id", "team.id", "team", "department", "agent.name", "agent_type"}
    names -= {"language", "mcp_server.name", "mcp_server_name", "mcp_tool.name", "event.name", "gen_ai.agent.name"}
    names -= {"gen_ai.conversation.id"}
    said: dict[str, Any] = dict.fromkeys(names, shape)
    for event in ("user_prompt", "api_request", "api_error", "tool_decision", "tool_result", "compaction", "unheard"):
        assert SECRET.encode() not in texts(support.logs_body(support.record(event, **said)), "logs"), event
    for scope, event in EVENTS_OF_OTHERS:
        every: dict[str, Any] = {"session.id": "s", "input_token_count": 1} | said
        one = support.said(event, **every)
        assert SECRET.encode() not in texts(support.body_of(scope, one), "logs"), event


def test_unknown_events_and_names_carry_no_text() -> None:
    """An event of no known name, attributes of no known name, names that are sentences, digits that are a secret."""
    said: dict[str, Any] = {f"unknown {SECRET}": 4, f"/{SECRET}": "x", "new_text": SECRET, "pin": "1234567890"}
    one = support.record("event", **said)
    one["body"] = {"stringValue": f"claude_code.{SECRET} wrote this"}
    for name in (None, f"a {SECRET} sentence", f"/home/{SECRET}"):
        one["attributes"] = [pair for pair in one["attributes"] if pair["key"] != "event.name"]
        one["attributes"] += [] if name is None else [support.attribute("event.name", name)]
        found = texts(support.logs_body(one), "logs")
        assert SECRET.encode() not in found
        assert b"1234567890" not in found


def test_identities_leave_as_pseudonyms() -> None:
    """None of the attributes that name somebody leaves as it came, from record or resource, as text or number."""
    keys = (
        "enduser.id",
        "user.email",
        "user.account_uuid",
        "user.account_id",
        "user.id",
        "installation.id",
        "user.name",
    )
    said: dict[str, Any] = {key: f"{SECRET}-{key}" for key in keys} | {"organization.id": SECRET}
    numbers: dict[str, Any] = dict.fromkeys(("user.account_id", "user.id", "organization.id"), 987654321)
    for event in ("user_prompt", "unheard_of"):
        found = texts(support.logs_body(support.record(event, **said), **said), "logs")
        found += texts(support.logs_body(support.record(event, **numbers)), "logs")
        assert SECRET.encode() not in found
        assert b"987654321" not in found
        assert b'"user_id":"u_' in found


TOOLS = json.dumps({"command": f"rm -rf {SECRET}", "file_path": f"/home/{SECRET}", "mcp_server_name": "tracker"})
PATCH = f"*** Begin Patch\n*** Update File: {SECRET}.py\n@@\n-{SECRET}\n+{SECRET} {SECRET}\n*** End Patch\n"


@pytest.mark.parametrize("shown", [TOOLS, PATCH, f'{{"cmd": "{SECRET}"', json.dumps([SECRET]), json.dumps(SECRET)])
def test_what_a_tool_was_given_and_printed_leaves_as_a_hash(shown: str) -> None:
    """Arguments, commands, paths, patches and outputs of every client; well formed or not."""
    printed = f"Exit code: 1\nOutput:\n{SECRET}"
    bodies = [
        support.logs_body(support.record("tool_result", tool_name="Bash", tool_parameters=shown, tool_input=shown)),
        support.body_of(
            "codex",
            support.said("codex.tool_result", conversation__id="c", tool_name="shell", arguments=shown, output=printed),
        ),
        support.body_of(
            "gemini-cli",
            support.said(
                "gemini_cli.tool_call", session__id="s", function_name="x", function_args=shown, metadata=shown
            ),
        ),
    ]
    for body in bodies:
        found = texts(body, "logs")
        assert SECRET.encode() not in found
        assert b'"tool_finished"' in found


@pytest.mark.shared
@pytest.mark.parametrize("client", ["codex", "gemini"])
def test_other_clients_leave_no_words(client: str, shared: Path) -> None:
    """Of what they record of commands, files, prompts, settings and the machine nothing passes, but names of tools."""
    folder = shared / "data" / "otlp" / client
    found = b"".join(texts(body.body, body.kind) for body in support.bodies(folder) if body.encoding == "json")
    assert b'"tool_finished"' in found
    for word in (b"python3", b"hello", b"/home/", b"sandbox_policy", b"devbox", b"gemini.js", b"Begin Patch", b"greet"):
        assert word not in found
