"""What a lead, a list and an entry of the do-not-call list are: plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self

import msgspec
import phonenumbers

from bridge.campaigns.item import SiteItem
from bridge.campaigns.line_settings import KEPT
from bridge.campaigns.line_settings import why_not as why_not_kept
from bridge.campaigns.url_template import URL_FIELDS, CrmUrl, why_not
from bridge.leads.errors import InvalidLead

PHONE_NUMBER = re.compile(r"[0-9]{1,18}")


class NewLead(msgspec.Struct, frozen=True, kw_only=True):
    """A customer to be, before the store has given her an id. Texts are at most 255 characters."""

    list_id: int
    entry_list_id: int = 0
    """List with the custom fields that were filled in; 0: none."""
    status: str = "NEW"
    user: str = ""
    owner: str = ""
    vendor_lead_code: str = ""
    source_id: str = ""
    phone_code: str = "1"
    phone_number: str
    """Digits, without the country's code."""
    alt_phone: str = ""
    email: str = ""
    title: str = ""
    first_name: str = ""
    middle_initial: str = ""
    last_name: str = ""
    address1: str = ""
    address2: str = ""
    address3: str = ""
    city: str = ""
    state: str = ""
    province: str = ""
    postal_code: str = ""
    country_code: str = ""
    gender: str = "U"
    date_of_birth: str = ""
    security_phrase: str = ""
    comments: str = ""
    gmt_offset_minutes: int | None = None
    rank: int = 0
    called_count: int = 0
    called_since_last_reset: str = "N"
    custom: Mapping[str, str] = {}

    def __post_init__(self) -> None:
        """Check what the rest of the bridge relies on."""
        if not PHONE_NUMBER.fullmatch(self.phone_number):
            raise InvalidLead("phone_number", f"{self.phone_number[:40]!r}: 1 to 18 digits")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,6}", self.status):
            raise InvalidLead("status", f"{self.status[:40]!r}: 1 to 6 letters, digits, '-' or '_'")
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, str) and ("\0" in value or len(value) > LONGEST.get(name, 255)):
                raise InvalidLead(name, f"at most {LONGEST.get(name, 255)} characters, none of them NUL")


LONGEST: Mapping[str, int] = {"comments": 65_535}
"""Characters, where it is not 255."""


class Lead(NewLead, frozen=True, kw_only=True):
    """A customer to be, as stored. Times are aware and in UTC."""

    id: int
    entry_date: datetime | None = None
    modify_date: datetime | None = None
    last_local_call_time: datetime | None = None


class Customer(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate wants to know of a lead."""

    id: int | None = None
    list_id: int | None = None
    gmt_offset_minutes: int | None = None
    postal_code: str = ""
    state: str = ""

    @classmethod
    def of(cls, lead: Lead) -> Self:
        """That of a whole lead."""
        return cls(**{name: getattr(lead, name) for name in cls.__struct_fields__})


class LeadList(SiteItem, frozen=True, kw_only=True):
    """A list of leads; it belongs to one campaign."""

    kind: ClassVar[str] = "list"
    key_field: ClassVar[str] = "id"

    id: int
    name: str = ""
    description: str = ""
    campaign: str = ""
    active: bool = True
    expires_at: datetime | None = None
    """From then on its leads are not dialled by themselves; with an offset from UTC."""
    country: str = ""
    """In which its numbers are read as they come in, two letters (ISO 3166); empty: the site's."""
    call_time: str = ""
    """Name of the hours in which its leads may be called; empty: the campaign's."""
    caller_id: str = ""
    """Digits shown to its leads; empty: those of the campaign."""
    custom_fields: Mapping[str, str] = {}
    """Type of each custom field by its name, in the order in which they are shown."""
    start_call_url: CrmUrl = ""
    """As in a campaign, for its leads and before all others; the next ones too."""
    dispo_call_url: CrmUrl = ""
    no_agent_call_url: CrmUrl = ""
    add_lead_url: CrmUrl = ""
    line_settings: Annotated[Mapping[str, str], KEPT] = {}
    """What the line format sets of a list and the bridge has nothing for; it is kept and given back."""

    def __post_init__(self) -> None:
        """Check the fields."""
        if not 1 <= self.id <= 99_999_999_999_999:
            raise InvalidLead("id", f"{self.id}: 1 to 14 digits")
        if len(self.name) > 100 or not self.name.isprintable():
            raise InvalidLead("name", "at most 100 printable characters")
        if len(self.description) > 255 or not self.description.isprintable():
            raise InvalidLead("description", "at most 255 printable characters")
        if not re.fullmatch(r"[0-9]{0,20}", self.caller_id):
            raise InvalidLead("caller_id", "digits only")
        for field in ("campaign", "call_time"):
            if not re.fullmatch(r"[A-Za-z0-9_-]{0,40}", getattr(self, field)):
                raise InvalidLead(field, "letters, digits, '-' or '_'")
        self._check_urls()
        if self.country and self.country not in phonenumbers.SUPPORTED_REGIONS:
            raise InvalidLead("country", f"{self.country[:40]!r} is no country (two letters, as in US)")
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            raise InvalidLead("expires_at", "a moment with its offset from UTC, as in 2027-01-01T00:00:00Z")
        if why := why_not_kept(self.line_settings):
            raise InvalidLead("line_settings", why)

    def _check_urls(self) -> None:
        for field in URL_FIELDS:
            if why := why_not(getattr(self, field)):
                raise InvalidLead(field, why)


class DncKind(StrEnum):
    """What an entry of the do-not-call list forbids."""

    NUMBER = "number"
    AREA_CODE = "area_code"
    """All numbers of the North American plan that begin with these three digits."""
    PREFIX = "prefix"
    """All numbers that begin with these digits in E.164, country code first."""


class DncEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the site's own do-not-call list, or of one that was imported."""

    number: str
    kind: DncKind = DncKind.NUMBER
    campaign: str = ""
    """The campaign that may not call it; empty: nobody may."""
    added_by: str = ""
    added_at: datetime | None = None
    list: str = ""
    """Name of the imported list that has it; empty: the site's own."""
    version: str = ""
    """Of that list."""
