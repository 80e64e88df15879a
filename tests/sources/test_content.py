"""Nothing that a person wrote or did in detail leaves the readers."""

import json
import re
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
    }
)
"""The allow-list, told a second time: what may pass, if it has the form of a name."""


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
    names -= {"language", "mcp_server.name", "mcp_tool.name", "event.name"}
    for event in ("user_prompt", "api_request", "api_error", "tool_decision", "tool_result", "compaction", "unheard"):
        said: dict[str, Any] = dict.fromkeys(names, shape)
        assert SECRET.encode() not in texts(support.logs_body(support.record(event, **said)), "logs"), event


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


@pytest.mark.shared
@pytest.mark.parametrize("client", ["codex", "gemini"])
def test_other_clients_become_numbers(client: str) -> None:
    """Their events come as names and numbers; not one of their words does."""
    folder: Path = support.SHARED / client
    if not folder.is_dir():
        pytest.skip("The recordings of other clients are not here (../shared/data/otlp).")
    found = b"".join(texts(body.body, body.kind) for body in support.bodies(folder) if body.encoding == "json")
    assert re.findall(rb'"name":"(?:codex|gemini_cli|gen_ai)\.', found)
    for word in (b"python3", b"hello", b"/home/", b"sandbox_policy", b"apply_patch"):
        assert word not in found
