"""Drops and idle time with the dialler's pacing in modelled shifts, the original's rules and an oracle.

The pacing is the code that the dialler runs (`bridge/dialer/pacing.py`); customers, agents and time are a
model (`bridge/dialer/simulator`), the same for every policy. No Asterisk and no network are needed.
`docs/pacing.md` explains the columns.

Usage: `pacing.py [--scenario NAME …] [--seed 1] [--hours H] [--picture FILE] [--list]`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from bridge.dialer.simulator.compare import CURVE_SHIFTS, SHIFTS, Comparison, Watch, compare, curves
from bridge.dialer.simulator.outcome import Outcome
from bridge.dialer.simulator.picture import draw
from bridge.dialer.simulator.scenario import SCENARIOS, Scenario

_Plain = argparse.RawDescriptionHelpFormatter
PICTURED = ("10 agents", "50 agents")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenario", action="append", metavar="NAME", help="only this one; may be repeated")
    parser.add_argument("--seed", type=int, default=1, help="other customers (default 1)")
    parser.add_argument("--hours", type=float, help="length of the shift instead of the scenario's")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the curves into this SVG instead")
    parser.add_argument("--list", action="store_true", help="print the names of the scenarios")
    asked = parser.parse_args()
    unknown = set(asked.scenario or ()) - {scenario.name for scenario in SCENARIOS}
    if unknown:
        parser.error(f"--scenario: there is no {min(unknown)!r}; --list prints the names")
    if asked.hours is not None and not asked.hours > 0:
        parser.error(f"--hours: {asked.hours:g} is not above 0")
    return asked


def chosen(names: Sequence[str] | None, hours: float | None) -> list[Scenario]:
    found = [scenario for scenario in SCENARIOS if not names or scenario.name in names]
    return [msgspec.structs.replace(scenario, hours=hours) if hours else scenario for scenario in found]


@contextmanager
def progress(total: float) -> Iterator[Watch]:
    """A bar on a terminal; elsewhere nothing."""
    columns = (
        TextColumn("{task.completed:.0f} of {task.total:.0f} agent-hours"),
        BarColumn(),
        TextColumn("{task.fields[rate]:.0f} a second"),
        TimeRemainingColumn(),
    )
    begin = time.perf_counter()
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=total, rate=0.0)

        def watch(hours: float) -> None:
            done = bar.tasks[0].completed + hours
            bar.update(task, completed=done, rate=done / max(time.perf_counter() - begin, 1e-9))

        yield watch


def row(run: Outcome) -> str:
    return f"{run.drop_rate:6.2%} {run.idle_each:7.1f} {run.utilisation:6.1%}"


def show(found: Comparison) -> None:
    runs = (found.bridge, found.original, found.original_at_best, found.one_each, found.oracle)
    print(f"{found.bridge.scenario.name:25}" + " |".join(row(run) for run in runs), flush=True)


def head() -> str:
    names = ("agent bridge", "original's rules", "original at best", "one call each", "oracle")
    return (
        f"{'':25}"
        + " |".join(f"{name:^21}" for name in names)
        + "\n"
        + f"{'scenario':25}"
        + " |".join([f"{'drops':>6} {'idle s':>7} {'busy':>6}"] * len(names))
    )


def main() -> None:
    asked = arguments()
    if asked.list:
        print("\n".join(scenario.name for scenario in SCENARIOS))
        return
    names = asked.scenario or (PICTURED if asked.picture else None)
    scenarios = chosen(names, asked.hours)
    hours = sum(scenario.agents * scenario.hours for scenario in scenarios)
    begin = time.perf_counter()
    if asked.picture:
        with progress(hours * CURVE_SHIFTS) as watch:
            asked.picture.write_text(draw([curves(each, asked.seed, watch) for each in scenarios]))
        return
    print(head())
    with progress(hours * SHIFTS) as watch:
        for scenario in scenarios:
            found = compare(scenario, asked.seed, watch)
            show(found)
    seconds = time.perf_counter() - begin
    print(f"\n{hours * SHIFTS:.0f} agent-hours in {seconds:.0f} s.")


if __name__ == "__main__":
    main()
