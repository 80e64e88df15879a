"""The settings that clients are given: what was tried with a real client, in every form, and no secret by accident."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ammeter import cli
from ammeter.connect import (
    CannotConnect,
    Receiver,
    claude_code_settings,
    claude_code_variables,
    codex_settings,
    exports,
    gemini_settings,
    gemini_variables,
    headers_helper,
)
from ammeter.settings import Settings
from ammeter.up import client_settings

TRIED = json.loads((Path(__file__).parents[1] / "fixtures/otlp/claude_code/managed-settings.json").read_text())
"""The file with which the recordings were made."""

LOCAL = "http://127.0.0.1:4318"


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[Any, str, str]:
    """A command's exit code, standard output and standard error."""
    monkeypatch.setattr(sys, "argv", ["ammeter", "connect", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()
    return ended.value.code, out, err


def test_the_managed_file_is_the_one_that_was_tried() -> None:
    """Each variable and each hook is as in the file that made a real client send; only the department is left out."""
    to = Receiver(LOCAL, "TOKEN", "platform", "dana@example.com")
    made = json.loads(claude_code_settings(to, hooks=True))

    assert made["env"] | {"OTEL_RESOURCE_ATTRIBUTES": ""} == TRIED["env"] | {"OTEL_RESOURCE_ATTRIBUTES": ""}
    assert "department=eng," + made["env"]["OTEL_RESOURCE_ATTRIBUTES"] == TRIED["env"]["OTEL_RESOURCE_ATTRIBUTES"]
    by_variable = json.loads(claude_code_settings(Receiver(LOCAL, "TOKEN", person_variable="USER"), hooks=True))
    assert by_variable["hooks"] == TRIED["hooks"]
    assert list(made["hooks"]) == list(TRIED["hooks"])


def test_hooks_hold_nobody_up() -> None:
    """In the background but for the last, three seconds at most, and never a failure."""
    hooks = json.loads(claude_code_settings(Receiver(LOCAL), hooks=True))["hooks"]
    for name, (entry,) in hooks.items():
        (hook,) = entry["hooks"]
        assert hook["type"] == "command"
        assert hook["timeout"] == 3
        assert hook.get("async", False) is (name != "SessionEnd")
        assert hook["command"].endswith(">/dev/null 2>&1 || true")
        assert " -m 2 " in hook["command"]


def test_hooks_name_a_person_only_where_telemetry_does_too() -> None:
    """Else a session would be one person's by its hooks and another's by its telemetry."""
    unnamed = claude_code_settings(Receiver(LOCAL), hooks=True)
    named = claude_code_settings(Receiver(LOCAL, person="dana@example.com"), hooks=True)

    assert "X-Enduser-Id" not in unnamed
    assert "-H 'X-Enduser-Id: dana@example.com'" in named
    assert "enduser.id=dana@example.com" in named


def test_a_receiver_on_loopback_needs_no_token() -> None:
    """No header is printed where none is asked for."""
    assert "OTEL_EXPORTER_OTLP_HEADERS" not in claude_code_variables(Receiver(LOCAL))
    assert "Authorization" not in claude_code_settings(Receiver(LOCAL), hooks=True)
    assert "headers" not in codex_settings(Receiver(LOCAL))


def test_shell_lines_are_what_a_shell_reads() -> None:
    """The lines, run by a shell, set the variables as they are."""
    wanted = claude_code_variables(Receiver("https://ammeter.example.com", "t0ken", "platform", "dana@example.com"))
    script = exports(wanted) + "env"
    told = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env={}).stdout

    assert wanted.items() <= dict(line.split("=", 1) for line in told.splitlines()).items()


def test_up_prints_the_same() -> None:
    """One source for what `up` and `connect` say."""
    lines = client_settings(Settings(port_base=20_000)).splitlines()
    names = {shlex.split(line)[1].split("=")[0] for line in lines}

    assert names == set(TRIED["env"]) - {"OTEL_EXPORTER_OTLP_HEADERS"}
    assert "export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:20001" in lines


def test_codex_sends_logs_alone_to_their_own_path() -> None:
    """Its endpoint is used as it stands, traces would follow the logs, and prompts stay away."""
    made = tomllib.loads(codex_settings(Receiver("https://ammeter.example.com/", "t0ken", person="dana@example.com")))

    assert made == {
        "otel": {
            "log_user_prompt": False,
            "trace_exporter": "none",
            "exporter": {
                "otlp-http": {
                    "endpoint": "https://ammeter.example.com/v1/logs",
                    "protocol": "binary",
                    "headers": {"Authorization": "Bearer t0ken", "X-Enduser-Id": "dana@example.com"},
                }
            },
        }
    }


def test_gemini_logs_no_prompts() -> None:
    """File and environment say the same."""
    to = Receiver("https://ammeter.example.com", "t0ken", "platform", "dana@example.com")
    file, variables = json.loads(gemini_settings(to))["telemetry"], gemini_variables(to)

    assert file == {
        "enabled": True,
        "target": "local",
        "otlpEndpoint": "https://ammeter.example.com",
        "otlpProtocol": "http",
        "logPrompts": False,
    }
    assert variables["GEMINI_TELEMETRY_LOG_PROMPTS"] == "false"
    assert variables["GEMINI_TELEMETRY_OTLP_ENDPOINT"] == file["otlpEndpoint"]
    assert variables["OTEL_EXPORTER_OTLP_HEADERS"] == "Authorization=Bearer t0ken"


@pytest.mark.parametrize(
    ("user", "said"),
    [("dana", {"X-Enduser-Id": "dana"}), ("", {}), ('da"na', {}), ("dana x", {}), ("dana@example.com", None)],
)
def test_the_headers_helper_always_prints_an_object(tmp_path: Path, user: str, said: dict[str, str] | None) -> None:
    """Anything else would stop all telemetry of the client."""
    script = tmp_path / "helper"
    script.write_text(headers_helper("USER"))
    told = subprocess.run(["/bin/sh", str(script)], capture_output=True, text=True, check=True, env={"USER": user})

    assert json.loads(told.stdout) == ({"X-Enduser-Id": user} if said is None else said)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"url": "ammeter.example.com"}, "give http://host:port"),
        ({"url": "https://a.example.com/v1/logs"}, "leave /v1/... out"),
        ({"url": "https://a.example.com?x=1"}, "without a query"),
        ({"url": "https://a.example.com/';rm"}, "give http"),
        ({"url": LOCAL, "team": "platform team"}, "--team"),
        ({"url": LOCAL, "team": "a,b"}, "--team"),
        ({"url": LOCAL, "person": "dañá@example.com"}, "--person"),
        ({"url": LOCAL, "token": "a,b"}, "The token"),
        ({"url": LOCAL, "token": "a'b"}, "The token"),
        ({"url": LOCAL, "person_variable": "$(id)"}, "--person-env"),
        ({"url": LOCAL, "person": "a@b.c", "person_variable": "USER"}, "not both"),
    ],
)
def test_what_a_client_would_drop_is_refused(given: dict[str, str], said: str) -> None:
    """A value that arrives cut or not at all, or that a hook's shell would run."""
    with pytest.raises(CannotConnect, match=said.replace("$", ".").replace("(", ".")):
        Receiver(**given)


