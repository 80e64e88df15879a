"""Settings that make a client send here, ready to deploy. Rule: a client's settings are said here alone.

docs/onboarding.md has the reason for each value.
"""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TOKEN = "TOKEN"  # noqa: S105 - stands where the reader's own token belongs
"""What is printed for the token where none was given."""

HEADERS_HELPER = "/etc/claude-code/ammeter-headers"

HOOKS = (
    "SessionStart",
    "UserPromptSubmit",
    "PostToolUse",
    "PostToolUseFailure",
    "Stop",
    "StopFailure",
    "SubagentStop",
    "PreCompact",
    "SessionEnd",
)
HOOKS_PATH = "/v1/hooks/claude-code"
HOOK_SECONDS, CURL_SECONDS = 3, 2

_CLEAN = re.compile(r"[A-Za-z0-9@./:+_-]{1,200}")
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,500}")  # what a Bearer token may hold; a comma would cut the header
_ADDRESS = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class CannotConnect(ValueError):
    """A value that a client would drop or cut; one sentence that says which and why."""


@dataclass(frozen=True)
class Receiver:
    """Where to send, as whom. Raises CannotConnect for what a client would not send as it is."""

    url: str
    token: str = ""
    """Empty: the receiver asks for none (it listens on loopback)."""
    team: str = ""
    person: str = ""
    person_variable: str = ""
    """Name of a variable of the login shell that names the person, such as USER."""

    def __post_init__(self) -> None:
        url = urlsplit(self.url)
        if not _ADDRESS.fullmatch(self.url) or not url.hostname:
            raise CannotConnect(f"--url {self.url}: give http://host:port or https://host, without a query.")
        if re.search(r"/v1/(logs|metrics|traces)/?$", url.path):
            raise CannotConnect(f"--url {self.url}: leave /v1/... out, the client adds it.")
        for option, value in (("--team", self.team), ("--person", self.person)):
            if value and not _CLEAN.fullmatch(value):
                raise CannotConnect(
                    f"{option} {value!r}: use ASCII letters, digits and @ . / : + _ - only, the client drops the rest."
                )
        if self.token and not _TOKEN.fullmatch(self.token):
            raise CannotConnect("The token may hold ASCII letters, digits and . _ ~ + / = - only.")
        if self.person_variable and not _VARIABLE.fullmatch(self.person_variable):
            raise CannotConnect(f"--person-env {self.person_variable!r}: give the name of a variable, such as USER.")
        if self.person and self.person_variable:
            raise CannotConnect("Give --person or --person-env, not both.")

    @property
    def base(self) -> str:
        """The address without a slash at its end."""
        return self.url.rstrip("/")

    @property
    def attributes(self) -> str:
        """OTEL_RESOURCE_ATTRIBUTES."""
        named = (("team.id", self.team), ("enduser.id", self.person))
        return ",".join(f"{key}={value}" for key, value in named if value)


def placeholder(url: str) -> str:
    """What stands for the token of a receiver at this address: it asks for one beyond loopback.

    >>> placeholder("http://127.0.0.1:4318"), placeholder("https://ammeter.example.com")
    ('', 'TOKEN')
    """
    return "" if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1") else TOKEN


def claude_code_variables(to: Receiver) -> dict[str, str]:
    """The environment of Claude Code."""
    found = {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_LOGS_EXPORTER": "otlp",
        "OTEL_METRICS_EXPORTER": "otlp",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_ENDPOINT": to.base,
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer {to.token}" if to.token else "",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "60000",
        "OTEL_METRIC_EXPORT_INTERVAL": "15000",
        "OTEL_RESOURCE_ATTRIBUTES": to.attributes,
    }
    return {name: value for name, value in found.items() if value}


def claude_code_settings(to: Receiver, hooks: bool) -> str:
    """A managed or user settings file of Claude Code."""
    found: dict[str, Any] = {"env": claude_code_variables(to)}
    if to.person_variable:
        found["otelHeadersHelper"] = HEADERS_HELPER
    if hooks:
        found["hooks"] = {name: [{"hooks": [_hook(to, name)]}] for name in HOOKS}
    return json.dumps(found, indent=1) + "\n"


def _hook(to: Receiver, name: str) -> dict[str, Any]:
    """Never in the person's way: in the background, bounded, and always well. At the end there is no background."""
    headers = [f"-H 'Authorization: Bearer {to.token}'"] if to.token else []
    headers.append("-H 'Content-Type: application/json'")
    if to.person:
        headers.append(f"-H 'X-Enduser-Id: {to.person}'")
    elif to.person_variable:
        headers.append(f'-H "X-Enduser-Id: ${{{to.person_variable}:-}}"')
    sent = f"curl -s -m {CURL_SECONDS} {' '.join(headers)} --data-binary @- {to.base}{HOOKS_PATH}"
    hook: dict[str, Any] = {"type": "command", "command": f"{sent} >/dev/null 2>&1 || true"}
    if name != "SessionEnd":
        hook["async"] = True
    return hook | {"timeout": HOOK_SECONDS}


def headers_helper(variable: str) -> str:
    """The script that names the person for telemetry by a variable; it says nothing where the variable is unclean."""
    return (
        "#!/bin/sh\n"
        f'case "${{{variable}:-}}" in\n'
        """  ""|*[!A-Za-z0-9@._+-]*) printf '{}\\n' ;;\n"""
        f"""  *) printf '{{"X-Enduser-Id": "%s"}}\\n' "${variable}" ;;\n"""
        "esac\n"
    )


def exports(variables: Mapping[str, str]) -> str:
    """Lines for a shell.

    >>> print(exports({"A": "1", "B": "x y"}), end="")
    export A=1
    export B='x y'
    """
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def codex_settings(to: Receiver) -> str:
    """The [otel] table of Codex's config.toml: logs alone, for its metrics name no conversation."""
    headers = {"Authorization": f"Bearer {to.token}"} if to.token else {}
    if to.person:
        headers["X-Enduser-Id"] = to.person
    lines = [
        "[otel]",
        "log_user_prompt = false",
        'trace_exporter = "none"',
        "",
        "[otel.exporter.otlp-http]",
        f"endpoint = {json.dumps(to.base + '/v1/logs')}",
        'protocol = "binary"',
    ]
    if headers:
        lines += ["", "[otel.exporter.otlp-http.headers]"]
        lines += [f"{name} = {json.dumps(value)}" for name, value in headers.items()]
    return "\n".join(lines) + "\n"


def gemini_settings(to: Receiver) -> str:
    """The telemetry part of Gemini CLI's settings.json."""
    telemetry = {
        "enabled": True,
        "target": "local",
        "otlpEndpoint": to.base,
        "otlpProtocol": "http",
        "logPrompts": False,
    }
    return json.dumps({"telemetry": telemetry}, indent=1) + "\n"


def gemini_variables(to: Receiver) -> dict[str, str]:
    """The environment of Gemini CLI: all of it, for what its settings file cannot say is here alone."""
    found = {
        "GEMINI_TELEMETRY_ENABLED": "true",
        "GEMINI_TELEMETRY_TARGET": "local",
        "GEMINI_TELEMETRY_OTLP_ENDPOINT": to.base,
        "GEMINI_TELEMETRY_OTLP_PROTOCOL": "http",
        "GEMINI_TELEMETRY_LOG_PROMPTS": "false",
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer {to.token}" if to.token else "",
        "OTEL_RESOURCE_ATTRIBUTES": to.attributes,
    }
    return {name: value for name, value in found.items() if value}
