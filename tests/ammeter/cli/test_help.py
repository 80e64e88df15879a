"""Each command explains itself with an example, and what is wrong is one sentence."""

import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ammeter import cli

COMMANDS = sorted(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined] # a group's
HIDDEN = {"history"}


@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in HIDDEN])
def test_help_has_an_example(command: str) -> None:
    """`--help` exits 0 and shows how the command is called."""
    told = CliRunner().invoke(cli.app, [command, "--help"])

    assert told.exit_code == 0
    assert "Example: " in told.output
    assert f"ammeter {command}" in " ".join(told.output.split("Example: ")[1].split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["work", "--stage", "nothing"], "choose sessions, users, teams, detect or all"),
        (["sink", "nothing"], "choose clickhouse, chat, alertmanager"),
        (["sink", "chat"], "AMMETER_ROUTES_FILE is not set"),
        (["sink", "alertmanager"], "AMMETER_NOTIFIER is chat"),
        (["alerts", "list", "--detector", "hope"], "'hope' is no detector: choose abandonment"),
        (["alerts", "mute", "abandonment", "--for", "soon"], "--for soon: give minutes, hours or days"),
        (["sql", "SELECT 1", "--format", "xml"], "choose table, json or csv"),
        (["analyse", "/nowhere"], "/nowhere does not exist"),
        (["replay", "/nowhere"], "/nowhere does not exist"),
        (["simulate", "--teams", "5", "--users", "2"], "cannot fill 5 teams"),
        (["simulate", "--to", "nowhere"], "give otlp, kafka, or a file"),
        (["sql", "SELECT 1", "--data", "/nowhere"], "/nowhere/store holds no store"),
        (["simulate", "--scenario", "nothing"], "nothing"),
    ],
)
def test_what_is_used_wrongly_is_told(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit 2 and one line on standard error, nothing on standard output."""
    monkeypatch.setattr(sys, "argv", ["ammeter", *arguments])
    monkeypatch.setenv("AMMETER_DATA", str(tmp_path))
    monkeypatch.setenv("AMMETER_PORT_BASE", "64900")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out, err = capsys.readouterr()

    assert ended.value.code == 2
    assert said in err
    assert err.startswith("ammeter: ")
    assert err.count("\n") == 1
    assert out == ""


def test_a_demo_wants_an_empty_directory(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Its history is not laid over what somebody has."""
    (tmp_path / "store").mkdir()
    monkeypatch.setattr(sys, "argv", ["ammeter", "demo", "--data", str(tmp_path)])
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert "begins in an empty directory" in capsys.readouterr().err


def test_a_wrong_setting_is_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Told like a wrong option."""
    monkeypatch.setattr(sys, "argv", ["ammeter", "settings"])
    monkeypatch.setenv("AMMETER_PACE_MS", "soon")
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("ammeter: AMMETER_PACE_MS pace_ms: ")


def test_a_failure_is_no_usage(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A receiver that is not there: exit 1, one sentence."""
    recorded = Path(__file__).parents[2] / "fixtures/otlp/claude_code/otlp_json/s01-text"
    monkeypatch.setattr(sys, "argv", ["ammeter", "replay", str(recorded), "--to", "http://127.0.0.1:9"])
    with pytest.raises(SystemExit) as ended:
        cli.main()

    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("ammeter: the receiver does not answer")


def test_settings_say_where_they_came_from(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """And never print what a secret's file holds."""
    secret = tmp_path / "password"
    secret.write_text("hunter2hunter2")
    monkeypatch.setattr(sys, "argv", ["ammeter", "settings"])
    monkeypatch.setenv("AMMETER_DATABASE", "other")
    monkeypatch.setenv("AMMETER_CLICKHOUSE_PASSWORD_FILE", str(secret))
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsys.readouterr().out

    assert not ended.value.code
    row = next(line for line in out.splitlines() if "AMMETER_DATABASE" in line)
    assert [cell.strip() for cell in row.split("│")[2:4]] == ["other", "AMMETER_DATABASE"]
    assert "hunter2" not in out


def test_topics_are_planned_without_a_broker(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An owner of a cluster reads what would be created."""
    monkeypatch.setattr(sys, "argv", ["ammeter", "topics", "--plan"])
    monkeypatch.setenv("AMMETER_TOPIC_PREFIX", "mine-")
    with pytest.raises(SystemExit) as ended:
        cli.main()
    out = capsys.readouterr().out

    assert not ended.value.code
    assert "mine-session-events  partitions=6 replication=1" in out
    assert "    cleanup.policy=compact" in out
