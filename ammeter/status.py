"""What the stack says of itself, from one process to another: a small file. Rule: written whole, or not at all."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

NAME = "status.json"


def write_status(directory: Path, phase: str, text: str) -> None:
    """Says what is going on; a reader never sees half of it."""
    draft = directory / f".{NAME}-{os.getpid()}"
    draft.write_text(json.dumps({"phase": phase, "text": text}))
    draft.replace(directory / NAME)


def read_status(directory: Path) -> Mapping[str, str]:
    """What was said last; nothing when nobody said anything."""
    try:
        found = json.loads((directory / NAME).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
