"""Commands about alerts: list, show, ack, mute, useful, test."""

import asyncio
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ammeter.cli.options import Data, Json
from ammeter.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from ammeter.alerts import About, Row
    from schemas.wire import AlertNote

Id = Annotated[str, typer.Argument(help="The alert's id, or the end of it.", metavar="ID", show_default=False)]
By = Annotated[str, typer.Option("--by", help="Who says so; kept as a pseudonym, unless it begins with tool:.")]
Comment = Annotated[str, typer.Option("--comment", help="Why.")]
Undo = Annotated[bool, typer.Option("--undo", help="Takes it back.")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(
        name="alerts",
        help="What fires and what people say of it.",
        no_args_is_help=True,
        epilog="Example: ammeter alerts list",
    )
    group.command(name="list", epilog="Example: ammeter alerts list --all --team payments --json")(list_alerts)
    group.command(epilog="Example: ammeter alerts show abandonment-5b1f09c2")(show)
    group.command(epilog="Example: ammeter alerts ack 5b1f09c2 --comment 'the proxy was down'")(ack)
    group.command(epilog="Example: ammeter alerts mute abandonment --team payments --for 7d")(mute)
    group.command(epilog="Example: ammeter alerts useful 5b1f09c2 yes")(useful)
    group.command(name="test", epilog="Example: AMMETER_ROUTES_FILE=routes.toml ammeter alerts test platform")(
        try_channels
    )
    app.add_typer(group)


def list_alerts(
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    team: Annotated[str, typer.Option("--team", help="Of one team.")] = "*",
    detector: Annotated[str, typer.Option("--detector", help="Of one detector.")] = "*",
    as_json: Json = False,
    data: Data = None,
) -> None:
    """What fires. Exits 1 when something does that nobody has acknowledged or muted."""
    from ammeter import alerts

    settings = load(data=data).settings
    if not alerts.is_detector(detector):
        raise SettingsError(_no_detector(detector))
    rows = _read(settings, data, lambda found: found.listed(everything=everything, team=team, detector=detector))
    print(json.dumps(rows, indent=1) if as_json else _table(rows, everything))
    raise typer.Exit(1 if alerts.needs_somebody(rows) else 0)


def show(ident: Id, as_json: Json = False, data: Data = None) -> None:
    """One alert: the figures that decided it, what people said, and what each channel has heard."""
    settings = load(data=data).settings
    row = _read(settings, data, lambda found: found.one(ident))
    if as_json:
        print(json.dumps(row, indent=1))
        return
    print(row["sentence"])
    for name, value in row.items():
        if name not in ("sentence", "channels"):
            print(f"  {name:17}{_said(value)}")
    for each in row["channels"]:
        print(f"  {'channel':17}{each['channel']}: {_heard(each)}")
    if settings.boards_url:
        print(f"  {'board':17}{settings.boards_url.rstrip('/')}{row['board_path']}")


def ack(ident: Id, by: By = "", comment: Comment = "", undo: Undo = False, data: Data = None) -> None:
    """Somebody has taken it on: no channel is told again while it fires."""
    from msgspec.structs import replace

    settings, now = load(data=data).settings, _now()
    who = "" if undo else _who(settings, by)

    def edit(note: "AlertNote") -> "AlertNote":
        return replace(note, acked_at=0 if undo else now, acked_by=who, comment=comment or note.comment)

    where = _note_alert(settings, data, ident, edit)
    print(f"{'no longer acknowledged' if undo else 'acknowledged'} (in {where})")


def mute(
    what: Annotated[str, typer.Argument(help="A detector, * for every one, or an alert's id.", metavar="DETECTOR|ID")],
    team: Annotated[
        str, typer.Option("--team", help="Of one team; organisation: of that; by default everywhere.")
    ] = "*",
    for_: Annotated[str, typer.Option("--for", help="So long: 90m, 4h, 7d.")] = "7d",
    comment: Comment = "",
    undo: Undo = False,
    data: Data = None,
) -> None:
    """No channel is told of it for a while: not that it fires, nor that it ends."""
    from msgspec.structs import replace

    from ammeter import alerts
    from sinks.routes import ORGANISATION, span_ms

    settings = load(data=data).settings
    try:
        until = 0 if undo else _now() + span_ms(for_)
    except ValueError as exc:
        raise SettingsError(f"--for {for_}: {exc}.") from None

    def edit(note: "AlertNote") -> "AlertNote":
        return replace(note, muted_until=until, comment=comment or note.comment)

    if alerts.is_detector(what):
        about = alerts.about_mute(what, "" if team == ORGANISATION else team)
        where = alerts.change(settings, about, edit, given=data is not None)
    elif team != "*":
        raise SettingsError(_no_detector(what))
    else:
        where = _note_alert(settings, data, what, edit)
    print(f"{'no longer muted' if undo else f'muted until {_time(until)}'} (in {where})")


def useful(
    ident: Id,
    answer: Annotated[str, typer.Argument(help="Was it useful? yes or no.", metavar="yes|no", show_default=False)],
    by: By = "",
    comment: Comment = "",
    data: Data = None,
) -> None:
    """Whether an alert was worth hearing of; the board Anomalies shows how many were."""
    from msgspec.structs import replace

    if answer not in ("yes", "no"):
        raise SettingsError(f"{answer!r}: say yes or no.")
    settings = load(data=data).settings
    who = _who(settings, by)

    def edit(note: "AlertNote") -> "AlertNote":
        return replace(note, useful=answer, useful_by=who, comment=comment or note.comment)

    print(f"noted (in {_note_alert(settings, data, ident, edit)})")


def try_channels(channel: Annotated[str, typer.Argument(help="One channel; by default all.")] = "") -> None:
    """Sends a test message to the channels of AMMETER_ROUTES_FILE. Exits 1 when one did not take it."""
    from ammeter import alerts

    found = asyncio.run(alerts.check_channels(load().settings, channel))
    for name, why in found.items():
        print(f"{name}: {why or 'taken'}")
    raise typer.Exit(1 if any(found.values()) else 0)


def _read(settings: Settings, data: Path | None, ask: Callable[[Any], Any]) -> Any:
    from ammeter import reading
    from ammeter.alerts import Alerts
    from sinks.migrate import Databases

    with reading.open_store(settings, given=data is not None) as store:
        return ask(Alerts(store, Databases(settings.database)))


def _note_alert(settings: Settings, data: Path | None, ident: str, edit: "Callable[[AlertNote], AlertNote]") -> str:
    from ammeter import alerts

    about: About = alerts.about_alert(_read(settings, data, lambda found: found.one(ident)))
    return alerts.change(settings, about, edit, given=data is not None)


def _who(settings: Settings, by: str) -> str:
    """A pseudonym, by the receiver's key: no name of a person is kept."""
    from ammeter.outside import check_key
    from ammeter.secrets import pseudonyms

    if not by or by.startswith("tool:"):
        return by
    check_key(settings)
    return pseudonyms(settings).of(by)


def _table(rows: "list[Row]", everything: bool) -> str:
    from rich.console import Console
    from rich.table import Table

    if not rows:
        return "there has been no alert" if everything else "nothing fires"
    table = Table("id", "status", "team", "opened, UTC", "what", "told")
    for row in rows:
        whose = row["team_id"] or ("organisation" if row["scope"] == "organisation" else "unassigned")
        told = "; ".join(f"{each['channel']}: {_heard(each)}" for each in row["channels"])
        table.add_row(row["id"], _status(row), whose, row["opened_at"][:16], row["sentence"], told)
    console = Console(width=None if Console().is_terminal else 200)
    with console.capture() as captured:
        console.print(table, markup=False)
    return captured.get().rstrip("\n")


def _status(row: "Row") -> str:
    marks = [name for name in ("is_acked", "is_muted") if row[name] and row["status"] == "firing"]
    words = {"is_acked": "acknowledged", "is_muted": "muted"}
    return ", ".join([row["status"], *(words[name] for name in marks)])


def _heard(each: "Row") -> str:
    if each["failure"]:
        return f"not told: {each['failure']} ({each['attempts']} attempts)"
    if each["sending"]:
        return "being told"
    return f"{each['word']}, {_time(each['told_at'])}"


def _said(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)


def _time(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _no_detector(name: str) -> str:
    from streams.detect.catalogue import BY_NAME

    return f"{name!r} is no detector: choose {', '.join(sorted(BY_NAME))}."


def _now() -> int:
    return time.time_ns() // 1_000_000
