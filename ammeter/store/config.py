"""What the store server is told: where its data are, where it listens, how much it gives to one request."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reachable from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class StoreConfig:
    """Sizes are bytes, times are seconds; a port of 0 takes a free one.

    `scratch` takes request bodies on their way in (best on tmpfs) and belongs to this server alone: it is emptied
    at the start. `private_databases` cannot be named on the read-only port, where `read_...` are a statement's limits.
    """

    path: Path
    port: int
    host: str = "127.0.0.1"
    read_only_port: int | None = None
    scratch: Path | None = None
    user: str = "default"
    password: str | None = None
    private_databases: frozenset[str] = frozenset({"ammeter_private"})
    readers: int = 4
    writers: int = 2
    max_body_bytes: int = 1 << 30
    max_result_bytes: int = 512 << 20
    max_execution_s: int = 300
    read_memory_bytes: int = 2 << 30
    read_execution_s: int = 60
    read_result_rows: int = 1_000_000
    max_waiting: int = 200
    compress_answers: bool = False

    def __post_init__(self) -> None:
        if not is_loopback(self.host) and not self.password:
            raise ValueError(f"Listening on {self.host} lets others in: give the store a password, or use 127.0.0.1.")
