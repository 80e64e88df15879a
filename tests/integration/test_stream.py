"""Recorded telemetry through the whole product, twice and in any order, against one reading without a broker."""

import asyncio
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from ammeter.analyse import analyse
from bench.stand import STAGES, Stand, make_stand, wait_until
from schemas.counters import COUNTERS, OF_MINUTES
from sinks.clickhouse import ClickHouse, connect
from sinks.migrate import DEFAULT
from sinks.reconcile import reconcile
from sources.bodies import find
from sources.replay import Sending, sendings

pytestmark = [pytest.mark.broker, pytest.mark.slow]

_FIXTURES = Path(__file__).parents[1] / "fixtures" / "otlp" / "claude_code"
RECORDINGS = (_FIXTURES / "otlp_json", _FIXTURES / "otlp_protobuf")

COUNTED = ", ".join(counter.name for counter in COUNTERS if counter.number not in OF_MINUTES)

SESSIONS = f"""
SELECT session_id, source, client_version, entrypoint, team_id, user_id, install_id, started_at, ended_at, {COUNTED},
    mapSort(tool_durations)
FROM ammeter_private.all_sessions ORDER BY session_id"""
"""Without when it was received and whether it is open: that differs between yesterday's file and today's request."""

MINUTES = """
SELECT user_id, team_id, minute, events, prompts, slash_commands, injected_prompts, responses, tool_calls,
    tool_failures, tool_accepts, tool_rejections, api_failures, input_tokens, output_tokens, cost_micros,
    interactive_events, interactive_prompts, interactive_tool_calls, mapSort(tool_durations)
FROM ammeter_private.user_minutes ORDER BY user_id, team_id, minute"""
"""Without what depends on the order of a session's events: in which minute a turn, or a cumulative counter, counts."""


@pytest.fixture
def stand(tmp_path: Path, cache: Path) -> Iterator[Stand]:
    """A whole stack of the test's own, running."""
    made = make_stand(tmp_path / "stand", cache)
    try:
        made.start_broker()
        made.start_store()
        worker = made.worker("all")
        made.start("sink")
        made.start_receiver()
        made.wait_folding(worker, sum(STAGES.values()))
        yield made
    finally:
        made.close()


def test_recordings_sent_twice_and_shuffled_are_what_one_reading_of_the_files_says(
    stand: Stand, tmp_path: Path
) -> None:
    """Receiver, Kafka, stages and sink on one side, one-shot fold on the other: the same sessions and minutes."""
    recorded, skipped = find(RECORDINGS)
    requests = [sending for one in recorded for sending in sendings(one, 0, skipped)] * 2
    assert requests
    assert not skipped
    random.Random(5).shuffle(requests)
    statuses = asyncio.run(_send(stand.receiver_url, requests))
    assert set(statuses) == {200}

    once = connect(str(tmp_path / "once"))
    try:
        analyse(RECORDINGS, once, DEFAULT, stand.pseudonyms, time.time_ns() // 1_000_000)
        sessions, minutes, events = _rows(once, SESSIONS), _rows(once, MINUTES), _event_ids(once)
    finally:
        once.close()
    assert sessions
    assert minutes

    live = stand.open_store()
    try:
        wait_until(lambda: _event_ids(live) == events, 120, "every event is stored once")
        wait_until(lambda: not reconcile(live), 120, "the tables agree with the raw events")
        assert _rows(live, SESSIONS) == sessions
        assert _rows(live, MINUTES) == minutes
        assert live.query("SELECT count() FROM ammeter.dead_letters").rows == [[0]]
    finally:
        live.close()


async def _send(url: str, requests: list[Sending]) -> list[int]:
    statuses = []
    async with aiohttp.ClientSession(url) as session:
        for each in requests:
            async with session.post(each.path, data=each.body, headers=each.headers) as answer:
                statuses.append(answer.status)
    return statuses


def _rows(store: ClickHouse, sql: str) -> list[list[Any]]:
    return store.query(sql).rows


def _event_ids(store: ClickHouse) -> list[list[Any]]:
    return _rows(store, "SELECT event_id FROM ammeter_private.session_events FINAL ORDER BY event_id")
