"""chdb in threads: one request, one engine connection. Rule: a connection is never used for a second request.

An error leaves a half-made result in a connection, which its next query would give out as its own; SET, USE and
temporary tables would stay too. A new connection costs a third of a millisecond, and nothing can pass from one
request to the next.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chdb import _chdb  # the connection itself: only it classifies statements and counts written rows

from ammeter.store.errors import EngineError, StoreError

_FAILED = (RuntimeError, ValueError, TypeError)  # what the binding raises for any failure of the engine
_SAFE_ID = re.compile(r"[0-9a-f-]+\Z")


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gave: its output, and what was read and written."""

    payload: bytes
    read_rows: int
    read_bytes: int
    written_rows: int
    written_bytes: int
    elapsed_ns: int


@dataclass(frozen=True, slots=True)
class Work:
    """One statement for the engine: `before` runs first on the same connection; `tag` finds it to cancel it.

    With `judge` the engine's parse of `judged` (else of the statement), parameters put in, is judged before it runs.
    """

    sql: str
    tag: str
    output_format: str = "TabSeparated"
    before: Sequence[str] = ()
    parameters: Mapping[str, str] | None = None
    judge: Callable[[str], None] | None = None
    judged: str | None = None


class Engine:
    """The one engine of this process: opened once, with connections made from it."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._anchor: Any = None  # the engine lives as long as one connection does

    def open(self) -> None:
        """Opens the data; `StoreError` says who is in the way."""
        if "?" in self._path:
            raise StoreError(36, "BAD_ARGUMENTS", f"{self._path} has a ?, which the engine would read as options.")
        try:
            self._anchor = self.connect()
        except RuntimeError as error:
            if "already initialized" in str(error):
                raise StoreError(36, "BAD_ARGUMENTS", "This process has another store open; stop that first.") from None
            raise StoreError(
                76,
                "CANNOT_OPEN_FILE",
                f"Cannot open the store at {self._path}: another process has it open, or it cannot be written; "
                "stop that process or choose another directory.",
            ) from None
        try:
            self._replace_default_database()
        except BaseException:
            self.close()
            raise

    def _replace_default_database(self) -> None:
        """The engine's own `default` shows every file of the machine as a table; an ordinary one takes its place."""
        kept = (Path(self._path) / "metadata" / "default").exists()
        self.run(Work("DETACH DATABASE default", "start"), self._anchor)
        if not kept:  # one that never held a table has no directory, and the engine cannot attach such a one
            (Path(self._path) / "metadata" / "default.sql").unlink(missing_ok=True)
        self.run(
            Work("ATTACH DATABASE default" if kept else "CREATE DATABASE default ENGINE = Atomic", "start"),
            self._anchor,
        )
        found = self.run(Work("SELECT engine FROM system.databases WHERE name = 'default'", "start"), self._anchor)
        if found.payload != b"Atomic\n":
            raise StoreError(36, "BAD_ARGUMENTS", f"The database default of {self._path} is none that can be served.")

    def connect(self) -> Any:
        """A new connection to the open engine."""
        return _chdb.connect(self._path)  # type: ignore[attr-defined]  # its stub leaves the connection out

    def close(self) -> None:
        """Closes the data; no query may run any more."""
        if self._anchor is not None:
            self._anchor.close()
            self._anchor = None

    def classify(self, sql: str) -> tuple[str, int]:
        """The engine's view of a text: READ_ONLY, MUTATING, MUTATING_GLOBAL, CONTROL or UNKNOWN; its statements."""
        report = self._anchor.classify_query(sql, "")
        return report["query_class"].name, int(report["statement_count"])

    def run(self, work: Work, connection: Any = None) -> Result:
        """Runs a statement in this thread, on a connection of its own unless one is given."""
        own = connection is None
        connection = self.connect() if own else connection
        try:
            for statement in work.before:
                connection.query(statement, "Null")
            parameters = dict(work.parameters or {})
            if work.judge:
                parsed = connection.query(f"EXPLAIN AST {work.judged or work.sql}", "TSVRaw", params=parameters)
                work.judge((parsed.bytes() or b"").decode(errors="replace"))
            result = connection.query(work.sql, work.output_format, params=parameters)
            if result.has_error():
                raise EngineError(result.error_message())
            return Result(
                payload=result.bytes() or b"",
                read_rows=max(result.storage_rows_read(), result.rows_read()),
                read_bytes=max(result.storage_bytes_read(), result.bytes_read()),
                written_rows=result.rows_written(),
                written_bytes=result.bytes_written(),
                elapsed_ns=int(result.elapsed() * 1e9),
            )
        except _FAILED as error:
            raise EngineError(str(error)) from None
        finally:
            if own:
                connection.close()

    def kill(self, tag: str) -> None:
        """Ends the running statement of a tag, if it still runs."""
        running = Work("SELECT query_id FROM system.processes WHERE Settings['log_comment'] = {tag:String}", "kill")
        for query_id in self.run(replace(running, parameters={"tag": tag})).payload.split():
            if _SAFE_ID.match(query_id.decode()):
                self.run(Work(f"KILL QUERY WHERE query_id = '{query_id.decode()}' ASYNC", "kill"))


class Pool:
    """So many statements at a time; the rest wait in line, up to a limit."""

    def __init__(self, engine: Engine, size: int, max_waiting: int, name: str) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(size, thread_name_prefix=f"store-{name}")
        self._controls = ThreadPoolExecutor(1, thread_name_prefix=f"store-{name}-kill")
        self._free = asyncio.Semaphore(size)
        self._waiting = 0
        self._max_waiting = max_waiting

    async def run(self, work: Work, *, timeout_s: float, abandon: bool = True) -> Result:
        """Runs a statement when a place is free. Without `abandon` it is finished even if nobody waits any more."""
        if self._waiting >= self._max_waiting:
            raise StoreError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many statements wait; try again in a second.")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        loop = asyncio.get_running_loop()
        running = loop.run_in_executor(self._threads, self._engine.run, work)
        running.add_done_callback(self._freed)
        try:
            done, _ = await asyncio.wait([running], timeout=timeout_s)
        except asyncio.CancelledError:
            if abandon:
                loop.run_in_executor(self._controls, self._kill, work.tag)
            raise
        if not done:
            await loop.run_in_executor(self._controls, self._kill, work.tag)
            raise StoreError(
                159, "TIMEOUT_EXCEEDED", f"The statement took longer than {timeout_s:.0f} s; it was ended."
            )
        return running.result()

    def _freed(self, running: "asyncio.Future[Result]") -> None:
        self._free.release()
        if not running.cancelled():
            running.exception()  # seen, also where nobody waits for it any more

    def _kill(self, tag: str) -> None:
        try:
            self._engine.kill(tag)
        except StoreError:
            return  # it ended by itself in between

    def close(self) -> None:
        """Waits for what runs."""
        self._threads.shutdown(wait=True)
        self._controls.shutdown(wait=True)
