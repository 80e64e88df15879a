"""Commands that run one part each, as docker-compose does: receive, work, sink, store, boards."""

import asyncio
import sys
from typing import Annotated

import typer

from ammeter.cli.options import Data
from ammeter.log import configure
from ammeter.settings import Settings, load

STAGES = ("sessions", "users", "teams", "detect")


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog="Example: AMMETER_KAFKA=kafka:9092 ammeter receive")(receive)
    app.command(epilog="Example: ammeter work --stage sessions --processes 2")(work)
    app.command(epilog="Example: AMMETER_ROUTES_FILE=routes.toml ammeter sink chat")(sink)
    app.command(epilog="Example: ammeter store --data ./data")(store)
    app.command(epilog="Example: ammeter boards")(boards)


def receive() -> None:
    """Takes telemetry (OTLP over HTTP and gRPC, hooks, canonical events) and writes it to Kafka."""
    from ammeter import parts

    raise typer.Exit(asyncio.run(parts.receive(_ready(load().settings))))


def work(
    stage: Annotated[str, typer.Option("--stage", help="sessions, users, teams, detect, or all in one.")] = "all",
    processes: Annotated[int, typer.Option("--processes", min=1, max=64, help="So many workers side by side.")] = 1,
    number: Annotated[int, typer.Option("--number", min=0, help="Which of several workers this is.", hidden=True)] = 0,
) -> None:
    """Runs the stages of the stream. Exits 70 when it asks to be started again, 71 when it must not be."""
    from ammeter import parts

    if stage != "all" and stage not in STAGES:
        print(f"ammeter: --stage {stage}: choose {', '.join(STAGES)} or all.", file=sys.stderr)
        raise typer.Exit(2)
    chosen = STAGES if stage == "all" else (stage,)
    settings = _ready(load().settings)
    if processes > 1:
        raise typer.Exit(parts.supervise(settings, stage, processes))
    raise typer.Exit(parts.work(settings, chosen, number))


def sink(
    kind: Annotated[str, typer.Argument(help="Where to: clickhouse, chat or alertmanager.")] = "clickhouse",
) -> None:
    """Writes what the stream says into ClickHouse, or tells people of alerts: by chat, or through Alertmanager."""
    from ammeter import parts

    sinks = {"clickhouse": parts.sink, "chat": parts.chat, "alertmanager": parts.alertmanager}
    if kind not in sinks:
        print(f"ammeter: sink {kind}: choose {', '.join(sinks)}.", file=sys.stderr)
        raise typer.Exit(2)
    raise typer.Exit(asyncio.run(sinks[kind](_ready(load().settings))))


def store(data: Data = None) -> None:
    """Serves the data directory by ClickHouse's HTTP protocol, on one port to write and one to read."""
    from ammeter import parts

    raise typer.Exit(asyncio.run(parts.store(_ready(load(data=data).settings))))


def boards() -> None:
    """Serves the boards to browsers, pushed live."""
    from ammeter import parts

    raise typer.Exit(asyncio.run(parts.boards(_ready(load().settings))))


def _ready(settings: Settings) -> Settings:
    """The log is set up before anything can say something."""
    configure(settings.log_level)
    return settings
