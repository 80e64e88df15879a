"""How fast the folds are, and what their state takes: `python -m bench.folds`.

Events per CPU second of each stage alone on the same messages, against decoding them and nothing else; the median of
several runs with the lowest and highest. State: bytes stored, and allocated, for an open session and for a person.
"""

import argparse
import gc
import json
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable

import msgspec

from schemas import wire
from schemas.codec import read_events, write_events
from schemas.derived import DEFINITIONS
from streams.metrics.sessions import Sessions
from streams.metrics.stage import Output, Record, Stage
from streams.metrics.teams import Teams
from streams.metrics.users import Users

T = 1_795_000_000_000
MINUTE = 60_000
MESSAGES_A_FLUSH = 500

Batch = list[tuple[bytes, int]]


def event(
    of: type[wire.Envelope], pick: random.Random, session: int, user: int, run: str, index: int, at: int
) -> wire.Event:
    """One event of the shape that a real client's has: every field of the envelope is filled."""
    fields: dict[str, object] = {
        "event_id": f"{run}-{index}",
        "source": "claude-code",
        "session_id": f"4f857345-aabe-4fa9-8c52-{session:012x}",
        "run": run,
        "index": index,
        "occurred_at": at - pick.randrange(4_000),
        "received_at": at,
        "user_id": f"u_{user:016x}",
        "user_id_kind": "email",
        "install_id": f"u_{user:016x}",
        "team_hint": f"team-{user % 40:02d}",
        "client_version": "2.1.331",
        "entrypoint": "cli",
        "prompt_id": f"baddf473-009a-411c-9df6-{at // 200_000:012x}",
        "sequence": index,
    }
    if of is wire.ModelResponded:
        fields |= {"model": "claude-opus-4", "request_id": f"req_{pick.getrandbits(64):016x}", "duration_ms": 2_300}
        fields |= {"input_tokens": 4, "output_tokens": pick.randrange(2_000), "cache_read_tokens": 20_000}
        fields |= {"cost_micros": pick.randrange(90_000), "query_source": "repl_main_thread"}
    elif of is wire.ToolFinished:
        fields |= {"tool_name": "Bash", "tool_use_id": f"toolu_{pick.getrandbits(64):016x}"}
        fields |= {"success": pick.random() > 0.1, "duration_ms": int(pick.lognormvariate(6, 1.5)), "result_bytes": 900}
    elif of is wire.UsageReported:
        fields |= {"name": "claude_code.lines_of_code.count", "kind": "added", "value": 7, "series": "lines added"}
    return of(**fields)  # type: ignore[arg-type, return-value]  # fields by name, of whichever type


def messages(count: int, people: int) -> Batch:
    """What 5 s of work are: some ten events a message, in the order of time, a session a person."""
    pick = random.Random(1)
    kinds = (
        [wire.ToolFinished] * 5 + [wire.ModelResponded] * 5 + [wire.ToolDecided] * 5 + [wire.PromptSubmitted]
        + [wire.UsageReported] * 2 + [wire.AnswerGiven] * 2
    )  # fmt: skip
    found = []
    for number in range(count):
        session, at, run = pick.randrange(people), T + number * 36, f"{pick.getrandbits(64):016x}"
        some = [
            event(pick.choice(kinds), pick, session, session, run, index, at) for index in range(pick.randint(3, 18))
        ]
        found.append((write_events(some), at))
    return found


def fold(stage: Stage, part: Batch, now: int) -> Output:
    """One batch and a flush."""
    for message, at in part:
        stage.apply(message, at)
    return stage.changed(now, now)


def chain(batch: Batch) -> dict[str, float]:
    """Every message through all stages; CPU seconds of decoding alone, and of each stage."""
    start = time.process_time()
    for message, _ in batch:
        read_events(message)
    seconds = {"decode": time.process_time() - start}
    stages: tuple[Stage, ...] = (Sessions(), Users(), Teams())
    for stage in stages:
        stage.begin(T)
        seconds[stage.name] = 0.0
    for first in range(0, len(batch), MESSAGES_A_FLUSH):
        part = batch[first : first + MESSAGES_A_FLUSH]
        now = part[-1][1]
        for stage in stages:
            start = time.process_time()
            output = fold(stage, part, now)
            seconds[stage.name] += time.process_time() - start
            part = [(record.value or b"", now) for record in output.changes]
    return seconds


