"""Transcripts: megabytes a second of one core, and memory, whatever their size. `python -m bench.transcripts`.

Each figure is of a process of its own. `read` gives messages and drops them; `analyse` folds them into a store of its
own, whose engine is most of its memory and uses all cores. The lines are those of ../shared/data/transcripts where they
are, else made up: a coding session's records with the sizes that real ones have. A copy has ids of its own.
"""

import argparse
import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ammeter.analyse import analyse
from bench.stand import machine
from schemas.people import Pseudonyms
from sinks.clickhouse import connect
from sinks.migrate import Databases
from sources.transcripts import files
from sources.transcripts.reader import Transcript
from sources.transcripts.seen import Seen

RESULTS = Path(__file__).parent / "results"
SHARED = Path(__file__).parents[2] / "shared" / "data" / "transcripts" / "sessions"
MB = 1_000_000
AT_LEAST_MB_S = 60
GROWTH_MB = {"read": 64, "analyse": 160}
"""Five times the input may not take more than this beside: the ids and pseudonyms that are known, which are bounded;
and for `analyse` what the store's engine keeps at hand, which grows up to a level of its own."""

KEY = b"k" * 32
_START_S = 1_768_000_000


def main() -> int:
    """Prints a table, writes JSON; 1 when reading is slower than it must be, or memory grows with the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=572)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--child", nargs=2, metavar=("WHAT", "FOLDER"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_measure(options.child[0], Path(options.child[1]))))
        return 0
    before = machine()
    table = Table("", "MB/s of CPU", "lowest", "highest", "peak memory, MB", "seconds")
    found: dict[str, list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="ammeter-bench-") as scratch:
        for name, megabytes in (("a fifth", options.megabytes // 5), ("all", options.megabytes)):
            folder = Path(scratch) / name
            folder.mkdir()
            lines = "real" if SHARED.is_dir() else "made up"
            _write(folder, megabytes * MB)
            for what in ("read", "analyse"):
                runs = found[f"{what} {name}"] = [_child(what, folder) for _ in range(options.rounds)]
                rates = sorted(run["mb_a_cpu_second"] for run in runs)
                table.add_row(
                    f"{what} {megabytes:,} MB of {lines} lines",
                    *(f"{rate:,.0f}" for rate in (rates[len(rates) // 2], rates[0], rates[-1])),
                    f"{max(run['peak_mb'] for run in runs):,.0f}",
                    f"{max(run['seconds'] for run in runs):,.1f}",
                )
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    result = {"before": before, "after": machine(), "lines": lines, "runs": found}
    (RESULTS / "transcripts.json").write_text(json.dumps(result, indent=1) + "\n")
    slowest = min(run["mb_a_cpu_second"] for run in found["read all"])
    grows = {what: _peak(found[f"{what} all"]) - _peak(found[f"{what} a fifth"]) for what in GROWTH_MB}
    print(", ".join(f"{what}: {grows[what]:+,.0f} MB (at most {most})" for what, most in GROWTH_MB.items()))
    return 0 if slowest >= AT_LEAST_MB_S and all(grows[what] <= most for what, most in GROWTH_MB.items()) else 1


def _peak(runs: list[dict[str, float]]) -> float:
    return max(run["peak_mb"] for run in runs)


def _child(what: str, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.transcripts", "--child", what, str(folder)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=1_200)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _measure(what: str, folder: Path) -> dict[str, float]:
    paths = sorted(folder.glob("*.jsonl"))
    size = sum(path.stat().st_size for path in paths)
    cpu, began = time.process_time(), time.monotonic()
    if what == "read":
        seen, pseudonyms = Seen(), Pseudonyms(KEY)
        events = sum(
            message.events
            for path in paths
            for message in files.messages(path, Transcript(path.name, pseudonyms, seen, user_id="u_0"), [])
        )
    else:
        store = connect(str(folder.parent / f"store-{time.monotonic_ns()}"))
        events = analyse([folder], store, Databases(), Pseudonyms(KEY), time.time_ns() // 1_000_000).events
        store.close()
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000
    return {"mb_a_cpu_second": size / MB / cpu, "peak_mb": peak, "seconds": seconds, "events": events}


def _write(folder: Path, size: int) -> None:
    """Files of some 30 MB each, so many bytes in all."""
    sessions = _real() if SHARED.is_dir() else _made_up()
    written = number = 0
    while written < size:
        path = folder / f"{number}.jsonl"
        with path.open("wb") as file:
            for session in islice(sessions, 40):
                written += file.write(session)
                if written >= size:
                    break
        number += 1


def _real() -> Iterator[bytes]:
    """The sessions again and again; from the second time on with other ids."""
    for number, path in enumerate(cycle(sorted(SHARED.glob("*/*.jsonl.gz")))):
        text = gzip.decompress(path.read_bytes())
        turn = f"{number:04x}".encode()
        for prefix in (b'"msg_', b'"toolu_', b'"uuid":"', b'"sessionId":"'):
            text = text.replace(prefix, prefix + turn)
        yield text


def _made_up() -> Iterator[bytes]:
    """Sessions of a prompt and some hundred calls each; lengths log-normal, as real ones are."""
    dice = random.Random(1)
    for number in range(1 << 30):
        session, lines = f"session-{number}", []
        for step in range(120):
            at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(_START_S + number * 3_600 + step * 20))
            own = {"sessionId": session, "timestamp": at, "version": "2.1.330", "isSidechain": False}
            ids = {"uuid": f"{number}-{step}", "parentUuid": None}
            text = "x " * int(min(dice.lognormvariate(6.5, 1.3), 60_000))
            if step % 40 == 0:
                lines.append({**ids, **own, "type": "user", "message": {"role": "user", "content": text}})
                continue
            call = {
                "type": "tool_use",
                "id": f"toolu_{number}_{step}",
                "name": "Read",
                "input": {"file_path": text[:60]},
            }
            usage = {"input_tokens": 9, "output_tokens": 9, "cache_read_input_tokens": 9_000}
            message = {"id": f"msg_{number}_{step}", "model": "claude", "content": [call], "usage": usage}
            lines.append({**ids, **own, "message": message, "type": "assistant"})
            answer = [{"type": "tool_result", "tool_use_id": call["id"], "content": text}]
            lines.append({**ids, **own, "type": "user", "message": {"role": "user", "content": answer}})
            lines.append({**ids, **own, "type": "progress", "data": {"type": "bash_progress", "output": text[:2_000]}})
        yield b"".join(json.dumps(line, separators=(",", ":")).encode() + b"\n" for line in lines)


if __name__ == "__main__":
    raise SystemExit(main())
