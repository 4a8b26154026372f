"""Callbacks whose lead was called: they are done by the call's disposition, in its transaction.

A promise is kept by a talk, or by the word of somebody who says what became of the call: an agent, or the
API. What the network says of a call that nobody has taken (NA, B, AB, a machine, a dropped call) keeps none:
the callback stands, and is due as before. Nor does a status that asks for a callback itself, without a new
time: the customer still waits for the old one.
"""

from __future__ import annotations

from bridge.calls.ending import had_agent
from bridge.calls.model import Call, StatusSource
from bridge.calls.of_lead import lead_told_of
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.events.catalogue import CallbackDone
from bridge.leads import callbacks
from bridge.leads.callback_news import facts
from bridge.turn import Turn


class CalledBack:
    """Ends the callbacks that a call has kept.

    Args:
        site: knows which statuses ask for a callback.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    async def disposed(self, turn: Turn, call: Call) -> None:
        """A call has its disposition: what was promised to its lead is done, unless that says otherwise."""
        lead_id = lead_told_of(call)
        if lead_id is None or not _was_kept(call):
            return
        standing = [one for one in await callbacks.standing(turn.tx.conn, lead_id) if one.call_id != call.id]
        if standing and not await self._asks_for_one(call):
            await _done(turn, standing, call)

    async def _asks_for_one(self, call: Call) -> bool:
        campaign = await self._site.campaign(call.campaign) or Campaign(id="NONE")
        return campaign.is_callback(call.status)


async def promised_anew(turn: Turn, call: Call) -> None:
    """Another callback was promised in this call: those from before are done."""
    if call.lead_id is not None:
        standing = await callbacks.standing(turn.tx.conn, call.lead_id)
        await _done(turn, [one for one in standing if one.call_id != call.id], call)


def _was_kept(call: Call) -> bool:
    return call.status_source is StatusSource.AGENT or had_agent(call)


async def _done(turn: Turn, found: list[callbacks.Callback], call: Call) -> None:
    for one in found:
        await callbacks.done(turn.tx, one, call.id)
        event = CallbackDone(**facts(one), call_id=call.id, call_status=call.status, called_by=call.user)
        turn.tx.emit(event)
