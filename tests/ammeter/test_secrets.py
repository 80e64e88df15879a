"""Keys and passwords come from files, and appear nowhere else."""

import multiprocessing
import stat
from pathlib import Path

import pytest

from ammeter.parts import boards, receive, store
from ammeter.reading import target
from ammeter.secrets import pseudonyms, store_password
from ammeter.settings import Settings, SettingsError
from sinks.clickhouse import Target

SECRET = "s3cret-p@ss/word"


def _pseudonym(data: Path) -> str:
    return pseudonyms(Settings(data=data)).of("dana@example.com")


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """0600, and the same person stays the same."""
    first, second = _pseudonym(tmp_path / "d"), _pseudonym(tmp_path / "d")

    assert first == second
    assert first != _pseudonym(tmp_path / "other")
    assert stat.S_IMODE((tmp_path / "d" / "key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "d").iterdir()] == ["key"]


@pytest.mark.slow
def test_makers_at_once_agree_on_one_key(tmp_path: Path) -> None:
    """Whoever links first wins; nobody reads half a key."""
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        found = pool.map(_pseudonym, [tmp_path] * 12)

    assert len(set(found)) == 1


@pytest.mark.parametrize("text", ["", "not hexadecimal", "abcd", "gg" * 32])
def test_a_bad_key_is_told_and_not_printed(tmp_path: Path, text: str) -> None:
    """The sentence names the file and how to make a key, not what stands there."""
    (tmp_path / "key").write_text(text)
    with pytest.raises(SettingsError) as told:
        _pseudonym(tmp_path)

    assert str(told.value).startswith(f"{tmp_path / 'key'} must hold at least")
    assert not text or text not in str(told.value)


def test_a_named_key_is_never_made(tmp_path: Path) -> None:
    """A typing error must not give everybody a new pseudonym."""
    with pytest.raises(SettingsError, match="does not exist"):
        pseudonyms(Settings(data=tmp_path, key_file=tmp_path / "nowhere"))

    assert list(tmp_path.iterdir()) == []


def test_the_password_reaches_the_driver_and_no_text(tmp_path: Path) -> None:
    """Also one with characters that mean something in an address."""
    (tmp_path / "password").write_text(SECRET + "\n")
    settings = Settings(clickhouse="http://writer@c:8123", clickhouse_password_file=tmp_path / "password")

    found = Target.of(target(settings, settings.store_url))

    assert (found.username, found.password) == ("writer", SECRET)
    assert "cret" not in repr(found) + str(settings)


def test_a_missing_password_file_is_told(tmp_path: Path) -> None:
    """One sentence names the setting."""
    with pytest.raises(SettingsError, match="AMMETER_CLICKHOUSE_PASSWORD_FILE"):
        store_password(Settings(clickhouse_password_file=tmp_path / "nowhere"))


async def _refused(settings: Settings, part: object) -> str:
    assert callable(part)
    with pytest.raises(SettingsError) as told:
        await part(settings)
    return str(told.value)


@pytest.mark.parametrize(
    ("part", "asked"),
    [
        (receive, "AMMETER_TOKENS_FILE"),
        (store, "AMMETER_CLICKHOUSE_PASSWORD_FILE"),
        (boards, "proxy"),
    ],
)
def test_beyond_loopback_each_part_asks_for_its_guard(tmp_path: Path, part: object, asked: str) -> None:
    """Nobody opens a port to others by accident."""
    import asyncio

    said = asyncio.run(_refused(Settings(host="0.0.0.0", data=tmp_path, port_base=20_000), part))

    assert asked in said
    assert "\n" not in said


def test_a_bad_token_file_is_told_without_the_token(tmp_path: Path) -> None:
    """The line, not what stands there."""
    import asyncio

    (tmp_path / "tokens").write_text("laptops short\n")

    said = asyncio.run(_refused(Settings(data=tmp_path, tokens_file=tmp_path / "tokens", port_base=20_000), receive))

    assert "line 1" in said
    assert "short" not in said
