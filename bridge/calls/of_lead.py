"""What a call makes of its lead, in the transaction of its own step: reports and the dialler read it."""

from __future__ import annotations

from typing import Final

from bridge.calls.model import REFUSED, Call, CallKind, StatusSource
from bridge.leads import dialled
from bridge.turn import Turn

OUTGOING: Final = frozenset({CallKind.MANUAL, CallKind.AUTO, CallKind.CLICK})
"""Kinds that call the lead itself."""
_WITH_LEAD: Final = OUTGOING | {CallKind.INBOUND, CallKind.DIALPLAN}
"""Kinds whose disposition is what became of the lead."""


async def went_out(turn: Turn, call: Call) -> None:
    """It is on its way."""
    if call.lead_id is not None and call.kind in OUTGOING:
        await dialled.went_out(turn.tx.conn, call.lead_id, call.user, turn.at)


async def disposed(turn: Turn, call: Call) -> None:
    """Its disposition is set: the lead has it, too."""
    lead_id = lead_told_of(call)
    if lead_id is not None:
        await dialled.set_status(turn.tx.conn, lead_id, call.status, turn.at)


def lead_told_of(call: Call) -> int | None:
    """The lead of which the disposition of this call says something, if it does of any.

    A call that the gate has refused says nothing of the lead (it may have been about another number), nor
    does a third party's. Of a customer who was passed on to an in-group an agent there may say something.
    """
    if call.end_reason == REFUSED:
        return None
    passed_on = call.kind is CallKind.CLOSER and not call.is_leg and call.status_source is StatusSource.AGENT
    return call.lead_id if call.kind in _WITH_LEAD or passed_on else None
