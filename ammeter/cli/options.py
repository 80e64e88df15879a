"""Options that several commands share. Rule: what an option is called and does is said once."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Directory of the embedded parts' data; beats AMMETER_DATA.", show_default=False),
]
Paths = Annotated[
    list[Path],
    typer.Argument(
        help="Files or folders: OTLP bodies; canonical events, transcripts, logs of hooks (.jsonl, .jsonl.gz).",
        show_default=False,
    ),
]
User = Annotated[
    str | None,
    typer.Option(
        "--user", help="Whose transcripts and hooks these are; by default their owner's here.", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Prints JSON instead of a table.")]
