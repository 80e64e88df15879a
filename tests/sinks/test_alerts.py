"""Alerts in the store: what the stream says of them, what people say of them, and what everybody may see."""

from typing import Any

import msgspec
import pytest

from schemas import wire
from schemas.derived import DEFINITIONS
from sinks.clickhouse import ClickHouse
from sinks.memory import MemoryStore
from sinks.migrate import DEFAULT, set_floor
from sinks.rows import OUTSIDE, TABLES, json_lines, rows_of
from sinks.views_alerts import RUNBOOK
from streams.detect.catalogue import CATALOGUE
from tests.sinks.made import T, pack
from tests.sinks.test_verdicts import say
from tests.sinks.test_views import put

DAY = 86_400_000
FIGURES = ("n", "observed", "expected", "usual", "usual_low", "usual_high", "usual_n", "now", "now_low", "now_high",
           "score", "threshold", "odds", "people")  # fmt: skip


def alert(version: int = 1, **fields: Any) -> wire.Anomaly:
    """An alert that fires for team red."""
    given: dict[str, Any] = {
        "detector": "abandonment",
        "scope": "team",
        "team_id": "red",
        "status": "firing",
        "severity": "alert",
        "direction": "up",
        "opened_at": T,
        "changed_at": T,
        "since": T - 3 * DAY,
        "n": 61,
        "observed": 12.0,
        "expected": 4.3,
        "usual": 0.07,
        "usual_low": 0.05,
        "usual_high": 0.09,
        "usual_n": 820.5,
        "now": 0.19,
        "now_low": 0.12,
        "now_high": 0.31,
        "score": 9.4,
        "threshold": 9.1,
        "odds": 12000.0,
        "people": 4,
        "detector_version": 1,
        "calibrated": False,
        "sentence": "12 of 61, where 4 were to be expected.",
    }
    return wire.Anomaly(version, DEFINITIONS, **(given | fields))


def note(**fields: Any) -> wire.AlertNote:
    """What somebody says."""
    return wire.AlertNote(1, DEFINITIONS, **({"id": "a", "detector": "abandonment"} | fields))


def one(store: ClickHouse, columns: str, where: str = "ammeter.anomalies") -> list[Any]:
    """The only row."""
    (row,) = store.query(f"SELECT {columns} FROM {where}").rows
    return row


def test_a_row_has_the_fields_of_its_record() -> None:
    """What is appended to a record needs a field of its row, or nothing would be stored of it."""
    assert TABLES["anomalies"].columns == ("id", *wire.Anomaly.__struct_fields__)
    assert OUTSIDE["alert-notes"].columns == ("id", "version", "is_deleted", *wire.AlertNote.__struct_fields__[1:2],
                                              *wire.AlertNote.__struct_fields__[3:])  # fmt: skip
    assert OUTSIDE["alert-deliveries"].columns == ("channel", "alert", "version", "is_deleted",
                                                   *wire.AlertDelivery.__struct_fields__[1:])  # fmt: skip
    (row,) = rows_of("anomalies", pack(("a",)), pack(alert(7, reopened=2)))
    assert msgspec.to_builtins(row) == {"id": "a", **msgspec.structs.asdict(alert(7, reopened=2))}


@pytest.mark.parametrize(
    ("topic", "key", "value"),
    [
        ("alert-notes", b"a", note(acked_at=T, acked_by="dana", useful="yes", comment="true")),
        (
            "alert-deliveries",
            pack(("chat", "a")),
            wire.AlertDelivery(1, DEFINITIONS, "firing", T, 2, "again", "m", 3, "timeout", T, in_doubt=True),
        ),
    ],
)
def test_of_a_note_and_a_delivery_the_last_in_the_log_counts(topic: str, key: bytes, value: Any) -> None:
    """A null takes it back; what is no record is refused."""
    store, table = MemoryStore(), OUTSIDE[topic]
    for place, told, left in ((5, pack(value), 1), (7, None, 0), (6, pack(value), 0), (8, pack(value), 1)):
        store.insert(table.name, table.columns, json_lines(rows_of(topic, key, told, place)))
        assert len(store.rows(table.name)) == left
    (row,) = rows_of(topic, key, pack(value), 8)
    fields = msgspec.structs.asdict(value)
    shown = msgspec.structs.asdict(row)
    assert {name: shown[name] for name in fields if name != "version"} == {
        name: said for name, said in fields.items() if name != "version"
    }
    for broken in (b"\xc1", b"\x90"):
        with pytest.raises(msgspec.MsgspecError):
            rows_of(topic, key, broken, 9)
    with pytest.raises(msgspec.MsgspecError):
        rows_of(topic, b"\xff\xff", pack(value), 9)


