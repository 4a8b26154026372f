"""What a version of an imported do-not-call list is. Plain data."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from typing import Final

import msgspec

from bridge.imports.model import Refusal
from bridge.leads.errors import InvalidLead
from bridge.leads.model import DncKind

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_CAMPAIGN: Final = re.compile(r"[A-Za-z0-9_-]{0,20}")
LONGEST: Final = 200
"""Characters of a source or a version."""


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a list, as far as it has been taken in."""

    key: str
    """Of what it was made of: the same file, name, version and date again is the same version."""
    name: str
    campaign: str = ""
    """The only campaign for which it holds; empty: for all."""
    source: str
    """Who publishes it."""
    version: str
    dated: date
    """The day on which its source gave it out."""
    by: str = ""
    total: int = 0
    """Number of the file's last row."""
    position: int = 0
    """Number of the last row that is done."""
    numbers: int = 0
    """Entries of it: numbers, area codes and prefixes."""
    refused: int = 0
    begun_at: datetime | None = None
    in_force_at: datetime | None = None
    """Since when its numbers are not called."""
    replaced_at: datetime | None = None
    """Since when another version, or nothing, is in its place."""
    id: int = 0

    @property
    def in_force(self) -> bool:
        """Whether its numbers are not called now."""
        return self.in_force_at is not None and self.replaced_at is None

    @property
    def done(self) -> bool:
        """Whether no row is left."""
        return self.total > 0 and self.position >= self.total

    def check(self, today: date) -> None:
        """Check what a person has said of it.

        Raises:
            InvalidLead: a field is wrong; it is named.
        """
        if not _NAME.fullmatch(self.name):
            raise InvalidLead("name", "1 to 40 letters, digits, '-' or '_'")
        if not _CAMPAIGN.fullmatch(self.campaign):
            raise InvalidLead("campaign", "at most 20 letters, digits, '-' or '_'")
        for field in ("source", "version"):
            text = getattr(self, field)
            if not text or len(text) > LONGEST or not text.isprintable():
                raise InvalidLead(field, f"1 to {LONGEST} printable characters")
        if self.dated > today:
            raise InvalidLead("date", f"{self.dated} is still to come; today is {today} (UTC)")


def key_of(digest: str, version: Version, columns: tuple[int, ...]) -> str:
    """The key of a version.

    Args:
        digest: SHA-256 of the file.
        version: what a person has said of it.
        columns: those that make a number.
    """
    said = (version.name, version.campaign, version.source, version.version, version.dated.isoformat())
    return hashlib.sha256(msgspec.json.encode((digest, said, columns))).hexdigest()


class Entry(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One number, area code or prefix of a list."""

    number: str
    kind: DncKind


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of the file that are taken in at once, or not at all."""

    start: int
    """Last row of the stretch before."""
    end: int
    entries: tuple[Entry, ...] = ()
    refused: tuple[Refusal, ...] = ()
