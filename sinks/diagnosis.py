"""What the store says of clients, people and the pipeline, for `ammeter doctor`. Rule: facts alone; others judge them.

Moments are epoch milliseconds. Everything is asked of raw events, so that it holds whatever the views show.
"""

from typing import Any, NamedTuple, TypeVar

from sinks.clickhouse import ClickHouse, Result
from sinks.migrate import Databases

_RANK = "multiIf(e.user_id_kind = 'enduser', 4, e.user_id_kind = 'email', 3, e.user_id_kind = 'account', 2, "
_RANK += "e.user_id_kind = 'install', 1, 0)"


class Use(NamedTuple):
    """How one person used one version of a client."""

    source: str
    client_version: str
    person: str
    """Strongest identity that the sessions showed; empty where they showed none."""
    kind: str
    sessions: int
    with_logs: int
    with_metrics: int
    with_hooks: int
    without_metrics: int
    """Sessions with logs and no metrics that have been quiet for a while."""
    without_logs: int
    hooks_alone: int
    cumulative: int
    """Sessions whose counters came as sums since their start."""
    without_team: int
    heard_at: int
    days: list[int]
    """Days on which something was received, as days since 1970."""


class Identity(NamedTuple):
    """An identity that events showed."""

    identity: str
    kind: str
    installs: list[str]
    hints: list[str]
    """Teams that the client said, the most frequent first."""
    sessions: int


class Stranger(NamedTuple):
    """A kind of event that this version does not know."""

    source: str
    client_version: str
    name: str
    events: int


class Loss(NamedTuple):
    """Events that a session's own count says were sent and never came."""

    session_id: str
    source: str
    lost: int


class DeadLetters(NamedTuple):
    """Messages set aside for one reason."""

    topic: str
    reason: str
    messages: int
    at: int


class Progress(NamedTuple):
    """How far a part of the pipeline was when it was last seen."""

    part: str
    partition: int
    at: int
    lag: int
    watermark_age_ms: int


class Disk(NamedTuple):
    """A disk of the store."""

    name: str
    free: int
    total: int


_T = TypeVar("_T", bound=tuple[Any, ...])

_SESSIONS = f"""\
SELECT e.session_id AS session,
    maxIf(toString(e.source), e.source != 'transcript') AS client,
    argMaxIf(toString(e.client_version), e.received_at, e.client_version != '') AS version,
    argMax(e.user_id, {_RANK}) AS person,
    argMax(toString(e.user_id_kind), {_RANK}) AS kind,
    max(e.team_hint != '') AS hinted,
    countIf(e.via = '' AND e.type != 'usage_reported' AND e.source != 'transcript') AS logs,
    countIf(e.type = 'usage_reported') AS points,
    countIf(e.via = 'hook') AS told,
    countIf(e.type = 'usage_reported' AND e.temporality = 'cumulative') AS sums,
    max(e.received_at) AS heard,
    groupUniqArray(intDiv(e.received_at, 86400000)) AS days
FROM ${{private}}.events AS e
WHERE e.received_at >= {{since:Int64}}
GROUP BY e.session_id
HAVING client != ''"""  # noqa: S608 - our own words only

_USES = f"""\
SELECT client, version, person, kind, count(), countIf(logs > 0), countIf(points > 0), countIf(told > 0),
    countIf(logs > 0 AND points = 0 AND heard < {{settled:Int64}}),
    countIf(logs = 0 AND points > 0 AND heard < {{settled:Int64}}),
    countIf(logs = 0 AND points = 0 AND told > 0 AND heard < {{settled:Int64}}),
    countIf(sums > 0), countIf(NOT hinted), max(heard), arraySort(groupUniqArrayArray(days))
FROM ({_SESSIONS})
GROUP BY client, version, person, kind
ORDER BY client, version, person, kind"""  # noqa: S608 - our own words only

_IDENTITIES = """\
SELECT e.user_id, any(toString(e.user_id_kind)), groupUniqArrayIf(20)(e.install_id, e.install_id != ''),
    arrayFilter(hint -> hint != '', topK(3)(toString(e.team_hint))), uniqExact(e.session_id)
FROM ${private}.events AS e
WHERE e.received_at >= {since:Int64} AND e.user_id != ''
GROUP BY e.user_id
ORDER BY e.user_id"""

_STRANGERS = """\
SELECT e.source, e.client_version, e.name, count() AS events
FROM ${private}.events AS e
WHERE e.received_at >= {since:Int64} AND e.type = 'unrecognised'
GROUP BY e.source, e.client_version, e.name
ORDER BY e.source, e.client_version, events DESC, e.name"""

