"""`change_ingroups`: which in-groups the agent serves, and whether she takes the dialler's calls, too."""

from __future__ import annotations

from typing import Literal

from bridge.access.errors import Forbidden, Rule
from bridge.agents.model import AgentSession
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, success
from bridge.campaigns.model import Campaign, DialMethod
from bridge.services import QueueChange

_BY_HAND = (DialMethod.MANUAL, DialMethod.INBOUND_MAN)
"""Methods of campaigns without a dialler."""


async def change_ingroups(call: FunctionCall) -> str:
    """Serve other in-groups from now on. A `value` that is neither ADD nor REMOVE is CHANGE."""
    value, blended, choices = call["value"], call["blended"], call["ingroup_choices"]
    if len(value) < 2 or len(blended) < 2 or len(call["agent_user"]) < 2:
        return error("change_ingroups not valid", value, blended, choices, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    await _check_campaign(call, agent)
    change = QueueChange(
        how=_how(value),
        queues=await _in_groups(call, agent),
        blended=blended == "YES",
        as_default=call["set_as_default"] == "YES",
    )
    if change.how != "change" and not change.queues:
        why = "ingroup_choices are required for ADD and REMOVE values"
        raise Answer(error(why, agent.user, value, choices))
    after = await call.services.in_groups.change(agent.user, change, asked_by=call.principal.user)
    default = "User settings set as default" if change.as_default else ""
    served = "".join(f" {queue}" for queue in after.queues)
    return success(
        "change_ingroups function set", call.principal.user, agent.user, f"{served} -", blended, default
    )


async def _check_campaign(call: FunctionCall, agent: AgentSession) -> None:
    campaign = await call.services.site.get(Campaign, agent.campaign)
    if campaign is None or not campaign.inbound:
        raise Answer(error("campaign does not allow inbound calls", agent.user))
    try:
        call.services.access.authorize(call.principal, call.function)
    except Forbidden as forbidden:
        if forbidden.rule is not Rule.RIGHT:
            raise
        why = "user is not allowed to change agent in-groups"
        raise Answer(error(why, call.principal.user)) from None
    if call["blended"] == "YES" and campaign.dial_method in _BY_HAND:
        why = "campaign dial_method does not allow outbound autodial"
        raise Answer(error(why, agent.user, call["blended"]))


async def _in_groups(call: FunctionCall, agent: AgentSession) -> tuple[str, ...]:
    """The in-groups of a list as ` SALESLINE SUPPORT -`; each has to be there."""
    names = tuple(name for name in call["ingroup_choices"].split() if name != "-")
    for name in names:
        if not await call.services.lookups.has_in_group(name):
            raise Answer(error("ingroup does not exist", agent.user, name, call["ingroup_choices"]))
    return names


def _how(value: str) -> Literal["change", "add", "remove"]:
    return "add" if value == "ADD" else "remove" if value == "REMOVE" else "change"
