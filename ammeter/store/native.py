"""Frames Native blocks for a client that speaks ClickHouse's newer protocol, as Grafana's plugin does over HTTP.

The engine writes Native of protocol version 0. From version 54454 on a block starts with its info, and each column
says after its type that its values are stored the plain way: bytes put between those of the engine. To find a
column's end its values are walked over, by type. Rule: a type that cannot be walked is an error, never a guess.
"""

import re
from collections.abc import Iterator

from ammeter.store.errors import StoreError

FIRST_VERSION = 54454
_OUT_OF_ORDER_VERSION = 54480
_FIXED = {
    **dict.fromkeys(("UInt8", "Int8", "Bool", "Enum8", "Nothing"), 1),
    **dict.fromkeys(("UInt16", "Int16", "Date", "Enum16", "BFloat16"), 2),
    **dict.fromkeys(("UInt32", "Int32", "Float32", "Date32", "DateTime", "IPv4", "Decimal32", "Time"), 4),
    **dict.fromkeys(("UInt64", "Int64", "Float64", "DateTime64", "Decimal64", "Time64"), 8),
    **dict.fromkeys(("UInt128", "Int128", "UUID", "IPv6", "Decimal128"), 16),
    **dict.fromkeys(("UInt256", "Int256", "Decimal256"), 32),
}
_TUPLE_MEMBER = re.compile(r"(?:[A-Za-z_]\w*|`(?:[^`\\]|\\.|``)*`)\s+(?=[A-Z])")
_LOW_CARDINALITY = re.compile(rb"\bLowCardinality\(")
_DECIMAL_WIDTHS = ((9, 4), (18, 8), (38, 16), (76, 32))


def reframe(payload: bytes, version: int) -> bytes:
    """The blocks of version 0 as those of `version` (at least `FIRST_VERSION`)."""
    return b"".join(_pieces(payload, version))


def _pieces(payload: bytes, version: int) -> Iterator[bytes]:
    info = b"\x01\x00\x02\xff\xff\xff\xff" + (b"\x03\x00" if version >= _OUT_OF_ORDER_VERSION else b"") + b"\x00"
    at = 0
    while at < len(payload):
        yield info
        start = at
        columns, at = _varint(payload, at)
        rows, at = _varint(payload, at)
        for _ in range(columns):
            at = _skip_string(payload, at)
            type_at = at
            at = _skip_string(payload, at)
            length, name_at = _varint(payload, type_at)
            yield payload[start:at]
            yield b"\x00"
            start = at
            if rows:
                at += 8 * len(_LOW_CARDINALITY.findall(payload[name_at : name_at + length]))
                at = _skip(payload, at, payload[name_at : name_at + length].decode(), rows)
        if at > len(payload):
            raise _cannot("a block that ends too early")
        yield payload[start:at]


def _skip(data: bytes, at: int, type_name: str, rows: int) -> int:
    """Where the values of a column end."""
    name, arguments = split(type_name)
    if name in _FIXED:
        return at + _FIXED[name] * rows
    match name:
        case "String":
            for _ in range(rows):
                at = _skip_string(data, at)
            return at
        case "FixedString":
            return at + int(arguments[0]) * rows
        case "Decimal":
            return at + rows * next(width for digits, width in _DECIMAL_WIDTHS if int(arguments[0]) <= digits)
        case "Nullable":
            return _skip(data, at + rows, arguments[0], rows)
        case "Array":
            return _skip_nested(data, at, arguments[0], rows)
        case "Map":
            return _skip_nested(data, at, f"Tuple({arguments[0]}, {arguments[1]})", rows)
        case "Tuple":
            if not arguments:
                return at + rows
            for member in arguments:
                at = _skip(
                    data, at, _TUPLE_MEMBER.sub("", member, count=1) if _TUPLE_MEMBER.match(member) else member, rows
                )
            return at
        case "Nested":
            return _skip_nested(data, at, f"Tuple({', '.join(arguments)})", rows)
        case "LowCardinality":
            return _skip_low_cardinality(data, at, arguments[0])
        case "SimpleAggregateFunction":
            return _skip(data, at, arguments[-1], rows)
        case _ if name.startswith("Interval"):
            return at + 8 * rows
    raise _cannot(f"the type {type_name}")


def _skip_nested(data: bytes, at: int, element: str, rows: int) -> int:
    end = at + 8 * rows
    total = int.from_bytes(data[end - 8 : end], "little")
    return _skip(data, end, element, total) if total else end


def _skip_low_cardinality(data: bytes, at: int, element: str) -> int:
    """A dictionary and the rows' places in it; its version stands before the column."""
    width = 1 << data[at]
    keys = int.from_bytes(data[at + 8 : at + 16], "little")
    name, arguments = split(element)
    at = _skip(data, at + 16, arguments[0] if name == "Nullable" else element, keys)
    return at + 8 + width * int.from_bytes(data[at : at + 8], "little")


def split(type_name: str) -> tuple[str, list[str]]:
    """A type's name and its arguments.

    >>> split("Map(String, Array(UInt8))")
    ('Map', ['String', 'Array(UInt8)'])
    """
    name, bracket, rest = type_name.partition("(")
    if not bracket:
        return type_name, []
    arguments, depth, quote, current = [], 0, "", ""
    for character in rest[:-1]:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'`":
            quote = character
        elif character == "," and depth == 0:
            arguments.append(current.strip())
            current = ""
            continue
        else:
            depth += (character == "(") - (character == ")")
        current += character
    return name, [*arguments, current.strip()] if current.strip() else arguments


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data):
            raise _cannot("a block that ends too early")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _skip_string(data: bytes, at: int) -> int:
    length, at = _varint(data, at)
    return at + length


def _cannot(what: str) -> StoreError:
    return StoreError(48, "NOT_IMPLEMENTED", f"Native of this protocol version cannot carry {what}; cast it to String.")
