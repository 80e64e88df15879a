"""Puts Kafka's jars into a cache: `jars.py CACHE` fetches them, `jars.py CACHE FOLDER` takes them from a folder."""

import asyncio
import sys
from pathlib import Path

from ammeter.broker import BrokerError, jars


def main(cache: Path, folder: Path | None) -> int:
    """Prints where the checked jars lie; 1 with a sentence when they cannot be had or are not the published ones."""
    try:
        if folder is not None and not jars.directory(cache).exists():
            jars.adopt({path.name: path for path in folder.glob("*.jar")}, jars.directory(cache))
        asyncio.run(jars.ensure(cache, _say))
    except BrokerError as error:
        _say(str(error))
        return 1
    sys.stdout.write(f"{jars.directory(cache)}\n")
    return 0


def _say(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
