"""Settings to notifiers: who tells people, by which routes, in which words. Rule: an address is in no error."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from yarl import URL

from ammeter import working_days
from ammeter.secrets import secret
from ammeter.settings import Settings, SettingsError
from sinks.message import Shown, Writing
from sinks.routes import Routes, RoutesError, read_routes
from streams.detect.catalogue import CATALOGUE
from streams.detect.sentence import PROXIES

if TYPE_CHECKING:
    from sinks.chat_send import Way

RUNBOOKS = "docs/runbooks.md"

ROUTES_MISSING = "AMMETER_ROUTES_FILE is not set: name the file with the channels (docs/alerts.md shows one)."


def part(settings: Settings) -> tuple[str, ...]:
    """The command of the notifier that is configured to run here; empty where none is. Raises SettingsError."""
    if settings.notifier == "chat" and settings.routes_file:
        ways(routes(settings))
        return ("sink", "chat")
    if settings.notifier == "alertmanager" and settings.alertmanager:
        alertmanagers(settings)
        return ("sink", "alertmanager")
    return ()


def check_notifier(settings: Settings, name: str) -> None:
    """Raises SettingsError where another one tells people: nobody wants to hear everything twice."""
    if settings.notifier != name:
        raise SettingsError(
            f"AMMETER_NOTIFIER is {settings.notifier}, so `ammeter sink {name}` has nobody to tell: set it to {name}."
        )


def routes(settings: Settings) -> Routes:
    """The routes of the file. Raises SettingsError."""
    if settings.routes_file is None:
        raise SettingsError(ROUTES_MISSING)
    path = settings.routes_file.expanduser()
    try:
        text = path.read_text()
    except OSError as exc:
        raise SettingsError(f"{path} cannot be read ({exc.strerror}): correct AMMETER_ROUTES_FILE.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8: save it so.") from None
    try:
        return read_routes(text, lambda value: secret(value, path.parent), [each.name for each in CATALOGUE])
    except RoutesError as exc:
        raise SettingsError(f"{path}: {str(exc).rstrip('.')}.") from None


def ways(found: Routes) -> "dict[str, Way]":
    """The way to each channel. Raises SettingsError."""
    from sinks.chat_send import UnknownAddress, open_way

    opened = {}
    for name, address in found.addresses.items():
        try:
            opened[name] = open_way(address)
        except UnknownAddress as exc:
            raise SettingsError(f"channels.{name}: {exc} (docs/alerts.md).") from None
    return opened


def alertmanagers(settings: Settings) -> Sequence[str]:
    """The addresses of Alertmanager. Raises SettingsError."""
    if not settings.alertmanager:
        raise SettingsError("AMMETER_ALERTMANAGER is not set: give http://host:port of Alertmanager.")
    given = secret(settings.alertmanager, Path.cwd())
    found = [address.strip() for address in given.split(",") if address.strip()]
    for address in found:
        try:
            url = URL(address)
        except ValueError:
            url = URL()
        if url.scheme not in ("http", "https") or not url.host:
            raise SettingsError("AMMETER_ALERTMANAGER: give http://host:port, several with commas between them.")
        if url.password and given == settings.alertmanager:
            raise SettingsError("AMMETER_ALERTMANAGER holds a password: put it into a file and give file:PATH.")
    return found


def writing(settings: Settings, found: Routes | None = None) -> Writing:
    """The words and links of messages."""
    shown = {each.name: Shown(each.title, each.unit, each.runbook, each.name in PROXIES) for each in CATALOGUE}
    boards = settings.boards_url or f"http://127.0.0.1:{settings.ports.boards}"
    made = Writing(
        shown,
        boards.rstrip("/"),
        settings.runbooks_url or RUNBOOKS,
        floor=settings.floor,
        day_begins=working_days.load(settings).begins,
    )
    return made if found is None else replace(made, zone=found.zone)
