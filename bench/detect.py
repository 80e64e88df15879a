"""Detection back-tested in full: `make bench-detect` or `python -m bench.detect`. Fills the tables and the plot of
docs/detection.md.

Simulated organisations only, so any machine gives the same figures; other work only makes it take longer. Parameters
were chosen on seeds from 1,000,000, what is reported comes from seeds from 2,000,000. `--render` draws tables and plot
anew from the stored results. Exits 1 when a goal is missed.
"""

import argparse
import functools
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ammeter.backtesting.report import STEADY, STRONG, TOGETHER, YOUNG, Row, organisation_table
from ammeter.backtesting.run import run
from ammeter.backtesting.trials import CHOSEN_ON, REPORTED_ON, Effort
from bench.detect_plot import draw
from bench.stand import machine
from streams.detect.catalogue import BY_NAME
from streams.detect.parameters import Calibration

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "bench" / "results" / "detect.json"
PAGE = ROOT / "docs" / "detection.md"
PLOT = ROOT / "docs" / "images" / "detection.svg"
FULL = Effort(seeds=1_000, signals=2_000_000, others=0.15, digest=0.03, strong=0.1, other_seeds=0.024, organisations=24)

Table = list[list[str]]


def main() -> int:
    """Runs, writes and says whether it is enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--render", action="store_true", help="only tables and plot, from the stored results")
    parser.add_argument("--seeds", type=int, default=FULL.seeds)
    parser.add_argument("--signals", type=int, default=FULL.signals)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    if not options.render:
        before, began = machine(), _cpu_seconds()
        effort = replace(FULL, seeds=options.seeds, signals=options.signals)
        say = functools.partial(print, file=sys.stderr, flush=True)
        report = run(effort, Calibration(), say, processes=options.processes)
        found = {
            "before": before,
            "after": machine(),
            "cpu_seconds": round(_cpu_seconds() - began),
            "chosen_on_seeds_from": CHOSEN_ON,
            "reported_on_seeds_from": REPORTED_ON,
            "goals": [goal._asdict() for goal in report.goals()],
            "rows": report.rows(),
        }
        options.results.write_text(json.dumps(found, indent=1) + "\n")
    stored = json.loads(options.results.read_text())
    if options.results == RESULTS:
        PAGE.write_text(filled(PAGE.read_text(), stored))
        PLOT.write_text(draw(stored["rows"]))
    for goal in stored["goals"]:
        print(f"{'met' if goal['is_met'] else 'MISSED'}: {goal['what']} {goal['found']:.3f}, at most {goal['at_most']}")
    return 0 if all(goal["is_met"] for goal in stored["goals"]) else 1


def _cpu_seconds() -> float:
    """Of this process and those that it started and that ended."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def filled(page: str, stored: dict[str, Any]) -> str:
    """The page with its tables as they follow from the results."""
    for name, table in tables(stored["rows"]).items():
        begin, end = f"<!-- {name} begins -->\n", f"<!-- {name} ends -->"
        before, _, rest = page.partition(begin)
        _, marker, after = rest.partition(end)
        if not marker:
            raise ValueError(f"docs/detection.md has no place for the table {name!r}.")
        page = before + begin + _markdown(table) + marker + after
    return page


def tables(rows: Sequence[Row]) -> dict[str, Table]:
    """Those of the page, by name."""
    return {
        "expect": _expect(rows),
        "false alarms": _false_alarms(rows),
        "delays": _delays(rows, "abandonment"),
        "other delays": _other_delays(rows),
        "rivals": _rivals(rows),
        "organisations": organisation_table(rows),
    }


def _expect(rows: Sequence[Row]) -> Table:
    """What a team of each size can count on."""
    scenarios = _scenarios(rows, "abandonment")
    table = [["people", *(f"{name}: found after" for name in scenarios), "not found in time"]]
    for people in _sizes(rows):
        mine = {row["scenario"]: row for row in rows if (row["detector"], row["team_size"]) == ("abandonment", people)}
        missed = max(mine[name]["missed"] for name in scenarios)
        line = [str(people)]
        line += [f"{_days(mine[name]['median_delay_days'])}, 1 in 10 after {_days(mine[name]['p90_delay_days'])}"
                 for name in scenarios]  # fmt: skip
        table.append([*line, f"{missed:.0%} at worst"])
    return table


