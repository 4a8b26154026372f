"""The numbers of a lead, in the order in which they are dialled by themselves."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from bridge.campaigns.redial import AutoAltDial
from bridge.leads import alternates
from bridge.leads.model import Lead
from bridge.store.connection import Connection

MAIN: Final = ""
ALT: Final = "ALT"
ADDR3: Final = "ADDR3"
EXTENDED: Final = "X"
"""Before the rank of an extended number."""
PRIORITIES: Final = {ALT: 25, ADDR3: 20}
"""Of other numbers in the hopper: before what comes from the lists."""
OF_EXTENDED: Final = 15
_PUNCTUATION: Final = re.compile(r"[\s().+/-]")
_NUMBER: Final = re.compile(r"[0-9]{7,18}")


class DialNumber(NamedTuple):
    """One of a lead's numbers."""

    alt: str
    """The hopper's word for it: empty is the main one, `ALT`, `ADDR3`, `X1`, `X2`, …"""
    number: str
    phone_code: str

    @property
    def priority(self) -> int:
        """Of its row in the hopper."""
        return PRIORITIES.get(self.alt, OF_EXTENDED)


async def numbers(conn: Connection, lead: Lead, which: AutoAltDial) -> list[DialNumber]:
    """The main number and those others that a campaign dials; each once, and what is none is passed over."""
    found = [DialNumber(MAIN, lead.phone_number, lead.phone_code)]
    if which.alt:
        found.append(DialNumber(ALT, digits(lead.alt_phone), lead.phone_code))
    if which.addr3:
        found.append(DialNumber(ADDR3, digits(lead.address3), lead.phone_code))
    if which.extended:
        found += [_extended(rank, number) for rank, number in await alternates.active(conn, lead.id)]
    known: dict[str, DialNumber] = {}
    for each in found:
        if each.alt == MAIN or _NUMBER.fullmatch(each.number):
            known.setdefault(each.number, each)
    return list(known.values())


async def number(conn: Connection, lead: Lead, alt: str) -> DialNumber | None:
    """The one that the hopper calls so; `None` if the lead has none of that kind."""
    if alt == MAIN:
        return DialNumber(MAIN, lead.phone_number, lead.phone_code)
    found = await numbers(conn, lead, AutoAltDial.ALT_AND_ADDR3_AND_EXTENDED)
    return next((each for each in found if each.alt == alt), None)


def digits(text: str) -> str:
    """A number without what people write into it."""
    return _PUNCTUATION.sub("", text)


def _extended(rank: int, number: alternates.AltNumber) -> DialNumber:
    return DialNumber(f"{EXTENDED}{rank}", digits(number.number), number.phone_code)
