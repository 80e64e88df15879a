"""What deployment files say of our parts, held against the code: commands, settings, ports."""

import re
from collections.abc import Mapping, Sequence

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from ammeter import cli
from ammeter.settings import Settings

STAGES_AND_SINKS = {
    "work": ("--stage", {"sessions", "users", "teams", "detect", "all"}),
    "sink": ("", {"clickhouse", "chat", "alertmanager"}),
}
"""The choice that a command wants, and what there is; the commands say so in their help."""


def complaints(command: Sequence[str]) -> list[str]:
    """What our command line has against a command, which is not run."""
    group = typer.main.get_command(cli.app)
    assert isinstance(group, TyperGroup)
    name, *arguments = command
    if name not in group.commands:
        return [f"{name} is no command"]
    try:
        context = group.commands[name].make_context(name, arguments)
    except TyperException as exc:
        return [f"{name}: {exc}"]
    if name not in STAGES_AND_SINKS:
        return []
    option, choices = STAGES_AND_SINKS[name]
    chosen = context.params["stage" if option else "kind"]
    told = group.commands[name].get_help(context)
    return [f"{name}: no {chosen}"] * (chosen not in choices or not re.search(rf"\b{chosen}\b", told))


def unknown_settings(names: Sequence[str]) -> list[str]:
    """Variables that look like settings of ours and are none."""
    known = {f"AMMETER_{name.upper()}" for name in Settings.model_fields}
    return sorted(name for name in names if name.startswith("AMMETER_") and name not in known)


def refused_settings(environment: Mapping[str, str]) -> list[str]:
    """What our settings have against values."""
    values = {
        name.removeprefix("AMMETER_").lower(): value
        for name, value in environment.items()
        if name.startswith("AMMETER_") and not unknown_settings([name])
    }
    try:
        Settings.model_validate(values)
    except ValueError as exc:
        return [str(exc)]
    return []


def listens(command: Sequence[str], environment: Mapping[str, str]) -> set[int]:
    """The ports at which a part listens."""
    base = environment.get("AMMETER_PORT_BASE")
    usual = Settings(port_base=int(base) if base else None).ports
    own = {"receive": {usual.receiver, usual.grpc}, "boards": {usual.boards}}.get(command[0], set())
    return own | {int(environment.get("AMMETER_METRICS_PORT", "0"))} - {0}
