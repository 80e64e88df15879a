"""What a port lets through, judged on the engine's own parse of a statement and on its tokens.

Rule: table functions, engines and system tables are let through by name; what is not known is refused, so that an
engine that learns a new way to a file or a host gives nobody that way.
"""

import re
from collections.abc import Iterable

from ammeter.store.errors import StoreError
from ammeter.store.lexer import Token
from ammeter.store.statement import Statement

# Table functions that make rows of their arguments alone, or only read tables of this store.
_PLAIN_FUNCTIONS = frozenset(
    [
        "format",
        "generaterandom",
        "generate_series",
        "generateseries",
        "input",
        "null",
        "numbers",
        "numbers_mt",
        "primes",
        "sqlstandardvalues",
        "values",
        "view",
        "zeros",
        "zeros_mt",
        "log",
        "set",
    ]  # log() and set are names of engines too
)
_OWN_FUNCTIONS = _PLAIN_FUNCTIONS | {"merge", "loop", "dictionary", "mergetreeindex", "mergetreeprojection"}
_ENGINES = frozenset(
    [
        "aggregatingmergetree",
        "alias",
        "buffer",
        "coalescingmergetree",
        "collapsingmergetree",
        "dictionary",
        "generaterandom",
        "graphitemergetree",
        "join",
        "log",
        "materializedview",
        "memory",
        "merge",
        "mergetree",
        "null",
        "replacingmergetree",
        "set",
        "stripelog",
        "summingmergetree",
        "tinylog",
        "versionedcollapsingmergetree",
        "view",
        "atomic",
        "ordinary",
        "lazy",
    ]
)
_DATABASE_ENGINES = frozenset(
    [
        "backup",
        "datalakecatalog",
        "filesystem",
        "hdfs",
        "iceberg",
        "materializedmysql",
        "materializedpostgresql",
        "mysql",
        "overlay",
        "postgresql",
        "remote",
        "replicated",
        "s3",
        "sqlite",
    ]
)
_SCALAR_ACCESS = frozenset({"file", "catboostevaluate", "getserversetting", "getmacro"})
_STORED_ACCESS = ("dictget", "dicthas", "dictisin", "joinget")
_SYSTEM_TABLES = frozenset(
    [
        "aggregate_function_combinators",
        "build_options",
        "collations",
        "columns",
        "completions",
        "contributors",
        "data_skipping_indices",
        "data_type_families",
        "database_engines",
        "databases",
        "dictionaries",
        "documentation",
        "formats",
        "functions",
        "keywords",
        "licenses",
        "merge_tree_settings",
        "metrics",
        "numbers",
        "numbers_mt",
        "one",
        "parts",
        "parts_columns",
        "settings",
        "table_engines",
        "table_functions",
        "tables",
        "time_zones",
        "zeros",
        "zeros_mt",
    ]
)
_READS = frozenset({"SELECT", "WITH", "FROM", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN"})
_REFUSED_VERBS = frozenset({"BACKUP", "RESTORE", "ATTACH", "COPY", "GRANT", "REVOKE", "MOVE"})
_SYSTEM_VERBS = frozenset({"FLUSH", "START", "STOP", "REFRESH", "WAIT", "SYNC", "RELOAD", "CLEAR", "DROP"})
_LIMITS = frozenset(
    {
        "max_memory_usage",
        "max_memory_usage_for_user",
        "max_result_bytes",
        "max_result_rows",
        "result_overflow_mode",
    }
)
_RESERVED_SETTINGS = _LIMITS | {"log_comment", "max_execution_time", "timeout_overflow_mode", "readonly"}
_AST_FUNCTION = re.compile(r"^ *Function ([^\n]*?)(?: \(|$)", re.MULTILINE)
_AST_NAME = re.compile(r"^ *(?:Table)?Identifier ([^\n]*?)(?: \(alias|$)", re.MULTILINE)


def reaching_names(table_functions: Iterable[str], table_engines: Iterable[str]) -> frozenset[str]:
    """The names, in lower case, that reach out of the store, of all that the engine says it has."""
    functions = {name.lower() for name in table_functions} - _OWN_FUNCTIONS
    engines = {name.lower() for name in table_engines} - _ENGINES
    return frozenset((functions | engines | _DATABASE_ENGINES | _SCALAR_ACCESS) - _OWN_FUNCTIONS - _ENGINES)


def check_reach(found: Iterable[Token], ast: str, reaching: frozenset[str]) -> None:
    """Refuses files, hosts and programs, on either port."""
    found = tuple(found)
    names = {name.lower() for name in _AST_FUNCTION.findall(ast)}
    for token, following in zip(found, (*found[1:], None), strict=True):
        if following is not None and following.text == "(" and token.kind in ("word", "quoted"):
            names.add(token.value.lower())
        if token.is_word("OUTFILE", "INFILE"):
            raise _denied(f"{token.text.upper()} would use a file of this machine; send and take rows over HTTP")
        if token.is_word("SOURCE") and following is not None and following.text == "(":
            kind = next((after for after in found if after.start > following.start), None)
            if kind is not None and not kind.is_word("CLICKHOUSE", "NULL"):
                raise _denied("a dictionary here can only have the source CLICKHOUSE, a table of this store")
        if token.is_word("ENGINE"):
            named = next((after for after in found if after.start > token.start and after.text != "="), None)
            if named is not None and named.kind in ("word", "quoted"):
                names.add(named.value.lower())
        if token.kind == "word" and token.text.lower() == "disk" and following is not None and following.text == "(":
            raise _denied("a table here cannot have a disk of its own")
    reached = sorted(names & reaching)
    if reached:
        raise _denied(f"{reached[0]} reaches out of the store; send rows with INSERT ... FORMAT over HTTP instead")


def check_write(statement: Statement) -> None:
    """What the ordinary port refuses beside reaching out: what an embedded engine cannot or must not do."""
    verb, words = statement.verb, [token.text.upper() for token in statement.tokens if token.kind == "word"]
    if verb in _REFUSED_VERBS:
        raise _denied(f"{verb} is not for the embedded store; use a ClickHouse server for it")
    if verb == "SYSTEM" and (len(words) < 2 or words[1] not in _SYSTEM_VERBS):
        raise _denied(f"{' '.join(words[:2])} could end or stall the store")
    if verb == "CREATE" and "TEMPORARY" in words[:4]:
        raise _denied("each request has an engine connection of its own, so a temporary table would be gone at once")


def check_limits(settings: Iterable[str]) -> None:
    """Refuses a request to the read-only port that would change what a statement may take."""
    for name in sorted(_LIMITS.intersection(settings)):
        raise StoreError(452, "SETTING_CONSTRAINT_VIOLATION", f"The limit {name} is the store's on the read-only port.")


def check_read(
    statement: Statement,
    ast: str,
    query_class: str,
    private: frozenset[str],
    parameters: Iterable[str],
    databases: Iterable[str],
) -> None:
    """The read-only port: a reading statement that names nothing private, and nothing by a computed name."""
    if query_class != "READ_ONLY" or statement.verb not in _READS:
        raise StoreError(164, "READONLY", "This port only reads; send the statement to the store's other port.")
    for token, following in zip(statement.tokens, (*statement.tokens[1:], None), strict=True):
        if token.text.lower() in _RESERVED_SETTINGS and following is not None and following.text == "=":
            raise StoreError(164, "READONLY", f"The setting {token.text} cannot be changed on the read-only port.")
    if "InsertQuery" in ast:
        raise StoreError(164, "READONLY", "This port only reads; send the statement to the store's other port.")
    if statement.verb == "SHOW" and any(token.is_word("PROCESSLIST", "GRANTS", "ACCESS") for token in statement.tokens):
        raise _denied("what others run is not shown on the read-only port")
    functions = {name.lower() for name in _AST_FUNCTION.findall(ast)}
    computed = sorted(
        name
        for name in functions
        if name.startswith(_STORED_ACCESS) or name in _OWN_FUNCTIONS - _PLAIN_FUNCTIONS or name == "hascolumnintable"
    )
    if computed:
        raise _denied(f"{computed[0]} takes the name of a table as a value, which the read-only port cannot check")
    said = [*(token.value.lower() for token in statement.tokens), ast.lower(), *(text.lower() for text in parameters)]
    wanted = [name.lower() for name in databases if name]
    for name in private:
        if any(name.lower() in text for text in (*said, *wanted)):
            raise _denied(f"the database {name} cannot be read on the read-only port; read the views in ammeter")
    if "system" in wanted:
        raise _denied("system cannot be the current database on the read-only port; write system.<table>")
    for name in _AST_NAME.findall(ast):
        parts = name.lower().split(".")
        if parts[0] == "system" and len(parts) > 1 and parts[1] not in _SYSTEM_TABLES:
            raise _denied(f"system.{parts[1]} is not shown on the read-only port")


def _denied(why: str) -> StoreError:
    return StoreError(497, "ACCESS_DENIED", f"Not allowed: {why}.")
