"""One request from its text to the engine's result: judged by the rules, run on the right pool."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ammeter.store import rules
from ammeter.store.changes import Changes
from ammeter.store.config import StoreConfig
from ammeter.store.engine import Engine, Pool, Result, Work
from ammeter.store.errors import StoreError
from ammeter.store.insert import Scratch, check_sql, insert_sql
from ammeter.store.lexer import tokens
from ammeter.store.native import FIRST_VERSION, reframe
from ammeter.store.request import Request, identifier, quoted, setting_sql
from ammeter.store.sessions import Sessions
from ammeter.store.statement import Insert, Statement, parse

_REMEMBERED = frozenset({"SET", "USE"})
_UNCHANGING = frozenset({"SET", "USE", "KILL", "SYSTEM"})
_HARMLESS = frozenset({"READ_ONLY", "UNKNOWN"})  # what does not parse ends as a syntax error
_GRACE_S = 5.0  # the engine ends a statement at its limit itself; only where it does not, it is killed


@dataclass(frozen=True, slots=True)
class Answer:
    """A result and the format that it is in; None for a statement that gives no rows."""

    result: Result
    output_format: str | None


class Executor:
    """Runs the statements of one port."""

    def __init__(
        self,
        config: StoreConfig,
        engine: Engine,
        pool: Pool,
        changes: Changes,
        reaching: frozenset[str],
        *,
        writers: Pool | None = None,
        scratch: Scratch | None = None,
    ) -> None:
        self._config = config
        self._engine = engine
        self._pool = pool
        self._writers = writers  # None: the read-only port
        self._scratch = scratch
        self._changes = changes
        self._reaching = reaching
        self._sessions = Sessions()
        self._inserting: set[asyncio.Task[Result]] = set()

    async def run(self, request: Request, body: bytes) -> Answer:
        """Runs a request; `StoreError` is what the client must be told."""
        if request.query is None:
            found = parse(body, None, request.default_format)
        else:
            found = parse(request.query.encode(), body, request.default_format)
        if request.reading and (isinstance(found, Insert) or self._engine.classify(found.text)[0] not in _HARMLESS):
            raise StoreError(164, "READONLY", "GET only reads; send a statement that changes something with POST.")
        tag = secrets.token_hex(12)
        said = self._sessions.statements(request.session_id, time.monotonic(), request.session_timeout_s)
        before = self._before(request, tag, said)
        if isinstance(found, Insert):
            return await self._insert(found, request, tag, before)
        return await self._statement(found, request, tag, before)

    def _before(self, request: Request, tag: str, said: Sequence[str]) -> list[str]:
        config = self._config
        limits = "" if self._writers else self._reader_limits(request)
        statements = [
            f"SET max_execution_time = {self._seconds}, max_result_bytes = {config.max_result_bytes}, "
            f"session_timezone = 'UTC'{limits}"
        ]
        statements += said
        if request.database:
            statements.append(f"USE {identifier(request.database)}")
        settings = setting_sql(request.settings, self._seconds)
        if settings:
            statements.append(settings)
        return [*statements, f"SET log_comment = {quoted(tag)}"]

    @property
    def _seconds(self) -> int:
        return self._config.max_execution_s if self._writers else self._config.read_execution_s

    def _reader_limits(self, request: Request) -> str:
        rules.check_limits(request.settings)
        return (
            f", max_memory_usage = {self._config.read_memory_bytes}, max_result_rows = {self._config.read_result_rows},"
            " result_overflow_mode = 'throw', readonly = 2"
        )

    async def _statement(self, found: Statement, request: Request, tag: str, before: list[str]) -> Answer:
        query_class, count = self._engine.classify(found.text)
        if count > 1:
            raise StoreError(62, "SYNTAX_ERROR", "Syntax error: Multi-statements are not allowed; send one at a time.")
        reads = query_class == "READ_ONLY"
        pool = self._pool if reads or self._writers is None else self._writers

        def judge(ast: str) -> None:
            if count != 1:
                raise StoreError(62, "SYNTAX_ERROR", "Syntax error: the engine cannot say what this would do.")
            rules.check_reach(found.tokens, ast, self._reaching)
            if self._writers is None:
                self._check_read(found, ast, query_class, request)
            else:
                rules.check_write(found)

        output_format = found.output_format or request.default_format or "TabSeparated"
        work = Work(found.text, tag, output_format, before, request.parameters, judge)
        result = await pool.run(work, timeout_s=self._seconds + _GRACE_S, abandon=reads)
        if found.verb in _REMEMBERED and request.session_id:
            now_s = time.monotonic()
            self._sessions.remember(request.session_id, found.text, now_s, request.session_timeout_s)
        if not reads and found.verb not in _UNCHANGING:
            self._changes.tell(time.time_ns() // 1_000_000)
        if len(result.payload) > self._config.max_result_bytes:
            raise StoreError(
                396,
                "TOO_MANY_ROWS_OR_BYTES",
                f"The result is over {self._config.max_result_bytes:,} bytes; ask for less.",
            )
        if output_format == "Native" and request.protocol_version >= FIRST_VERSION and result.payload:
            framed = await asyncio.to_thread(reframe, result.payload, request.protocol_version)
            result = replace(result, payload=framed)
        return Answer(result, output_format if reads else None)

    def _check_read(self, found: Statement, ast: str, query_class: str, request: Request) -> None:
        rules.check_read(
            found,
            ast,
            query_class,
            self._config.private_databases,
            [*request.parameters.values(), *request.settings.values()],
            [request.database or ""],
        )

    async def _insert(self, insert: Insert, request: Request, tag: str, before: list[str]) -> Answer:
        if self._writers is None or self._scratch is None:
            raise StoreError(164, "READONLY", "This port only reads; send the INSERT to the store's other port.")
        # Its body is whole, so it goes in even if the client leaves now: as with ClickHouse, a resend may double it.
        inserting = asyncio.create_task(self._take_in(self._writers, self._scratch, insert, tag, before))
        self._inserting.add(inserting)
        inserting.add_done_callback(self._taken_in)
        result = await asyncio.shield(inserting)
        return Answer(replace(result, payload=b""), None)

    async def _take_in(
        self, writers: Pool, scratch: Scratch, insert: Insert, tag: str, before: Sequence[str]
    ) -> Result:
        sql = check_sql(insert)

        def judge(ast: str) -> None:
            if not ast.startswith("InsertQuery"):
                raise StoreError(62, "SYNTAX_ERROR", "Syntax error: the INSERT cannot be read.")
            rules.check_reach(tokens(sql), ast, self._reaching)

        path = await asyncio.to_thread(scratch.write, insert.data)
        try:
            work = Work(insert_sql(insert, path), tag, "Null", before, judge=judge, judged=sql)
            return await writers.run(work, timeout_s=self._config.max_execution_s + _GRACE_S, abandon=False)
        finally:
            scratch.remove(path)
            self._changes.tell(time.time_ns() // 1_000_000)  # failed or not: some of its parts may be there

    def _taken_in(self, inserting: "asyncio.Task[Result]") -> None:
        self._inserting.discard(inserting)
        if not inserting.cancelled():
            inserting.exception()  # seen, also where the client has left

    async def finish(self) -> None:
        """Waits for the inserts whose clients have left."""
        await asyncio.gather(*self._inserting, return_exceptions=True)