@pytest.mark.parametrize(
    "arguments",
    [
        ["claude-code"],
        ["claude-code", "--managed", "--hooks"],
        ["claude-code", "--env", "--team", "platform"],
        ["claude-code", "--managed", "--hooks", "--person-env", "USER"],
        ["codex", "--managed"],
        ["codex"],
        ["gemini", "--managed"],
        ["gemini"],
        ["gemini", "--env"],
    ],
    ids=" ".join,
)
def test_output_can_be_deployed_as_it_is(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard output parses; what a person must know stands on standard error; TOKEN stands for the token."""
    code, out, err = run(monkeypatch, capsys, *arguments, "--url", "https://ammeter.example.com")

    assert not code
    assert "TOKEN" in out or arguments[0] == "gemini"
    assert "TOKEN stands for" in err
    assert err.strip()
    if "--env" in arguments:
        assert all(line.startswith("export ") for line in out.splitlines())
    elif arguments[0] == "codex":
        assert tomllib.loads(out)
    else:
        assert json.loads(out)


def test_a_secret_is_printed_only_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the name of the variable that holds it."""
    monkeypatch.setenv("MINE", "s3cret-s3cret-s3cret")
    arguments = ("claude-code", "--managed", "--hooks", "--url", "https://ammeter.example.com")
    _, without, _ = run(monkeypatch, capsys, *arguments)
    _, asked, err = run(monkeypatch, capsys, *arguments, "--token-env", "MINE")

    assert "s3cret" not in without
    assert json.loads(asked)["env"]["OTEL_EXPORTER_OTLP_HEADERS"] == "Authorization=Bearer s3cret-s3cret-s3cret"
    assert "s3cret" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["copilot"], "choose claude-code, codex or gemini"),
        (["codex", "--env"], "config.toml alone"),
        (["gemini", "--hooks"], "leave them out"),
        (["claude-code", "--env", "--hooks"], "leave them out"),
        (["claude-code", "--env", "--managed"], "not both"),
        (["claude-code", "--token-env", "AMMETER_NOT_THERE_X"], "is not set"),
        (["claude-code", "--team", "a b"], "--team"),
    ],
)
def test_wrong_use_is_one_sentence(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, nothing on standard output."""
    assert "AMMETER_NOT_THERE_X" not in os.environ
    code, out, err = run(monkeypatch, capsys, *arguments)

    assert code == 2
    assert said in err
    assert out == ""


ROOT = Path(__file__).parents[2]


def blocks(page: str, language: str) -> list[str]:
    """The code blocks of a page in a language."""
    parts = (ROOT / page).read_text().split("\n```")
    return [part.partition("\n")[2] + "\n" for part in parts[1::2] if part.partition("\n")[0] == language]


def test_the_readme_shows_what_is_printed() -> None:
    """The lines of `up`, and the managed file."""
    managed = claude_code_settings(Receiver("https://ammeter.example.com", "TOKEN", "platform"), hooks=False)

    assert client_settings(Settings()) in blocks("README.md", "")
    assert managed in blocks("README.md", "json")


def test_the_onboarding_page_names_each_variable() -> None:
    """With its reason; and every command that it shows is taken."""
    page = (ROOT / "docs/onboarding.md").read_text()
    given = set(re.findall(r"^\| `([A-Z_]+)", page, re.MULTILINE))

    assert given == set(TRIED["env"])
    for block in blocks("docs/onboarding.md", "json"):
        assert json.loads(block)