def test_of_signals_only_verdicts_are_rows() -> None:
    """Minutes follow from what is stored already."""
    minute = wire.TeamSignal(1, DEFINITIONS, {4: 2}, T)
    assert rows_of("signals", pack(("red", T // 60_000)), pack(minute)) == []
    assert rows_of("signals", pack(("red", T // 60_000, "u_1")), pack(wire.UserSignal(1, DEFINITIONS, 2, 9))) == []
    with pytest.raises(msgspec.MsgspecError):
        rows_of("signals", pack(("s", T)), pack(minute))


def test_an_alert_is_shown_as_it_was_said_last(store: ClickHouse) -> None:
    """With its figures, times, and where to read on."""
    put(store, "anomalies", (("a",), alert(1)), (("a",), alert(3, status="resolved", resolved_at=T + DAY, n=80)))
    put(store, "anomalies", (("a",), alert(2, n=70)))
    assert one(store, "status, n, observed, usual, odds, calibrated, reopened") == [
        "resolved", 80, 12.0, 0.07, 12000.0, False, 0,
    ]  # fmt: skip
    times = "toUnixTimestamp64Milli({})"
    named = ", ".join(times.format(name) for name in ("opened_at", "since", "assumeNotNull(resolved_at)"))
    assert one(store, f"{named}, adopted_at, is_acked, is_muted, useful") == [
        T, T - 3 * DAY, T + DAY, None, False, False, "",
    ]  # fmt: skip
    assert one(store, "board_path, runbook") == [
        f"/d/team?var-team=red&from={T - 10 * DAY}&to={T + 2 * DAY}",
        "abandonment",
    ]


def test_a_board_is_named_so_that_a_browser_finds_it(store: ClickHouse) -> None:
    """A team of any name; everybody's alerts lead to the board of everybody."""
    put(store, "anomalies", (("a",), alert(team_id="r&d / ops")), (("b",), alert(team_id="", scope="organisation")))
    rows = store.query("SELECT board_path FROM ammeter.anomalies ORDER BY id").rows
    assert rows == [
        [f"/d/team?var-team=r%26d%20%2F%20ops&from={T - 10 * DAY}&to=now"],
        [f"/d/now?from={T - 10 * DAY}&to=now"],
    ]


def test_every_detector_leads_to_its_runbook(store: ClickHouse) -> None:
    """As the catalogue names it."""
    names = ", ".join(f"'{detector.name}'" for detector in CATALOGUE)
    found = store.query(f"SELECT r.detector, {RUNBOOK} FROM (SELECT arrayJoin([{names}]) AS detector) AS r").rows
    assert dict(found) == {detector.name: detector.runbook for detector in CATALOGUE}


def test_no_figure_of_fewer_people_than_the_floor_is_shown(store: ClickHouse) -> None:
    """The alert is, for somebody must act; a bucket and the organisation are many teams."""
    set_floor(store, DEFAULT, 5)
    put(store, "anomalies", (("a",), alert()), (("b",), alert(team_id="bucket-1", scope="bucket")))
    put(store, "anomalies", (("c",), alert(people=5)))
    figures = ", ".join(FIGURES)
    hidden, of_bucket, shown = store.query(f"SELECT {figures}, sentence FROM ammeter.anomalies ORDER BY id").rows
    assert hidden == [None] * len(FIGURES) + ["Of fewer than 5 people: a change is seen, and no figure is shown."]
    assert of_bucket == [*(getattr(alert(), name) for name in FIGURES), alert().sentence]
    assert shown[:-2] == of_bucket[:-2]
    assert store.query("SELECT n FROM ammeter_private.anomalies ORDER BY id").rows == [[61]] * 3


def test_what_people_say_is_joined_and_who_said_it_is_private(store: ClickHouse) -> None:
    """Taken on, useful or not; names and comments only for those who may read private relations."""
    put(store, "anomalies", (("a",), alert()))
    say(store, "alert-notes", b"a", note(acked_at=T + 5, acked_by="dana", useful="no", useful_by="lee", comment="x"))
    assert one(store, "is_acked, toUnixTimestamp64Milli(assumeNotNull(acked_at)), useful") == [True, T + 5, "no"]
    assert one(store, "acked_by, useful_by, comment", "ammeter_private.anomalies") == ["dana", "lee", "x"]
    columns = {name for (name,) in store.query(
        "SELECT name FROM system.columns WHERE database = 'ammeter' AND table = 'anomalies'"
    ).rows}  # fmt: skip
    assert not columns & {"acked_by", "useful_by", "comment"}


@pytest.mark.parametrize(
    ("key", "fields", "muted"),
    [
        ("mute:abandonment:red", {"team_id": "red"}, ["a"]),
        ("mute:abandonment:*", {"team_id": "*"}, ["a", "b", "o"]),
        ("mute:*:red", {"detector": "*", "team_id": "red"}, ["a", "s"]),
        ("mute:*:*", {"detector": "*", "team_id": "*"}, ["a", "b", "o", "s"]),
        ("mute:abandonment:", {"team_id": ""}, ["o"]),
        ("a", {"team_id": "red"}, ["a"]),
    ],
)
def test_a_mute_holds_for_what_it_names_and_until_it_is_over(
    store: ClickHouse, key: str, fields: dict[str, str], muted: list[str]
) -> None:
    """A detector, a team, both, or one alert."""
    put(store, "anomalies", (("a",), alert()), (("b",), alert(team_id="blue")))
    put(store, "anomalies", (("o",), alert(team_id="", scope="organisation")), (("s",), alert(detector="silence")))
    (now,) = store.query("SELECT toUnixTimestamp64Milli(now64(3))").rows[0]
    for place, until, expected in ((1, now + DAY, muted), (2, now - 1, [])):
        say(store, "alert-notes", key.encode(), note(id=key, muted_until=until, **fields), place)
        assert [row[0] for row in store.query("SELECT id FROM ammeter.anomalies WHERE is_muted ORDER BY id").rows] == (
            expected
        )
