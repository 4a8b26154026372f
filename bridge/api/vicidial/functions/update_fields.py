"""`update_fields`: change the lead on the agent's screen, which shows it at once."""

from __future__ import annotations

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.parameters import LEAD_FIELDS, RELOADS
from bridge.api.vicidial.reply import Answer, error, success
from bridge.errors import NoLead

_RELOADS = tuple(name for name in RELOADS if name != "callbacksreload")
"""Panels that this function loads anew; `refresh_panel` knows one more."""


async def update_fields(call: FunctionCall) -> str:
    """Write the fields that were sent: an empty one empties the field of the lead.

    The reply's two numbers are the rows of leads and of agents that were changed.
    """
    user = call["agent_user"]
    if not user:
        return error("agent_user not valid", user)
    call.check_permission(call["value"])
    session = await call.own_session()
    if not call.has_rights():
        return error("user is not allowed to modify lead information", user, call.principal.user)
    if session.lead_id is None:
        raise _no_lead(user)
    lead = await call.services.leads.get(session.lead_id)
    if lead is not None:
        call.check_limits(lead_list=lead.list_id)
    fields = {name: call[name] for name in LEAD_FIELDS if call.parameters.sent(name)}
    panels = [name for name in _RELOADS if call.parameters.sent(name)]
    if not fields and not panels:
        return error("no fields have been defined", user)
    try:
        done = await call.services.screens.update_fields(user, fields, panels)
    except NoLead:
        raise _no_lead(user) from None
    given = ",".join(f'{name}="{value}"' for name, value in fields.items())
    rows = (str(int(done.changed)), "1", ",".join((*fields, *panels)), given, "")
    who = (call.principal.user, user, str(done.lead_id))
    return success("update_fields lead updated", *who, *rows)


def _no_lead(user: str) -> Answer:
    return Answer(error("agent_user does not have a lead on their screen", user), ends_page=False)
