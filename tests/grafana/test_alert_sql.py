"""The SQL of alerts and runbooks, run by the store that it will be asked of."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grafana.alerts.product import RULES, ProductRule
from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import DEFAULT, migrate, set_floor
from tests.grafana.test_alert_runbooks import STATEMENTS

ROOT = Path(__file__).parents[2]

Answers = Callable[[str], dict[str, list[tuple[object, ...]]]]
"""What a rule's queries answer, by the name of the value."""

NONE = ("", "", 0.0)
"""The row for no alert."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    """With its schema, empty; served by a process of its own, because a process can open one engine only."""
    command = [sys.executable, "-m", "tests.sinks.serve_store", str(tmp_path_factory.mktemp("store"))]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        opened = connect(f"http://127.0.0.1:{int(process.stdout.readline())}")
        migrate(opened)
        yield opened
        opened.close()
        process.communicate(timeout=60)


@pytest.mark.parametrize("statement", STATEMENTS, ids=range(len(STATEMENTS)))
def test_statements_of_runbooks_run(store: ClickHouse, statement: str) -> None:
    """As `ammeter sql` runs them."""
    reader = connect(store.target.where, database="ammeter", readonly=True)
    reader.query(statement)
    reader.close()


def alert(store: ClickHouse, ident: str, **given: object) -> None:
    """A row as the sink writes it; what is not given is an open alert of one team, with figures."""
    usual = {
        "id": ident,
        "version": 1,
        "detector": "abandonment",
        "scope": "team",
        "team_id": "checkout",
        "status": "firing",
        "severity": "alert",
        "people": 9,
        "now": 0.19,
        "usual": 0.07,
        "calibrated": True,
        "since": (time.time_ns() // 1_000_000) - 5 * 86_400_000,
    }
    row = usual | given
    store.insert("ammeter_private.anomaly_rows", list(row), json.dumps(row).encode())


@pytest.fixture
def answers(store: ClickHouse) -> Answers:
    """Asks the queries of a rule, as Grafana's user does; no alert is there at first."""
    for table in ("anomaly_rows", "alert_note_rows"):
        store.command(f"TRUNCATE TABLE ammeter_private.{table}")

    def ask(name: str) -> dict[str, list[tuple[object, ...]]]:
        (rule,) = (rule for rule in RULES if rule.name == name)
        reader = connect(store.target.where, readonly=True)
        found = {ref: [tuple(row) for row in reader.query(sql).rows] for ref, sql in rule.queries.items()}
        reader.close()
        return found

    return ask


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_has_a_row_when_there_is_no_alert(answers: Answers, rule: ProductRule) -> None:
    """Texts and one number, which says that nothing fires."""
    assert all(rows == [NONE] for rows in answers(rule.name).values())


def test_an_open_alert_has_the_same_labels_in_every_query_and_its_figures(store: ClickHouse, answers: Answers) -> None:
    """Grafana joins values by labels; only its own rule shows it."""
    alert(store, "abandonment-1")

    found = answers("abandonment")
    assert {ref: sorted(rows, reverse=True)[0] for ref, rows in found.items()} == {
        "firing": ("checkout", "abandonment-1", 1.0),
        "now": ("checkout", "abandonment-1", 19.0),
        "usual": ("checkout", "abandonment-1", pytest.approx(7.0)),
        "days": ("checkout", "abandonment-1", 5.0),
        "calibrated": ("checkout", "abandonment-1", 1.0),
    }
    assert answers("tool_failures")["firing"] == [NONE]


def test_what_is_over_muted_or_back_again_is_not_told(store: ClickHouse, answers: Answers) -> None:
    """Resolved; reopened, of which people know; muted by its id, and by detector and team."""
    alert(store, "abandonment-1", status="resolved")
    alert(store, "abandonment-2", reopened=1)
    alert(store, "abandonment-3")
    alert(store, "abandonment-4", team_id="search")
    later = (time.time_ns() // 1_000_000) + 3_600_000
    for note in (
        {"id": "abandonment-3", "version": 1, "detector": "abandonment", "muted_until": later},
        {"id": "mute:abandonment:search", "detector": "abandonment", "team_id": "search", "muted_until": later},
    ):
        store.insert("ammeter_private.alert_note_rows", list(note), json.dumps(note).encode())

    assert answers("abandonment")["firing"] == [NONE]


def test_names_of_teams_are_no_mentions_and_few_people_have_no_figures(store: ClickHouse, answers: Answers) -> None:
    """The organisation, people without a team, a name from outside; a team below the floor."""
    alert(store, "a", scope="organisation", team_id="")
    alert(store, "b", team_id="")
    alert(store, "c", team_id="<@all> [x](http://x.example)")
    alert(store, "d", team_id="few", people=2)
    set_floor(store, DEFAULT, 5)

    found = {row[1]: row for row in answers("abandonment")["now"]}
    assert [found[ident][0] for ident in "abcd"] == [
        "organisation",
        "unassigned",
        "  all   x (http://x.example)",
        "few",
    ]
    assert found["d"][2] == -1.0
    assert found["a"][2] == 19.0


def test_costs_are_dollars(store: ClickHouse, answers: Answers) -> None:
    """Micro-dollars in the table."""
    alert(store, "cost_per_success-1", detector="cost_per_success", now=4_200_000.0, usual=2_000_000.0)

    found = answers("cost_per_success")
    assert ("checkout", "cost_per_success-1", 4.2) in found["now"]
    assert ("checkout", "cost_per_success-1", 2.0) in found["usual"]
