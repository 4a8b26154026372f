"""`user_details`: name, group, level and activity of one user."""

from __future__ import annotations

from bridge.access.model import PrincipalKind
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import rows

_COLUMNS = ("user", "full_name", "user_group", "user_level", "active")


async def user_details(call: NonAgentCall) -> str:
    """One row."""
    name = call["agent_user"]
    if not name:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, name)
    found = await call.services.access.principal(name)
    if found is None or not call.sees(found):
        return call.line("ERROR", "USER NOT FOUND", call.user, name)
    if found.kind is PrincipalKind.AGENT:
        call.check_limits(agent=found.user)
    active = "Y" if found.active and not found.stopped else "N"
    return rows(call, _COLUMNS, [(found.user, found.name, found.group, str(found.level), active)])
