"""The questions of docs/metrics.md: how far proxies and labels agree, asked of a few labelled sessions."""

import re
from pathlib import Path

import pytest

from schemas import counters as c
from schemas import wire
from schemas.derived import DEFINITIONS
from schemas.evidence import Mark, ToolKind
from sinks.clickhouse import ClickHouse
from sinks.rows import OUTSIDE, json_lines
from tests.sinks.made import T, pack
from tests.sinks.test_views import put, session

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"
QUERIES = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL)
EDITED = {
    c.PROMPTS: 1,
    c.TURNS: 1,
    c.TOOL_CALLS: 1,
    c.LOG_ACTIONS: 1000,
    c.LINES_ADDED: 9,
    c.TOOL_KIND + ToolKind.EDIT: 1,
}


@pytest.fixture
def labelled(store: ClickHouse) -> ClickHouse:
    """Three sessions that built something: one labelled as the proxies say, one otherwise, one not at all."""
    ended = {"started_at": T, "ended_at": T + 1000, "closed_at": T + 2000, "marks": {Mark.ANSWER: T + 1000}}
    put(store, "sessions", *(((name, 0), session(1, sums=EDITED, **ended)) for name in ("same", "other", "none")))
    said = (
        wire.SessionLabel(1, DEFINITIONS, "same", T, "", "Build", 1, "ended_clean", 2, 1, 2, "software engineer"),
        wire.SessionLabel(1, DEFINITIONS, "other", T, "", "fix", 5, "abandoned", 1, 4, 1, "lawyer"),
    )
    table = OUTSIDE["session-labels"]
    rows = [table.row(label.session_id.encode(), pack(label), place) for place, label in enumerate(said)]
    store.insert(f"ammeter_private.{table.name}", table.columns, json_lines(rows))
    return store


def test_agreement_of_each_proxy_is_measured(labelled: ClickHouse) -> None:
    """Two sessions have both; one of them agrees. Who is not labelled is not asked."""
    rows = labelled.query(QUERIES[0]).rows
    assert [(row[0], row[1], row[2]) for row in rows] == [
        ("expertise_proxy", 2, 0.5),
        ("is_troubled", 2, 0.5),
        ("occupation_proxy", 2, 0.5),
        ("outcome", 2, 0.5),
        ("work_mode_proxy", 2, 0.5),
    ]


def test_ranks_of_value_are_compared(labelled: ClickHouse) -> None:
    """A number for sessions with both."""
    assert labelled.query(QUERIES[1]).rows[0][0] == 2


def test_every_query_of_the_page_is_asked() -> None:
    """There are two."""
    assert len(QUERIES) == 2
