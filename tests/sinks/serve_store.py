"""A store in a process of its own, for tests: prints its port, ends when its standard input does.

Usage: python -m tests.sinks.serve_store DIRECTORY
"""

import asyncio
import sys
from pathlib import Path

import structlog

from ammeter.store import StoreConfig, StoreServer


async def main(path: Path) -> None:
    """Serves until told to end."""
    server = StoreServer(StoreConfig(path=path, port=0))
    await server.start()
    sys.stdout.write(f"{server.port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(Path(sys.argv[1])))
