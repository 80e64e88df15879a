"""Commands that run the whole stack on this machine: demo and up."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ammeter.cli.options import Data
from ammeter.log import configure
from ammeter.settings import load


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(epilog="Example: ammeter demo --for 90 --no-browser --report r.json")(demo)
    app.command(epilog="Example: ammeter up --data ./data")(up)
    app.command(hidden=True)(history)


def demo(
    for_: Annotated[
        float | None, typer.Option("--for", min=1, help="Seconds of real time; by default until Ctrl-C.")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Opens no browser.")] = False,
    report: Annotated[Path | None, typer.Option("--report", help="Writes what happened as one JSON object.")] = None,
    data: Data = None,
) -> None:
    """The whole product with a simulated organisation, in which one team is in growing trouble.

    Two weeks of history, then the last 25 hours on a fast clock, then real time. All data are temporary without --data.
    """
    from ammeter import demo as playing

    settings = load(data=data).settings
    configure("warning" if settings.log_level == "info" else settings.log_level)
    with tempfile.TemporaryDirectory(prefix="ammeter-demo-") as scratch:
        if data is None:
            settings = settings.model_copy(update={"data": Path(scratch)})
        code = asyncio.run(playing.run(settings, for_s=for_, browser=not no_browser, report=report))
    raise typer.Exit(code)


def up(data: Data = None) -> None:
    """Kafka, the store and all parts on this machine, ready for real clients. Ctrl-C stops them."""
    from ammeter import up as running

    settings = load(data=data).settings
    configure("warning" if settings.log_level == "info" else settings.log_level)
    raise typer.Exit(asyncio.run(running.run(settings)))


def history(now: Annotated[int, typer.Argument(help="The demo's present, in epoch milliseconds.")]) -> None:
    """Loads the demo's history into an empty store; a step of `demo`, in a process of its own."""
    from ammeter import history as loading
    from ammeter.secrets import pseudonyms
    from sinks.migrate import Databases

    settings = load().settings
    loading.load(
        settings.cache_dir,
        settings.data_dir / "store",
        Databases(settings.database),
        pseudonyms(settings),
        now,
        lambda text: print(text, flush=True),
    )
