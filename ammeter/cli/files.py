"""Commands over files and simulated input: analyse, replay, simulate."""

import asyncio
import dataclasses
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from ammeter.cli.options import Data, Json, Paths, User
from ammeter.settings import load


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog="Example: ammeter analyse recordings/ --data ./data --json")(analyse)
    app.command(epilog="Example: ammeter replay recordings/ --to http://127.0.0.1:4318 --speed 60 --shift-to-now")(
        replay
    )
    app.command(epilog="Example: ammeter simulate --teams 4 --users 40 --rate 50 --seed 7 --for 60 --to otlp")(simulate)


def analyse(
    paths: Paths,
    data: Data = None,
    user: User = None,
    user_by_folder: Annotated[
        bool, typer.Option("--user-by-folder", help="The folder that a transcript lies in names the person.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Reads recorded input once, without a broker, and prints what it holds: try it on ~/.claude/projects.

    With --data the figures stay there for `ammeter sql`; the same files again add nothing, nor does a transcript of
    what telemetry has told already.
    """
    from ammeter import analyse as analysis
    from ammeter import compose
    from ammeter.cli.progress import progress
    from ammeter.person import person
    from ammeter.secrets import pseudonyms
    from sinks.clickhouse import connect
    from sinks.migrate import Databases

    wanted = _existing(paths)
    with tempfile.TemporaryDirectory(prefix="ammeter-") as scratch, progress() as say:
        settings = load(data=data or Path(scratch)).settings
        store = connect(str(settings.data_dir / "store"))
        try:
            report = analysis.analyse(
                wanted,
                store,
                Databases(settings.database),
                pseudonyms(settings),
                time.time_ns() // 1_000_000,
                team_keys=compose.team_keys(settings),
                person=person(user, by_folder=user_by_folder),
                say=say,
            )
        finally:
            store.close()
    if as_json:
        print(json.dumps(dataclasses.asdict(report), indent=1))
    else:
        _print_report(report)
    raise typer.Exit(0 if report.files else 1)


def _existing(paths: list[Path]) -> list[Path]:
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist: name files or folders of recorded input.")
    return paths


def _print_report(report: object) -> None:
    from rich.console import Console
    from rich.table import Table

    from ammeter.analyse import Report

    assert isinstance(report, Report)
    console = Console(width=None if sys.stdout.isatty() else 200)
    for path, reason in report.skipped:
        console.print(f"skipped {path}: {reason}", markup=False, highlight=False)
    if report.teams:
        table = Table(*report.teams[0])
        for team in report.teams:
            table.add_row(*(f"{value:.4f}" if isinstance(value, float) else str(value) for value in team.values()))
        console.print(table)
    again = f", {report.already_stored} events were there already" if report.already_stored else ""
    console.print(f"{report.files} files, {report.events} events, {report.sessions} sessions{again}")
    if report.added_to:
        console.print(
            f"{report.added_to} sessions had been told by another source before, and what is new of them is judged "
            "apart: ammeter rebuild makes one of both.",
            highlight=False,
        )


def replay(
    paths: Paths,
    to: Annotated[str | None, typer.Option("--to", help="The receiver's address; by default the one here.")] = None,
    speed: Annotated[float, typer.Option("--speed", min=0, help="Times real time; 0: as fast as it goes.")] = 0,
    shift_to_now: Annotated[
        bool, typer.Option("--shift-to-now", help="Moves all times so that the last is now.")
    ] = False,
    user: User = None,
) -> None:
    """Sends recorded input to a running receiver over HTTP, in the order in which it was received."""
    from ammeter.cli.progress import progress
    from ammeter.person import person
    from ammeter.secrets import pseudonyms, receiver_token
    from sources import replay as replaying
    from sources.bodies import Edge

    settings = load().settings
    url = to or f"http://127.0.0.1:{settings.ports.receiver}"
    with progress() as say:
        totals = asyncio.run(
            replaying.replay(
                _existing(paths),
                url,
                edge=Edge(pseudonyms(settings), person(user)),
                speed=speed,
                shift_to=_now() if shift_to_now else None,
                token=receiver_token(settings),
                say=say,
            )
        )
    for path, reason in totals.skipped:
        print(f"skipped {path}: {reason}", file=sys.stderr)
    print(f"sent {totals.sent} of {totals.found} requests, {totals.refused} were refused")
    raise typer.Exit(0 if totals.sent == totals.found and totals.found else 1)


def _now() -> int:
    return time.time_ns() // 1_000_000


def simulate(
    teams: Annotated[int, typer.Option("--teams", min=1, help="Teams.")] = 4,
    users: Annotated[int, typer.Option("--users", min=1, help="People in all.")] = 40,
    rate: Annotated[
        float | None, typer.Option("--rate", help="Events a second; by default people keep their hours.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed, the same organisation and sessions.")] = 1,
    for_: Annotated[float | None, typer.Option("--for", min=0, help="Seconds; by default until Ctrl-C.")] = None,
    scenario: Annotated[str, typer.Option("--scenario", help="steady or rising-abandonment.")] = "steady",
    to: Annotated[str, typer.Option("--to", help="kafka, otlp, or a file (.jsonl, .jsonl.gz).")] = "otlp",
) -> None:
    """Plays a simulated organisation, deterministic by seed, into the receiver, Kafka or a file."""
    from ammeter import simulate as simulating

    try:
        chosen = simulating.chosen(teams, users, rate, seed, scenario, _now())
    except ValueError as exc:
        print(f"ammeter: {exc}", file=sys.stderr)
        raise typer.Exit(2) from None
    totals = asyncio.run(simulating.run(load().settings, chosen, to, for_))
    print(totals.sentence())
    raise typer.Exit(0 if totals.complete else 1)
