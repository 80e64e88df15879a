"""Reads a request's URL parameters and headers. Rule: pure; what the HTTP handler itself takes is no setting."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import HTTP

from ammeter.store.errors import StoreError

# Taken by the HTTP handler, or about a transport that this server does not have: none reaches the engine.
_HANDLED = frozenset(
    [
        "query",
        "database",
        "default_format",
        "session_id",
        "session_timeout",
        "session_check",
        "user",
        "password",
        "query_id",
        "compress",
        "decompress",
        "client_protocol_version",
        "role",
        "quota_key",
        "stacktrace",
        "wait_end_of_query",
        "buffer_size",
        "send_progress_in_http_headers",
        "http_headers_progress_interval_ms",
        "enable_http_compression",
        "http_zlib_compression_level",
        "cancel_http_readonly_queries_on_client_close",
        "add_http_cors_header",
        "log_comment",
        "max_result_bytes",
        "async_insert",
        "wait_for_async_insert",
        "async_insert_busy_timeout_ms",
        "async_insert_max_data_size",
        "async_insert_deduplicate",
        "log_queries",
    ]
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
_TIMES = frozenset({"max_execution_time"})


@dataclass(frozen=True, slots=True)
class Request:
    """What the parameters ask for; `query` is the URL's part of the text, None where the body is all."""

    query: str | None = None
    database: str | None = None
    default_format: str | None = None
    query_id: str | None = None
    session_id: str | None = None
    session_timeout_s: float = 60.0
    protocol_version: int = 0
    compress_answer: bool = False
    reading: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


def read(arguments: Mapping[str, str], headers: Mapping[str, str], method: str = "POST") -> Request:
    """The request of URL (and form) arguments and headers; refuses what this server cannot do.

    A request with an Origin comes from a page in a browser; it must not use the store behind its user's back. For the
    same reason GET only reads, as with ClickHouse.

    >>> read({"query": "SELECT {a:Int8}", "param_a": "1", "max_threads": "2", "session_id": ""}, {}).settings
    {'max_threads': '2'}
    """
    if "Origin" in headers:
        raise StoreError(497, "ACCESS_DENIED", "Not allowed: pages in a browser cannot use the store; use the boards.")
    for name in ("compress", "decompress"):
        if arguments.get(name, "0") not in ("0", "", "false"):
            raise StoreError(
                48, "NOT_IMPLEMENTED", f"{name}=1 (ClickHouse's own blocks) is not offered; use Content-Encoding."
            )
    settings = {name: value for name, value in arguments.items() if not _is_handled(name)}
    for name in settings:
        if not _NAME.match(name):
            raise StoreError(115, "UNKNOWN_SETTING", f"Unknown setting {name!r}.")
    return Request(
        query=arguments.get("query") or None,
        database=arguments.get("database") or headers.get("X-ClickHouse-Database") or None,
        default_format=arguments.get("default_format") or headers.get("X-ClickHouse-Format") or None,
        query_id=arguments.get("query_id") or headers.get("X-ClickHouse-Query-Id") or None,
        session_id=arguments.get("session_id") or None,
        session_timeout_s=min(_number(arguments.get("session_timeout"), 60.0), 3600.0),
        protocol_version=int(_number(arguments.get("client_protocol_version"), 0)),
        compress_answer=arguments.get("enable_http_compression", "0") not in ("0", "", "false"),
        reading=method != "POST",
        settings=settings,
        parameters={name[6:]: value for name, value in arguments.items() if name.startswith("param_")},
    )


def _is_handled(name: str) -> bool:
    return name in _HANDLED or name.startswith("param_")


def _number(text: str | None, otherwise: float) -> float:
    try:
        return float(text) if text else otherwise
    except ValueError:
        raise StoreError(27, "CANNOT_PARSE_INPUT_ASSERTION_FAILED", f"{text!r} is not a number.") from None


def credentials(arguments: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, str]:
    """The user and password of the headers, of Basic authentication, or of the URL.

    >>> credentials({}, {"Authorization": "Basic ZGVmYXVsdDpzZWNyZXQ="})
    ('default', 'secret')
    """
    if "X-ClickHouse-User" in headers or "X-ClickHouse-Key" in headers:
        return headers.get("X-ClickHouse-User", "default"), headers.get("X-ClickHouse-Key", "")
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise StoreError(516, "AUTHENTICATION_FAILED", "The Authorization header is not Basic's.") from None
        return user or "default", password
    return arguments.get("user", "default"), arguments.get("password", "")


def form(content_type: str, body: bytes) -> dict[str, str]:
    """The fields of a multipart form (clickhouse-connect sends long parameters so); tables sent along are refused."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", errors="replace")
    fields = {}
    for part in message_from_bytes(head + body, policy=HTTP).iter_parts():
        if part.get_filename() is not None:
            raise StoreError(48, "NOT_IMPLEMENTED", "External tables are not offered; insert the rows into a table.")
        content = part.get_payload(decode=True)
        name = part.get_param("name", header="content-disposition")
        fields[str(name)] = content.decode(errors="replace") if isinstance(content, bytes) else ""
    return fields


def setting_sql(settings: Mapping[str, str], max_execution_s: int) -> str | None:
    """One SET statement of the settings, None without any; a client's longer time limit is cut to the server's."""
    parts = []
    for name, value in settings.items():
        if name in _TIMES:
            wanted = _number(value, max_execution_s)
            value = str(min(wanted, max_execution_s) if wanted > 0 else max_execution_s)
        parts.append(f"{name} = {quoted(value)}")
    return "SET " + ", ".join(parts) if parts else None


def quoted(text: str) -> str:
    r"""A string literal.

    >>> quoted("it's")
    "'it\\'s'"
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(name: str) -> str:
    """A quoted identifier.

    >>> identifier("a`b")
    '`a\\\\`b`'
    """
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
