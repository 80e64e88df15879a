"""Ports of loopback: which are free, which are taken."""

import socket
from contextlib import ExitStack

HOST = "127.0.0.1"


def free_ports(count: int) -> tuple[int, ...]:
    """Ports that nothing listens on at this moment; all differ."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return tuple(int(each.getsockname()[1]) for each in sockets)


def is_taken(port: int) -> bool:
    """Whether something listens on this port; ports that only linger in TIME_WAIT are free, as they are to Kafka."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
    return False


def answers(port: int) -> bool:
    """Whether a connection to this port is accepted; on loopback the answer is there at once."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0
