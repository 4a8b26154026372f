"""The number that a called party is shown, where the caller of the API chooses it by a group alias."""

from __future__ import annotations

from bridge.agents.model import AgentSession
from bridge.api.by_hand import LEAST_DIGITS
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error
from bridge.campaigns.model import GroupAlias


async def of_group_alias(call: FunctionCall, agent: AgentSession) -> str:
    """The number of the request's `group_alias`; empty where none (or one character) was sent.

    Raises:
        Answer: there is no such alias, or its number is too short.
    """
    name = call["group_alias"]
    if len(name) <= 1:
        return ""
    alias = await call.services.site.get(GroupAlias, name)
    if alias is None or not alias.active:
        raise Answer(error("group_alias is not valid", agent.user, name))
    if len(alias.caller_id) < LEAST_DIGITS:
        fields = (agent.user, name, alias.caller_id)
        raise Answer(error("caller_id_number from group_alias is not valid", *fields))
    return alias.caller_id
