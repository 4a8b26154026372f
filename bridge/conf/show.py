"""A plan for people: what would go where, as a diff, with secrets masked."""

from __future__ import annotations

import difflib
import grp
import pwd
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bridge.conf.disk import Found
from bridge.conf.plan import Change, Plan
from bridge.secret import MASK

__all__ = ["as_data", "describe", "diff"]

_SECRET = re.compile(r"^(.?\s*(?:secret|password)\s*=>?\s*).*$", re.IGNORECASE)


def diff(change: Change, folder: Path) -> Iterator[str]:
    """Yield the lines of a unified diff; secrets are masked, since others' may stand beside our lines."""
    before, after = _lines(change.before), _lines(change.after)
    old = f"{folder}/{change.name}" if change.before else "/dev/null"
    new = f"{folder}/{change.name}" if change.after else "/dev/null"
    for line in difflib.unified_diff(before, after, old, new, lineterm=""):
        yield _SECRET.sub(rf"\g<1>{MASK}", line)


def _lines(found: Found | None) -> list[str]:
    """Lines to compare; a carriage return and a missing line end are made visible."""
    if found is None or not found.data:
        return []
    text = found.data.decode("utf-8", "backslashreplace").replace("\r", "^M")
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else [*lines[:-1], f"{lines[-1]} (no line end)"]


def describe(change: Change) -> str:
    """One line: what happens to which file."""
    name = change.name
    if change.after is None:
        return f"remove {name}"
    count = len(_lines(change.after))
    whose = f"{count} lines, {change.after.mode:04o} {_owner(change.after)}"
    verb = "create" if change.before is None else "change"
    return f"{verb} {name} ({whose})"


def _owner(found: Found) -> str:
    return f"{_name(pwd.getpwuid, found.uid)}:{_name(grp.getgrgid, found.gid)}"


def _name(look_up: Any, number: int) -> str:
    try:
        return str(look_up(number)[0])
    except KeyError:
        return str(number)


def as_data(plan: Plan, *, done: bool) -> dict[str, Any]:
    """The same for programs."""
    return {
        "directory": str(plan.folder),
        "done": done,
        "changes": [
            {
                "file": change.name,
                "action": describe(change).partition(" ")[0],
                "diff": list(diff(change, plan.folder)),
            }
            for change in plan.changes
        ],
    }
