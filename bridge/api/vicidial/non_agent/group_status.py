"""`in_group_status` and `user_group_status`: calls, and agents by what they are doing."""

from __future__ import annotations

from typing import Final

from bridge.access.names import Names
from bridge.api.vicidial.non_agent.agents_now import all_seen, names
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import rows
from bridge.campaigns.model import UserGroup
from bridge.reports.agents import Doing, counted, is_live, waits

_IN_GROUPS: Final = (
    *("ingroups", "total_calls", "calls_waiting", "agents_logged_in", "agents_in_calls", "agents_waiting"),
    *("agents_paused", "agents_in_dispo", "agents_in_dial"),
)
_USER_GROUPS: Final = (
    *("usergroups", "calls_waiting", "agents_logged_in", "agents_in_calls", "agents_waiting"),
    *("agents_paused", "agents_in_dead_calls", "agents_in_dispo", "agents_in_dial"),
)


async def in_group_status(call: NonAgentCall) -> str:
    """One row for all of the in-groups together."""
    wanted = names(call["in_groups"])
    if not wanted:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, call["in_groups"])
    agents, calls = await all_seen(call)
    serving = [one.agent for one in agents if not set(wanted).isdisjoint(one.agent.session.queues)]
    theirs = [one for one in calls if one.queue in wanted and is_live(one)]
    doing = counted(serving)
    row = (
        " ".join(wanted),
        str(len(theirs)),
        str(sum(waits(one) for one in theirs)),
        str(len(serving)),
        *(str(doing[one]) for one in (Doing.CALL, Doing.WAITING, Doing.PAUSED, Doing.DISPO, Doing.DIALLING)),
    )
    return rows(call, _IN_GROUPS, [row])


async def user_group_status(call: NonAgentCall) -> str:
    """One row for all of the user groups together; nobody is ever in a call that is dead."""
    wanted = names(call["user_groups"])
    if not wanted:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, call["user_groups"])
    agents, calls = await all_seen(call)
    theirs = [one.agent for one in agents if one.who.group in wanted]
    campaigns = await _campaigns(call, wanted)
    doing = counted(theirs)
    row = (
        " ".join(wanted),
        str(sum(waits(one) and any(one.campaign in some for some in campaigns) for one in calls)),
        str(len(theirs)),
        *(str(doing[one]) for one in (Doing.CALL, Doing.WAITING, Doing.PAUSED)),
        "0",
        *(str(doing[one]) for one in (Doing.DISPO, Doing.DIALLING)),
    )
    return rows(call, _USER_GROUPS, [row])


async def _campaigns(call: NonAgentCall, groups: list[str]) -> list[Names]:
    """What each of the groups may use; a group that the caller does not see has nothing."""
    scope = call.principal.scope
    found = [
        await call.services.site.get(UserGroup, name)
        for name in groups
        if scope is not None and name in scope.groups
    ]
    return [group.campaigns for group in found if group is not None]
