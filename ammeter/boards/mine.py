"""
A person's own rows: what a personal board reads where it writes `${private}.NAME`.

Rule 1: such a name becomes a subquery that holds the rows of one person, so no board can forget the filter.
Rule 2: the person comes from the login; nothing that a URL says reaches this file.
"""

import re
from dataclasses import dataclass

from ammeter.boards.macros import MacroError, quoted
from sinks.frame import Query

# ruff: noqa: S608 - names of ours and pseudonyms, which are checked, are all that is put into SQL

PSEUDONYM = re.compile(r"u_[0-9a-f]{16}")
PRIVATE = re.compile(r"\$\{private\}(?:\.(\w+))?")
BY_SESSION = "session_id IN (SELECT session_id FROM {private}.session_state_rows WHERE user_id IN ({identities}))"
BY_USER = "person_id = {person} AND user_id IN ({identities})"
RELATIONS = {
    "sessions": f"person_id = {{person}} AND {BY_SESSION}",
    "sessions_brief": f"person_id = {{person}} AND {BY_SESSION}",
    "events": "session_id IN (SELECT session_id FROM {private}.session_people WHERE person_id = {person} "
    f"AND {BY_SESSION})",
    "session_outcomes": BY_USER,
    "user_minutes": BY_USER,
    "user_minutes_brief": BY_USER,
    "user_sessions": BY_USER,
    "user_windows": BY_USER,
}
"""Of each relation that a personal board may read, which rows are a person's. The person decides, by the directory as
it is now; identities only spare the store from reading what others did."""


@dataclass(frozen=True)
class Person:
    """Whose figures are shown: the pseudonym of the person, and those of all their identities."""

    id: str
    identities: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what is no pseudonym."""
        for name in (self.id, *self.identities):
            if not PSEUDONYM.fullmatch(name):
                raise ValueError(f"{name!r} is no pseudonym.")


def bound(sql: str, private: str, person: Person) -> str:
    """The SQL with each private relation narrowed to one person's rows; raises MacroError for any other one."""
    parts = {
        "private": private,
        "person": quoted(person.id),
        "identities": ", ".join(quoted(name) for name in person.identities),
    }

    def replacement(match: re.Match[str]) -> str:
        condition = RELATIONS.get(match[1] or "")
        if condition is None:
            raise MacroError(f"{match[0]} is nothing that a personal board may read.")
        return f"(SELECT * FROM {private}.{match[1]} WHERE {condition.format_map(parts)})"

    return PRIVATE.sub(replacement, sql)


async def find_person(ask: Query, private: str, pseudonym: str) -> Person:
    """Who stands behind a pseudonym by the directory, with all identities; raises QueryFailed."""
    if not PSEUDONYM.fullmatch(pseudonym):
        raise ValueError(f"{pseudonym!r} is no pseudonym.")
    name = quoted(pseudonym)
    same = f"SELECT person_id FROM {private}.directory WHERE identity = {name}"
    entry = f"person_id = {name} OR person_id IN ({same})"
    frame = await ask(f"SELECT DISTINCT identity, person_id FROM {private}.directory WHERE {entry}")
    entries = dict(zip(map(str, frame.columns[0]), map(str, frame.columns[1]), strict=True)) if frame.columns else {}
    person = entries.get(pseudonym, pseudonym)
    return Person(person, tuple(sorted({pseudonym, person, *(one for one, who in entries.items() if who == person)})))


async def only_person(ask: Query, private: str) -> Person | None:
    """The one person whom the store knows; None where it knows nobody, or several. Raises QueryFailed."""
    frame = await ask(
        f"SELECT DISTINCT user_id FROM {private}.user_minute_rows WHERE user_id NOT IN ('', 'unknown') LIMIT 3"
    )
    found = {await find_person(ask, private, str(name)) for name in (frame.columns[0] if frame.columns else [])}
    return found.pop() if len({person.id for person in found}) == 1 else None
