"""What an import is: how its file is read, a stretch of its rows, how far it is. Plain data."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from bridge.consent.model import Given
from bridge.leads.model import NewLead

BATCH_ROWS: Final = 500
"""Rows of one transaction: some hundredths of a second, after which others may write."""
BATCH_CHARACTERS: Final = 500_000
"""Of the rows of one transaction."""

LONGEST_ROW: Final = 100_000
"""Characters of a row that may become a lead."""

FIELDS: Final = (
    *("phone_number", "phone_code", "alt_phone", "email", "title", "first_name", "middle_initial"),
    *("last_name", "full_name", "address1", "address2", "address3", "city", "state", "province"),
    *("postal_code", "country_code", "gender", "date_of_birth", "security_phrase", "comments"),
    *("vendor_lead_code", "source_id", "owner", "rank", "gmt_offset_now"),
    *("consent_purpose", "consent_given_at", "consent_source", "consent_text", "consent_given_by"),
)
"""What a column may be; `full_name` is divided at its last blank."""


class ConsentOfAll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the consents of a file have in common; a cell of a row goes before it."""

    purpose: Annotated[str, Meta(max_length=40, examples=["sales"])] = ""
    given_at: Annotated[str, Meta(max_length=40, examples=["2026-11-24T14:05:00Z"])] = ""
    source: Annotated[str, Meta(max_length=200, examples=["web form /quote"])] = ""
    text: Annotated[str, Meta(max_length=4000)] = ""
    """What the customers were shown."""
    given_by: Annotated[str, Meta(max_length=200)] = ""
    zone: Annotated[str, Meta(max_length=60, examples=["America/New_York"])] = ""
    """IANA name of the zone of moments that say none; empty: such a moment is refused."""


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """How the rows of a file are found."""

    kind: str
    """`csv` or `xlsx`."""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header: bool = True
    """Whether its first row holds the names of the columns."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a file."""

    layout: Layout
    list_id: int
    country: str
    """ISO 3166: how a number without a country's code is read."""
    columns: tuple[str, ...]
    """The field of each column, custom ones as `custom.NAME`; empty: passed over."""
    duplicates: str = ""
    """As `add_lead` has it, such as `DUPLIST`; empty: not looked for."""
    consent: ConsentOfAll | UnsetType = UNSET
    """What all consents have in common; unset, an import keeps the name that it had before there were any."""

    def import_id(self, digest: str) -> str:
        """The name of the import of a file by this plan: the same again is the same import.

        Args:
            digest: SHA-256 of the file's content.
        """
        return hashlib.sha256(digest.encode() + msgspec.json.encode(self)).hexdigest()


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is not taken in."""

    row: int
    """As a spreadsheet counts: the first is 1, the header too."""
    column: str
    """Title of the column that is at fault; empty: the row as a whole is."""
    why: str
    cells: tuple[str, ...] = ()
    """The row as it was."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row that may become a lead."""

    row: int
    lead: NewLead
    consent: Given | None = None
    """What the customer has agreed to; it is written with the lead, or not at all."""
    cells: tuple[str, ...] = ()
    """Kept for the report, where duplicates are looked for."""


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of rows that is taken in at once, or not at all."""

    start: int
    """Last row of the stretch before."""
    end: int
    """Its last row."""
    rows: tuple[Row, ...] = ()
    refused: tuple[Refusal, ...] = ()


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """An import, as far as it is."""

    id: str
    name: str
    """Of the file."""
    list_id: int
    by: str = ""
    plan: Plan
    titles: tuple[str, ...] = ()
    total: int
    """Number of the file's last row."""
    position: int = 0
    """Number of the last row that is done; it changes in the transaction that writes the rows."""
    added: int = 0
    refused: int = 0
    begun_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def done(self) -> bool:
        """Whether no row is left."""
        return self.position >= self.total
