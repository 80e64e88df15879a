"""The questions of docs/sql.md get answers on a simulated organisation; its notebook runs."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ammeter.oneshot import OneShot
from schemas.derived import DEFINITIONS
from schemas.people import Pseudonyms
from schemas.wire import TeamWindows
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, set_floor
from sources.simulator.canonical import messages
from sources.simulator.simulation import demo_simulation
from tests.sinks.conftest import filled
from tests.sinks.test_views import put

PAGE = (Path(__file__).parents[2] / "docs" / "sql.md").read_text()
QUESTIONS = re.findall(r"^\d+\. (.*?)\n\n```sql\n(.*?)```", PAGE, re.DOTALL | re.MULTILINE)
(NOTEBOOK,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
README = (Path(__file__).parents[2] / "README.md").read_text()
TOUR = re.findall(r'^\$ \.venv/bin/ammeter sql "(.*)"$', README.partition("\n## A tour\n")[2], re.MULTILINE)
HOUR = 3_600_000


@pytest.fixture(scope="module")
def organisation(store_url: str) -> Iterator[ClickHouse]:
    """Thirty hours of the demo's organisation up to now, with a floor of five."""

    now = time.time_ns() // 1_000_000
    with filled(store_url) as store:
        fold = OneShot(store, DEFAULT, now)
        simulation = demo_simulation(7, now)
        for message in messages(simulation, now - 30 * HOUR, now, Pseudonyms(b"a key of a test, 32 bytes or more")):
            fold.feed(message.events, message.at_ms)
        fold.finish(now)
        sums = {0: 9, 1: 5, 5: 5, 6: 3, 17: 1000, 45: 9000}
        put(store, "team-windows", (("billing",), TeamWindows(1, DEFINITIONS, now // 60_000, [6, 6, 6], [sums] * 3)))
        set_floor(store, DEFAULT, 5)
        yield store


def test_there_are_twenty_five() -> None:
    """As many as the page says."""
    assert len(QUESTIONS) == 25
    assert PAGE.count("```sql") == 25


@pytest.mark.parametrize(("question", "sql"), QUESTIONS, ids=[question[:40] for question, _ in QUESTIONS])
def test_each_question_has_an_answer(organisation: ClickHouse, question: str, sql: str) -> None:
    """With a row at least, and no column that is null throughout."""
    names, _, rows = organisation.query(sql)
    assert rows, question
    empty = [name for name, *values in zip(names, *rows, strict=True) if all(value is None for value in values)]
    assert empty == [name for name in empty if name in ("before", "this_week")]


@pytest.mark.parametrize("sql", TOUR, ids=["abandonment", "tools", "models"])
def test_each_question_of_the_tour_has_an_answer(organisation: ClickHouse, sql: str) -> None:
    """With a row at least, asked of the public database as `ammeter sql` does."""
    bare = re.sub(r"FROM (\w+) AS", r"FROM ammeter.\1 AS", sql)
    assert bare != sql
    _, _, rows = organisation.query(bare)
    assert rows


def test_the_notebook_runs(organisation: ClickHouse, capsys: pytest.CaptureFixture[str]) -> None:
    """As the page has it, but for the port."""
    pytest.importorskip("pandas", reason="the notebook's example needs pandas, which is no part of Ammeter")
    port = organisation.target.where.rpartition(":")[2]
    exec(NOTEBOOK.replace("8124", port), {})
    assert "team_id" in capsys.readouterr().out