_BODIES = """\
SELECT e.session_id AS session, e.run AS run, max(e.install_id) AS install, any(toString(e.source)) AS client,
    minIf(if(e.type = 'sequence_seen', e.first, assumeNotNull(e.sequence)), e.type = 'sequence_seen' OR isNotNull(e.sequence)) AS low,
    maxIf(if(e.type = 'sequence_seen', e.last, assumeNotNull(e.sequence)), e.type = 'sequence_seen' OR isNotNull(e.sequence)) AS high,
    toInt64(uniqExactIf(assumeNotNull(e.sequence), isNotNull(e.sequence)))
        + sumIf(toInt64(e.count), e.type = 'sequence_seen') AS there,
    min(e.occurred_at) AS at, min((e.partition, e.offset)) AS place
FROM ${private}.events AS e
WHERE e.received_at >= {since:Int64} AND e.via = '' AND (e.type = 'sequence_seen' OR isNotNull(e.sequence))
GROUP BY e.session_id, e.run"""  # noqa: E501 - as it is sent

FALL = 500
"""A count that falls by more began anew, though its first numbers are another session's (--continue after /clear)."""

_LOSSES = f"""\
WITH bodies AS ({_BODIES}),
ordered AS (
    SELECT *, lagInFrame(toInt64(low), 1, 0) OVER (
        PARTITION BY session ORDER BY at, place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS before
    FROM bodies
),
numbered AS (
    SELECT *, sum(low = 0 OR toInt64(high) + {FALL} < before) OVER (
        PARTITION BY session ORDER BY at, place ROWS UNBOUNDED PRECEDING
    ) AS process
    FROM ordered
),
processes AS (
    SELECT session, process, max(b.install) AS install, any(b.client) AS client, toInt64(min(b.low)) AS low,
        toInt64(max(b.high)) AS high, sum(b.there) AS there, min(b.at) AS since, max(b.at) AS until
    FROM numbered AS b
    GROUP BY session, process
),
elsewhere AS (
    SELECT p.session AS session, p.process AS process, sum(b.there) AS there
    FROM processes AS p INNER JOIN bodies AS b ON b.install = p.install
    WHERE b.session != p.session AND b.install != '' AND b.low >= p.low AND b.high <= p.high
        AND b.at BETWEEN p.since AND p.until
    GROUP BY session, process
)
SELECT p.session, any(p.client), sum(greatest(0, p.high - p.low + 1 - p.there - e.there)) AS lost
FROM processes AS p LEFT JOIN elsewhere AS e ON e.session = p.session AND e.process = p.process
GROUP BY p.session
HAVING lost > 0
ORDER BY lost DESC, p.session"""  # noqa: S608 - our own words only


class Diagnosis:
    """Asks a store; every answer is of what was received since a moment."""

    def __init__(self, store: ClickHouse, databases: Databases) -> None:
        self._store, self._databases = store, databases

    def uses(self, since: int, settled: int) -> list[Use]:
        """Clients and people; a session that was heard after `settled` may still send what it lacks."""
        return _as(Use, self._ask(_USES, since=since, settled=settled))

    def identities(self, since: int) -> list[Identity]:
        """Who was seen, with the installations and teams that stood beside."""
        return _as(Identity, self._ask(_IDENTITIES, since=since))

    def strangers(self, since: int) -> list[Stranger]:
        """Events of unknown kinds."""
        return _as(Stranger, self._ask(_STRANGERS, since=since))

    def losses(self, since: int) -> list[Loss]:
        """Gaps in the clients' counts. A number that another session of the same installation has is no gap.

        A count begins again with each process, and goes on in another session after /clear. Of a process the numbers
        that came are held against their range, in whichever request and order they came: a Collector makes other
        batches. What lies before a session's first number is not judged.
        """
        return _as(Loss, self._ask(_LOSSES, since=since))

    def directory(self) -> dict[str, str]:
        """Identity to person, of the directory as it stands."""
        found = self._ask("SELECT r.identity, r.person FROM ${private}.directory_rows AS r FINAL")
        return {str(identity): str(person) for identity, person in found.rows}

    def dead_letters(self, since: int) -> list[DeadLetters]:
        """Messages set aside."""
        sql = (
            "SELECT d.topic, d.reason, count(), max(d.at) FROM ${private}.dead_letter_rows AS d FINAL "
            "WHERE d.at >= {since:Int64} GROUP BY d.topic, d.reason ORDER BY count() DESC"
        )
        return _as(DeadLetters, self._ask(sql, since=since))

    def progress(self, since: int) -> list[Progress]:
        """The last sample of each part and partition."""
        sql = (
            "SELECT s.part, s.partition, max(s.at), argMax(s.lag, s.at), argMax(s.watermark_age_ms, s.at) "
            "FROM ${private}.pipeline_sample_rows AS s FINAL WHERE s.at >= {since:Int64} "
            "GROUP BY s.part, s.partition ORDER BY s.part, s.partition"
        )
        return _as(Progress, self._ask(sql, since=since))

    def disks(self) -> list[Disk]:
        """Room of the store."""
        sql = "SELECT name, toUInt64(free_space), toUInt64(total_space) FROM system.disks WHERE total_space > 0"
        return _as(Disk, self._ask(sql))

    def _ask(self, sql: str, **parameters: int) -> Result:
        return self._store.query(self._databases.fill(sql), parameters)


def _as(kind: type[_T], answer: Result) -> list[_T]:
    return [kind(*row) for row in answer.rows]
