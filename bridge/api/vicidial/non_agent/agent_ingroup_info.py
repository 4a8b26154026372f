"""`agent_ingroup_info`: which in-groups a logged-in agent serves."""

from __future__ import annotations

from html import escape
from typing import Final

from bridge.agents.model import AgentSession
from bridge.api.vicidial.non_agent.agents_now import seen
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import cleaned

_CHANGES: Final = (
    "To change them, call <code>change_ingroups</code> of the agent API, or "
    "<code>PUT /v1/agents/{user}/queues</code>."
)


async def agent_ingroup_info(call: NonAgentCall) -> str:
    """Four lines with `stage=text`, else a page for people."""
    session = await _session(call)
    name = call["agent_user"]
    if session is None:
        return f"ERROR: {call.function} INVALID USER ID - {cleaned(name)}|{call.user}\n"
    queues = f" {' '.join(session.queues)} -" if session.queues else " -"
    if call["stage"] in ("info", "change"):
        return _page(call, session, queues)
    return (
        f"SUCCESS:  - {name}|{call['stage']}\n"
        f"SELECTED INGROUPS: {queues}\n"
        f"OUTBOUND AUTODIAL: {int(session.blended)}\n"
        "MANAGER OVERRIDE: N\n"
        "MANAGER: \n"
    )


async def _session(call: NonAgentCall) -> AgentSession | None:
    """Hers, if the caller sees it."""
    name = call["agent_user"]
    if name:
        call.check_limits(agent=name)
    session = await call.services.agents.session(name) if name else None
    found = await seen(call, [session] if session else [], [])
    return found[0].agent.session if found else None


def _page(call: NonAgentCall, session: AgentSession, queues: str) -> str:
    """Nothing can be sent from it: a page with a form would hold the caller's secret."""
    may = call["stage"] == "change" and call.principal.right("change_agent_campaign") == 1
    rows = (
        ("Agent", session.user),
        ("Campaign", session.campaign),
        ("Selected in-groups", queues.removesuffix("-").strip()),
        ("Outbound autodial", "Y" if session.blended else "N"),
    )
    table = "".join(f"<TR><TH>{name}</TH><TD>{escape(value)}</TD></TR>\n" for name, value in rows)
    return f"<TABLE>\n{table}</TABLE>\n{f'<P>{_CHANGES}</P>' if may else ''}\n"
