"""The file of tokens."""

from pathlib import Path

import pytest

from sources.tokens import bearer, read_tokens


def test_tokens_are_read(tmp_path: Path) -> None:
    """A name and a token a line, comments and empty lines apart."""
    file = tmp_path / "tokens"
    file.write_text("# who\n\nlaptops  0123456789abcdef\nci fedcba9876543210\n")
    assert read_tokens(file) == {"laptops": "0123456789abcdef", "ci": "fedcba9876543210"}


@pytest.mark.parametrize("text", ["", "alone\n", "short 12\n", "a 0123456789abcdef\na 0123456789abcdee\n", "a b c\n"])
def test_a_bad_file_is_refused(tmp_path: Path, text: str) -> None:
    """The error names the place and never the token."""
    file = tmp_path / "tokens"
    file.write_text(text)
    with pytest.raises(ValueError, match="tokens") as caught:
        read_tokens(file)
    assert "0123456789abcde" not in str(caught.value)


def test_only_a_known_token_opens() -> None:
    """Whichever of them is shown, by the Bearer scheme alone."""
    tokens = {"a": "0123456789abcdef", "b": "fedcba9876543210"}
    assert bearer(tokens, "bearer fedcba9876543210") == "b"
    assert bearer(tokens, "Basic fedcba9876543210") is None
    assert bearer(tokens, "Bearer é") is None
    assert bearer(tokens, "") is None
