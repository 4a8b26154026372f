"""A report for people, and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bridge.cli.output import out
from bridge.doctor.model import Check, Report, Status

__all__ = ["as_data", "show"]

STYLES = {Status.OK: "green", Status.WARN: "yellow", Status.FAIL: "bold red", Status.UNKNOWN: "cyan"}


def show(reports: Sequence[Report], ignored: Collection[str]) -> None:
    """Print one table for each Asterisk, and what it comes to."""
    console = out()
    for report in reports:
        console.print(Text(f"{report.name} at {report.address}, AMI user {report.user}", style="bold"))
        console.print(_table(report, ignored))
        console.print(_sum(report, ignored))


def _table(report: Report, ignored: Collection[str]) -> Table:
    table = Table("", "check", "what was found", box=None, header_style="bold", pad_edge=False)
    for check in report.checks:
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


def _sum(report: Report, ignored: Collection[str]) -> str:
    counted = Counter(check.status for check in report.checks)
    wrong = len(report.wrong(ignored))
    counts = ", ".join(f"{counted[status]} {status.value}" for status in Status if counted[status])
    return f"{counts}: {f'{wrong} to be mended' if wrong else 'nothing to be mended'}\n"


def as_data(reports: Sequence[Report], ignored: Collection[str]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "ok": all(report.reached and not report.wrong(ignored) for report in reports),
        "asterisk": [
            {
                "name": report.name,
                "address": report.address,
                "user": report.user,
                "reached": report.reached,
                "checks": [
                    {"id": check.id, "status": check.status.value, "text": check.text, "mend": check.mend}
                    for check in report.checks
                ],
            }
            for report in reports
        ],
    }
