"""What is wrong with clients, people and the pipeline, from facts. Rule: pure; each finding says what to do."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sinks.diagnosis import DeadLetters, Disk, Identity, Loss, Progress, Stranger, Use

MINUTE_MS, DAY_MS = 60_000, 86_400_000

QUIET_DAYS = 7
"""So long may somebody who was there on several days be away before it is told."""

REGULAR_DAYS = 3
"""Who was there on so many days sends regularly."""

CLIENT_QUIET_DAYS = 3
"""So long may a client be unheard of by everybody: a long weekend."""

LAG_MESSAGES = 10_000
WATERMARK_MS = MINUTE_MS
SAMPLES_MS = MINUTE_MS
"""A part that reports every 5 s has stopped when it said nothing for so long."""

FREE_SHARE, FREE_BYTES = 0.05, 1 << 30
MOST_IDENTITIES = 50
"""So many without an entry are told one by one, those with the most sessions first."""

TRIED = {"claude-code": "2.1.331", "codex": "0.169.0", "gemini-cli": "0.61.0"}
"""The newest version of each client that was tried; newer ones are read as far as they are known."""

OLD_CLAUDE_CODE = "2.1.197"

SHOWN = 5
"""So many pseudonyms or sessions are named."""


class Finding(NamedTuple):
    """One thing that is wrong."""

    check: str
    what: str
    do: str


class Client(NamedTuple):
    """One version of a client, as it was heard."""

    source: str
    client_version: str
    sessions: int
    people: int
    heard_at: int
    with_logs: int
    with_metrics: int
    with_hooks: int


def clients(uses: Iterable[Use]) -> list[Client]:
    """By source and version."""
    found: dict[tuple[str, str], Client] = {}
    people: dict[tuple[str, str], set[str]] = defaultdict(set)
    for use in uses:
        key = use.source, use.client_version
        people[key] |= {use.person} - {""}
        had = found.get(key, Client(*key, 0, 0, 0, 0, 0, 0))
        found[key] = Client(
            *key,
            had.sessions + use.sessions,
            len(people[key]),
            max(had.heard_at, use.heard_at),
            had.with_logs + use.with_logs,
            had.with_metrics + use.with_metrics,
            had.with_hooks + use.with_hooks,
        )
    return [found[key] for key in sorted(found)]


def of_clients(uses: Sequence[Use], directory: Mapping[str, str], now: int) -> Iterator[Finding]:
    """What people do not send, and who stopped."""
    if not uses:
        yield Finding(
            "clients", "nothing was received", "`ammeter connect claude-code` prints the settings of a client"
        )
        return
    for source, mine in _by_source(uses):
        if source == "claude-code":
            yield from _of_claude_code(mine)
        unnamed = {use.person for use in mine if use.kind == "install"} - directory.keys()
        if unnamed:
            yield Finding(
                "identity",
                f"{source}: {_people(unnamed)} known by the installation alone, which is new in every container",
                "name them: `ammeter connect` with --person or --person-env, or give them a row in the directory",
            )
        nobody = sum(use.sessions - use.hooks_alone for use in mine if not use.person)
        if nobody:
            yield Finding(
                "identity",
                f"{source}: {nobody} sessions name nobody",
                "name people: `ammeter connect` with --person",
            )
        days = (now - max(use.heard_at for use in mine)) / DAY_MS
        if len({day for use in mine for day in use.days}) >= REGULAR_DAYS and days > CLIENT_QUIET_DAYS:
            yield Finding(
                "silence",
                f"{source}: nobody was heard for {days:.0f} days",
                "see whether the receiver can be reached (/readyz), and its requests by status: 401 is the token",
            )
    silent = _silent(uses, now)
    if silent:
        yield Finding(
            "silence",
            f"{_people(silent)} silent for over {QUIET_DAYS} days after {REGULAR_DAYS} days or more of use",
            "ask whether they are away; else their settings were lost (a new machine, a project's settings)",
        )


def _of_claude_code(uses: Sequence[Use]) -> Iterator[Finding]:
    old = {use.person for use in uses if use.client_version and _parts(use.client_version) <= _parts(OLD_CLAUDE_CODE)}
    if old:
        yield Finding(
            "version",
            f"claude-code: {_people(old)} at {OLD_CLAUDE_CODE} or older, which tells less",
            "update it; npm on Node 20 installs the old version silently, so update Node first",
        )
    mute = {use.person for use in uses if use.without_metrics and not use.with_metrics}
    if mute:
        yield Finding(
            "metrics",
            f"claude-code: {_people(mute)} sending logs and no metrics: no lines, commits, pull requests, active time",
            "set OTEL_METRICS_EXPORTER=otlp",
        )
    blind = {use.person for use in uses if use.without_logs and not use.with_logs}
    if blind:
        yield Finding(
            "logs",
            f"claude-code: {_people(blind)} sending metrics and no logs: no prompts, tools, failures",
            "set OTEL_LOGS_EXPORTER=otlp",
        )
    alone = sum(use.hooks_alone for use in uses)
    if alone:
        yield Finding(
            "telemetry",
            f"claude-code: {alone} sessions told by hooks alone: their telemetry is off, refused or lost",
            "set CLAUDE_CODE_ENABLE_TELEMETRY=1 and the exporters in the same file as the hooks; look at 401 and 503"
            " in the receiver's requests by status",
        )
    summed = sum(use.cumulative for use in uses)
    if summed:
        yield Finding(
            "temporality",
            f"claude-code: {summed} sessions send cumulative counters: a lost request moves counts to a later minute",
            "unset OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: delta is the default",
        )


def of_identities(identities: Sequence[Identity], directory: Mapping[str, str], without_team: int) -> Iterator[Finding]:
    """Who has no entry, and who it may be. An organisation without a directory needs none while clients say teams."""
    if not directory:
        if without_team:
            yield Finding(
                "team",
                f"{without_team} sessions without a team, and no directory",
                "`ammeter directory load FILE.csv`, or team.id in OTEL_RESOURCE_ATTRIBUTES (no space, no comma)",
            )
        return
    strongest = _strongest_by_install(identities)
    missing = [each for each in identities if each.identity not in directory]
    missing.sort(key=lambda each: -each.sessions)
    for each in missing[:MOST_IDENTITIES]:
        yield Finding(
            "directory",
            f"{each.identity} ({each.kind}, {each.sessions} sessions) has no entry",
            f"add a row to the directory's file{_suggestion(each, strongest, directory)}",
        )
    if len(missing) > MOST_IDENTITIES:
        yield Finding(
            "directory",
            f"{len(missing) - MOST_IDENTITIES} more identities have no entry",
            "where they are installations of containers, name the people (docs/onboarding.md), then load the rest",
        )


def _strongest_by_install(identities: Iterable[Identity]) -> dict[str, str]:
    ranks = {"enduser": 3, "email": 2, "account": 1}
    best: dict[str, tuple[int, str]] = {}
    for each in identities:
        for install in each.installs:
            if each.kind in ranks:
                best[install] = max(best.get(install, (0, "")), (ranks[each.kind], each.identity))
    return {install: identity for install, (_, identity) in best.items()}


def _suggestion(each: Identity, strongest: Mapping[str, str], directory: Mapping[str, str]) -> str:
    said = []
    for install in dict.fromkeys([each.identity, *each.installs]):
        other = strongest.get(install, "")
        if other and other != each.identity:
            known = f", whom the directory knows as {directory[other]}" if other in directory else ""
            said.append(f"probably the same person as {other}{known} (same installation)")
            break
    if each.hints:
        said.append(f"its client says team {each.hints[0]}")
    return f": {'; '.join(said)}" if said else ""


def of_strangers(strangers: Iterable[Stranger]) -> Iterator[Finding]:
    """Kinds of events that nobody reads yet."""
    by_version: dict[tuple[str, str], list[Stranger]] = defaultdict(list)
    for each in strangers:
        by_version[each.source, each.client_version].append(each)
    for (source, version), found in by_version.items():
        names = ", ".join(f"{each.name or '(no name)'} ({each.events})" for each in found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        tried = TRIED.get(source, "")
        newer = f" (newer than {tried}, the last that was tried)" if _parts(version) > _parts(tried) > [] else ""
        yield Finding(
            "unknown events",
            f"{source} {version}{newer}: {names}{more}",
            "see whether a newer Ammeter reads them; their names and numbers are kept",
        )


def of_losses(losses: Sequence[Loss]) -> Iterator[Finding]:
    """Telemetry that was sent and never came."""
    if losses:
        named = ", ".join(f"{each.session_id} ({each.lost})" for each in losses[:SHOWN])
        yield Finding(
            "lost telemetry",
            f"{sum(each.lost for each in losses)} events of {len(losses)} sessions never came, most of {named}",
            "set OTEL_EXPORTER_OTLP_TIMEOUT=60000, so that clients resend for a minute; off the network a Collector"
            " with a file queue keeps them (docs/onboarding.md)",
        )


def of_pipeline(progress: Sequence[Progress], letters: Sequence[DeadLetters], now: int) -> Iterator[Finding]:
    """Parts that stand still or fall behind, and messages set aside."""
    heard = max((each.at for each in progress), default=0)
    if now - heard > SAMPLES_MS:
        yield Finding(
            "sink",
            f"it said nothing for {(now - heard) // MINUTE_MS} minutes" if heard else "it never said anything",
            "start it (`ammeter sink`, or see logs/sink.log in the data directory)",
        )
    for each in progress:
        if heard - each.at > SAMPLES_MS:
            yield Finding(
                "pipeline", f"{each.part}, partition {each.partition}, stopped reporting", _worker_advice(each.part)
            )
        elif each.lag > LAG_MESSAGES:
            yield Finding(
                "pipeline",
                f"{each.part}, partition {each.partition}, is {each.lag:,} messages behind",
                "wait while it falls; where it only rises, run more workers (`ammeter work --processes N`)",
            )
        elif each.watermark_age_ms > WATERMARK_MS:
            age = each.watermark_age_ms // 1000
            yield Finding(
                "pipeline",
                f"{each.part}, partition {each.partition}, has seen no time for {age} s",
                _worker_advice(each.part),
            )
    yield from of_dead_letters(letters)


def of_dead_letters(letters: Iterable[DeadLetters]) -> Iterator[Finding]:
    """Messages set aside: any is one too many."""
    for letter in letters:
        yield Finding(
            "dead letters",
            f"{letter.messages} messages of {letter.topic} were set aside: {letter.reason}",
            'find who wrote them: `ammeter sql "SELECT * FROM dead_letters ORDER BY at DESC LIMIT 20"`',
        )


def _worker_advice(part: str) -> str:
    return "see its log: " + ("logs/sink.log" if part == "sink" else "logs/work.log") + " in the data directory"


def of_disks(disks: Iterable[Disk]) -> Iterator[Finding]:
    """Disks that are nearly full."""
    for disk in disks:
        if disk.free < max(FREE_BYTES, int(disk.total * FREE_SHARE)) and disk.total:
            yield Finding(
                "disk",
                f"{disk.name} has {disk.free / (1 << 30):.1f} GiB free of {disk.total / (1 << 30):.0f}",
                "make room before inserts fail; nothing is lost meanwhile",
            )


def _parts(version: str) -> list[int]:
    """The numbers of a version, so that they compare.

    >>> _parts("2.1.331") > _parts("2.1.99-beta")
    True
    """
    return [int(part) for part in re.findall(r"[0-9]{1,9}", version)]


def _by_source(uses: Iterable[Use]) -> Iterator[tuple[str, list[Use]]]:
    found: dict[str, list[Use]] = defaultdict(list)
    for use in uses:
        found[use.source].append(use)
    yield from sorted(found.items())


def _silent(uses: Iterable[Use], now: int) -> set[str]:
    days: dict[str, set[int]] = defaultdict(set)
    heard: dict[str, int] = defaultdict(int)
    for use in uses:
        if use.person and use.kind != "install":  # an installation that is gone is a container that ended
            days[use.person] |= set(use.days)
            heard[use.person] = max(heard[use.person], use.heard_at)
    return {
        person for person, at in heard.items() if now - at > QUIET_DAYS * DAY_MS and len(days[person]) >= REGULAR_DAYS
    }


def _people(found: set[str]) -> str:
    """How many, and some of them."""
    named = sorted(found - {""})
    told = f" ({', '.join(named[:SHOWN])}{', ...' if len(named) > SHOWN else ''})" if named else ""
    return f"{len(found)} {'person' if len(found) == 1 else 'people'}" + told
