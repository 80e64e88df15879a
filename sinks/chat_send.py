"""Ways to a channel: Apprise's for chats and mail, else a plain webhook. Rule: nothing said here holds an address.

Apprise writes addresses and what a server answered into its log, so its log goes nowhere; of it we read the status.
"""

import asyncio
import logging
import re
import threading
from typing import Any, Protocol

import aiohttp
import apprise
from yarl import URL

from sinks.message import Message

WITHIN_S = 10.0
"""How long a webhook may take."""

APPRISE_WITHIN_S = 60.0
"""How long Apprise may take; of its services some wait seconds between two messages."""

_log = logging.getLogger("apprise")
_log.propagate = False
_log.addHandler(logging.NullHandler())  # without any, Python would print warnings


class NotTaken(Exception):
    """A message that was not taken, and why; without any address."""

    def __init__(self, reason: str, *, in_doubt: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.in_doubt = reason, in_doubt
        """`in_doubt`: it may have been taken all the same."""


class UnknownAddress(ValueError):
    """An address of no kind that is known."""

    def __init__(self) -> None:
        super().__init__("the address is of no kind that is known: give a webhook's https:// or one of Apprise's")


class Way(Protocol):
    """To one channel."""

    kind: str
    """What it is, for people."""

    async def send(self, message: Message) -> None:
        """Returns when it was taken. Raises NotTaken."""


def open_way(address: str) -> Way:
    """The way to an address: a chat's own, else a plain webhook. Raises UnknownAddress."""
    asset = apprise.AppriseAsset(
        app_id="Ammeter",
        app_desc="Ammeter",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
    )
    with _Listening():
        try:
            service = apprise.Apprise.instantiate(address, asset=asset, suppress_exceptions=True)
        except Exception:  # whatever a plugin makes of an address, it must not show it
            service = None
    if service is not None:
        return AppriseWay(service)
    try:
        url = URL(address)
    except ValueError:
        raise UnknownAddress from None
    if url.scheme not in ("http", "https") or not url.host:
        raise UnknownAddress
    return WebhookWay(url)


class WebhookWay:
    """One POST of the JSON object a message."""

    kind = "webhook"

    def __init__(self, url: URL) -> None:
        self._url = url

    async def send(self, message: Message) -> None:
        """Any status of success means that it was taken; redirects are not followed."""
        headers = {"Idempotency-Key": message.id, "User-Agent": "Ammeter"}
        timeout = aiohttp.ClientTimeout(total=WITHIN_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self._url, json=message.body, headers=headers, allow_redirects=False) as answer,
            ):
                status = answer.status
        except aiohttp.ClientConnectorError:
            raise NotTaken("nobody answers there") from None
        except TimeoutError:
            raise NotTaken(f"no answer within {WITHIN_S:.0f} s", in_doubt=True) from None
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            raise NotTaken(f"the connection failed ({type(exc).__name__})", in_doubt=True) from None
        if not 200 <= status < 300:
            raise NotTaken(f"it answered {status}")


class AppriseWay:
    """One of Apprise's services."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self.kind = str(service.service_name)

    async def send(self, message: Message) -> None:
        """Apprise blocks, so it has a thread. One that hangs is left behind, and the message is in doubt."""
        listening = _Listening()
        try:
            async with asyncio.timeout(APPRISE_WITHIN_S):
                taken = await asyncio.to_thread(self._notify, message, listening)
        except TimeoutError:
            raise NotTaken(f"no answer within {APPRISE_WITHIN_S:.0f} s", in_doubt=True) from None
        if not taken:
            raise listening.failure()

    def _notify(self, message: Message, listening: "_Listening") -> bool:
        with listening:
            try:
                taken = self._service.notify(
                    title=message.title, body=message.text, body_format=apprise.NotifyFormat.TEXT
                )
            except Exception:  # a plugin's fault is a failure like any other; its text may hold the address
                return False
        return bool(taken)


class _Listening(logging.Handler):
    """Hears what Apprise says in this thread, and keeps of it what is no secret."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._thread = 0
        self._status, self._unreachable = "", False

    def __enter__(self) -> "_Listening":
        self._thread = threading.get_ident()
        _log.setLevel(logging.DEBUG)
        _log.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        _log.removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Finds the status of an answer, or that there was no connection."""
        if record.thread != self._thread:
            return
        text = record.getMessage()
        if found := re.search(r"error[=: ]+(\d{3})\b", text):
            self._status = found[1]
        if re.search(r"Failed to establish a new connection|NameResolutionError|ConnectTimeout|refused", text):
            self._unreachable = True

    def failure(self) -> NotTaken:
        """What is known of a failure."""
        if self._status:
            return NotTaken(f"it answered {self._status}")
        if self._unreachable:
            return NotTaken("nobody answers there")
        return NotTaken("it was not taken, and nothing more is known", in_doubt=True)
