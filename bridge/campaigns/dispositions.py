"""The dispositions that agents of a campaign choose from: its own, and those that every campaign has.

Source of the list: VICIdial's selectable system statuses, by their codes; the names are our own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from bridge.campaigns.model import Campaign


class Disposition(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent says of her call."""

    status: str
    name: str
    callback: bool = False
    """It asks for a time at which the lead is called again."""
    sale: bool = False


SYSTEM: Final[Sequence[Disposition]] = (
    Disposition(status="A", name="Answering machine"),
    Disposition(status="B", name="Busy"),
    Disposition(status="CALLBK", name="Call back", callback=True),
    Disposition(status="DC", name="Disconnected number"),
    Disposition(status="DEC", name="Declined"),
    Disposition(status="DNC", name="Do not call"),
    Disposition(status="N", name="No answer"),
    Disposition(status="NI", name="Not interested"),
    Disposition(status="NP", name="Did not listen"),
    Disposition(status="SALE", name="Sale", sale=True),
    Disposition(status="XFER", name="Passed on", sale=True),
)


def dispositions_of(campaign: Campaign) -> tuple[Disposition, ...]:
    """Those that may be chosen, by their codes; the campaign's word of a code counts."""
    own = {one.status for one in campaign.statuses}
    found = [one for one in SYSTEM if one.status not in own]
    found += [
        Disposition(status=one.status, name=one.name or one.status, callback=one.callback)
        for one in campaign.statuses
        if one.selectable
    ]
    return tuple(sorted(found, key=lambda one: one.status))
