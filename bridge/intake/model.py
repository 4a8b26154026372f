"""What an intake key is, and what comes in by it: plain data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final
from urllib.parse import urlsplit

import msgspec

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.consent.model import PURPOSE
from bridge.intake.paths import path_of

NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TEXT: Final = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]*")
MOST_FIELDS: Final = 100
"""Entries of a field map, or of constants."""
FULL_NAME: Final = "full_name"
"""Not a field of a lead: what is in it is divided into first and last name."""

CONTACT: Final = (
    *("phone_number", "alt_phone", "email", FULL_NAME, "title", "first_name", "middle_initial", "last_name"),
    *("address1", "address2", "address3", "city", "state", "province", "postal_code", "country_code"),
    *("gender", "date_of_birth", "comments"),
)
"""What a person says of herself in a form."""
TARGETS: Final = frozenset(
    (*CONTACT, "phone_code", "vendor_lead_code", "source_id", "owner", "rank", "security_phrase")
)
"""Fields that a map may fill. Those that are not `CONTACT` are filled by nothing but a map: a stranger who
sends `rank` must not come first."""
CONSTANTS: Final = TARGETS - {"phone_number", FULL_NAME} | {"status"}


class IntakeKey(SiteItem, frozen=True, kw_only=True):
    """What may come in by a key, and how it is read. Its tokens are kept beside it, as hashes only."""

    kind: ClassVar[str] = "intake"

    name: str
    """Also the source of its leads."""
    list_id: int
    active: bool = True
    expires_at: datetime | None = None
    fields: Mapping[str, str] = {}
    """Field of the sender → field of the lead; dots lead into JSON (`data.phone`, `0.value`)."""
    constants: Mapping[str, str] = {}
    """Field of the lead → what it always is."""
    honeypot: str = "website"
    """A field that people do not see; what fills it in is no person. Empty: none."""
    next_url: str = ""
    """Where a browser goes on to; empty: it is shown one line."""
    origins: tuple[str, ...] = ()
    """Sites whose pages may post, as `https://example.com`; empty: all, but by plain forms only."""
    check_dnc: bool = True
    """Whether numbers of the do-not-call lists are refused."""
    consent_field: str = ""
    """The sender's box to tick: a post with it ticked brings a consent with its lead. Empty: none does."""
    consent_purpose: str = ""
    """What is agreed to by ticking it; as in campaigns."""
    consent_shown: str = ""
    """The text beside the box, or the address of the page with its version."""
    address_per_hour: int = 60
    """Posts of one address (in IPv6: of one /64); 0: as many as of all."""
    address_per_day: int = 300
    number_per_hour: int = 3
    """Leads of one number; 0: as many as of all."""
    number_per_day: int = 5
    per_hour: int = 1000
    """Posts of all."""
    per_day: int = 5000

    def __post_init__(self) -> None:
        """Check the fields."""
        if not NAME.fullmatch(self.name):
            raise InvalidField("name", f"{self.name[:60]!r}: 1 to 40 letters, digits, '-' or '_'")
        if not 1 <= self.list_id <= 99_999_999_999_999:
            raise InvalidField("list_id", f"{self.list_id}: 1 to 14 digits")
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            raise InvalidField("expires_at", "a time with its zone, as 2026-12-31T00:00:00Z")
        _check_map(self)
        _check_constants(self)
        _check_consent(self)
        _check_limits(self)
        if self.next_url and not _is_web(self.next_url):
            raise InvalidField("next_url", "an address that begins with https:// or http://")
        for origin in self.origins:
            if not _is_origin(origin):
                raise InvalidField(
                    "origins", f"{origin[:60]!r}: scheme and host alone, as https://example.com"
                )

    def open(self, now: datetime) -> bool:
        """Whether anything comes in by it at this moment."""
        return self.active and (self.expires_at is None or now < self.expires_at)


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has sent, with what is known of the sender."""

    body: bytes
    content_type: str = ""
    address: str = ""
    user_agent: str = ""
    origin: str = ""
    at: datetime


class Outcome(StrEnum):
    """What became of a post. The sender is never told."""

    ADDED = "added"
    DUPLICATE = "duplicate"
    """The same has come a moment ago."""
    REFUSED = "refused"
    HONEYPOT = "honeypot"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A post that was taken, as it is kept. The body is what was sent, byte by byte."""

    id: int = 0
    key: str
    at: datetime
    outcome: Outcome
    reason: str = ""
    lead_id: int | None = None
    number: str = ""
    """Digits with the country's code, if it could be read."""
    address: str
    subscriber: str
    """Whose address it is: see `bridge.access.attempts.subscriber`."""
    user_agent: str
    content_type: str
    size: int
    """Bytes of the body."""
    body: bytes
    fingerprint: str = ""
    """Of what was understood of it."""


