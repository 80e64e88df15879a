"""README.md: each command that it shows is one; its tour goes through boards, an alert and SQL; `demo` leads there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from ammeter import cli
from ammeter.boards.dashboards import ORDER
from ammeter.demo import tour
from ammeter.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
TOUR = README.partition("\n## A tour\n")[2].partition("\n## ")[0]
PROGRAM = re.compile(r"(?:[A-Z_]+=\S* +)*(?:\.venv/bin/)?(ammeter|make|docker|deploy/compose/make-env) +\S")


def commands(text: str) -> Iterator[str]:
    """What it shows in blocks, a line each, and in backticks; without the prompt and what a pipe does with it."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from (line.removeprefix("$ ") for line in block.splitlines() if PROGRAM.match(line.removeprefix("$ ")))
    for inline in re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)):
        if PROGRAM.match(inline):
            yield inline


def faults(command: str) -> list[str]:
    """What there is against a command, which is not run: no such target, script, command, option or value."""
    program, *arguments = shlex.split(command, comments=True)
    while "=" in program:
        program, *arguments = arguments
    arguments = arguments[: next((at for at, word in enumerate(arguments) if word in ("|", "&&", ">")), None)]
    program = program.removeprefix(".venv/bin/")
    if program == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        (target, *variables) = arguments
        return [f"no target {target}"] * (target not in targets) + [
            fault for variable in variables for fault in faults(f"ammeter {target} {variable.removeprefix('ARGS=')}")
        ]
    if program != "ammeter":
        return [f"no {program}"] * (program != "docker" and not (ROOT / program).exists())
    return complaints(typer.main.get_command(cli.app), arguments)


def complaints(group: object, arguments: list[str]) -> list[str]:
    """What the command line has against arguments; `a|b|c` stands for each of them."""
    assert isinstance(group, TyperGroup)
    name, *rest = arguments or [""]
    found = [group.commands.get(each) for each in name.split("|")]
    if None in found:
        return [f"no command {name!r}"]
    for each in found:
        if isinstance(each, TyperGroup):
            return complaints(each, rest) if rest else []
        try:
            if rest:
                each.make_context(name, list(rest))  # type: ignore[union-attr]  # None is dealt with above
        except TyperException as exc:
            return [f"{name}: {exc}"]
    return []


@pytest.mark.parametrize("command", dict.fromkeys(commands(README)))
def test_a_command_is_one(command: str) -> None:
    """With its options and values; a name alone may stand for a command that wants more."""
    assert faults(command) == []


@pytest.mark.parametrize(
    "command", ["make tour", "ammeter alert list", "ammeter alerts lists", "ammeter sql --fmt x 'SELECT 1'", "ammeter",
                "ammeter work --processes none", 'make demo ARGS="--far 90"', "deploy/compose/make-environment"]
)  # fmt: skip
def test_a_wrong_command_is_found(command: str) -> None:
    """A target, a command, a command of a group, an option, nothing, a value, an argument of make, a script."""
    assert faults(command)


def test_the_tour_goes_through_boards_one_alert_and_three_questions() -> None:
    """Each board is named, the alert is listed and shown, three statements are asked."""
    shown = list(commands(TOUR))
    titles = ("Now", "Team", "My sessions", "Session", "Cost and usage", "Tools and models", "Anomalies", "Pipeline")

    assert len(titles) == len(ORDER)
    assert [title for title in titles if f"*{title}*" not in TOUR] == []
    assert (
        sum("ammeter alerts list" in each for each in shown)
        == sum("ammeter alerts show" in each for each in shown)
        == 1
    )
    assert sum("ammeter sql" in each for each in shown) == 3


def test_the_question_the_picture_and_the_commands_come_before_the_tour() -> None:
    """What it answers, one picture, how to start it, then where to look."""
    places = [
        README.index(text) for text in ("| question | where |", "![", "\nmake demo", "\nmake test", "\n## A tour")
    ]

    assert places == sorted(places)
    assert README.partition("\n## A tour")[0].count("![") == 1


def test_the_demo_leads_into_the_tour() -> None:
    """Its last line names the section, and commands of it that reach this very demo."""
    line = tour(Settings(), "http://127.0.0.1:3000")
    moved = tour(Settings(port_base=20_000), "http://127.0.0.1:20005")

    (section,) = re.findall(r'README\.md, "(.+?)"', line)
    assert f"\n## {section}\n" in README
    (command,) = re.findall(r"(\.venv/bin/ammeter [\w ]+)", line)
    assert command in TOUR
    assert faults(command) == []
    assert f"AMMETER_PORT_BASE=20000 {command}" in moved
    assert "http://127.0.0.1:20005" in moved
