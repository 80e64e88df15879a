"""Hooks over real sockets: answered at once whatever the log does, and written behind."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from schemas import wire
from schemas.codec import read_events
from sources.backlog import LOST
from sources.hooks import PATH
from sources.http import ReceiverConfig
from sources.messages import Message
from tests.sources import support
from tests.sources.support import MemoryLog, logs_body, record
from tests.sources.test_http import JSON, TOKEN, Client, serve

STOP = json.dumps({"session_id": "s1", "hook_event_name": "Stop", "prompt_id": "p1"}).encode()


def lost(reason: str) -> float:
    """How many payloads were lost so far."""
    return float(LOST.labels(reason)._value.get())


async def written(log: MemoryLog, count: int) -> list[wire.Event]:
    """The events of the log, once there are so many; the test's own time bounds the wait."""
    while len(log.messages) < count:  # noqa: ASYNC110 - a twin of the log tells nobody
        await asyncio.sleep(0.005)
    return [event for message in log.messages for event in read_events(message.value)]


def test_every_recorded_payload_is_answered_204_and_written() -> None:
    """In the order of their receipt, of one run whose index rises: what is sent twice is meant twice."""
    lines = [
        line
        for path in sorted((support.CLAUDE_CODE / "hooks").glob("*.jsonl"))
        for line in path.read_bytes().splitlines()
    ]

    async def test(client: Client) -> None:
        for line in lines:
            assert (await client.post(PATH, line))[:2] == (204, b"")
        assert (await client.post(PATH, lines[-1]))[0] == 204
        events = await written(client.log, len(lines) + 1)
        assert [event.session_id for event in events[:-1]] == [json.loads(line)["session_id"] for line in lines]
        assert [event.index for event in events] == list(range(len(lines) + 1))
        assert len({event.run for event in events}) == 1

    serve(test)


def test_the_answer_does_not_wait_for_the_log() -> None:
    """A log that never acknowledges holds up telemetry, and no hook."""

    class Stuck(MemoryLog):
        async def send(self, messages: Sequence[Message]) -> None:
            await asyncio.Event().wait()

    async def test(client: Client) -> None:
        telemetry = asyncio.create_task(client.post("/v1/logs", logs_body(record("user_prompt"))))
        for _ in range(20):
            assert (await client.post(PATH, STOP))[0] == 204
        assert not telemetry.done()
        telemetry.cancel()

    serve(test, ReceiverConfig(flush_within_s=0.01, stop_within_s=0.1), Stuck())


def test_a_log_that_comes_back_gets_what_was_told_meanwhile() -> None:
    """Where telemetry gets 503, hooks get 204 and are kept."""

    async def test(client: Client) -> None:
        client.log.away = True
        assert (await client.post("/v1/logs", logs_body(record("user_prompt"))))[0] == 503
        for _ in range(3):
            assert (await client.post(PATH, STOP))[0] == 204
        client.log.away = False
        assert [type(event) for event in await written(client.log, 3)] == [wire.TurnEnded] * 3

    serve(test)


def test_a_full_queue_is_answered_204_and_counted() -> None:
    """The person at the client could do nothing about it; who runs the receiver sees it."""

    async def test(client: Client) -> None:
        client.log.away, before = True, lost("full")
        for _ in range(10):
            assert (await client.post(PATH, STOP))[0] == 204
        assert lost("full") - before >= 8
        client.log.away = False

    serve(test, ReceiverConfig(hooks_waiting_bytes=1_000))


def test_too_much_at_once_is_answered_204_and_counted() -> None:
    """What cannot even be held is lost, and no hook fails for it."""

    async def test(client: Client) -> None:
        before = lost("busy")
        assert (await client.post(PATH, STOP + b" " * 2_000))[0] == 204
        assert lost("busy") - before == 1
        assert (await client.post(PATH, STOP))[0] == 204

    serve(test, ReceiverConfig(in_flight_bytes=1_000))


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{}", 400), (b"garbage", 400), (STOP[:-9], 400), (b"[" * 100_000, 400), (b" " * 2_001, 413)],
)
def test_what_is_no_payload_gets_its_status(body: bytes, status: int) -> None:
    """Half a payload, garbage, too much of it."""

    async def test(client: Client) -> None:
        found, answer, _ = await client.post(PATH, body)
        assert found == status
        assert json.loads(answer)["message"]

    serve(test, ReceiverConfig(hook_bytes=200_000 if status == 400 else 2_000))


def test_large_payloads_are_taken() -> None:
    """What a tool read or wrote may be long; OTLP's bound is not theirs."""

    async def test(client: Client) -> None:
        said = {"session_id": "s1", "hook_event_name": "PostToolUse", "tool_name": "Read", "tool_response": "x" * 9**7}
        assert (await client.post(PATH, json.dumps(said).encode()))[0] == 204
        assert isinstance((await written(client.log, 1))[0], wire.ToolFinished)

    serve(test)


def test_tokens_are_asked_for() -> None:
    """As on the other paths."""

    async def test(client: Client) -> None:
        assert (await client.post(PATH, STOP))[0] == 401
        assert (await client.post(PATH, STOP, JSON | {"Authorization": f"Bearer {TOKEN}"}))[0] == 204

    serve(test, ReceiverConfig(tokens={"laptops": TOKEN}))


def test_the_request_names_person_team_and_entrypoint() -> None:
    """In headers, or in the query where a header is hard to set."""

    async def test(client: Client) -> None:
        await client.post(PATH, STOP, JSON | {"X-Enduser-Id": "dana", "X-Team-Id": "a", "X-App-Entrypoint": "cli"})
        await client.post(f"{PATH}?team=b&entrypoint=sdk-cli", STOP)
        first, second = await written(client.log, 2)
        assert (first.user_id, first.team_hint, first.entrypoint) == (support.PSEUDONYMS.of("dana"), "a", "cli")
        assert (second.user_id, second.team_hint, second.entrypoint) == ("", "b", "sdk-cli")

    serve(test)


def test_a_stop_writes_what_was_told() -> None:
    """What was answered before the stop is in the log after it."""
    log = MemoryLog()

    async def test(client: Client) -> None:
        for _ in range(50):
            assert (await client.post(PATH, STOP))[0] == 204

    serve(test, log=log)
    assert sum(message.events for message in log.messages) == 50
