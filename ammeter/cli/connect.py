"""Commands that get people connected, and say who is not: connect, doctor."""

import sys
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from ammeter.cli.options import Data, Json
from ammeter.settings import SettingsError, load, variable

if TYPE_CHECKING:
    from ammeter.doctor import Report


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog="Example: ammeter connect claude-code --managed --hooks --url https://ammeter.example.com")(
        connect
    )
    app.command(epilog="Example: ammeter doctor --json")(doctor)


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


def doctor(data: Data = None, as_json: Json = False) -> None:
    """Looks for what is wrong: broker, pipeline, store, clients, people; says what to do. Exits 1 on any finding."""
    import json

    from ammeter import doctor as examining
    from ammeter.compose import clock

    settings = load(data=data).settings
    now = clock(settings).now()
    report = examining.examine(settings, now, given=data is not None)
    if as_json:
        lists = {"clients": report.clients, "findings": report.findings}
        told = {name: [each._asdict() for each in found] for name, found in lists.items()}  # type: ignore[attr-defined] # both are named tuples
        print(json.dumps(told | {"checked": report.checked, "skipped": report.skipped}, indent=1))
    else:
        _print_report(report, now)
    raise typer.Exit(1 if report.findings else 0)


def _print_report(report: "Report", now: int) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False, soft_wrap=True)
    if report.clients:
        table = Table("client", "version", "people", "sessions", "with logs", "metrics", "hooks", "last heard")
        for client in report.clients:
            counts = (client.people, client.sessions, client.with_logs, client.with_metrics, client.with_hooks)
            version = client.client_version or "(not told)"
            table.add_row(client.source, version, *map(str, counts), _ago(now - client.heard_at))
        console.print(table)
    for finding in report.findings:
        console.print(f"{finding.check}: {finding.what}\n    {finding.do}")
    for skipped in report.skipped:
        console.print(f"not looked at: {skipped}")
    number = len(report.findings)
    console.print(f"{number} finding{'' if number == 1 else 's'}; looked at {', '.join(report.checked)}")


def _ago(milliseconds: int) -> str:
    """How long ago, in the largest unit that fits.

    >>> [_ago(ms) for ms in (0, 59_999, 7_200_000, 200_000_000)]
    ['now', 'now', '2 h ago', '2 d ago']
    """
    for unit, size in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)):
        if milliseconds >= size:
            return f"{milliseconds // size} {unit} ago"
    return "now"
