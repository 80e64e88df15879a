"""Telemetry, transcript and hooks of the same sessions, analysed in any order, together or apart: each thing once."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ammeter.analyse import analyse
from ammeter.person import person
from schemas.people import Pseudonyms
from sinks.clickhouse import ClickHouse
from sinks.migrate import DEFAULT, Databases
from sinks.stored import highest_indexes
from tests.sinks.conftest import empty_store, store, store_url
from tests.sources.support import CLAUDE_CODE
from tests.sources.test_parity import UNTOLD_CALLS
from tests.sources.transcripts.made import Writer, call, text

__all__ = ["empty_store", "store", "store_url"]

NOW = 1_795_400_000_000
LATER = itertools.count()
"""Each analysis is later than the one before it; its rows are named by its time."""
RUNS = ("s02-edit", "s03-commit", "s10-multi", "s20-interactive")
COLUMNS = ("prompts", "turns", "tool_calls", "tool_failures", "tool_accepts", "tool_rejections", "responses",
           "api_failures", "lines_added", "lines_removed", "commits", "slash_commands")  # fmt: skip

Figures = dict[str, dict[str, int]]


def figures(store: ClickHouse) -> Figures:
    """Each session's, over all its parts."""
    sums = ", ".join(f"sum({column})" for column in COLUMNS)
    answer = store.query(f"SELECT session_id, {sums} FROM ammeter.sessions GROUP BY session_id")
    return {str(row[0]): dict(zip(COLUMNS, map(int, row[1:]), strict=True)) for row in answer.rows}


def analysed(store: ClickHouse, *parts: list[Path]) -> Figures:
    """After each part in turn."""
    for paths in parts:
        at = NOW + next(LATER) * 1_000
        report = analyse(paths, store, DEFAULT, Pseudonyms(b"k" * 32), at, person=person("dana@example.com"))
        assert report.files > 0
        assert report.invalid == 0
    return figures(store)


def anew(store: ClickHouse) -> None:
    """Nothing stored."""
    tables = "SELECT name FROM system.tables WHERE database = 'ammeter_private' AND engine LIKE '%MergeTree'"
    for (name,) in store.query(tables).rows:
        if name != "migrations":
            store.command(f"TRUNCATE TABLE ammeter_private.{name}")


def parts(shared: Path) -> Iterator[list[Path]]:
    """Telemetry, transcripts, hooks of the same runs."""
    yield [CLAUDE_CODE / "otlp_json" / run for run in RUNS]
    yield [shared / "data/otlp/claude_code/transcripts" / run for run in RUNS]
    yield [CLAUDE_CODE / "hooks" / f"{run}.jsonl" for run in RUNS]


@pytest.mark.shared
def test_any_order_of_sources_counts_each_thing_once(store: ClickHouse, shared: Path) -> None:
    """One after the other in every order, and all at once; the transcript adds what no other source can tell."""
    sent, kept, hooked = parts(shared)
    telemetry = analysed(store, sent)
    assert sum(row["prompts"] for row in telemetry.values()) > 10
    anew(store)
    alone = analysed(store, kept)
    for order in ([sent, kept, hooked], [kept, sent, hooked], [hooked, kept, sent], [[*sent, *kept, *hooked]]):
        anew(store)
        found = analysed(store, *order)
        assert found.keys() == telemetry.keys()
        for session, row in found.items():
            untold = UNTOLD_CALLS.get(session, 0)
            # and an answer that was interrupted, which telemetry has in its metrics only: its prompt is a turn then
            more = {"tool_calls": untold, "tool_failures": untold, "responses": untold, "turns": untold}
            wanted = {column: telemetry[session][column] + more.get(column, 0) for column in COLUMNS}
            if kept in order and order.index(kept) < order.index(sent):
                # telemetry counts one line more of each new file, and /clear in the session that it ends: a transcript
                # in the one that it begins; who tells first is believed
                wanted |= {column: alone.get(session, row)[column] for column in ("lines_added", "lines_removed")}
                wanted["slash_commands"] = row["slash_commands"]
            assert row == wanted, (session, [str(paths[0]) for paths in order])


def test_a_transcript_that_grew_adds_what_is_new(store: ClickHouse, tmp_path: Path) -> None:
    """Analysed again it counts once; what came since counts too, in the turn that it belongs to."""
    w = Writer()
    w.user("Go", promptId="p1")
    w.answer("m1", call("t1", command="ls"))
    w.result("t1", promptId="p1")
    path = tmp_path / "projects" / f"{w.session}.jsonl"
    path.parent.mkdir()
    path.write_bytes(w.text())
    first = analysed(store, [tmp_path])[w.session]
    assert (first["prompts"], first["tool_calls"], first["responses"], first["turns"]) == (1, 1, 1, 1)
    w.answer("m2", call("t2", command="git commit -m x"))
    w.result("t2", promptId="p1")
    w.answer("m3", call("t3", "Write", file_path="/a"))
    w.result("t3", toolUseResult={"type": "create", "content": "a\n"}, promptId="p1")
    w.user("More", promptId="p2")
    w.answer("m4", text("Done"))
    path.write_bytes(w.text())
    second = analysed(store, [tmp_path])[w.session]
    assert second == first | {
        "prompts": 2, "tool_calls": 3, "responses": 4, "turns": 2, "commits": 1, "lines_added": 1,
    }  # fmt: skip
    shutil.copy(path, tmp_path / "projects" / "copy-elsewhere")
    assert analysed(store, [tmp_path])[w.session] == second


def test_lines_passed_over_are_named(store: ClickHouse, tmp_path: Path) -> None:
    """How many, and the first; a last line without its end is being written."""
    w = Writer()
    w.user("Go")
    (tmp_path / "a.jsonl").write_bytes(w.text() + b'{"half\n[]\n' + w.lines[0][:30])
    report = analyse([tmp_path], store, DEFAULT, Pseudonyms(b"k" * 32), NOW)
    assert [reason for _, reason in report.skipped] == ["2 lines were passed over: line 2 is not JSON"]
    assert report.events == 1


def test_the_store_is_asked_for_few_events_at_once(store: ClickHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large the input is: what is held at once does not grow with it."""
    asked: list[int] = []
    real = highest_indexes

    def highest(store: ClickHouse, databases: Databases, runs: set[str]) -> dict[tuple[str, str], int]:
        asked.append(len(runs))
        return real(store, databases, runs)

    monkeypatch.setattr("ammeter.analyse.highest_indexes", highest)
    monkeypatch.setattr("ammeter.analyse.EVENTS_AT_ONCE", 10)
    bodies = sorted((CLAUDE_CODE / "otlp_json" / "s10-multi").glob("*"))
    anew(store)

    report = analyse(bodies, store, DEFAULT, Pseudonyms(b"k" * 32), NOW + next(LATER) * 1_000)

    assert report.events > 40
    assert len(asked) > 3
    assert max(asked) <= 10
