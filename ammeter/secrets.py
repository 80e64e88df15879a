"""Keys, tokens and passwords from files. Rule: what a file holds appears in no log, error, URL or environment."""

import os
import secrets
from pathlib import Path

from ammeter.settings import Settings, SettingsError, variable
from schemas.people import KEY_BYTES, Pseudonyms


def pseudonyms(settings: Settings) -> Pseudonyms:
    """The organisation's pseudonyms; the key is made (0600) in the data directory when there is none."""
    path = key_path(settings)
    if not path.exists():
        if settings.key_file:
            raise SettingsError(
                f"{path} does not exist: point AMMETER_KEY_FILE at the key, or unset it to have one made."
            )
        make_key(path)
    try:
        key = bytes.fromhex(path.read_text().strip())
        return Pseudonyms(key)
    except ValueError:
        message = f"{path} must hold at least {2 * KEY_BYTES} hex digits (`openssl rand -hex {KEY_BYTES}` makes them)."
        raise SettingsError(message) from None


def key_path(settings: Settings) -> Path:
    """Where the key of pseudonyms lies."""
    return settings.key_file.expanduser() if settings.key_file else settings.data_dir / "key"


def make_key(path: Path) -> Path:
    """Makes a key where there is none. Of two processes whoever links first wins, and nobody reads half a key."""
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}-{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path


def receiver_token(settings: Settings) -> str:
    """The token that is shown to a receiver; empty when there is none."""
    if settings.token_file is None:
        return ""
    try:
        return settings.token_file.expanduser().read_text().strip()
    except OSError as exc:
        raise SettingsError(
            f"{settings.token_file} cannot be read ({exc.strerror}): correct AMMETER_TOKEN_FILE."
        ) from exc


def secret(value: str, beside: Path) -> str:
    """What `env:NAME` or `file:PATH` stands for, or the value itself; paths begin `beside`. Raises SettingsError."""
    kind, colon, name = value.partition(":")
    if colon and kind == "env":
        return variable(name, "put the address into it")
    if colon and kind == "file" and not name.startswith("//"):
        path = beside / Path(name).expanduser()
        try:
            return path.read_text().strip()
        except (OSError, UnicodeDecodeError) as exc:
            raise SettingsError(f"{path} cannot be read ({type(exc).__name__}): put the address into it") from None
    return value


def store_password(settings: Settings) -> str:
    """The password for ClickHouse; empty when there is none."""
    if settings.clickhouse_password_file is None:
        return ""
    path = settings.clickhouse_password_file.expanduser()
    try:
        return path.read_text().strip()
    except OSError as exc:
        raise SettingsError(
            f"{path} cannot be read ({exc.strerror}): correct AMMETER_CLICKHOUSE_PASSWORD_FILE."
        ) from exc
