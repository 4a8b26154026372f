"""`external_status`: give the disposition of the agent's call."""

from __future__ import annotations

from contextlib import suppress

from bridge.agents.model import AgentSession
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, success
from bridge.errors import NoCall
from bridge.services import Callback

MAX_STATUS = 6
"""Characters of a status that are kept: the width of the column that callers know."""
MAX_COMMENTS = 200
"""Characters of callback comments that are kept."""


async def external_status(call: FunctionCall) -> str:
    """Set the status, which need not be a known one; without a call it is a success too.

    The reply repeats what the original would have stored: `{status}`, or with a callback status and a
    date `{status}!{date}!{type}!{comments}!`, and the QueueMetrics code behind.
    """
    value = call["value"]
    if not value or not call.names_agent():
        return error("external_status not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    callback = await _callback(call, agent)
    with suppress(NoCall):
        await call.services.agents.set_status(
            agent.user, value[:MAX_STATUS], callback=callback, asked_by=call.principal.user
        )
    return success("external_status function set", _stored(call, callback), agent.user)


async def _callback(call: FunctionCall, agent: AgentSession) -> Callback | None:
    """The callback that is asked for: a date of more than 12 characters and a status that means it."""
    at = call["callback_datetime"]
    if len(at) <= 12 or not await call.services.lookups.is_callback(agent.campaign, call["value"]):
        return None
    return Callback(
        at=at, anyone=_type(call) != "USERONLY", comments=call["callback_comments"][:MAX_COMMENTS]
    )


def _type(call: FunctionCall) -> str:
    return call["callback_type"] if len(call["callback_type"]) > 3 else "ANYONE"


def _stored(call: FunctionCall, callback: Callback | None) -> str:
    value, code = call["value"], call["qm_dispo_code"]
    if callback is not None:
        return f"{value}!{callback.at}!{_type(call)}!{callback.comments}!{code}"
    return f"{value}!!!!{code}" if code else value
