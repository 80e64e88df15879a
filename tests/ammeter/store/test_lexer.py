"""The lexer agrees with ClickHouse's on what is text and what is not, or refuses."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ammeter.store.errors import StoreError
from ammeter.store.lexer import tokens

quiet = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="‘’“”"), max_size=30)


def words(text: str) -> list[str]:
    """The unquoted words of a text."""
    return [token.text for token in tokens(text) if token.kind == "word"]


@given(quiet)
def test_quoted_text_is_never_code(inside: str) -> None:
    """Whatever stands in a string, a quoted name, a comment or a here-document yields no word."""
    string = "'" + inside.replace("\\", "\\\\").replace("'", "\\'") + "'"
    name = "`" + inside.replace("\\", "\\\\").replace("`", "``") + "`"
    comment = "/*" + inside.replace("*/", "").replace("*", "") + "*/"
    line = "-- " + inside.replace("\n", " ") + "\n"
    here = "$tag$" + inside.replace("$tag$", "").replace("$", "") + "$tag$"
    assert words(f"a {string} b {name} c {comment} d {line} e {here} f") == ["a", "b", "c", "d", "e", "f"]


@given(quiet)
def test_values_are_what_was_quoted(inside: str) -> None:
    """Unquoting gives back what was quoted, so that a hidden name is seen."""
    string = "'" + inside.replace("\\", "\\\\").replace("'", "''") + "'"
    (token,) = tokens(string)
    assert token.value == inside


@given(st.text(alphabet="ab'\"`$/*-# \n\\;(", max_size=40))
def test_tokens_cover_the_text_in_order(text: str) -> None:
    """Tokens are disjoint, in order, and hold exactly the text between their ends; or the text is refused."""
    end = 0
    with contextlib.suppress(StoreError):
        for token in tokens(text):
            assert end <= token.start < token.end
            assert text[token.start : token.end] == token.text
            end = token.end


@pytest.mark.parametrize("text", ["select ‘a’", "select “a”", "select 'a", "select `a", "select /* a", "select $x$ a"])
def test_doubtful_text_is_refused(text: str) -> None:
    """What the engine may read otherwise is refused, not guessed."""
    with pytest.raises(StoreError, match="SYNTAX_ERROR"):
        list(tokens(text))
