"""What the store says of clients and people: each fact on a small store, and none where all is well."""

from collections.abc import Iterable
from typing import Any

import msgspec

from schemas import wire
from schemas.codec import write_events
from schemas.derived import DEFINITIONS
from sinks.clickhouse import ClickHouse
from sinks.diagnosis import DeadLetters, Diagnosis, Identity, Loss, Progress, Stranger, Use
from sinks.migrate import DEFAULT
from sinks.rows import OUTSIDE, json_lines, rows_of, splice

T = 1_795_000_000_000
DAY = 86_400_000
SETTLED = T + DAY

Made = list[wire.Event]


class Request:
    """Makes the events of one request about one session."""

    def __init__(self, number: int, session: str, **more: Any) -> None:
        at = more.pop("at", T)
        self._base = {"source": "claude-code", "session_id": session, "run": f"{number:016x}", "occurred_at": at,
                      "received_at": at, "client_version": "2.1.330", "user_id": "u_1", "user_id_kind": "email",
                      "install_id": "u_i1", "team_hint": "web"} | more  # fmt: skip
        self.events: Made = []

    def add(self, kind: type[Any], **fields: Any) -> "Request":
        """One more event."""
        index = len(self.events)
        place = {"event_id": f"{self._base['run']}-{index}", "index": index}
        self.events.append(kind(**(self._base | place | fields)))
        return self


def put(store: ClickHouse, requests: Iterable[Request]) -> Diagnosis:
    """Stores the requests in this order."""
    for offset, request in enumerate(requests):
        store.insert("ammeter_private.session_events", (), splice(write_events(request.events), 0, offset))
    return Diagnosis(store, DEFAULT)


