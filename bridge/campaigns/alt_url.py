"""Alternate addresses of a campaign: several, each for its statuses and lists, where its own is `ALT`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.url_template import ALT, OFF, CrmUrl, why_not

FIELD: Final = "alt_urls"
RANK: Final = (1, 999)
LENGTH: Final = (0, 99_999)
MOST: Final = 100
"""Alternates of one campaign."""
MOST_LISTS: Final = 100
_STATUS: Final = re.compile(r"[-_0-9A-Za-z]{1,6}")
_DESCRIPTION: Final = 255


class AltUrlType(StrEnum):
    """What it is called for."""

    START = "start"
    DISPO = "dispo"
    NO_AGENT = "noagent"
    ADD_LEAD = "addlead"

    @property
    def field(self) -> str:
        """The campaign's own address, that must be `ALT`."""
        return _FIELDS[self]


_FIELDS: Final = {
    AltUrlType.START: "start_call_url",
    AltUrlType.DISPO: "dispo_call_url",
    AltUrlType.NO_AGENT: "no_agent_call_url",
    AltUrlType.ADD_LEAD: "add_lead_url",
}


class AltUrl(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One address, and when it is called."""

    id: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
    """Its number within the campaign."""
    url_type: AltUrlType
    active: bool = False
    rank: Annotated[int, msgspec.Meta(ge=RANK[0], le=RANK[1])] = 1
    """The lowest is told first; the next one of the call waits until that is taken or has failed."""
    statuses: tuple[str, ...] = ()
    """Only after these dispositions, or for leads of these statuses where there is no call; empty: all."""
    lists: tuple[int, ...] = ()
    """Only for leads of these lists; empty: all."""
    call_length: Annotated[int, msgspec.Meta(ge=LENGTH[0], le=LENGTH[1])] = 0
    """Seconds of talk from which on it is called."""
    address: CrmUrl = ""
    description: Annotated[str, msgspec.Meta(max_length=_DESCRIPTION)] = ""

    def __post_init__(self) -> None:
        """Check the fields."""
        for status in self.statuses:
            if not _STATUS.fullmatch(status):
                _refuse(f"status {status[:60]!r}: 1 to 6 letters, digits, '-' or '_'")
        for name, (least, most) in (("rank", RANK), ("call_length", LENGTH), ("id", (1, 2**31 - 1))):
            if not least <= getattr(self, name) <= most:
                _refuse(f"{name} {getattr(self, name)} is not in {least} to {most}")
        if len(self.lists) > MOST_LISTS or any(not 0 < one < 2**63 for one in self.lists):
            _refuse(f"lists: at most {MOST_LISTS} numbers of lists")
        if self.address in {*OFF, ALT} or (why := why_not(self.address)):
            _refuse(f"address: {'an address' if self.address in {*OFF, ALT} else why}")
        if len(self.description) > _DESCRIPTION or not self.description.isprintable():
            _refuse(f"description: at most {_DESCRIPTION} printable characters")

    def fits(self, kind: AltUrlType, status: str, list_id: int | None, seconds: int) -> bool:
        """Whether it is called for what has happened."""
        if not self.active or not self.address or self.url_type is not kind or seconds < self.call_length:
            return False
        return (not self.statuses or status in self.statuses) and (not self.lists or list_id in self.lists)


def check(urls: Iterable[AltUrl]) -> None:
    """Refuse too many, and two with one number (`InvalidField`)."""
    ids = [one.id for one in urls]
    if len(ids) > MOST:
        _refuse(f"at most {MOST}")
    if len(set(ids)) != len(ids):
        _refuse("the same id is there twice")


def next_id(urls: Iterable[AltUrl]) -> int:
    """The number of a new one."""
    return max((one.id for one in urls), default=0) + 1


def by_rank(urls: Iterable[AltUrl]) -> Sequence[AltUrl]:
    """In the order in which they are told."""
    return sorted(urls, key=lambda one: (one.rank, one.id))


def _refuse(why: str) -> None:
    raise InvalidField(FIELD, why)
