"""What the stack says of itself is read whole or not at all."""

from pathlib import Path

from ammeter.status import NAME, read_status, write_status


def test_what_was_said_last_is_read(tmp_path: Path) -> None:
    """And no draft is left."""
    write_status(tmp_path, "loading", "a")
    write_status(tmp_path, "live", "b")

    assert read_status(tmp_path) == {"phase": "live", "text": "b"}
    assert [file.name for file in tmp_path.iterdir()] == [NAME]


def test_nothing_said_is_nothing(tmp_path: Path) -> None:
    """No file, a broken file, and a file of something else."""
    assert read_status(tmp_path) == {}
    for text in ("{", "[1]"):
        (tmp_path / NAME).write_text(text)
        assert read_status(tmp_path) == {}
