"""
Who may look, and as whom.

Rule 1: without a proxy only this machine may look, and only under a name of this machine, so that no web page
can reach the boards by a name that it made point here.
Rule 2: X-Forwarded-User counts only from an address that the settings name as the proxy's, and only alone: of two
such headers one came from the browser.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}
USER_HEADER = "X-Forwarded-User"

Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Login:
    """Who looks: a name to show, and the identity by which clients know the person; empty where nobody said one."""

    name: str
    identity: str


class Refused(Exception):
    """This request may not be answered; the text says what to do."""


def networks(addresses: tuple[str, ...]) -> tuple[Network, ...]:
    """Addresses and networks of proxies; raises ValueError, whose text names the wrong one."""
    try:
        return tuple(ip_network(address) for address in addresses)
    except ValueError as error:
        raise ValueError(f"A proxy is given as an IP address or network: {error}.") from None


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server that listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def viewer(peer: str, host: str, named: Sequence[str], proxies: tuple[Network, ...], local: str = "") -> Login:
    """Who looks, by the peer's address, the Host and the X-Forwarded-User headers; raises Refused.

    `local` is the identity of this machine's one user.
    """
    address = ip_address(peer)
    address = getattr(address, "ipv4_mapped", None) or address
    if any(address in network for network in proxies):
        users = [name.strip() for name in named]
        if len(users) > 1:
            raise Refused(f"The request names {len(users)} users: let the proxy replace {USER_HEADER}, not add to it.")
        if users and users[0]:
            return Login(users[0], users[0])
        raise Refused(f"The proxy named no user: let it send {USER_HEADER}.")
    if not address.is_loopback:
        raise Refused("The boards answer this machine or a configured proxy only.")
    name = host_name(host)
    if name not in LOCAL_NAMES:
        raise Refused(f"The boards have no name {name!r}: open them as 127.0.0.1 or localhost.")
    return Login(local or "local", local)


def same_origin(origin: str | None, host: str) -> bool:
    """Whether a WebSocket was opened by our own page; a client without Origin is no browser."""
    return origin is None or origin.partition("://")[2] == host


def host_name(host: str) -> str:
    """
    The name without its port.

    >>> host_name("localhost:8080"), host_name("[::1]:8080"), host_name("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
