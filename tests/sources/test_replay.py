"""Recorded input is sent again as it was, in the order of its receipt, and resent as a client would."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from ammeter.broker import free_ports
from schemas import wire
from schemas.codec import read_events
from sources import replay as replaying
from sources.bodies import Edge, find
from sources.replay import Totals
from sources.transcripts.seen import Seen
from tests.sources.support import PSEUDONYMS
from tests.sources.transcripts.made import Writer, text

RECORDED = Path(__file__).parents[1] / "fixtures/otlp/claude_code"
Got = list[tuple[str, Mapping[str, str], bytes]]


async def _replayed(
    paths: list[Path], answer: Callable[[int], int] = lambda _: 200, **options: object
) -> tuple[Totals, Got]:
    """Sends to a receiver that keeps what comes and answers what it is told to."""
    got: Got = []

    async def keep(request: web.Request) -> web.Response:
        got.append((request.path, dict(request.headers), await request.read()))
        return web.Response(status=answer(len(got)))

    return await _serving(keep, lambda url: replaying.replay(paths, url, **options), got)  # type: ignore[arg-type] # options as they come


async def _serving(
    handler: Callable[[web.Request], Awaitable[web.Response]], run: Callable[[str], Awaitable[Totals]], got: Got
) -> tuple[Totals, Got]:
    app = web.Application(client_max_size=0)
    app.router.add_post("/v1/{path:.+}", handler)
    runner = web.AppRunner(app, access_log=None, auto_decompress=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        return await run(f"http://{host}:{port}"), got
    finally:
        await runner.cleanup()


def test_bodies_are_sent_byte_for_byte(tmp_path: Path) -> None:
    """With their type and encoding, so that they are the same run as when they were recorded."""
    paths = [RECORDED / "otlp_json", RECORDED / "otlp_protobuf"]
    totals, got = asyncio.run(_replayed(paths))
    found, _ = find(paths)

    assert (totals.found, totals.sent, totals.refused) == (len(found), len(found), 0)
    assert sorted(body for _, _, body in got) == sorted(recorded.body() for recorded in found)
    packed = [headers for _, headers, _ in got if headers.get("Content-Encoding") == "gzip"]
    assert len(packed) == sum(recorded.headers.get("content-encoding") == "gzip" for recorded in found) > 0
    assert {(path, headers["Content-Type"]) for path, headers, _ in got} == {
        (f"/v1/{signal}", f"application/{kind}") for signal in ("logs", "metrics") for kind in ("json", "x-protobuf")
    }


def test_shifted_bodies_end_at_the_moment_given() -> None:
    """Every time moves; the last receipt is the moment, so nothing lies after it."""
    found, _ = find([RECORDED / "otlp_json/s01-text"])
    by = 86_400_000
    totals, got = asyncio.run(
        _replayed([RECORDED / "otlp_json/s01-text"], shift_to=max(each.received_at for each in found) + by)
    )

    assert totals.sent == len(found)
    assert all(body not in {each.body() for each in found} for _, _, body in got)


def test_canonical_events_go_as_lines(tmp_path: Path) -> None:
    """Packed files are unpacked, and no line is lost."""
    count = 1_203
    events = tmp_path / "e.jsonl.gz"
    events.write_bytes(gzip.compress(_event_lines(count)))

    totals, got = asyncio.run(_replayed([events]))

    assert totals.found == totals.sent == 3
    assert b"\n".join(body for _, _, body in got).count(b"\n") + 1 == count
    assert {path for path, _, _ in got} == {"/v1/events"}


def _event_lines(count: int) -> bytes:
    from schemas.people import Pseudonyms
    from sources.simulator.canonical import messages
    from sources.simulator.simulation import Simulation

    now = 1_768_402_800_000
    simulation = Simulation(2, 8, 20.0, 1, "steady", None)
    text = b"".join(
        each.events.rstrip(b"\n") + b"\n" for each in messages(simulation, now - 600_000, now, Pseudonyms(b"k" * 32))
    )
    return b"\n".join(text.splitlines()[:count])


def test_transcripts_go_as_canonical_events_and_hooks_as_payloads(tmp_path: Path) -> None:
    """One request after the other within a file, so that places rise; moved in time they are other events."""
    w = Writer()
    for number in range(40):
        w.user(f"prompt {number}")
        w.answer(f"m{number}", text("Done."))
        w.at += 120_000
    (tmp_path / "a.jsonl").write_bytes(w.text())
    (tmp_path / "hooks.jsonl").write_bytes((RECORDED / "hooks" / "s01-text.jsonl").read_bytes())
    edge = Edge(PSEUDONYMS, lambda _: ("dana@example.com", "enduser"))

    totals, got = asyncio.run(_replayed([tmp_path], edge=edge))
    moved, later = asyncio.run(_replayed([tmp_path], edge=replace(edge, seen=Seen()), shift_to=w.at + 86_400_000))

    assert totals.sent == totals.found == moved.sent
    events = _events(got)
    places = [event.index for event in events]
    assert places == sorted(places)
    assert len(events) == 120
    assert {event.user_id for event in events} == {"dana@example.com"}
    payloads = [body for path, _, body in got if path == "/v1/hooks/claude-code"]
    assert payloads == (RECORDED / "hooks" / "s01-text.jsonl").read_bytes().splitlines()
    by = {after.occurred_at - before.occurred_at for before, after in zip(events, _events(later), strict=True)}
    assert len(by) == 1
    assert not {event.run for event in events} & {event.run for event in _events(later)}


def _events(got: Got) -> list[wire.Event]:
    return [event for path, _, body in got if path == "/v1/events" for event in read_events(body)]


def test_what_heals_is_sent_again_and_what_does_not_is_counted() -> None:
    """503 once, then taken; 400 stays refused."""
    paths = [RECORDED / "otlp_json/s01-text"]
    healed, got = asyncio.run(_replayed(paths, lambda nth: 503 if nth == 1 else 200))
    refused, _ = asyncio.run(_replayed(paths, lambda _: 400))

    assert (healed.sent, healed.refused, len(got)) == (healed.found, 0, healed.found + 1)
    assert (refused.sent, refused.refused) == (0, refused.found)


def test_a_receiver_that_is_not_there_is_told() -> None:
    """One sentence, and nothing is left running."""
    (port,) = free_ports(1)
    with pytest.raises(ConnectionError, match="the receiver does not answer"):
        asyncio.run(replaying.replay([RECORDED / "otlp_json"], f"http://127.0.0.1:{port}"))
