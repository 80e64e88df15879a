"""Are the ports free? Rule: a clash is told before anything starts, with the way out."""

import socket

from ammeter.settings import Settings, SettingsError


def taken(settings: Settings) -> dict[str, int]:
    """The ports of the embedded stack on which somebody listens, by part."""
    ports = settings.ports._asdict()
    unused = {"metrics"}
    if settings.kafka:
        unused |= {"broker", "controller"}
    if settings.clickhouse:
        unused |= {"store", "store_read_only"}
    return {part: port for part, port in ports.items() if part not in unused and not _is_free(port)}


BROKERS = ("broker", "controller")
"""The broker looks at its ports itself: what listens there may be its own, left behind by a run that was killed."""


def check_ports(settings: Settings) -> None:
    """Raises SettingsError when a port that the broker does not see to is taken."""
    if clashes := {part: port for part, port in taken(settings).items() if part not in BROKERS}:
        told = ", ".join(f"{port} ({part.replace('_', ' ')})" for part, port in clashes.items())
        raise SettingsError(
            f"port {told} is taken: stop what listens there, or move all ports with AMMETER_PORT_BASE=20000."
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
