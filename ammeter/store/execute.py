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

    async def run(self, request: Request, body: bytes) -> Answer:
        """Runs a request; `StoreError` is what the client must be told."""
        if request.query is None:
            found = parse(body, None, request.default_format)
        else:
            found = parse(request.query.encode(), body, request.default_format)
        tag = secrets.token_hex(12)
        said = self._sessions.statements(request.session_id, time.monotonic(), request.session_timeout_s)
        before = self._before(request, tag, said)
        if isinstance(found, Insert):
            return await self._insert(found, request, tag, before)
        return await self._statement(found, request, tag, before)

    def _before(self, request: Request, tag: str, said: Sequence[str]) -> list[str]:
        config = self._config
        statements = [
            f"SET max_execution_time = {config.max_execution_s}, max_result_bytes = {config.max_result_bytes}, "
            "session_timezone = 'UTC'" + ("" if self._writers else ", readonly = 2")
        ]
        statements += said
        if request.database:
            statements.append(f"USE {identifier(request.database)}")
        settings = setting_sql(request.settings, config.max_execution_s)
        if settings:
            statements.append(settings)
        return [*statements, f"SET log_comment = {quoted(tag)}"]

    async def _judge(self, sql: str, request: Request, tag: str, before: Sequence[str]) -> str:
        """The engine's parse of the statement with its parameters put in; a syntax error shows here."""
        work = Work(f"EXPLAIN AST {sql}", tag, "TSVRaw", before, request.parameters)
        result = await self._pool.run(work, timeout_s=self._config.max_execution_s + _GRACE_S)
        return result.payload.decode(errors="replace")

    async def _statement(self, found: Statement, request: Request, tag: str, before: list[str]) -> Answer:
        query_class, count = self._engine.classify(found.text)
        if count > 1:
            raise StoreError(62, "SYNTAX_ERROR", "Syntax error: Multi-statements are not allowed; send one at a time.")
        ast = await self._judge(found.text, request, tag, before)
        if count != 1:
            raise StoreError(62, "SYNTAX_ERROR", "Syntax error: the engine cannot say what this statement would do.")
        rules.check_reach(found.tokens, ast, self._reaching)
        if self._writers is None:
            self._check_read(found, ast, query_class, request, before)
        else:
            rules.check_write(found)
        output_format = found.output_format or request.default_format or "TabSeparated"
        work = Work(found.text, tag, output_format, before, request.parameters)
        reads = query_class == "READ_ONLY"
        pool = self._pool if reads or self._writers is None or found.verb != "INSERT" else self._writers
        result = await pool.run(work, timeout_s=self._config.max_execution_s + _GRACE_S, abandon=reads)
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

    def _check_read(
        self, found: Statement, ast: str, query_class: str, request: Request, before: Sequence[str]
    ) -> None:
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
        sql = check_sql(insert)
        ast = await self._judge(sql, request, tag, before)
        rules.check_reach(tokens(sql), ast, self._reaching)
        if not ast.startswith("InsertQuery"):
            raise StoreError(62, "SYNTAX_ERROR", "Syntax error: the INSERT cannot be read.")
        path = await asyncio.to_thread(self._scratch.write, insert.data)
        try:
            work = Work(insert_sql(insert, path), tag, "Null", before, request.parameters)
            running = asyncio.ensure_future(
                self._writers.run(work, timeout_s=self._config.max_execution_s + _GRACE_S, abandon=False)
            )
            running.add_done_callback(lambda _: self._scratch.remove(path) if self._scratch else None)
            result = await asyncio.shield(running)
        finally:
            self._changes.tell(time.time_ns() // 1_000_000)
        return Answer(replace(result, payload=b""), None)
