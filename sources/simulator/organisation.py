"""The people, their teams and their habits. Rule: everything about a person follows from (seed, number)."""

from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import Literal

from sources.simulator import figures
from sources.simulator.rates import Rates

Kind = Literal["enduser", "email", "install"]

TEAM_NAMES = (
    "payments", "search", "platform", "mobile", "data", "identity", "billing", "web", "support", "logistics",
    "checkout", "pricing", "catalogue", "messaging", "security", "insights", "growth", "maps", "media", "storage",
)  # fmt: skip
_GIVEN = (
    "ada", "ben", "chloe", "dev", "elena", "farid", "grace", "hugo", "ines", "jonas", "kim", "lena", "mateo", "nadia",
    "omar", "petra", "quinn", "rosa", "sven", "tara", "umar", "vera", "wen", "yara", "zoe",
)  # fmt: skip
_FAMILY = (
    "abbott", "bauer", "castro", "dahl", "evans", "fischer", "garcia", "haas", "ito", "jansen", "kaya", "lopez",
    "meyer", "novak", "okafor", "patel", "quist", "rossi", "silva", "tanaka", "ueda", "vogel", "weber", "young", "zhou",
)  # fmt: skip
_MODES = (("default", 368), ("acceptEdits", 251), ("bypassPermissions", 51), ("plan", 24), ("auto", 9))
_OFFSETS_MIN = (0, 60, 60, 120, -300, -480, 330)
_LANGUAGES = ("Python", "TypeScript", "Go", "Java", "Rust", "Markdown")


@dataclass(frozen=True)
class Team:
    """A team: its name, the resource attribute that says it, and its people's offset from UTC."""

    number: int
    name: str
    attribute: str
    offset_ms: int


@dataclass(frozen=True)
class Person:
    """A person, their client and their habits."""

    number: int
    team: Team
    email: str
    install: str
    account: str
    named_by: Kind
    shows_team: bool
    resource_only: bool
    expertise: int
    sessions_per_day: float
    """On a mean working day."""
    prints: bool
    mode: str
    model: str
    version: str
    entrypoint: str
    says_version: bool
    language: str
    terminal: str
    hooks: bool
    protobuf: bool
    gzip: bool
    cumulative: bool
    details: bool
    """Whether the client shows what tools are used on."""

    @property
    def old(self) -> bool:
        """Whether the client is the one with fewer attributes."""
        return self.version == "2.1.197"

    @property
    def team_hint(self) -> str:
        """What the receiver can know of the team."""
        return self.team.name if self.shows_team else ""


@dataclass(frozen=True)
class Organisation:
    """All people, by number, and all teams; the last team is the one that scenarios trouble."""

    teams: tuple[Team, ...]
    people: tuple[Person, ...]

    @property
    def troubled_team(self) -> Team:
        """Whose people give up more and more in the scenario `rising-abandonment`."""
        return self.teams[-1]


def stream(*parts: object) -> int:
    """The seed of one random stream, from what names it."""
    return int.from_bytes(blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


def generator(seed: int) -> Random:
    """The numbers of one random stream."""
    return Random(seed)  # noqa: S311 - a simulation must repeat itself; nothing here is secret


def organisation(sizes: tuple[int, ...], seed: int, rates: Rates | None = None) -> Organisation:
    """People in teams of these sizes."""
    rates = rates or Rates()
    teams = tuple(_team(number, seed) for number in range(len(sizes)))
    people: list[Person] = []
    for team, size in zip(teams, sizes, strict=True):
        first = len(people)
        people += [_person(first + place, team, seed, rates) for place in range(size)]
    return Organisation(teams, tuple(people))


def even_sizes(teams: int, users: int) -> tuple[int, ...]:
    """Teams as equal as whole people allow.

    >>> even_sizes(3, 10)
    (4, 3, 3)
    """
    if teams < 1 or users < teams:
        raise ValueError("Give at least one team, and at least one person a team.")
    return tuple(users // teams + (place < users % teams) for place in range(teams))


DEMO_SIZES = (12,) * 10 + (25,)
"""Ten teams of 12, and one of 25 that gets into trouble: large enough to be told from chance within two weeks."""


def demo_organisation(seed: int) -> Organisation:
    """The organisation that `ammeter demo` shows."""
    return organisation(DEMO_SIZES, seed)


def _team(number: int, seed: int) -> Team:
    random = generator(stream(seed, "team", number))
    name = TEAM_NAMES[number] if number < len(TEAM_NAMES) else f"team-{number + 1}"
    attribute = random.choices(("team.id", "team", "department"), (8, 1, 1))[0]
    return Team(number, name, attribute, random.choice(_OFFSETS_MIN) * figures.MINUTE)


def _person(number: int, team: Team, seed: int, rates: Rates) -> Person:
    random = generator(stream(seed, "person", number))
    u = random.random
    given, family = _GIVEN[number % len(_GIVEN)], _FAMILY[(number // len(_GIVEN) + number) % len(_FAMILY)]
    email = f"{given}.{family}{number}@example.com"
    named = u()
    kind: Kind = "enduser" if named < rates.enduser else "install"
    if named >= rates.enduser + rates.install_only:
        kind = "email"
    old = u() < rates.old_client
    newer = "claude-opus-5-5" if u() < 0.65 else "claude-sonnet-5"
    level = 1 + sum(u_level >= edge for u_level in (u(),) for edge in accumulate(figures.EXPERTISE[:-1]))
    return Person(
        number=number,
        team=team,
        email=email,
        install=f"{random.getrandbits(256):064x}",
        account=uuid(random),
        named_by=kind,
        shows_team=u() >= rates.no_team,
        resource_only=u() < rates.resource_only,
        expertise=level,
        sessions_per_day=random.gammavariate(4.0, 0.6),
        prints=u() < rates.prints,
        mode=random.choices([mode for mode, _ in _MODES], [weight for _, weight in _MODES])[0],
        model="claude-opus-4-8" if old else newer,
        version="2.1.197" if old else random.choice(("2.1.330", "2.1.330", "2.1.331")),
        entrypoint=random.choices(("cli", "claude-vscode"), (8, 2))[0],
        says_version=u() < rates.says_version,
        language=random.choice(_LANGUAGES),
        terminal=random.choice(("xterm-256color", "iTerm.app", "vscode", "tmux", "WezTerm")),
        hooks=u() < rates.hooks,
        protobuf=u() < rates.protobuf,
        gzip=u() < rates.gzip,
        cumulative=u() < rates.cumulative,
        details=u() < rates.details,
    )


def uuid(random: Random) -> str:
    """A version 4 UUID of this stream."""
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
