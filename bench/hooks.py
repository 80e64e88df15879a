"""How long a hook holds a person up: `python -m bench.hooks`.

The receiver runs in a process of its own, with a log that acknowledges after 20 ms, or that is away. Clients send hooks
at a fixed rate, whether or not earlier ones are answered, while others send recorded telemetry. A hook's time is that
from when it was due until its answer is read: a client or a receiver that falls behind shows. The same hooks go to a
receiver that has nothing else to do (idle): what they take there is the machine's and the client's part.
"""

import argparse
import asyncio
import gzip
import io
import json
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

import aiohttp

from schemas.people import Pseudonyms
from sources.bodies import find
from sources.hooks import PATH
from sources.http import Receiver, ReceiverConfig
from sources.messages import Message, Unavailable

RECORDINGS = Path(__file__).parents[1] / "tests" / "fixtures" / "otlp" / "claude_code"
ACKNOWLEDGED_AFTER_S = 0.02
CONNECTIONS = 64


@dataclass
class Broker:
    """A log that takes its time, or is away."""

    away: bool
    events: int = 0

    @property
    def ready(self) -> bool:
        return not self.away

    async def send(self, messages: Sequence[Message]) -> None:
        await asyncio.sleep(ACKNOWLEDGED_AFTER_S)
        if self.away:
            raise Unavailable("The broker is away.")
        self.events += sum(message.events for message in messages)


def serve(pipe: Connection, away: bool) -> None:
    """The receiver's process: says its port, and at the end its CPU seconds and how many events the log has."""

    async def run() -> None:
        log = Broker(away)
        receiver = Receiver(ReceiverConfig(port=0), log, Pseudonyms(b"k" * 32), lambda: int(time.time() * 1000))
        await receiver.start()
        pipe.send(receiver.port)
        await asyncio.to_thread(pipe.recv)
        spent = time.process_time()
        await receiver.stop()
        pipe.send((spent, log.events))

    asyncio.run(run())


Request = tuple[str, bytes, dict[str, str]]


def recorded() -> list[Request]:
    """Telemetry as clients sent it."""
    return [
        (f"/v1/{one.kind}", one.body(), {name: one.headers[name] for name in KEPT if name in one.headers})
        for one in find([RECORDINGS / "otlp_json", RECORDINGS / "otlp_protobuf"])[0]
    ]


def large() -> list[Request]:
    """A body as from a Collector: some 8 MB of records, gzip."""
    body = json.loads((RECORDINGS / "otlp_json" / "s02-edit" / "001-v1_logs.json").read_bytes())
    body["resourceLogs"] *= 100
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    return [("/v1/logs", gzip.compress(json.dumps(body).encode()), headers)]


async def measure(
    port: int, idle_port: int, seconds: float, hooks_a_second: float, requests: list[Request], requests_a_second: float
) -> dict[str, object]:
    """Sends both for so long; the figures of what was answered."""
    url = f"http://127.0.0.1:{port}"
    payloads = [
        line for path in sorted((RECORDINGS / "hooks").glob("*.jsonl")) for line in path.read_bytes().splitlines()
    ]
    waited: dict[str, list[float]] = {"busy": [], "idle": []}
    answers: Counter[str] = Counter()

    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as clients,
        aiohttp.ClientSession(url, connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as others,
    ):

        async def hook(number: int, due: float) -> None:
            body = payloads[number // 2 % len(payloads)]
            which, to = ("idle", f"http://127.0.0.1:{idle_port}{PATH}") if number % 2 else ("busy", url + PATH)
            async with clients.post(to, data=body, headers={"Content-Type": "application/json"}) as answer:
                await answer.read()
            waited[which].append(time.monotonic() - due)
            if which == "busy":
                answers[f"hooks {answer.status}"] += 1

        async def telemetry(number: int, _: float) -> None:
            path, body, headers = requests[number % len(requests)]
            async with others.post(path, data=io.BytesIO(body), headers=headers) as answer:
                await answer.read()
            answers[f"telemetry {answer.status}"] += 1

        async def at_a_rate(rate: float, send: Callable[[int, float], Coroutine[None, None, None]]) -> None:
            began = time.monotonic()
            running: set[asyncio.Task[None]] = set()
            for number in range(int(seconds * rate)):
                due = began + number / rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                task = asyncio.create_task(send(number, due))
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.gather(*running)

        await asyncio.gather(at_a_rate(2 * hooks_a_second, hook), at_a_rate(requests_a_second, telemetry))
    figures: dict[str, object] = {"answers": dict(sorted(answers.items()))}
    for which, found in waited.items():
        found.sort()
        figures[which] = {
            "p50_ms": round(found[len(found) // 2] * 1000, 2),
            "p99_ms": round(found[len(found) * 99 // 100] * 1000, 2),
            "highest_ms": round(found[-1] * 1000, 2),
        }
    return figures


KEPT = ("content-type", "content-encoding")


def run(
    seconds: float, hooks: float, requests: list[Request] | None = None, rate: float = 0, away: bool = False
) -> dict[str, object]:
    """Two receivers, one measurement."""
    busy, idle = started(away), started(away=False)
    found = asyncio.run(measure(busy[1].recv(), idle[1].recv(), seconds, hooks, requests or [], rate))
    ended = []
    for process, pipe in (busy, idle):
        pipe.send(None)
        ended.append(pipe.recv())
        process.join(10)
    spent, events = ended[0]
    return found | {"receiver_cpu_share": round(spent / seconds, 2), "events_in_the_log": events}


def started(away: bool) -> tuple[SpawnProcess, Connection]:
    """A receiver's process, and the pipe to it."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there, away))
    process.start()
    return process, here


def main() -> None:
    """Prints a table, and writes it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of each measurement")
    parser.add_argument("--hooks", type=int, default=300, help="a second")
    parser.add_argument("--requests", type=int, default=150, help="of telemetry beside them, a second")
    parser.add_argument("--report", type=Path, help="a file for the figures as JSON")
    options = parser.parse_args()
    results = {
        "hooks_a_second": options.hooks,
        "telemetry_requests_a_second": options.requests,
        "hooks alone": run(options.seconds, options.hooks),
        "beside telemetry": run(options.seconds, options.hooks, recorded(), options.requests),
        "beside an 8 MB request a second": run(options.seconds, options.hooks, large(), 1),
        "broker away": run(options.seconds, options.hooks, recorded(), options.requests, away=True),
        "load_average": os.getloadavg()[0],
    }
    print(json.dumps(results, indent=1))
    if options.report:
        options.report.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
