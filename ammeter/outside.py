"""What people load from outside (directory, labels, interventions): into the stream, or the store where no stream is.

Rule: a load is one transaction; of a key the last record counts, and a null takes it back.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from msgspec import Struct

from ammeter import outside_log, reading
from ammeter.compose import planned_topics
from ammeter.secrets import key_path
from ammeter.settings import Settings, SettingsError
from schemas import wire
from sinks.clickhouse import ClickHouse, StoreAway, connect
from sinks.migrate import Databases, migrate
from sinks.rows import OUTSIDE, json_lines, rows_of

DIRECTORY, LABELS, INTERVENTIONS = "directory", "session-labels", "interventions"
ALERT_NOTES = "alert-notes"

LIST = (
    "SELECT r.identity AS identity, r.person AS person, "
    "if(e.1 = 0, '', toString(fromUnixTimestamp64Milli(e.1, 'UTC'))) AS valid_from, "
    "if(e.2 = '', 'unassigned', e.2) AS team, e.3 AS role, e.4 AS occupation "
    "FROM ${private}.directory_rows AS r FINAL "
    "ARRAY JOIN arrayZip(r.valid_from, r.teams, r.roles, r.occupations) AS e ORDER BY person, identity, e.1"
)
"""The directory as the store has it, an entry a row."""

_encode = msgspec.msgpack.encode


@dataclass(frozen=True)
class Loaded:
    """What a load wrote, and where to."""

    records: int
    removed: int
    where: str
    """The topic or the store, in words."""


def key_of(topic: str, name: str) -> bytes:
    """The record key of a pseudonym, session or id."""
    return _encode(wire.DirectoryKey(name)) if topic == DIRECTORY else name.encode()


def name_of(topic: str, key: bytes) -> str:
    """The pseudonym, session or id of a record key."""
    return msgspec.msgpack.decode(key, type=wire.DirectoryKey).identity if topic == DIRECTORY else key.decode()


def check_key(settings: Settings) -> None:
    """Raises SettingsError where there is no key: one that is made now would name other people than the receiver's."""
    path = key_path(settings)
    if not path.exists():
        raise SettingsError(
            f"{path} does not exist: point AMMETER_KEY_FILE at the receiver's key, or start the receiver once."
        )


def load(settings: Settings, topic: str, found: Mapping[str, Struct], *, given: bool, replace: bool = False) -> Loaded:
    """Writes the records. `given`: the data directory was named on the command line; `replace`: others are taken back.

    Where a stack runs it goes into the topic, all or nothing. Raises SettingsError, TopicsError, StoreError.
    """
    if goes_to_log(settings, given=given):
        return asyncio.run(_into_log(settings, topic, found, replace))
    with reading.open_store(settings, given=given, write=True) as running:
        return _into_store(settings, running, topic, found, replace)


def goes_to_log(settings: Settings, *, given: bool) -> bool:
    """Whether a load goes into a topic: where a broker is named or answers, and no directory that nobody holds."""
    if settings.kafka:
        return True
    if given and _is_alone(settings):
        return False
    return asyncio.run(outside_log.answers(settings.kafka_address))


def _is_alone(settings: Settings) -> bool:
    """Whether there is a store in the directory, and no process holds it."""
    directory = settings.data_dir / "store"
    if not directory.exists():
        return False
    try:
        connect(str(directory)).close()
    except StoreAway:
        return False
    return True


async def _into_log(settings: Settings, topic: str, found: Mapping[str, Struct], replace: bool) -> Loaded:
    address, name = settings.kafka_address, settings.topic_prefix + topic
    (planned,) = (each for each in planned_topics(settings) if each.name == name)
    await outside_log.check(address, planned)
    held = await outside_log.held(address, name)
    version = max([time.time_ns() // 1000, *(_version(value) + 1 for value in held.values())])
    changes: dict[bytes, bytes | None] = {
        key_of(topic, each): _encode(msgspec.structs.replace(record, version=version)) for each, record in found.items()
    }
    gone = [key for key in held if replace and key not in changes]
    changes |= dict.fromkeys(gone)
    await outside_log.write(address, name, f"{settings.topic_prefix}load-{topic}", changes)
    return Loaded(len(found), len(gone), f"topic {name} of Kafka at {address}")


def _version(value: bytes) -> int:
    """The first field of every table value; 0 where somebody wrote something else."""
    try:
        first = msgspec.msgpack.decode(value, type=list[msgspec.Raw])[0]
        return msgspec.msgpack.decode(first, type=int)
    except (msgspec.MsgspecError, IndexError):
        return 0


def _into_store(
    settings: Settings, store: ClickHouse, topic: str, found: Mapping[str, Struct], replace: bool
) -> Loaded:
    databases = Databases(settings.database)
    migrate(store, databases)
    table = OUTSIDE[topic]
    place = time.time_ns() // 1_000_000 * 1_000_000
    changes: dict[bytes, bytes | None] = {key_of(topic, name): _encode(record) for name, record in found.items()}
    gone = [key for key in _held(store, databases, topic) if replace and key not in changes]
    changes |= dict.fromkeys(gone)
    rows = [row for key, value in changes.items() for row in rows_of(topic, key, value, place)]
    if rows:
        store.insert(f"{databases.private}.{table.name}", table.columns, json_lines(rows))
    return Loaded(len(found), len(gone), f"the store at {store.target.where} alone: no Kafka runs")


def _held(store: ClickHouse, databases: Databases, topic: str) -> list[bytes]:
    table = OUTSIDE[topic]
    answer = store.query(f"SELECT {table.columns[0]} FROM {databases.private}.{table.name} FINAL")  # noqa: S608 - our own names only
    return [key_of(topic, str(name)) for (name,) in answer.rows]
