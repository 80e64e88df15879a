"""Commands about detection: backtest, calibrate."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ammeter.cli.options import Data, Json
from ammeter.settings import SettingsError, load

if TYPE_CHECKING:
    from ammeter.backtesting.history import Replayed
    from ammeter.backtesting.report import Report

SEEDS = 100
"""By default; `python -m bench.detect` takes more, for docs/detection.md."""


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command(
        epilog="Example: ammeter backtest --quick, or on your own record: ammeter backtest --data ./data --json"
    )(backtest)
    app.command(epilog="Example: ammeter calibrate --data ./data")(calibrate)


def backtest(
    as_json: Json = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Some seconds: shows gross errors, and proves little.")
    ] = False,
    seeds: Annotated[
        int | None,
        typer.Option("--seeds", min=4, help=f"Changes to be found of each kind and size; {SEEDS} by default."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option("--only", help="A detector, as docs/detection.md calls it; may be repeated.")
    ] = None,
    data: Data = None,
) -> None:
    """How often detectors cry wolf and how long they take, on simulated organisations; exits 1 when a goal is missed.

    With --data on the organisation's own record instead: what was found there, and what remains when each person's
    weeks are shuffled in time, so that nothing happens to a team as a whole.
    """
    from ammeter import detectors
    from ammeter.backtesting.run import run
    from ammeter.backtesting.trials import QUICK, effort_of
    from ammeter.cli.progress import progress

    names = _known(only)
    if data is not None:
        if quick or seeds:
            raise SettingsError("--quick and --seeds are for simulated organisations: leave them out with --data.")
        _on_history(data, names, as_json=as_json)
        return
    if quick and seeds:
        raise SettingsError("Give --quick or --seeds, not both.")
    calibration = detectors.load(load().settings)
    with progress() as say:
        report = run(QUICK if quick else effort_of(seeds or SEEDS), calibration, say, names, is_quick=quick)
    goals = report.goals()
    if as_json:
        print(json.dumps(report.rows(), indent=1))
    else:
        _print_report(report)
    raise typer.Exit(0 if all(goal.is_met for goal in goals) else 1)


def calibrate(data: Data = None) -> None:
    """Sets thresholds by the organisation's own record: writes detectors.toml, or says which data are too few.

    Each person's weeks are shuffled in time, so that what remains is chance; phi of each detector is then what keeps
    its share of the false alarms. Workers read the file when they start.
    """
    import time

    from ammeter import detectors, reading
    from ammeter.backtesting import calibration, history
    from ammeter.cli.progress import progress
    from sinks.migrate import Databases

    settings = load(data=data).settings
    before = detectors.load(settings)
    with reading.open_store(settings, given=data is not None) as store, progress() as say:
        record = history.read(store, Databases(settings.database))
        found = calibration.calibrate(record, before, time.time_ns() // 1_000_000, say)
    for line in found.said:
        print(line)
    if found.calibration is None:
        print("ammeter: nothing was written: the record is too short.", file=sys.stderr)
        raise typer.Exit(1)
    print(f"wrote {detectors.store(settings, found.calibration)}")


def _known(only: list[str] | None) -> tuple[str, ...]:
    from streams.detect.catalogue import BY_NAME

    for name in only or ():
        if name not in BY_NAME:
            raise SettingsError(f"--only {name}: choose {', '.join(BY_NAME)}.")
    return tuple(only or ())


def _on_history(data: Any, names: tuple[str, ...], *, as_json: bool) -> None:
    from ammeter import detectors, reading
    from ammeter.backtesting import history
    from ammeter.cli.progress import progress
    from sinks.migrate import Databases

    settings = load(data=data).settings
    calibration = detectors.load(settings)
    with reading.open_store(settings, given=True) as store, progress() as say:
        record = history.read(store, Databases(settings.database))
        found = history.replay(record, calibration, names, say)
    if as_json:
        print(json.dumps(history.rows(found), indent=1))
    else:
        _print_history(found, calibration.calibrated)
    raise typer.Exit(1 if any(each.is_over for each in found) else 0)


def _print_report(report: "Report") -> None:
    from ammeter.backtesting.report import delay_table, false_alarm_table, organisation_table

    rows = report.rows()
    _print_table(false_alarm_table(rows))
    _print_table(delay_table(rows))
    if report.organisations:
        _print_table(organisation_table(rows))
    for goal in report.goals():
        word = "met" if goal.is_met else "MISSED"
        print(f"{word}: {goal.what} {goal.found:.2f}, at most {goal.at_most:.2f}")
    if report.is_quick:
        print("Too few team-weeks to show that a goal is met: only a gross miss would show.")
    if not report.calibrated:
        print("Calibrated on assumptions: `ammeter calibrate` sets thresholds by your own record.")


def _print_history(found: "Sequence[Replayed]", calibrated: bool) -> None:
    from ammeter.backtesting.history import table

    _print_table(table(found))
    if not calibrated:
        print("Calibrated on assumptions: `ammeter calibrate` sets thresholds by this record.")


def _print_table(lines: list[list[str]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*lines[0])
    for line in lines[1:]:
        table.add_row(*line)
    Console(width=None if sys.stdout.isatty() else 200, highlight=False, markup=False).print(table)
