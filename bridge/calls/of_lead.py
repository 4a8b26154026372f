"""What a call makes of its lead, in the transaction of its own step: reports and the dialler read it."""

from __future__ import annotations

from typing import Final

from bridge.calls.model import REFUSED, Call, CallKind, CallState, StatusSource
from bridge.leads import callbacks, dialled
from bridge.leads.adding import HOLD
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
    """Its disposition is set: the lead has it, too; one that is to be called back later waits for that."""
    lead_id = lead_told_of(call)
    if lead_id is not None:
        status = HOLD if await _waits(turn, call) else call.status
        await dialled.set_status(turn.tx.conn, lead_id, status, turn.at)


async def promised(turn: Turn, call: Call) -> None:
    """A callback was promised in it, after its disposition was set."""
    lead_id = lead_told_of(call)
    if call.state is CallState.DISPOSED and lead_id is not None and await _waits(turn, call):
        await dialled.set_status(turn.tx.conn, lead_id, HOLD, turn.at)


async def _waits(turn: Turn, call: Call) -> bool:
    if call.status_source is not StatusSource.AGENT:
        return False
    callback = await callbacks.of_call(turn.tx.conn, call.id)
    return callback is not None and callback.due_at is not None and callback.due_at > turn.at


def lead_told_of(call: Call) -> int | None:
    """The lead of which the disposition of this call says something, if it does of any.

    A call that the gate has refused says nothing of the lead (it may have been about another number), nor
    does a third party's. Of a customer who was passed on to an in-group an agent there may say something.
    """
    if call.end_reason == REFUSED:
        return None
    passed_on = call.kind is CallKind.CLOSER and not call.is_leg and call.status_source is StatusSource.AGENT
    return call.lead_id if call.kind in _WITH_LEAD or passed_on else None
