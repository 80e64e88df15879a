"""How much one request may hold, so that no body can take the receiver's memory."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds of one request; above any of the first three it is answered 413."""

    sent_bytes: int = 4 << 20
    """As it comes over the wire."""
    unpacked_bytes: int = 32 << 20
    """After gunzip."""
    records: int = 50_000
    """Log records or metric points."""
    record_bytes: int = 2 << 20
    """Of one record; a larger one costs only itself."""
