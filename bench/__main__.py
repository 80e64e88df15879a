"""`make bench`: memory, throughput and delay, the last two in one run on one broker; a table, and JSON under results.

Exits 1 when a size, a ratio or the delay misses what it must reach. Nothing else should run meanwhile: the load before
each part is among the results.
"""

import argparse
import json
import logging
import tempfile
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from bench import delay, memory, throughput
from bench.stand import machine, make_stand

RESULTS = Path(__file__).parent / "results"

NAMES = {
    "bare": "aiokafka fetch and decode, nothing else",
    "sessions": "the sessions stage",
    "stream": "the whole stream, one worker",
    "agent": "Faust agent with two tables, counting",
}
AT_LEAST = {"sessions / bare": throughput.SESSIONS_AT_LEAST, "stream / agent": throughput.STREAM_AT_LEAST}


def main() -> int:
    """Runs what is asked for and says whether it is enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("throughput", "delay", "memory"))
    parser.add_argument("--events", type=int, default=300_000, help="for all but the agent")
    parser.add_argument("--agent-events", type=int, default=20_000, help="the first of them, for the agent")
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=500, help="events a second of the delay")
    parser.add_argument("--seconds", type=float, default=60, help="of the delay")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ammeter"), help="where Kafka's jars lie")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.ERROR)
    options.results.mkdir(parents=True, exist_ok=True)
    good = True
    if options.only in (None, "memory"):
        good &= _memory(options)
    if options.only in (None, "throughput"):
        good &= _throughput(options)
    if options.only in (None, "delay"):
        good &= _delay(options)
    return 0 if good else 1


def _memory(options: argparse.Namespace) -> bool:
    before, found = machine(), memory.measure()
    table = Table("remembered", "bytes", "at most")
    for what, size, most in memory.lines(found):
        table.add_row(what, f"{size:,.0f}", f"{most:,}")
    Console().print(table)
    _write(options.results / "memory.json", before, found, {"at_most": memory.AT_MOST})
    return memory.is_enough(found)


def _throughput(options: argparse.Namespace) -> bool:
    before = machine()
    with tempfile.TemporaryDirectory(prefix="ammeter-bench-") as scratch:
        stand = make_stand(Path(scratch), options.cache.expanduser())
        try:
            stand.start_broker()
            found = throughput.measure(stand, options.events, options.agent_events, options.runs, options.users)
        finally:
            stand.close()
    rates = {name: throughput.spread(values) for name, values in found.runs.items()}
    ratios = {name: throughput.spread(values) for name, values in found.ratios().items()}
    table = Table("events per CPU second", "median", "lowest", "highest")
    for name, each in rates.items():
        table.add_row(NAMES[name], *(f"{each[which]:,.0f}" for which in ("median", "lowest", "highest")))
    for name, each in ratios.items():
        wanted = f" (at least {AT_LEAST[name]:g})" if name in AT_LEAST else ""
        table.add_row(name + wanted, *(f"{each[which]:,.2f}" for which in ("median", "lowest", "highest")))
    Console().print(table)
    _write(options.results / "throughput.json", before, found, {"rates": rates, "ratios": ratios})
    return all(ratios[name]["median"] >= least for name, least in AT_LEAST.items())


def _delay(options: argparse.Namespace) -> bool:
    before = machine()
    with tempfile.TemporaryDirectory(prefix="ammeter-bench-") as scratch:
        stand = make_stand(Path(scratch), options.cache.expanduser())
        try:
            found = delay.measure(stand, options.rate, options.seconds)
        finally:
            stand.close()
    quantiles = found.quantiles()
    table = Table("2xx to visible, ms", f"at {options.rate:g} events/s")
    for name, value in quantiles.items():
        table.add_row(name, f"{value:,.0f}")
    table.add_row("requests, of which never seen", f"{found.sent}, {found.unseen}")
    for part, share in found.cpu_share.items():
        table.add_row(f"{part}: share of a core", f"{share:.1%}")
    Console().print(table)
    print(found.load)
    looks = throughput.spread(found.looks_ms)
    found.looks_ms = []
    _write(options.results / "delay.json", before, found, {"quantiles": quantiles, "looks_ms": looks})
    return found.unseen == 0 and quantiles["p99"] < delay.P99_BELOW_MS


def _write(path: Path, before: dict[str, object], found: object, summary: dict[str, object]) -> None:
    whole = {"before": before, "after": machine(), **summary, "figures": msgspec.to_builtins(found)}
    path.write_text(json.dumps(whole, indent=1) + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
