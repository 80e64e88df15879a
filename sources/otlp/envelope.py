"""Who said it, where and when: the part that every event of a record carries. Rule: identities leave as pseudonyms.

Record or point first, then the resource: what a client thinks unclean it leaves out of the one and keeps in the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.people import Pseudonyms
from sources.otlp.attributes import TEXT, Attributes, Scalar, label, moment, name, quantity, whole
from sources.otlp.records import Origin

DEFAULT_TEAM_KEYS = ("team.id", "team", "department")

ENDUSER = ("enduser.id",)
EMAIL = ("user.email",)
ACCOUNT = ("user.account_uuid", "user.account_id")
INSTALL = ("user.id", "installation.id")

SESSION_KEYS = ("session.id", "conversation.id", "gen_ai.conversation.id")

PERSONAL = frozenset((*ENDUSER, *EMAIL, *ACCOUNT, *INSTALL, *SESSION_KEYS, "user.name", "user.full_name"))
"""Attributes that name somebody: never kept as they are, in no field, not even as a number."""


@dataclass(frozen=True)
class Request:
    """What all records of one request share."""

    run: str
    received_at: int
    enduser: str = ""
    """Who the request's header says it is, for records that name nobody better."""


def session_of(attributes: Attributes, origin: Origin) -> str:
    """The session's id, or empty where the record has none."""
    found = _first(SESSION_KEYS, attributes, origin.resource)
    return found[:TEXT]


class Envelopes:
    """Makes the envelope of records."""

    def __init__(self, pseudonyms: Pseudonyms, team_keys: tuple[str, ...] = DEFAULT_TEAM_KEYS) -> None:
        self._pseudonym = pseudonyms.of
        self._team_keys = team_keys

    def of(
        self, request: Request, index: int, source: str, session_id: str, attributes: Attributes, origin: Origin
    ) -> dict[str, Any]:
        """The fields of an envelope, without occurred_at, which depends on the kind of record."""
        resource = origin.resource
        user_id, kind = self._person(request, attributes, resource)
        install = _first(INSTALL, attributes, resource)
        sequence = quantity(attributes.get("event.sequence"))
        return {
            "event_id": f"{request.run}-{index}",
            "source": source,
            "session_id": session_id,
            "run": request.run,
            "index": index,
            "received_at": request.received_at,
            "user_id": user_id,
            "user_id_kind": kind,
            "install_id": self._pseudonym(install),
            "team_hint": self._team(attributes, resource),
            "client_version": _version(source, attributes, origin),
            "entrypoint": name(attributes.get("app.entrypoint") or resource.get("app.entrypoint")),
            "prompt_id": name(attributes.get("prompt.id")),
            "sequence": None if sequence is None or sequence < 0 else whole(sequence),
        }

    def series(self, envelope: Mapping[str, Any], metric: str, attributes: Attributes) -> str:
        """Names one cumulative series of a session: keyed, so that nothing of its attributes can be guessed from it."""
        parts = [f"{key}={attributes[key]!r}" for key in sorted(attributes) if key not in PERSONAL]
        return self._pseudonym("\n".join((metric, envelope["user_id"], envelope["install_id"], *parts)))[2:]

    def _person(self, request: Request, attributes: Attributes, resource: Attributes) -> tuple[str, str]:
        enduser = _first(ENDUSER, attributes, resource) or request.enduser
        for kind, identity in (
            ("enduser", enduser),
            ("email", _first(EMAIL, attributes, resource)),
            ("account", _first(ACCOUNT, attributes, resource)),
            ("install", _first(INSTALL, attributes, resource)),
        ):
            pseudonym = self._pseudonym(identity) if identity else ""
            if pseudonym:
                return pseudonym, kind
        return "", ""

    def _team(self, attributes: Attributes, resource: Attributes) -> str:
        for where in (attributes, resource):
            for key in self._team_keys:
                found = label(where.get(key))
                if found:
                    return found
        return ""


def _first(keys: tuple[str, ...], *where: Attributes) -> str:
    """The first value that is not empty: key by key, each in the record before the resource."""
    for key in keys:
        for attributes in where:
            found: Scalar | None = attributes.get(key)
            if found is not None and found != "" and not isinstance(found, bool):
                text = str(found).strip()
                if text:
                    return text
    return ""


def _version(source: str, attributes: Attributes, origin: Origin) -> str:
    said = attributes.get("app.version")
    if said is None and source != "gemini-cli":  # there the service's version is that of its runtime
        said = origin.resource.get("service.version") or origin.scope_version
    return name(said)


def happened_at(request: Request, *candidates: Scalar | None) -> int:
    """The first time that makes sense, else the time of receipt."""
    found = moment(*candidates)
    return request.received_at if found is None else found
