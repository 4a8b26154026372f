"""`server_refresh`: all bridges read the site anew."""

from __future__ import annotations

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import success


async def server_refresh(call: NonAgentCall) -> str:
    """The count is that of the Asterisk servers, for each of which the original builds its configuration."""
    if call["stage"] != "REFRESH":
        names = ("alias_id", "alias_name", "phone_logins")
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, *(call[name] for name in names))
    await call.services.site.refresh()
    servers = len(call.services.options.addresses)
    return success("server_refresh SERVER REFRESH HAS BEEN TRIGGERED", call.user, str(servers))
