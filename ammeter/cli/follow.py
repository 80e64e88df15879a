"""The command that follows transcripts: follow."""

import asyncio
import hashlib
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from ammeter.cli.options import User
from ammeter.settings import load


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(epilog="Example: ammeter follow ~/.claude/projects --to https://ammeter.example:4318")(follow)


def follow(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of transcripts.", show_default="~/.claude/projects")
    ] = Path("~/.claude/projects"),
    to: Annotated[str | None, typer.Option("--to", help="The receiver's address; by default the one here.")] = None,
    user: User = None,
    beside_telemetry: Annotated[
        bool,
        typer.Option("--beside-telemetry", help="The same sessions send telemetry: only what that does not tell."),
    ] = False,
    every: Annotated[float, typer.Option("--every", min=0.1, help="Seconds between two looks.")] = 2.0,
    state: Annotated[
        Path | None, typer.Option("--state", help="Keeps how far files were sent.", show_default="in AMMETER_DATA")
    ] = None,
) -> None:
    """Sends what Claude Code writes into its transcripts to a receiver, as it is written, until Ctrl-C.

    Only what is counted is sent: no prompt, answer, path, command or file. Stopped or killed, it goes on where it was.
    """
    from ammeter.cli.progress import progress
    from ammeter.follow import FollowConfig, Follower, Refused
    from ammeter.follow_state import FollowState, StateError
    from ammeter.log import configure
    from ammeter.person import person
    from ammeter.secrets import pseudonyms, receiver_token

    settings = load().settings
    folder = folder.expanduser().resolve()
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder: name the one that holds the transcripts.")
    url = to or f"http://127.0.0.1:{settings.ports.receiver}"
    named = hashlib.blake2b(f"{folder}\n{url}".encode(), digest_size=8).hexdigest()
    config = FollowConfig(
        folder,
        url,
        person(user),
        token=receiver_token(settings),
        every_s=every,
        beside_telemetry=beside_telemetry,
    )

    async def run() -> Follower:
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        with progress() as say:
            follower = Follower(config, kept, pseudonyms(settings), say=say, clock=time.time)
            await follower.run(stop)
        return follower

    configure(settings.log_level)
    try:
        kept = FollowState(state or settings.data_dir / "follow" / f"{named}.sqlite")
        try:
            follower = asyncio.run(run())
        finally:
            kept.close()
    except (Refused, StateError) as exc:
        print(f"ammeter: {exc}", file=sys.stderr)
        raise typer.Exit(1) from None
    print(follower.sentence())
