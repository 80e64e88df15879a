"""A request's text is split into statement and data where ClickHouse splits it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ammeter.store.errors import StoreError
from ammeter.store.statement import Insert, Statement, parse


@pytest.mark.parametrize(
    ("text", "head", "settings", "fmt", "data"),
    [
        (b"INSERT INTO t FORMAT JSONEachRow\n{}", "INSERT INTO t", "", "JSONEachRow", b"{}"),
        (b"insert into d.t (a, b) format CSV \r\n1,2", "insert into d.t (a, b)", "", "CSV", b"1,2"),
        (b"INSERT INTO TABLE `t x` VALUES (1)", "INSERT INTO TABLE `t x`", "", "Values", b" (1)"),
        (b"INSERT INTO t SETTINGS a=1, b='FORMAT' FORMAT TSV\nx", "INSERT INTO t", "a=1, b='FORMAT'", "TSV", b"x"),
        (
            b"/* c */ INSERT INTO t (format, values) FORMAT Native\n\xff\x00'",
            "/* c */ INSERT INTO t (format, values)",
            "",
            "Native",
            b"\xff\x00'",
        ),
        (b"INSERT INTO values FORMAT CSV\n1", "INSERT INTO values", "", "CSV", b"1"),
    ],
)
def test_inserts_are_split(text: bytes, head: str, settings: str, fmt: str, data: bytes) -> None:
    """The head ends at FORMAT or VALUES, settings are apart, and data are byte for byte what follows."""
    found = parse(text)
    assert isinstance(found, Insert)
    assert (found.head, found.settings, found.format, bytes(found.data)) == (head, settings, fmt, data)


@pytest.mark.parametrize(
    "text",
    [
        b"INSERT INTO t SELECT 1",
        b"INSERT INTO t (a) SELECT 1 FORMAT CSV",
        b"INSERT INTO t WITH 1 AS x SELECT x",
        b"INSERT INTO t FROM INFILE 'x' FORMAT CSV",
        b"SELECT 'INSERT INTO t FORMAT CSV'",
    ],
)
def test_inserts_from_sql_are_statements(text: bytes) -> None:
    """An INSERT that takes its rows from SQL is judged as SQL to its end."""
    assert isinstance(parse(text), Statement)


def test_data_may_come_in_the_body() -> None:
    """With the statement in the URL the body is the data; without FORMAT the request's default format holds."""
    found = parse(b"INSERT INTO t (a)", b"1\n", "TSV")
    assert isinstance(found, Insert)
    assert (found.format, bytes(found.data)) == ("TSV", b"1\n")


@given(st.binary(max_size=200))
def test_data_are_untouched(data: bytes) -> None:
    """Any bytes at all can be data, and stay as they are."""
    found = parse(b"INSERT INTO t FORMAT RowBinary\n" + data)
    assert isinstance(found, Insert)
    assert bytes(found.data) == data


@pytest.mark.parametrize("text", [b"SELECT 1; SELECT 2", b"SELECT 1; DROP TABLE t", b"SET a=1;;SELECT 1", b"", b"-- x"])
def test_one_statement_a_request(text: bytes) -> None:
    """Several statements, or none, are a syntax error."""
    with pytest.raises(StoreError, match="SYNTAX_ERROR"):
        parse(text)


@given(st.sampled_from(["SELECT", "WITH", "SHOW", "DROP"]), st.text(alphabet=";' \\", max_size=12))
def test_a_semicolon_in_a_string_separates_nothing(verb: str, inside: str) -> None:
    """Only a semicolon between tokens separates statements."""
    literal = "'" + inside.replace("\\", "\\\\").replace("'", "\\'") + "'"
    found = parse(f"{verb} {literal} ;".encode())
    assert isinstance(found, Statement)
    assert found.verb == verb


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"SELECT 1 FORMAT JSON", "JSON"),
        (b"SELECT 1 FORMAT JSON SETTINGS a = 1", "JSON"),
        (b"SELECT format('x') , 'FORMAT CSV'", None),
        (b"SELECT 1 format CSV;", "CSV"),
        (b"SELECT * FROM (SELECT 1 FORMAT CSV)", None),
    ],
)
def test_the_output_format_is_found(text: bytes, expected: str | None) -> None:
    """The FORMAT clause outside of brackets names the output's format."""
    found = parse(text)
    assert isinstance(found, Statement)
    assert found.output_format == expected
