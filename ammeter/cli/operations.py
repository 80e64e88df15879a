"""Commands that look after things: sql, reconcile, rebuild, topics, migrate, settings."""

import asyncio
import json
import sys
from typing import Annotated

import typer

from ammeter.cli.options import Data, Json
from ammeter.settings import load


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog="Example: ammeter sql \"SELECT team_id, prompts FROM team_windows WHERE span = '1h'\"")(sql)
    app.command(epilog="Example: ammeter reconcile --json")(reconcile)
    app.command(epilog="Example: ammeter rebuild --data ./data")(rebuild)
    app.command(epilog="Example: AMMETER_KAFKA=kafka:9092 ammeter topics --plan")(topics)
    app.command(epilog="Example: ammeter migrate --plan")(migrate)
    app.command(epilog="Example: AMMETER_PORT_BASE=20000 ammeter settings")(settings)


def sql(
    statement: Annotated[str, typer.Argument(help="One statement of ClickHouse SQL.", metavar="SELECT")],
    format: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table",  # noqa: A002 - the option's name
    data: Data = None,
) -> None:
    """Ad hoc SQL on the running store, or on the data directory when none runs."""
    from ammeter import reading

    if format not in ("table", "json", "csv"):
        print(f"ammeter: --format {format}: choose table, json or csv.", file=sys.stderr)
        raise typer.Exit(2)
    with reading.open_store(load(data=data).settings, given=data is not None) as store:
        print(reading.render(store, statement, format), end="")


def reconcile(data: Data = None, as_json: Json = False) -> None:
    """Recomputes every figure of the stream by SQL from the raw events, and beside a running stack every alert from
    what detectors were told; prints each difference and exits 1 on any."""
    from ammeter import reading, reheard
    from sinks.migrate import Databases
    from sinks.reconcile import reconcile as differences_of

    chosen = load(data=data).settings
    with reading.open_store(chosen, given=data is not None, write=True) as store:  # readers do not see raw events
        found = differences_of(store, Databases(chosen.database))
        try:
            if store.target.is_directory:
                raise reheard.NotRecomputed("the stack does not run")
            found += reheard.differences(store, asyncio.run(reheard.alerts_again(chosen)), Databases(chosen.database))
        except reheard.NotRecomputed as why:
            print(f"alerts were not recomputed: {why}", file=sys.stderr)
    if as_json:
        print(json.dumps([difference._asdict() for difference in found], default=str))
    else:
        for difference in found:
            print(difference)
        print(f"{len(found)} differences" if found else "no difference")
    raise typer.Exit(1 if found else 0)


def rebuild(data: Data = None) -> None:
    """Makes sessions, minutes and verdicts anew from the raw events, beside the old ones, then exchanges them.

    The sink must be stopped; the stream may go on, and its rows meet the new ones.
    """
    import time

    from ammeter import reading
    from ammeter import rebuild as rebuilding
    from ammeter.cli.progress import progress
    from sinks.migrate import Databases

    chosen = load(data=data).settings
    now = time.time_ns() // 1_000_000
    with reading.open_store(chosen, given=data is not None, write=True) as store, progress() as say:
        report = rebuilding.rebuild(store, Databases(chosen.database), now, say)
    print(f"rebuilt from {report.events:,} events in {report.messages:,} messages")


def topics(
    plan: Annotated[bool, typer.Option("--plan", help="Prints what would be created, and changes nothing.")] = False,
) -> None:
    """Creates the topics that are missing and reports those that differ."""
    from ammeter import topics as broker_topics
    from ammeter.compose import planned_topics

    chosen = load().settings
    wanted = planned_topics(chosen)
    if plan:
        for topic in wanted:
            print(f"{topic.name}  partitions={topic.partitions} replication={topic.replication}")
            for name, value in topic.config.items():
                print(f"    {name}={value}")
        return
    try:
        made = asyncio.run(broker_topics.ensure(chosen.kafka_address, wanted))
    except broker_topics.TopicsError as exc:
        print(f"ammeter: {exc}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(f"created {', '.join(made)}" if made else "all topics are there")


def migrate(
    plan: Annotated[bool, typer.Option("--plan", help="Prints the statements that would run, and runs none.")] = False,
    data: Data = None,
) -> None:
    """Brings the store's schema up to date; forward only."""
    from ammeter import reading
    from sinks import migrate as migrations

    chosen = load(data=data).settings
    databases = migrations.Databases(chosen.database)
    with reading.open_store(chosen, given=data is not None, write=True) as store:
        if plan:
            for step in migrations.plan(store, databases):
                print(f"-- {step.name}\n{step.statement.strip()};\n")
            return
        done = migrations.migrate(store, databases, chosen.floor)
    print("\n".join(f"ran {name}" for name in done) if done else "the schema is up to date")


def settings() -> None:
    """Prints every setting, its value, and where it came from."""
    from rich.console import Console
    from rich.table import Table

    from ammeter.settings import ENV

    loaded = load()
    table = Table("setting", "value", "from", "meaning")
    for name, field in type(loaded.settings).model_fields.items():
        value = getattr(loaded.settings, name)
        table.add_row(ENV + name.upper(), "" if value is None else str(value), loaded.sources[name], field.description)
    Console(width=None if sys.stdout.isatty() else 200).print(table)
