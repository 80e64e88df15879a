"""Commands that get people connected, and say who is not: connect, doctor."""

import sys
from typing import Annotated, get_args

import typer

from ammeter.settings import SettingsError, load, variable


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog="Example: ammeter connect claude-code --managed --hooks --url https://ammeter.example.com")(
        connect
    )


def connect(
    client: Annotated[str, typer.Argument(help="claude-code, codex or gemini.", metavar="CLIENT")],
    managed: Annotated[bool, typer.Option("--managed", help="The file that an administrator deploys.")] = False,
    env: Annotated[bool, typer.Option("--env", help="Lines for a shell instead of a settings file.")] = False,
    hooks: Annotated[bool, typer.Option("--hooks", help="With hooks, which tell ends and interrupts.")] = False,
    url: Annotated[str | None, typer.Option("--url", help="The receiver; by default the one here.")] = None,
    token_env: Annotated[
        str | None, typer.Option("--token-env", help="A variable that holds the token to print.")
    ] = None,
    team: Annotated[str, typer.Option("--team", help="The team, where the directory has none.")] = "",
    person: Annotated[str, typer.Option("--person", help="Who it is: an e-mail, best the directory's.")] = "",
    person_env: Annotated[
        str, typer.Option("--person-env", help="A variable on the machine that says who it is, such as USER.")
    ] = "",
) -> None:
    """Prints the settings that make a client send here: on standard output what to deploy, on standard error how.

    By default a user's own settings file. No secret is printed unless --token-env names the variable that holds it.
    """
    from ammeter import connect as connecting
    from ammeter.connect_notes import Client, Form, notes

    form: Form = "managed" if managed else "shell" if env else "user"
    _check(client, get_args(Client), form, hooks, person_env, both=managed and env)
    address = url or f"http://127.0.0.1:{load().settings.ports.receiver}"
    token = variable(token_env) if token_env else connecting.placeholder(address)
    try:
        to = connecting.Receiver(address, token, team, person, person_env)
    except connecting.CannotConnect as exc:
        raise SettingsError(str(exc)) from None
    if client == "codex":
        text = connecting.codex_settings(to)
    elif client == "gemini":
        text = connecting.exports(connecting.gemini_variables(to)) if env else connecting.gemini_settings(to)
    elif env:
        text = connecting.exports(connecting.claude_code_variables(to))
    else:
        text = connecting.claude_code_settings(to, hooks)
    print(text, end="")
    chosen: Client = "codex" if client == "codex" else "gemini" if client == "gemini" else "claude-code"
    print("\n" + "\n\n".join(notes(chosen, form, to, hooks)), file=sys.stderr)


def _check(client: str, known: tuple[str, ...], form: str, hooks: bool, person_env: str, *, both: bool) -> None:
    if client not in known:
        raise SettingsError(f"connect {client}: choose {', '.join(known[:-1])} or {known[-1]}.")
    if both:
        raise SettingsError("Give --managed or --env, not both.")
    if form == "shell" and client == "codex":
        raise SettingsError("Codex reads its settings from config.toml alone: leave --env out.")
    if hooks and (form == "shell" or client != "claude-code"):
        raise SettingsError("--hooks go into a settings file of Claude Code: leave them out here.")
    if person_env and (form == "shell" or client != "claude-code"):
        raise SettingsError("--person-env goes into a settings file of Claude Code: give --person here.")
