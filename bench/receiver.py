"""How fast the receiver is, and what hostile bodies cost it: `python -m bench.receiver`.

The receiver runs in a process of its own with a log in memory, so its CPU seconds are its alone: HTTP, decoding,
dropping content, pseudonyms, encoding. Then come bodies that mean harm, each from several clients at once: their
answers, and how far the process's memory has risen.
"""

import argparse
import asyncio
import gzip
import io
import json
import multiprocessing
import resource
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp

from schemas.people import Pseudonyms
from sources.bodies import Recorded, find
from sources.http import Receiver, ReceiverConfig
from sources.messages import Message

RECORDINGS = Path(__file__).parents[1] / "tests" / "fixtures" / "otlp" / "claude_code"
LOGS_START, LOGS_END = b'{"resourceLogs":[{"scopeLogs":[{"logRecords":[', b"]}]}]}"
AT_ONCE = 16


class Count:
    """A log that counts."""

    ready = True

    def __init__(self) -> None:
        self.events = 0

    async def send(self, messages: Sequence[Message]) -> None:
        self.events += sum(message.events for message in messages)


def serve(pipe: Connection) -> None:
    """The receiver's process: answers each word on the pipe with CPU seconds, events and highest memory in MB."""

    async def run() -> None:
        log = Count()
        receiver = Receiver(ReceiverConfig(port=0), log, Pseudonyms(b"k" * 32), lambda: int(time.time() * 1000))
        await receiver.start()
        pipe.send(receiver.port)
        while await asyncio.to_thread(pipe.recv):
            rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            pipe.send((time.process_time(), log.events, rss))
        await receiver.stop()

    asyncio.run(run())


def harmful() -> dict[str, tuple[bytes, dict[str, str]]]:
    """Bodies that try to take the memory or the time of the receiver."""
    tiny = LOGS_START + b"{}," * 1_000_000 + b"{}" + LOGS_END
    one = json.dumps({"attributes": [{"key": "a" * 9, "value": {"intValue": 1}}] * 40_000}).encode()
    packed = {"Content-Encoding": "gzip"}
    protobuf = {"Content-Type": "application/x-protobuf"}
    return {
        "100 MB": (b"x" * 100_000_000, {}),
        "gzip of 1 GB of zeros": (gzip.compress(b"\0" * (1 << 30), 1), packed),
        "a million tiny records": (tiny, {}),
        "30 MB of tiny records, gzip": (gzip.compress(LOGS_START + b"{}," * 10_000_000 + b"{}" + LOGS_END), packed),
        "the same in protobuf": (gzip.compress(b"\x0a\x00" * 15_000_000), packed | protobuf),
        "50,000 records, gzip": (gzip.compress(LOGS_START + b"{}," * 49_999 + b"{}" + LOGS_END), packed),
        "records of 40,000 attributes": (gzip.compress(LOGS_START + one + LOGS_END), packed),
        "nested": (LOGS_START + b"[" * 4_000_000, {}),
        "half a gzip": (gzip.compress(b"{}" * 100_000)[:-20], packed),
        "garbage": (bytes(range(256)) * 10_000, protobuf),
    }


async def measure(rounds: int, pipe: Connection) -> dict[str, object]:
    """Figures of the process on the other end of the pipe."""
    url = f"http://127.0.0.1:{pipe.recv()}"
    recordings = find([RECORDINGS])[0]
    connector = aiohttp.TCPConnector(limit=AT_ONCE)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(60)) as session:

        async def post(path: str, body: bytes, headers: dict[str, str]) -> str:
            try:
                async with session.post(url + path, data=io.BytesIO(body), headers=headers) as response:
                    return str(response.status)
            except aiohttp.ClientError as exc:
                return type(exc).__name__

        def stats() -> tuple[float, int, float]:
            pipe.send(True)
            found: tuple[float, int, float] = pipe.recv()
            return found

        results: dict[str, object] = {}
        for kind in ("json", "protobuf"):
            chosen = [(f"/v1/{one.kind}", one.body(), _headers(one)) for one in recordings if one.encoding == kind]
            await asyncio.gather(*(post(*one) for one in chosen))
            cpu, events, _ = stats()
            sent = chosen * rounds
            answers = Counter(await asyncio.gather(*(post(*one) for one in sent)))
            cpu_after, events_after, memory = stats()
            spent = cpu_after - cpu
            results[kind] = {
                "requests_per_cpu_second": round(len(sent) / spent),
                "canonical_events_per_cpu_second": round((events_after - events) / spent),
                "megabytes_per_cpu_second": round(sum(len(body) for _, body, _ in sent) / spent / 1e6, 1),
                "answers": dict(answers),
                "highest_memory_mb": round(memory),
            }
        attacks = {}
        for name, (body, headers) in harmful().items():
            before = stats()
            asked = (post("/v1/logs", body, {"Content-Type": "application/json"} | headers) for _ in range(4))
            answers = Counter(await asyncio.gather(*asked))
            after = stats()
            attacks[name] = {
                "answers": dict(answers),
                "cpu_seconds": round(after[0] - before[0], 2),
                "highest_memory_mb": round(after[2]),
            }
        results["harmful"] = attacks
        pipe.send(False)
        return results


def _headers(one: Recorded) -> dict[str, str]:
    return {name: one.headers[name] for name in ("content-type", "content-encoding") if name in one.headers}


def main() -> None:
    """Prints a table, and writes it as JSON where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20, help="how often each recorded body is sent")
    parser.add_argument("--report", type=Path, help="a file for the figures as JSON")
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,))
    process.start()
    results = asyncio.run(measure(options.rounds, here))
    process.join(10)
    print(json.dumps(results, indent=1))
    if options.report:
        options.report.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
