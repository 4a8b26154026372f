"""`webphone_url`: the page of the agent's phone in the browser."""

from __future__ import annotations

import html

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error
from bridge.errors import NoSuchPhone

DISPLAY, LAUNCH = "DISPLAY", "LAUNCH"


async def webphone_url(call: FunctionCall) -> str:
    """`DISPLAY` gives the bare URL, without a newline; `LAUNCH` a page that leads there."""
    value = call["value"]
    if value not in (DISPLAY, LAUNCH) or not call.names_agent():
        return error("webphone_url not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    screens = call.services.screens
    ask = screens.launch_webphone if value == LAUNCH else screens.webphone_url
    try:
        url = await ask(agent.user)
    except NoSuchPhone:
        raise Answer(error("webphone_url error - no session data", agent.user)) from None
    if not url:
        return error("webphone_url error - webphone url is empty", agent.user)
    return _page(url) if value == LAUNCH else url


def _page(url: str) -> str:
    safe = html.escape(url)
    return (
        f'<META HTTP-EQUIV=Refresh CONTENT="0; URL={safe}">\n</HEAD>\n'
        "<BODY BGCOLOR=#FFFFFF marginheight=0 marginwidth=0 leftmargin=0 topmargin=0>\n"
        f'<a href="{safe}">click here to continue. . .</a>\n</BODY>\n'
    )