class TokenState(msgspec.Struct, frozen=True, kw_only=True):
    """A token of a key, as far as it is known."""

    made_at: datetime
    good_until: datetime | None = None
    """`None`: until another one takes its place."""
    last_used_at: datetime | None = None


def _check_map(key: IntakeKey) -> None:
    if len(key.fields) > MOST_FIELDS:
        raise InvalidField("fields", f"at most {MOST_FIELDS}")
    for theirs, ours in key.fields.items():
        if not path_of(theirs) or len(theirs) > 200 or not theirs.isprintable():
            raise InvalidField("fields", f"{theirs[:60]!r} names no field of a form")
        if ours not in TARGETS:
            raise InvalidField("fields", f"{ours[:60]!r} is none of {', '.join(sorted(TARGETS))}")
    if len(key.honeypot) > 200 or not key.honeypot.isprintable():
        raise InvalidField("honeypot", "at most 200 printable characters")
    if key.honeypot and path_of(key.honeypot) in {path_of(theirs) for theirs in key.fields}:
        raise InvalidField(
            "honeypot", f"{key.honeypot!r} is a field of the map: what is filled in is thrown away"
        )


def _check_constants(key: IntakeKey) -> None:
    if len(key.constants) > MOST_FIELDS:
        raise InvalidField("constants", f"at most {MOST_FIELDS}")
    for ours, value in key.constants.items():
        if ours not in CONSTANTS:
            raise InvalidField("constants", f"{ours[:60]!r} is none of {', '.join(sorted(CONSTANTS))}")
        if len(value) > 255 or not value.isprintable():
            raise InvalidField("constants", f"{ours}: at most 255 printable characters")
    if not re.fullmatch(r"([A-Za-z0-9_-]{1,6})?", key.constants.get("status", "")):
        raise InvalidField("constants", "status: 1 to 6 letters, digits, '-' or '_'")
    if not re.fullmatch(r"(-?[0-9]{1,9})?", key.constants.get("rank", "")):
        raise InvalidField("constants", "rank: a whole number of at most 9 digits")
    if not re.fullmatch(r"([1-9][0-9]{0,2})?", key.constants.get("phone_code", "")):
        raise InvalidField("constants", "phone_code: a country's code, 1 to 3 digits")


def _check_consent(key: IntakeKey) -> None:
    if bool(key.consent_field) != bool(key.consent_purpose):
        missing = "consent_purpose" if key.consent_field else "consent_field"
        raise InvalidField(missing, "a consent needs the box that is ticked and what is agreed to by it")
    if not key.consent_field:
        return
    path = path_of(key.consent_field)
    if not path or len(key.consent_field) > 200 or not key.consent_field.isprintable():
        raise InvalidField("consent_field", f"{key.consent_field[:60]!r} names no field of a form")
    if key.honeypot and path == path_of(key.honeypot):
        raise InvalidField("consent_field", f"{key.honeypot!r} is the field that people do not see")
    if not PURPOSE.fullmatch(key.consent_purpose):
        raise InvalidField("consent_purpose", "1 to 40 small letters, digits, '-' or '_'")
    if len(key.consent_shown) > 4000 or not _TEXT.fullmatch(key.consent_shown):
        raise InvalidField("consent_shown", "at most 4000 characters, of control characters only line breaks")


def _check_limits(key: IntakeKey) -> None:
    for name in ("address_per_hour", "address_per_day", "number_per_hour", "number_per_day"):
        if not 0 <= getattr(key, name) <= 1_000_000:
            raise InvalidField(name, "0 to 1000000")
    for name in ("per_hour", "per_day"):
        if not 1 <= getattr(key, name) <= 1_000_000:
            raise InvalidField(name, "1 to 1000000")


def _is_web(url: str) -> bool:
    if len(url) > 2000 or not url.isascii() or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _is_origin(origin: str) -> bool:
    return _is_web(origin) and re.fullmatch(r"https?://[^/?#@]+", origin) is not None
