"""
Who may look, and as whom.

Rule 1: without a proxy only this machine may look, and only under a name of this machine, so that no web page
can reach the boards by a name that it made point here.
Rule 2: X-Forwarded-User counts only from an address that the settings name as the proxy's.
"""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

LOCAL_NAMES = {"localhost", "127.0.0.1", "::1"}

Network = IPv4Network | IPv6Network


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


def viewer(peer: str, headers: Mapping[str, str], proxies: tuple[Network, ...]) -> str:
    """The name of who looks; raises Refused."""
    address = ip_address(peer)
    if any(address in network for network in proxies):
        if user := headers.get("X-Forwarded-User", "").strip():
            return user
        raise Refused("The proxy named no user: let it send X-Forwarded-User.")
    if not address.is_loopback:
        raise Refused("The boards answer this machine or a configured proxy only.")
    host = host_name(headers.get("Host", ""))
    if host not in LOCAL_NAMES:
        raise Refused(f"The boards have no name {host!r}: open them as 127.0.0.1 or localhost.")
    return "local"


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether a WebSocket was opened by our own page; a client without Origin is no browser."""
    origin = headers.get("Origin")
    return origin is None or origin.partition("://")[2] == headers.get("Host", "")


def host_name(host: str) -> str:
    """
    The name without its port.

    >>> host_name("localhost:8080"), host_name("[::1]:8080"), host_name("127.0.0.1")
    ('localhost', '::1', '127.0.0.1')
    """
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
