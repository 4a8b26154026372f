"""What is asked of an erasure, and what comes of it: plain data."""

from __future__ import annotations

from typing import Any

import msgspec


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to be erased, and how much of her."""

    number: str
    """Her telephone number, as people write it."""
    leads: tuple[int, ...] = ()
    """Further leads that are hers, whatever number they have."""
    evidence_too: bool = False
    """Also what the law may ask to keep: her number in calls, what the gate has said, her consents."""
    files_gone: bool = False
    """The files of her recordings were removed by other hands: forget the recordings, too."""


class Erased(msgspec.Struct, kw_only=True):
    """What was erased; or what would be, if it was only asked."""

    id: str
    """Of the erasure, a UUIDv7; it says nothing of the person."""
    dry_run: bool
    leads: list[int] = []
    """Ids of the leads that are hers; they are deleted."""
    rows: dict[str, int] = {}
    """Table → rows that were deleted, or had something of hers in them that was taken out."""
    kept: dict[str, int] = {}
    """Table → rows that stay with her number in them, because the law may ask for them."""
    other_numbers: list[str] = []
    """Further numbers of her leads, their last four digits: look whether they are to be erased as well."""
    files_left: list[str] = []
    """Recordings whose files are not known to be gone: they, and their rows, are still there."""
    clean: bool | None = None
    """Whether nothing of it is left in free parts of the store's file, nor in its log; null: not looked, or
    PostgreSQL's own matter."""
    in_call: bool = False
    """She is being called, or spoken with, now: an erasure is refused."""

    def count(self, table: str, rows: int) -> None:
        """So many more."""
        if rows:
            self.rows[table] = self.rows.get(table, 0) + rows


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Where something of a person is: who may not use all of it may not erase her."""

    lists: frozenset[int]
    campaigns: frozenset[str]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whose data it is, as it is found in rows."""

    e164: str
    forms: tuple[str, ...]
    """Every form in which her number may be stored, digits only."""
    leads: frozenset[int]
    calls: frozenset[str]
    """Ids of her calls."""
    words: tuple[str, ...] = ()
    """What else is hers alone: e-mail addresses, whole names."""
    others: tuple[str, ...] = ()
    """Further numbers of her leads."""

    def owns(self, **ids: Any) -> bool:
        """Whether a row is hers, by its lead, its call or its number."""
        number = ids.get("number") or ""
        return (
            ids.get("lead_id") in self.leads
            or ids.get("call_id") in self.calls
            or (bool(number) and number.lstrip("+") in self.forms)
        )
