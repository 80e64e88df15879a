"""A plain HTTP client, as curl would be: what goes over the wire is seen in the test."""

import http.client
import urllib.parse
from collections.abc import Mapping
from typing import NamedTuple


class Reply(NamedTuple):
    """An answer: its status, its headers, its body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def code(self) -> int:
        """ClickHouse's error code, 0 without error."""
        return int(self.headers.get("X-ClickHouse-Exception-Code", "0"))


class Client:
    """Talks to one port of a store on this machine."""

    def __init__(self, port: int) -> None:
        self.port = port

    def send(
        self,
        body: bytes = b"",
        *,
        path: str = "/",
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        **arguments: object,
    ) -> Reply:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            query = urllib.parse.urlencode({name: str(value) for name, value in arguments.items()})
            connection.request(method, f"{path}?{query}" if query else path, body, dict(headers or {}))
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def sql(self, text: str, **arguments: object) -> str:
        """A statement that must work; its output without the last line break."""
        reply = self.send(text.encode(), **arguments)  # type: ignore[arg-type]  # arguments of the URL only
        assert reply.status == 200, reply.body.decode()
        return reply.body.decode().rstrip("\n")
