"""`st_login_log`: a CRM tells to which team one of its agents belongs."""

from __future__ import annotations

from bridge.access.errors import InvalidUser, NoSuchUser
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, success


async def st_login_log(call: FunctionCall) -> str:
    """Find the agent by the CRM's own id of her (`value`) and keep her team (`vendor_id`)."""
    value, team = call["value"], call["vendor_id"]
    if not value or not team:
        return error("st_login_log not valid", value, team)
    call.check_permission(value)
    found = await call.services.access.by_crm_id(value)
    if found is None:
        raise _nobody(value)
    call.check_limits(agent=found.user)
    try:
        await call.services.access.set_team(found.user, team)
    except InvalidUser:
        return error("st_login_log not valid", value, team[:40])
    except NoSuchUser:  # just deleted
        raise _nobody(value) from None
    return success("st_login_log user found", found.user)


def _nobody(value: str) -> Answer:
    return Answer(error("no user found", value), ends_page=False)
