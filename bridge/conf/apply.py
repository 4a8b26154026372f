"""Makes the changes of a plan, and unmakes them. Both can be interrupted at any point and run again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bridge.conf.disk import Found, locked, look, put, take_away
from bridge.conf.errors import Changed
from bridge.conf.plan import Change, Plan
from bridge.conf.record import Entry, Record, discard, load, new_entry, save, scratch
from bridge.conf.scan import includes

__all__ = ["apply", "plan_removal", "remove"]


def apply(plan: Plan) -> None:
    """Make the changes. First everything that is needed to undo them is on disk.

    Raises:
        Changed: a file is not as it was when the plan was made.
        NotPermitted: this user may not write there.
    """
    if not plan.changes:
        return
    with locked(plan.folder):
        _check_unchanged(plan.folder, plan.changes)
        save(plan.folder, _recorded(plan))
        _make(plan.folder, plan.changes)


def _check_unchanged(folder: Path, changes: tuple[Change, ...]) -> None:
    other = [change.name for change in changes if look(folder / change.name) != change.before]
    if other:
        raise Changed([(name, "it changed just now; run this again") for name in other])


def _recorded(plan: Plan) -> Record:
    record = plan.record
    for change in plan.changes:
        entry = record.entry(change.name) or new_entry(change.name, change.include, change.before)
        record = record.with_entry(entry.written(change.after.data) if change.after else entry)
    return record


def _make(folder: Path, changes: tuple[Change, ...]) -> None:
    ours = scratch(folder)
    for change in changes:
        if change.after is None:
            take_away(folder / change.name)
        else:
            put(folder / change.name, change.after, ours)


def plan_removal(folder: Path) -> Plan:
    """See what would have to be put back, includes before what they include.

    Raises:
        Changed: somebody changed files of which it is not known what belongs into them.
        RecordUnusable: the record cannot be trusted.
    """
    folder = folder.resolve()
    record = load(folder) or Record()
    entries = [(entry, look(folder / entry.name)) for entry in reversed(record.entries)]
    unclear = [(entry.name, _advice(entry)) for entry, current in entries if _is_unclear(entry, current)]
    if unclear:
        raise Changed(unclear)
    return Plan(folder, tuple(_restorations(entries)), record)


def _is_unclear(entry: Entry, current: Found | None) -> bool:
    if current is None or entry.is_old(current) or entry.is_ours(current):
        return False
    return not entry.include or includes(current.data, entry.include)


def _advice(entry: Entry) -> str:
    if entry.include:
        return (
            f"take out the line `#include {entry.include}` and the two marks around it, then run this again"
        )
    return "keep what you need of it, delete it, then run this again"


def _restorations(entries: list[tuple[Entry, Found | None]]) -> Iterator[Change]:
    """Only what is as the bridge wrote it. What was taken out by hand is left as it is."""
    for entry, current in entries:
        if entry.is_ours(current) and not entry.is_old(current):
            yield Change(entry.name, entry.include, current, entry.before())


def remove(plan: Plan) -> None:
    """Put the old state back, and forget it.

    Raises:
        Changed: a file is not as it was when the plan was made.
        NotPermitted: this user may not write there.
    """
    with locked(plan.folder):
        _check_unchanged(plan.folder, plan.changes)
        if plan.changes:
            _make(plan.folder, plan.changes)
        discard(plan.folder)
