"""Whether calls may be made by hand for an agent: the check of all functions that do."""

from __future__ import annotations

from bridge.access.errors import Forbidden, Rule
from bridge.agents.model import AgentSession
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error
from bridge.errors import DialRefused
from bridge.rules import Rule as DialRule


async def check_may_dial(call: FunctionCall, agent: AgentSession) -> None:
    """End with the format's line unless the agent may dial by hand, and the caller may have her do it."""
    who = await call.services.access.principal(agent.user)
    if who is None:
        raise Answer(_not_manual(agent), ends_page=False)
    try:
        call.services.access.authorize(call.principal, call.function, agent=who)
    except Forbidden as forbidden:
        if forbidden.rule is not Rule.MANUAL_DIAL:
            raise
        raise Answer(_not_manual(agent), ends_page=False) from None


def of_refusal(call: FunctionCall, refused: DialRefused, usual: str) -> str:
    """What the line says of a number that is not dialled: where nobody is called at all, the reason.

    Args:
        call: the function that asked.
        refused: by the gate.
        usual: what is said of a number that is not dialled.
    """
    if refused.details.get("rule") != DialRule.HELD:
        return usual
    return f"{call.function} refused, {str(refused).rstrip('.')}"


def _not_manual(agent: AgentSession) -> str:
    return error("agent_user is not allowed to place manual dial calls", agent.user)
