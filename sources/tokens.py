"""The tokens that clients of the receiver show. Rule: compared in constant time, all of them, whichever fits."""

import hmac
import ipaddress
from collections.abc import Mapping
from pathlib import Path


def read_tokens(path: Path) -> dict[str, str]:
    """Name to token, from a file of `name token` lines; empty lines and lines that begin with # are skipped.

    Raises ValueError, naming the line, never the token.
    """
    tokens: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        parts = line.split()
        if not parts or parts[0].startswith("#"):
            continue
        if len(parts) != 2 or len(parts[1]) < 16 or not parts[1].isascii():
            raise ValueError(f"{path}, line {number}: write `name token`, the token 16 or more ASCII characters long.")
        if parts[0] in tokens:
            raise ValueError(f"{path}, line {number}: the name {parts[0]} stands there twice.")
        tokens[parts[0]] = parts[1]
    if not tokens:
        raise ValueError(f"{path} holds no token: write one `name token` a line.")
    return tokens


def bearer(tokens: Mapping[str, str], header: str) -> str | None:
    """The name whose token an Authorization header shows, or None.

    >>> bearer({"laptops": "0123456789abcdef"}, "Bearer 0123456789abcdef")
    'laptops'
    """
    scheme, _, shown = header.partition(" ")
    given = shown.strip().encode() if scheme.lower() == "bearer" else b""
    found = None
    for name, token in tokens.items():
        if hmac.compare_digest(given, token.encode()):
            found = name
    return found


def demand_tokens(host: str, tokens: Mapping[str, str]) -> None:
    """Raises ValueError where others could reach a receiver that asks for no token."""
    if not tokens and not _is_loopback(host):
        raise ValueError(
            f"{host} can be reached from other machines: name a file of tokens (AMMETER_TOKENS_FILE),"
            " or listen on 127.0.0.1."
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
