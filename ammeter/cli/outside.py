"""Commands that load what people know: directory, labels, interventions."""

import secrets
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct

from ammeter.cli.options import Data
from ammeter.settings import Settings, SettingsError, load
from schemas.people import KEY_BYTES, Pseudonyms

File = Annotated[Path, typer.Argument(help="A CSV file; its first line names the columns.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Checks the file and writes nothing.")]
Replace = Annotated[bool, typer.Option("--replace", help="The file is all there is: others are taken back.")]

Read = Callable[[bytes, Pseudonyms, int], Mapping[str, Struct]]
"""A file's bytes, the pseudonyms, and now in epoch milliseconds, to records by their name."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    for name, loading, text in (
        ("directory", directory, "Who stands behind an identity, and in which team since when."),
        ("labels", labels, "What somebody who read a session says of it."),
        ("interventions", interventions, "What was done to help, when and for whom."),
    ):
        group = typer.Typer(
            name=name, help=text, no_args_is_help=True, epilog=f"Example: ammeter {name} load {name}.csv --dry-run"
        )
        group.command(name="load", epilog=f"Example: ammeter {name} load {name}.csv")(loading)
        if name == "directory":
            group.command(name="list", epilog="Example: ammeter directory list")(list_directory)
        app.add_typer(group)


def directory(file: File, dry_run: DryRun = False, replace: Replace = False, data: Data = None) -> None:
    """Loads identity, person, team, valid_from, role, occupation; identities leave this machine as pseudonyms only.

    Several rows of one identity are dated entries. The file's identities get what it says, others keep theirs.
    """
    from ammeter import outside
    from schemas.derived import DEFINITIONS
    from sources.directory import read_directory

    def read(body: bytes, names: Pseudonyms, now: int) -> Mapping[str, Struct]:
        return read_directory(body, names, now * 1000, DEFINITIONS)

    _load(outside.DIRECTORY, file, read, dry_run, replace, data)


def labels(file: File, dry_run: DryRun = False, data: Data = None) -> None:
    """Loads session_id, work_mode, expertise, outcome, success_signal, failure_signal, value, occupation, labeller."""
    from ammeter import outside
    from schemas.derived import DEFINITIONS
    from sources.labels import read_labels

    def read(body: bytes, names: Pseudonyms, now: int) -> Mapping[str, Struct]:
        return read_labels(body, names, now, now * 1000, DEFINITIONS)

    _load(outside.LABELS, file, read, dry_run, False, data)


def interventions(file: File, dry_run: DryRun = False, data: Data = None) -> None:
    """Loads id, kind (training, knowledge_base, review, tool, other), title, team, started_at, ended_at."""
    from ammeter import outside
    from schemas.derived import DEFINITIONS
    from sources.labels import read_interventions

    def read(body: bytes, _: Pseudonyms, now: int) -> Mapping[str, Struct]:
        return read_interventions(body, now * 1000, DEFINITIONS)

    _load(outside.INTERVENTIONS, file, read, dry_run, False, data)


def list_directory(
    output: Annotated[str, typer.Option("--format", help="table, json or csv.")] = "table", data: Data = None
) -> None:
    """Lists the directory as the store has it: pseudonyms, never an identity."""
    from ammeter import reading
    from ammeter.outside import LIST
    from sinks.migrate import Databases

    if output not in ("table", "json", "csv"):
        raise SettingsError(f"--format {output}: choose table, json or csv.")
    settings = load(data=data).settings
    with reading.open_store(settings, given=data is not None) as store:
        print(reading.render(store, Databases(settings.database).fill(LIST), output), end="")


def _load(topic: str, file: Path, read: Read, dry_run: bool, replace: bool, data: Path | None) -> None:
    from ammeter import outside
    from sources.sheets import SheetRefused

    settings: Settings = load(data=data).settings
    try:
        body = file.read_bytes()
    except OSError as exc:
        raise FileNotFoundError(f"{file} cannot be read ({exc.strerror}): name a CSV file.") from None
    try:
        found = read(body, _names(settings, dry_run), time.time_ns() // 1_000_000)
    except SheetRefused as refused:
        for fault in refused.faults:
            print(f"{file}: {fault}", file=sys.stderr)
        number = len(refused.faults)
        print(f"ammeter: nothing was loaded: {number} fault{'s' if number > 1 else ''} in {file}.", file=sys.stderr)
        raise typer.Exit(1) from None
    if dry_run:
        print(f"{len(found)} records are well; nothing was written")
        return
    done = outside.load(settings, topic, found, given=data is not None, replace=replace)
    taken = f", took back {done.removed}" if done.removed else ""
    print(f"loaded {done.records} records{taken} into {done.where}")


def _names(settings: Settings, dry_run: bool) -> Pseudonyms:
    from ammeter import outside
    from ammeter.secrets import pseudonyms

    if dry_run:
        return Pseudonyms(secrets.token_bytes(KEY_BYTES))  # a check alone needs no key, and makes none
    outside.check_key(settings)
    return pseudonyms(settings)
