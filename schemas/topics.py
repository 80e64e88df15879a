"""The catalogue of topics. Rule: every topic that any part reads or writes stands here, with what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from zlib import crc32

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

MESSAGE_BYTES = 512 << 10
"""The largest message of `session-events`; a producer splits above it."""

RECORD_BYTES = 1 << 20
"""`max.message.bytes` of every topic: one producer batch, compressed or not."""


@dataclass(frozen=True)
class Topic:
    """One topic: its name without prefix, what its records are keyed and partitioned by, and how long they are kept."""

    name: str
    holds: str
    key: str
    partitioned_by: Literal["session", "person", "team", "nothing"]
    """nothing: it has one partition."""
    cleanup: Literal["delete", "compact"]
    retention_ms: int | None = None
    """Of a topic that deletes; a table keeps each key's last value for ever."""

    @property
    def is_table(self) -> bool:
        """A table is the memory of a stage and its output at once."""
        return self.cleanup == "compact"

    def config(self, compaction_lag_ms: int = 6 * HOUR_MS) -> dict[str, str]:
        """The topic's settings at the broker.

        `compaction_lag_ms` must exceed the longest outage of the sink: what compaction removes unread is lost to SQL.
        Timestamps may lie ahead: a partition's time is its log's, and a clock that is fast must not stop it.
        """
        common = {"max.message.bytes": str(RECORD_BYTES), "message.timestamp.after.max.ms": str(10**13)}
        if self.is_table:
            return common | {
                "cleanup.policy": "compact",
                "min.compaction.lag.ms": str(compaction_lag_ms),
                "min.cleanable.dirty.ratio": "0.3",
                "segment.bytes": str(16 << 20),
                "segment.ms": str(DAY_MS),
                "retention.ms": "-1",
            }
        return common | {
            "cleanup.policy": "delete",
            "retention.ms": str(self.retention_ms),
            "segment.bytes": str(64 << 20),
            "segment.ms": str(DAY_MS),
        }


def _dead(source: str, by: Literal["session", "person", "team", "nothing"]) -> Topic:
    holds = f"Messages of {source} that could not be read: position and reason" + (
        ", and the bytes." if by == "session" else "."
    )
    return Topic(f"{source}-dlq", holds, "as the source's", by, "delete", 30 * DAY_MS)


CATALOGUE: tuple[Topic, ...] = (
    Topic(
        "session-events",
        "What one request said about one session: canonical events, a JSON line each.",
        "session_id",
        "session",
        "delete",
        7 * DAY_MS,
    ),
    Topic("sessions", "Table: the state of a session.", "session_id, segment", "session", "compact"),
    Topic(
        "user-changes",
        "Per flush: sums to add by team hint and minute; sessions opened, closed, reopened.",
        "user_id",
        "person",
        "delete",
        3 * DAY_MS,
    ),
    Topic(
        "user-minutes",
        "Table: the sums of one minute of one person in one team.",
        "user_id, team_id, minute, segment",
        "person",
        "compact",
    ),
    Topic(
        "user-sessions",
        "Table: a person's sessions that are open or closed a short while ago.",
        "user_id, session_id",
        "person",
        "compact",
    ),
    Topic("user-windows", "Table: rolling 5 minutes, 1 hour, 24 hours of a person.", "user_id", "person", "compact"),
    Topic(
        "team-changes",
        "Per flush: sums to add by minute, and people who became active or left, per span.",
        "team_id",
        "team",
        "delete",
        3 * DAY_MS,
    ),
    Topic(
        "team-minutes",
        "Table: the sums of one minute of one team; the teams stage's memory.",
        "team_id, minute",
        "team",
        "compact",
    ),
    Topic(
        "team-windows",
        "Table: rolling 5 minutes, 1 hour, 24 hours of a team, with the people active in each.",
        "team_id",
        "team",
        "compact",
    ),
    Topic(
        "signals",
        "What detectors watch: the verdict on a session when its cohort closes; what a team did in a closed minute; "
        "a person's failed requests in a minute; and each correction.",
        "session_id, segment; team_id, minute; team_id, minute, user_id",
        "nothing",
        "delete",
        30 * DAY_MS,
    ),
    Topic(
        "anomalies",
        "Table: alerts, firing and resolved, with the figures that decided them.",
        "id",
        "nothing",
        "compact",
    ),
    Topic(
        "detector-states", "Table: what each detector remembers of a team.", "detector, team_id", "nothing", "compact"
    ),
    Topic(
        "alert-notes",
        "Table: what people said of an alert, and what is muted.",
        "id of the alert, or mute:detector:team_id",
        "nothing",
        "compact",
    ),
    Topic(
        "alert-deliveries",
        "Table: what each channel has heard of an alert; the memory of the notifier.",
        "channel, alert",
        "nothing",
        "compact",
    ),
    Topic(
        "directory",
        "Table: who stands behind an identity, and in which team since when.",
        "identity",
        "nothing",
        "compact",
    ),
    Topic("session-labels", "Table: what a reader of a session says of it.", "session_id", "nothing", "compact"),
    Topic("interventions", "Table: what was done to help, when and for whom.", "id", "nothing", "compact"),
    _dead("session-events", "session"),
    _dead("user-changes", "person"),
    _dead("team-changes", "team"),
    _dead("signals", "nothing"),
)

TOPICS: Mapping[str, Topic] = {topic.name: topic for topic in CATALOGUE}


def partition_of(key: bytes, partitions: int) -> int:
    """Where a key lies, for every producer of ours: clients' own defaults differ and would split a session.

    >>> partition_of(b"4f857345-aabe-4fa9-8c52-dd71f397bb38", 6)
    5
    """
    return crc32(key) % partitions
