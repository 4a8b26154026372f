"""A report for people, and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bridge.cli.output import out
from bridge.doctor.model import Check, Report, Status, still_wrong

__all__ = ["as_data", "show"]

STYLES = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "bold red", Status.UNKNOWN: "cyan"}


def show(reports: Sequence[Report], ignored: Collection[str], own: Sequence[Check] = ()) -> None:
    """Print one table for the bridge itself and one for each Asterisk, and what it comes to."""
    console = out()
    if own:
        console.print(Text("this bridge", style="bold"))
        console.print(_table(own, ignored))
        console.print(_sum(own, ignored))
    for report in reports:
        console.print(Text(f"{report.name} at {report.address}, AMI user {report.user}", style="bold"))
        console.print(_table(report.checks, ignored))
        console.print(_sum(report.checks, ignored))


def _table(checks: Sequence[Check], ignored: Collection[str]) -> Table:
    table = Table("", "check", "what was found", box=None, header_style="bold", pad_edge=False)
    for check in checks:
        table.add_row(_mark(check, ignored), Text(check.id), _text(check))
    return table


def _mark(check: Check, ignored: Collection[str]) -> Text:
    if check.wrong and check.id in ignored:
        return Text("ignored", style="dim")
    return Text(check.status.value, style=STYLES[check.status])


def _text(check: Check) -> RenderableType:
    # What Asterisk said may hold control sequences for the terminal of whoever looks on.
    text = Text("".join(char if char.isprintable() else " " for char in check.text))
    return Group(text, Text(f"-> {check.mend}", style="dim")) if check.mend else text


def _sum(checks: Sequence[Check], ignored: Collection[str]) -> str:
    counted = Counter(check.status for check in checks)
    wrong = len(still_wrong(checks, ignored))
    counts = ", ".join(f"{counted[status]} {status.value}" for status in Status if counted[status])
    return f"{counts}: {f'{wrong} to be mended' if wrong else 'nothing to be mended'}\n"


def as_data(reports: Sequence[Report], ignored: Collection[str], own: Sequence[Check] = ()) -> dict[str, Any]:
    """The same for programs."""
    well = all(report.reached and not report.wrong(ignored) for report in reports)
    return {
        "ok": well and not still_wrong(own, ignored),
        "bridge": [_plain(check) for check in own],
        "asterisk": [
            {
                "name": report.name,
                "address": report.address,
                "user": report.user,
                "reached": report.reached,
                "checks": [_plain(check) for check in report.checks],
            }
            for report in reports
        ],
    }


def _plain(check: Check) -> dict[str, str]:
    return {"id": check.id, "status": check.status.value, "text": check.text, "mend": check.mend}
