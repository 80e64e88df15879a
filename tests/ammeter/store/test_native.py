"""Native framed for the newer protocol is the engine's own bytes with info and markers between, for every type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ammeter.store.errors import StoreError
from ammeter.store.native import reframe, split
from tests.ammeter.store.client import Client

INFO = b"\x01\x00\x02\xff\xff\xff\xff\x00"
EXPRESSIONS = [
    "toUInt8(number)",
    "toString(number)",
    "toFixedString(toString(number % 10), 3)",
    "if(number % 2, number, NULL)",
    "range(number % 4)",
    "arrayMap(x -> toString(x), range(number % 3))",
    "map('a', toInt64(number), toString(number), 2)",
    "(toUInt16(number), toString(number), [number])",
    "CAST((number, 'a'), 'Tuple(one UInt64, `t w o` String)')",
    "toDateTime64(number, 3, 'UTC')",
    "toDecimal128(number, 2)",
    "CAST(number % 2, 'Enum8(\\'a,(\\' = 0, \\'b\\' = 1)')",
    "toLowCardinality(toString(number % 3))",
    "CAST(if(number % 2, toString(number), NULL), 'LowCardinality(Nullable(String))')",
    "[toLowCardinality(toString(number))]",
    "CAST([], 'Array(LowCardinality(String))')",
    "toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')",
    "toIPv6('::1')",
    "toIntervalDay(number)",
    "[[number], []]",
    "NULL",
    "true",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_type_is_walked(client: Client, expression: str) -> None:
    """The markers stand exactly after each type's name: a column after the one in question is found again."""
    sql = f"SELECT {expression} AS x, 'end' AS y FROM numbers(7)"
    plain = client.send(sql.encode(), default_format="Native").body
    framed = client.send(sql.encode(), default_format="Native", client_protocol_version=54460).body
    head = plain[: 5 + plain[4]]  # columns, rows, the name x, the type's length and the type
    tail = b"\x01y\x06String" + b"\x03end" * 7
    assert head.startswith(b"\x02\x07\x01x")
    assert plain.endswith(tail)
    assert framed == INFO + head + b"\x00" + plain[len(head) : -len(tail)] + b"\x01y\x06String\x00" + b"\x03end" * 7


def test_several_blocks_are_framed_each(client: Client) -> None:
    """Each block gets an info of its own."""
    sql = b"SELECT number FROM numbers(200000) SETTINGS max_block_size = 65000"
    plain = client.send(sql, default_format="Native").body
    framed = client.send(sql, default_format="Native", client_protocol_version=54483).body
    blocks = framed.count(b"\x01\x00\x02\xff\xff\xff\xff\x03\x00\x00\x01")
    assert blocks == plain.count(b"\x06number\x06UInt64") > 1
    assert len(framed) == len(plain) + blocks * (len(INFO) + 2 + 1)


def test_a_type_that_cannot_be_walked_is_an_error() -> None:
    """Unknown types are refused with what to do."""
    with pytest.raises(StoreError, match="cast it to String"):
        reframe(b"\x01\x01\x01x\x07Dynamic\x00", 54460)


@given(
    st.recursive(
        st.sampled_from(["UInt8", "String"]),
        lambda inner: st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"Tuple({', '.join(parts)})"),
    )
)
def test_arguments_are_split_at_their_own_level(type_name: str) -> None:
    """Joining a type's arguments again gives the type."""
    name, arguments = split(type_name)
    assert type_name == (f"{name}({', '.join(arguments)})" if arguments else name)
