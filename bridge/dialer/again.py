"""Leads that are called again: at once by another number, or after a while.

The disposition of a call asks for it, in its own transaction: whatever ends then, the lead is in the hopper,
and the moment for which she waits there wakes the dialler.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec
from sqlalchemy import bindparam, select

from bridge.calls.clicks import EXTENSION_ENDS
from bridge.calls.model import REFUSED, Call, CallKind
from bridge.calls.of_lead import OUTGOING
from bridge.campaigns.model import DialMethod
from bridge.campaigns.redial import AutoAltDial, Recycle
from bridge.dialer.hopper import Hopper
from bridge.dialer.model import Entry, Source
from bridge.dialer.numbers import DialNumber, digits, numbers
from bridge.dialer.pacing_model import AUTOMATIC
from bridge.leads import queries as lead_queries
from bridge.leads.dialled import nobody_called, recycled
from bridge.leads.model import Lead
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row
from bridge.store.schema import campaigns, lists
from bridge.store.transaction import Transaction
from bridge.turn import Turn


class Redial(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign says about calling again."""

    dial_method: DialMethod
    recycle: tuple[Recycle, ...]
    auto_alt_dial: AutoAltDial
    auto_alt_dial_statuses: tuple[str, ...]
    call_count_limit: int

    @property
    def asked(self) -> bool:
        """Whether it does at all, by itself."""
        some = bool(self.recycle) or self.auto_alt_dial is not AutoAltDial.NONE
        return some and self.dial_method in AUTOMATIC

    def spent(self, lead: Lead) -> bool:
        """Whether the lead was called as often as may be."""
        return 0 < self.call_count_limit <= lead.called_count

    def entry_of(self, status: str) -> Recycle | None:
        """How leads of a status are recycled, if they are."""
        return next((entry for entry in self.recycle if entry.status == status), None)


_SETTINGS = Prepared(
    select(*(campaigns.c[name] for name in Redial.__struct_fields__)).where(
        campaigns.c.id == bindparam("of_campaign")
    )
)
_LIST = Prepared(
    select(lists.c.campaign, lists.c.active, lists.c.expires_at).where(lists.c.id == bindparam("of_list"))
)


class Again:
    """Puts leads into the hopper again.

    Args:
        hopper: where to.
    """

    def __init__(self, hopper: Hopper) -> None:
        self._hopper = hopper

    async def disposed(self, turn: Turn, call: Call) -> None:
        """A call has its disposition: call its lead again, if the campaign wants that of this status.

        A lead that was not called at all, since the agent's phone was not answered, has its place again.
        """
        if call.lead_id is None or call.kind not in OUTGOING:
            return
        if of_dialler(call) and call.end_reason in EXTENSION_ENDS:
            await self._not_called(turn, call, call.lead_id)
            return
        settings = await _settings(turn.tx.conn, call.campaign)
        if settings is None or not settings.asked:
            return
        lead = await lead_queries.locked(turn.tx.conn, call.lead_id)
        if lead is None or settings.spent(lead) or not await dials(turn.tx, lead, call.campaign):
            return
        entry = await self._other_number(turn, call, lead, settings) or _later(turn, call, lead, settings)
        if entry is not None:
            await self._hopper.insert(turn.tx, entry)

    async def _not_called(self, turn: Turn, call: Call, lead_id: int) -> None:
        lead = await lead_queries.locked(turn.tx.conn, lead_id)
        if lead is None:
            return
        await nobody_called(turn.tx.conn, lead_id, turn.at)
        if await dials(turn.tx, lead, call.campaign):
            entry = Entry(lead_id=lead_id, campaign=call.campaign, list_id=lead.list_id, source=Source.DIRECT)
            await self._hopper.insert(turn.tx, entry)

    async def _other_number(self, turn: Turn, call: Call, lead: Lead, settings: Redial) -> Entry | None:
        refused = call.end_reason == REFUSED
        if call.status not in settings.auto_alt_dial_statuses or (refused and call.kind is not CallKind.AUTO):
            return None
        found = await numbers(turn.tx.conn, lead, settings.auto_alt_dial)
        behind = _behind(found, digits(call.number))
        if behind is None:
            return None
        return Entry(
            lead_id=lead.id,
            campaign=call.campaign,
            list_id=lead.list_id,
            priority=behind.priority,
            source=Source.ALTERNATE,
            alt=behind.alt,
        )


def of_dialler(call: Call) -> bool:
    """Whether it was placed by the dialler, also one out of the room of an agent on hook: nobody asked."""
    return call.kind is CallKind.AUTO or (call.kind is CallKind.MANUAL and not call.asked_by)


def _behind(found: list[DialNumber], dialled: str) -> DialNumber | None:
    """The number to be dialled after this one; none after one that is not among them."""
    places = [place for place, each in enumerate(found) if each.number == dialled]
    return found[places[0] + 1] if places and places[0] + 1 < len(found) else None


def _later(turn: Turn, call: Call, lead: Lead, settings: Redial) -> Entry | None:
    entry = settings.entry_of(call.status)
    if entry is None or call.end_reason == REFUSED:
        return None
    if recycled(lead.called_since_last_reset) >= entry.attempts:
        return None
    return Entry(
        lead_id=lead.id,
        campaign=call.campaign,
        list_id=lead.list_id,
        source=Source.RECYCLE,
        due_at=turn.at + timedelta(seconds=entry.delay),
    )


async def _settings(conn: Connection, campaign: str) -> Redial | None:
    row = (await conn.execute(_SETTINGS, {"of_campaign": campaign})).first()
    return None if row is None else from_row(Redial, row)


async def dials(tx: Transaction, lead: Lead, campaign: str) -> bool:
    """Whether the campaign dials the leads of her list."""
    row = (await tx.conn.execute(_LIST, {"of_list": lead.list_id})).first()
    if row is None or not row.active or row.campaign != campaign:
        return False
    return row.expires_at is None or row.expires_at > tx.now
