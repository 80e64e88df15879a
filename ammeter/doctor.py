"""What is wrong with this deployment, and what to do. Rule: it changes nothing; what it cannot see it says."""

import asyncio
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from ammeter import compose, findings, notifying, outside_log, reading, topics
from ammeter.findings import DAY_MS, MINUTE_MS, Client, Finding
from ammeter.secrets import key_path
from ammeter.settings import Settings, SettingsError
from sinks.clickhouse import StoreError
from sinks.diagnosis import Diagnosis, Disk
from sinks.migrate import Databases
from sources.tokens import read_tokens

DAYS = 28
"""So far back people are looked at."""

RECENT_DAYS = 7
"""So far back telemetry is: what was mended a week ago is told no more."""

SETTLE_MS = 5 * MINUTE_MS
"""A session that was heard later may still send what it lacks."""

READY_WITHIN_S = 2


@dataclass
class Report:
    """What was looked at, and what was found."""

    clients: list[Client] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    checked: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """What could not be looked at, and why."""


def examine(settings: Settings, now: int, *, given: bool) -> Report:
    """Looks at everything. `now`: epoch milliseconds; `given`: the data directory was named on the command line."""
    report = Report()
    runs = bool(settings.kafka) or asyncio.run(outside_log.answers(settings.kafka_address))
    _check(report, "files", _files(settings))
    if runs:
        _check(report, "topics", _topics(settings))
        if not settings.kafka:
            _check(report, "receiver", _receiver(settings))
    elif given:
        report.skipped.append(f"broker, receiver, pipeline: nobody answers at {settings.kafka_address}")
    else:
        do = "start `ammeter up`, name the broker with AMMETER_KAFKA, or a directory with --data"
        report.findings.append(Finding("broker", f"nobody answers at {settings.kafka_address}", do))
    try:
        with reading.open_store(settings, given=given, write=True) as store:  # readers do not see raw events
            _look(report, Diagnosis(store, Databases(settings.database)), now, runs)
    except SettingsError as exc:
        report.findings.append(Finding("store", str(exc), "see its log: logs/store.log in the data directory"))
    except StoreError as exc:
        report.findings.append(Finding("store", str(exc), "bring the schema up to date: `ammeter migrate`"))
    return report


def _look(report: Report, asked: Diagnosis, now: int, runs: bool) -> None:
    recent = now - RECENT_DAYS * DAY_MS
    uses = asked.uses(now - DAYS * DAY_MS, now - SETTLE_MS)
    lately = [use for use in uses if use.heard_at >= recent]
    report.clients = findings.clients(uses)
    directory = asked.directory()
    _check(report, "clients", findings.of_clients(uses, directory, now))
    without_team = sum(use.without_team for use in lately if use.person)
    identities = asked.identities(now - DAYS * DAY_MS)
    _check(report, "directory", findings.of_identities(identities, directory, without_team))
    _check(report, "unknown events", findings.of_strangers(asked.strangers(recent)))
    _check(report, "lost telemetry", findings.of_losses(asked.losses(recent)))
    letters = asked.dead_letters(recent)
    if runs:
        _check(report, "pipeline", findings.of_pipeline(asked.progress(now - DAY_MS), letters, now))
    else:
        _check(report, "dead letters", findings.of_dead_letters(letters))
    _check(report, "disk", findings.of_disks(asked.disks()))


def _check(report: Report, name: str, found: Iterator[Finding]) -> None:
    report.findings += found
    report.checked.append(name)


def _files(settings: Settings) -> Iterator[Finding]:
    """Secrets that others can read, tokens that nobody can use, a data directory without room."""
    secret: Sequence[tuple[str, Path | None]] = (
        ("key", key_path(settings)),
        ("tokens file", settings.tokens_file),
        ("password file", settings.clickhouse_password_file),
    )
    for name, named in secret:
        path = named.expanduser() if named else None
        if path is None or (name == "key" and not settings.key_file and not path.exists()):
            continue
        yield from _secret(name, path)
    if settings.tokens_file:
        tokens_file = settings.tokens_file.expanduser()
        yield from _tried("tokens file", lambda: read_tokens(tokens_file), "correct it: `name token` a line")
    if settings.routes_file:
        yield from _tried("routes file", lambda: notifying.ways(notifying.routes(settings)), "docs/alerts.md shows one")
    if settings.data_dir.exists():
        room = shutil.disk_usage(settings.data_dir)
        yield from findings.of_disks([Disk(str(settings.data_dir), room.free, room.total)])


def _secret(name: str, path: Path) -> Iterator[Finding]:
    try:
        mode = path.stat().st_mode
    except OSError as exc:
        yield Finding("files", f"the {name} {path} cannot be read ({exc.strerror})", "correct the setting, or the file")
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding("files", f"the {name} {path} can be read by others", f"chmod 600 {path}")


def _tried(name: str, read: Callable[[], object], do: str) -> Iterator[Finding]:
    try:
        read()
    except (OSError, ValueError) as exc:
        yield Finding("files", f"the {name} cannot be used: {exc}", do)


def _topics(settings: Settings) -> Iterator[Finding]:
    planned = compose.planned_topics(settings, None if settings.kafka else compose.EMBEDDED_PARTITIONS)
    try:
        found = asyncio.run(topics.compare(settings.kafka_address, planned))
    except topics.TopicsError as exc:
        yield Finding("broker", str(exc), "start it, or correct AMMETER_KAFKA")
        return
    if found.missing:
        named = ", ".join(topic.name for topic in found.missing)
        yield Finding("topics", f"missing: {named}", "make them: `ammeter topics`")
    for difference in found.differences:
        what, _, do = str(difference).partition(": ")
        yield Finding("topics", what, do)


def _receiver(settings: Settings) -> Iterator[Finding]:
    url = f"http://127.0.0.1:{settings.ports.receiver}/readyz"
    try:
        with urlopen(url, timeout=READY_WITHIN_S) as answer:
            answer.read()
    except (URLError, OSError) as exc:
        yield Finding(
            "receiver", f"it is not ready at {url} ({exc})", "see its log: logs/receive.log in the data directory"
        )
