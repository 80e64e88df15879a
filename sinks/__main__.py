"""Writes what is rendered: the first migrations, schema.sql and the tables of docs/sql.md. Usage: python -m sinks."""

import sys
from pathlib import Path

from sinks import schema

for path in schema.write(Path(__file__).parents[1]):
    sys.stdout.write(f"{path}\n")
