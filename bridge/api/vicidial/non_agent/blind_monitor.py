"""`blind_monitor`: ring a manager's phone, and let it into an agent's room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bridge.agents.model import AgentSession, MonitorWay
from bridge.api.giving import is_visible
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import Answer, error, success
from bridge.campaigns.model import Phone
from bridge.errors import InvalidState, NoRoom, NoSuchPhone, NotLoggedIn

_WAYS: Final[Mapping[str, tuple[MonitorWay, str]]] = {
    "BARGE": (MonitorWay.BARGE, ""),
    "BARGESWAP": (MonitorWay.BARGE, ""),
    "WHISPER": (MonitorWay.WHISPER, "47378218"),
}
"""What is done, and what the original dials before the room for it; all else is to listen."""
_LISTEN: Final = (MonitorWay.LISTEN, "0")


async def blind_monitor(call: NonAgentCall) -> str:
    """Whoever answers the phone is in the room until it hangs up or the agent is gone."""
    room, login = call["session_id"], call["phone_login"]
    session = await _of_room(call, room)
    way, prefix = _WAYS.get(call["stage"], _LISTEN)
    if call["stage"] == "WHISPER" and not call.services.options.whisper:
        way, prefix = _LISTEN
    try:
        await call.services.monitoring.ring(session.user, login, way, asked_by=call.user)
    except (NoSuchPhone, InvalidState):
        raise Answer(error("blind_monitor INVALID PHONE LOGIN", login, call.user)) from None
    except (NotLoggedIn, NoRoom):
        raise _no_session(call, room) from None
    address = call.address(session)
    dialled = "".join(f"{part:0>3}*" for part in address.split("."))
    launched = str(int(call.now.timestamp()))
    phone = await call.services.site.get(Phone, login)
    number = phone.extension or login if phone else login
    told = (login, f"{dialled}{prefix}{room}", number, room, launched, call.user)
    return success("blind_monitor HAS BEEN LAUNCHED", *told)


async def _of_room(call: NonAgentCall, room: str) -> AgentSession:
    """The session of an agent whom the caller sees, at the server that it names."""
    for session in await call.services.agents.sessions():
        address = call.address(session)
        if session.room == room and call["server_ip"] in (address, session.asterisk):
            who = await call.services.access.principal(session.user)
            if who is not None and is_visible(call.principal, who):
                call.check_limits(campaign=session.campaign)
                return session
    raise _no_session(call, room)


def _no_session(call: NonAgentCall, room: str) -> Answer:
    return Answer(error("blind_monitor INVALID SESSION ID", room, call["server_ip"], call.user))
