"""Pseudonyms of people. Rule: an identity never leaves the edge; only the key could turn its pseudonym back.

>>> names = Pseudonyms(b"0" * 32)
>>> names.of("Dana@Example.com ") == names.of("dana@example.com")
True
>>> names.of("")
''
"""

import hashlib
import hmac

UNKNOWN = "unknown"
"""Whom a session counts for when nobody was named in time; never counted among people."""

UNASSIGNED = "unassigned"
"""The team of people without one; shown, never dropped."""

KEY_BYTES = 32


class Pseudonyms:
    """Turns identities (e-mail, account, installation, any name) into `u_` and 16 hex digits of their HMAC-SHA256."""

    def __init__(self, key: bytes) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"The key for pseudonyms must have at least {KEY_BYTES} bytes.")
        self._key = key
        self._known: dict[str, str] = {}

    def of(self, identity: str) -> str:
        """The pseudonym of one identity; case and surrounding space do not matter. Empty for nobody."""
        known = self._known.get(identity)
        if known is None:
            name = identity.strip().lower()
            known = "u_" + hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:16] if name else ""
            if len(self._known) >= 100_000:
                self._known.clear()
            self._known[identity] = known
        return known