def put_rows(store: ClickHouse, table: str, names: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Stores rows as the sink does."""
    lines = [msgspec.json.encode(dict(zip(names, row, strict=True))) for row in rows]
    store.insert(f"ammeter_private.{table}", names, b"\n".join(lines))


def logs(number: int, session: str, **more: Any) -> Request:
    """An answered request of the model."""
    return Request(number, session, **more).add(wire.ModelResponded)


def points(number: int, session: str, temporality: str = "delta", **more: Any) -> Request:
    """A counter."""
    return Request(number, session, **more).add(
        wire.UsageReported, name="claude_code.commit.count", value=1, temporality=temporality
    )


def hook(number: int, session: str, **more: Any) -> Request:
    """The end of a session, as a hook tells it: without a person."""
    nobody = {"user_id": "", "user_id_kind": "", "install_id": "", "team_hint": "", "client_version": ""}
    return Request(number, session, **(nobody | more)).add(wire.SessionEnded, via="hook", reason="other")


def test_what_each_person_sends(store: ClickHouse) -> None:
    """By client, version and person: logs, metrics, hooks, and what is missing."""
    asked = put(
        store,
        [
            logs(1, "whole"), points(2, "whole"), hook(3, "whole"),
            logs(4, "no-metrics", user_id="u_2", at=T + DAY - 1),
            logs(5, "no-metrics-yet", user_id="u_2", at=T + DAY + 1),
            points(6, "no-logs", user_id="u_3", temporality="cumulative", team_hint=""),
            hook(7, "hooks-alone"),
            logs(8, "late-name", user_id="u_i1", user_id_kind="install"), logs(9, "late-name", user_id="u_4"),
        ],
    )  # fmt: skip
    day = T // DAY

    assert asked.uses(T, SETTLED) == [
        Use("claude-code", "", "", "", 1, 0, 0, 1, 0, 0, 1, 0, 1, T, [day]),
        Use("claude-code", "2.1.330", "u_1", "email", 1, 1, 1, 1, 0, 0, 0, 0, 0, T, [day]),
        Use("claude-code", "2.1.330", "u_2", "email", 2, 2, 0, 0, 1, 0, 0, 0, 0, T + DAY + 1, [day + 1]),
        Use("claude-code", "2.1.330", "u_3", "email", 1, 0, 1, 0, 0, 1, 0, 1, 1, T, [day]),
        Use("claude-code", "2.1.330", "u_4", "email", 1, 1, 0, 0, 1, 0, 0, 0, 0, T, [day]),
    ]
    assert asked.uses(T + DAY, SETTLED)[0].sessions == 1


def test_transcripts_are_no_client(store: ClickHouse) -> None:
    """Their session is its client's; alone they say nothing of what somebody sends."""
    asked = put(
        store,
        [logs(1, "both"), logs(2, "both", source="transcript"), logs(3, "alone", source="transcript")],
    )

    assert [(use.source, use.sessions) for use in asked.uses(T, SETTLED)] == [("claude-code", 1)]


def test_who_was_seen(store: ClickHouse) -> None:
    """Each identity with its installations and the teams that its client said."""
    asked = put(
        store,
        [
            logs(1, "a", user_id="u_i1", user_id_kind="install", team_hint=""),
            logs(2, "b"), logs(3, "c"), logs(4, "d", team_hint="ops"),
        ],
    )  # fmt: skip

    assert asked.identities(T) == [
        Identity("u_1", "email", ["u_i1"], ["web", "ops"], 3),
        Identity("u_i1", "install", ["u_i1"], [], 1),
    ]


def test_strange_events_are_counted(store: ClickHouse) -> None:
    """By client, version and name."""
    request = Request(1, "a").add(wire.Unrecognised, name="teleported").add(wire.Unrecognised, name="teleported")

    assert put(store, [request, logs(2, "a")]).strangers(T) == [Stranger("claude-code", "2.1.330", "teleported", 2)]


def counted(
    number: int, session: str, *sequences: int, condensed: tuple[int, int, int] | None = None, **more: Any
) -> Request:
    """Events with the client's own count, and perhaps some condensed into one: first, last, how many."""
    request = Request(number, session, **({"at": T + number} | more))
    for sequence in sequences:
        request.add(wire.ModelResponded, sequence=sequence)
    if condensed:
        request.add(wire.SequenceSeen, first=condensed[0], last=condensed[1], count=condensed[2])
    return request


def test_lost_events_are_told(store: ClickHouse) -> None:
    """Within a request, and between two."""
    asked = put(
        store,
        [
            counted(1, "within", 3, 4, 8, condensed=(0, 5, 4)),
            counted(2, "between", 0, 1), counted(3, "between", 12), counted(4, "between", 13),
            counted(5, "whole", 0, 1, condensed=(2, 9, 8)), counted(6, "whole", 10),
        ],
    )  # fmt: skip

    assert asked.losses(T) == [Loss("between", "claude-code", 10), Loss("within", "claude-code", 2)]


def test_counts_that_begin_again_or_elsewhere_are_no_loss(store: ClickHouse) -> None:
    """A resumed session starts at 0, or behind what a phantom of the same installation took; /clear goes on."""
    asked = put(
        store,
        [
            counted(1, "resumed", 0, 1, 2), counted(2, "resumed", 0, 1),
            counted(3, "cleared", 88, 89),
            counted(4, "continued", 0, 1, 2), counted(5, "phantom", condensed=(0, 5, 6)), counted(6, "continued", 6, 7),
            counted(7, "hooked", 0), hook(8, "hooked"), points(9, "hooked", at=T + 9), counted(10, "hooked", 1),
        ],
    )  # fmt: skip

    assert asked.losses(T) == []


def test_the_directory_says_who_is_known(store: ClickHouse) -> None:
    """Identity to person; who was taken back is not there."""
    table, pack = OUTSIDE["directory"], msgspec.msgpack.encode
    record = pack(wire.DirectoryRecord(1, DEFINITIONS, "u_9", [wire.DirectoryEntry(0, "web")]))
    rows = rows_of("directory", pack(["u_1"]), record, 1) + rows_of("directory", pack(["u_2"]), record, 1)
    rows += rows_of("directory", pack(["u_2"]), None, 2)
    store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(rows))

    assert Diagnosis(store, DEFAULT).directory() == {"u_1": "u_9"}


def test_the_pipeline_says_how_far_it_is(store: ClickHouse) -> None:
    """The last sample of each part, dead letters by reason, and room."""
    put_rows(
        store,
        "pipeline_sample_rows",
        ("at", "part", "partition", "lag", "watermark_age_ms", "delay_ms"),
        [(T, "users", 0, 5, 10, 0), (T + 5, "users", 0, 7, 20, 0), (T + 5, "sink", 1, 0, 0, 9), (1, "old", 0, 0, 0, 0)],
    )
    events = "session-events"
    put_rows(
        store,
        "dead_letter_rows",
        ("topic", "partition", "offset", "at", "reason"),
        [(events, 0, 1, T, "bad"), (events, 0, 2, T + 1, "bad"), ("user-changes", 0, 1, T, "worse")],
    )
    asked = Diagnosis(store, DEFAULT)

    assert asked.progress(T) == [Progress("sink", 1, T + 5, 0, 0), Progress("users", 0, T + 5, 7, 20)]
    assert asked.dead_letters(T) == [
        DeadLetters(events, "bad", 2, T + 1),
        DeadLetters("user-changes", "worse", 1, T),
    ]
    assert all(0 < disk.free <= disk.total for disk in asked.disks())
    assert asked.disks()
