"""What the doctor says: checks, and one report for each Asterisk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Check", "Report", "Status", "fail", "ok", "still_wrong", "unknown", "warn"]


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    """It works, but it should not be so."""
    FAIL = "fail"
    """Something of the bridge does not work, or a door is open."""
    UNKNOWN = "unknown"
    """The rights of the AMI user do not suffice to tell; not counted as wrong."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a report.

    Attributes:
        id: stable name, for `--ignore` and for programs.
        status: how it ended.
        text: one sentence.
        mend: what to do; empty if nothing is to be done.
    """

    id: str
    status: Status
    text: str
    mend: str = ""

    @property
    def wrong(self) -> bool:
        """Whether somebody should do something."""
        return self.status in {Status.WARN, Status.FAIL}


def ok(id_: str, text: str) -> Check:
    """Nothing to do."""
    return Check(id_, Status.OK, text)


def warn(id_: str, text: str, mend: str) -> Check:
    """Works, but should be mended."""
    return Check(id_, Status.WARN, text, mend)


def fail(id_: str, text: str, mend: str) -> Check:
    """Has to be mended."""
    return Check(id_, Status.FAIL, text, mend)


def unknown(id_: str, text: str, mend: str = "") -> Check:
    """Cannot be told; `mend` says how to find out."""
    return Check(id_, Status.UNKNOWN, text, mend)


def still_wrong(checks: Iterable[Check], ignored: Collection[str]) -> tuple[Check, ...]:
    """The checks that somebody should do something about, without those that are ignored."""
    return tuple(check for check in checks if check.wrong and check.id not in ignored)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found at one Asterisk.

    Attributes:
        name: what the settings call it.
        address: host and port of its manager interface.
        user: the AMI user that was examined.
        reached: whether it could be logged in to.
        checks: in the order in which a person would mend them.
    """

    name: str
    address: str
    user: str
    reached: bool
    checks: tuple[Check, ...]

    def wrong(self, ignored: Collection[str] = ()) -> tuple[Check, ...]:
        """The checks that somebody should do something about, without those that are ignored."""
        return still_wrong(self.checks, ignored)