def _false_alarms(rows: Sequence[Row]) -> Table:
    sizes = _sizes(rows)
    table = [["per 100 team-weeks (standard error)", *(f"{size} people" for size in sizes), "mean", "95 %", "share",
              "harsh world", "first 16 weeks"]]  # fmt: skip
    for name in [*(each for each in BY_NAME if BY_NAME[each].notifies), TOGETHER,
                 *(each for each in BY_NAME if not BY_NAME[each].notifies)]:  # fmt: skip
        mine = {(row["scenario"], row["team_size"]): row for row in rows if row["detector"] == name}
        if not mine:
            continue
        pooled = mine[STEADY, None]
        line = [f"**{name}**" if name == TOGETHER else name]
        for size in sizes:
            row = mine[STEADY, size]
            line.append(f"{row['false_alarms_per_100_team_weeks']:.2f} ({row['standard_error']:.2f})")
        share = 1.0 if name == TOGETHER else 100 * BY_NAME[name].share
        line += [f"**{pooled['false_alarms_per_100_team_weeks']:.2f}**", f"{pooled['low']:.2f} to {pooled['high']:.2f}"]
        line.append(f"{share:.2f}")
        for scenario in (STRONG, YOUNG):
            each = [
                mine[scenario, size]["false_alarms_per_100_team_weeks"] for size in sizes if (scenario, size) in mine
            ]
            line.append(f"{sum(each) / len(each):.2f}" if each else "")
        table.append(line)
    return table


def _delays(rows: Sequence[Row], detector: str) -> Table:
    scenarios = _scenarios(rows, detector)
    table = [["people", *(f"{name}: ours, best possible, ratio" for name in scenarios)]]
    for people in _sizes(rows):
        mine = {row["scenario"]: row for row in rows if (row["detector"], row["team_size"]) == (detector, people)}
        line = [str(people)]
        for name in scenarios:
            row = mine[name]
            ours = f"{_days(row['median_delay_days'])} ({_days(row['median_low'])} to {_days(row['median_high'])})"
            line.append(f"{ours}, {_days(row['best_possible_delay_days'])}, {row['against_best_possible']:.2f}")
        table.append(line)
    return table


def _other_delays(rows: Sequence[Row]) -> Table:
    sizes = _sizes(rows)
    table = [["median / p90", *(f"{size} people" for size in sizes), "against the best possible"]]
    for name in BY_NAME:
        if name == "abandonment":
            continue
        for scenario in _scenarios(rows, name):
            mine = {row["team_size"]: row for row in rows if (row["detector"], row["scenario"]) == (name, scenario)}
            line = [f"{name}: {scenario}"]
            ratios = []
            for size in sizes:
                row = mine[size]
                line.append(f"{_days(row['median_delay_days'])} / {_days(row['p90_delay_days'])}")
                ratio = row.get("against_best_possible")
                ratios.append("-" if ratio is None else f"{ratio:.2f}")
            table.append([*line, ", ".join(ratios) if set(ratios) != {"-"} else ""])
    return table


def _rivals(rows: Sequence[Row]) -> Table:
    sizes = _sizes(rows)
    names = [
        "abandonment",
        *dict.fromkeys(
            row["detector"] for row in rows if row["detector"] not in {*BY_NAME, TOGETHER} and "scope" not in row
        ),
    ]
    table = [["false alarms per 100 team-weeks", *(f"{size} people" for size in sizes)]]
    for name in names:
        mine = {row["team_size"]: row for row in rows if (row["detector"], row["scenario"]) == (name, STEADY)}
        each = [mine[size]["false_alarms_per_100_team_weeks"] for size in sizes]
        shown = "ours" if name == "abandonment" else name
        table.append([shown, *(f"{value:.2f}" if value < 10 else f"{value:.0f}" for value in each)])
    return table


def _sizes(rows: Sequence[Row]) -> list[int]:
    return sorted({row["team_size"] for row in rows if row["team_size"] is not None})


def _scenarios(rows: Sequence[Row], detector: str) -> list[str]:
    return list(dict.fromkeys(r["scenario"] for r in rows if r["detector"] == detector and r["seeds"] is not None))


def _days(value: float | None) -> str:
    """Working days of nine hours, or the unit that fits.

    >>> _days(12.4), _days(0.3), _days(0.02), _days(None)
    ('12 d', '2.7 h', '11 min', 'never')
    """
    if value is None:
        return "never"
    if value < 0.1:
        return f"{value * 540:.0f} min"
    if value < 1:
        return f"{value * 9:.1f} h"
    return f"{value:.1f} d" if value < 10 else f"{value:.0f} d"


def _markdown(table: Table) -> str:
    head, *body = table
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    raise SystemExit(main())