def allocated(make: Callable[[], object]) -> tuple[int, object]:
    """Bytes that what it makes holds."""
    gc.collect()
    tracemalloc.start()
    made = make()
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size, made


def stored(records: list[Record]) -> int:
    """Bytes of keys and values."""
    return sum(len(record.key) + len(record.value or b"") for record in records)


def session_sizes(sent: int, sessions: int = 300) -> tuple[float, float]:
    """Bytes of an open session of `sent` messages: stored, in memory."""
    pick = random.Random(1)
    kinds = (wire.ToolFinished, wire.ModelResponded, wire.ToolDecided, wire.PromptSubmitted)
    batch = []
    for number in range(sent):
        for session in range(sessions):
            at, run = T + number * 5_000, f"{pick.getrandbits(64):016x}"
            some = [event(pick.choice(kinds), pick, session, session, run, index, at) for index in range(10)]
            batch.append((write_events(some), at))
    first = Sessions()
    for message, at in batch:
        first.apply(message, at)
    tables = first.changed(batch[-1][1], 1).tables

    def restored() -> Sessions:
        stage = Sessions()
        for record in tables:
            stage.restore(record.topic, record.key, record.value or b"")
        return stage

    return stored(tables) / sessions, allocated(restored)[0] / sessions


def person_sizes(minutes: int, people: int = 100) -> tuple[float, float]:
    """Bytes of a person with so many active minutes: stored, in memory."""
    first, pick = Users(), random.Random(1)
    now = T + minutes * MINUTE
    counters = (0, 1, 4, 6, 8, 13, 14, 15, 17, 32)
    for user in range(people):
        panes = {
            T // MINUTE + minute: {number: pick.randrange(1, 5_000) for number in counters}
            | {140 + pick.randrange(9): 3}
            for minute in range(minutes)
        }
        first.apply(msgspec.msgpack.encode(wire.UserChange(f"u_{user:016x}", {f"team-{user % 4}": panes}, [])), now)
    tables = first.changed(now, DEFINITIONS).tables

    def restored() -> Users:
        stage = Users()
        for record in tables:
            stage.restore(record.topic, record.key, record.value or b"")
        stage.begin(now)
        return stage

    return stored(tables) / people, allocated(restored)[0] / people


def main() -> None:
    """Prints a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    batch = messages(args.messages, args.people)
    events = sum(len(read_events(message)) for message, _ in batch)
    runs = [chain(batch) for _ in range(args.runs)]
    for run in runs:
        run["all stages"] = sum(seconds for what, seconds in run.items() if what != "decode")
    result: dict[str, object] = {
        "events": events,
        "messages": len(batch),
        "bytes_an_event": sum(len(m) for m, _ in batch) // events,
    }
    for what in runs[0]:
        ratios = [run["decode"] / run[what] for run in runs]
        result[what] = {
            "events_a_cpu_second": round(statistics.median(events / run[what] for run in runs)),
            "ratio": round(statistics.median(ratios), 3),
            "ratio_lowest": round(min(ratios), 3),
            "ratio_highest": round(max(ratios), 3),
        }
    for sent in (1, 10, 70):
        result[f"session of {sent} messages"] = dict(
            zip(("stored", "memory"), map(round, session_sizes(sent)), strict=True)
        )
    for minutes in (480, 1_440):
        result[f"person of {minutes} minutes"] = dict(
            zip(("stored", "memory"), map(round, person_sizes(minutes)), strict=True)
        )
    if args.json:
        print(json.dumps(result))
        return
    for what, value in result.items():
        print(f"{what:26}", value if isinstance(value, int) else "  ".join(f"{k} {v}" for k, v in value.items()))  # type: ignore[attr-defined]  # the rest are dicts


if __name__ == "__main__":
    main()
