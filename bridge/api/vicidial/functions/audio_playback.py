"""`audio_playback`: a sound in the agent's room."""

from __future__ import annotations

from typing import Final

from bridge.agents.model import AgentSession
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, notice, success
from bridge.errors import InvalidInput, NoRoom, NoSound, SoundPlays
from bridge.services import PlaybackControl

PLAY: Final = "PLAY"
_CONTROLS: Final[dict[str, PlaybackControl]] = {
    "STOP": "stop",
    "PAUSE": "pause",
    "RESUME": "resume",
    "RESTART": "restart",
}


async def audio_playback(call: FunctionCall) -> str:
    """Play a file (`value`, without its extension), or operate the one that is played."""
    value, stage = call["value"], call["stage"]
    known = stage in _CONTROLS or (stage == PLAY and value)
    if not known or not call.names_agent():
        return _not_valid(call)
    call.check_permission(value)
    agent = await call.session(stage)
    try:
        if stage == PLAY:
            await _play(call, agent)
        else:
            await call.services.playback.control(agent.user, _CONTROLS[stage])
    except NoRoom:
        raise Answer(error("audio_playback error - entry is empty", stage, agent.user)) from None
    except NoSound:
        where = (agent.room, call.address(agent), stage, agent.user)
        why = "audio_playback error - no audio playing in agent session"
        raise Answer(error(why, *where)) from None
    return success("audio_playback function sent", value, stage, agent.user)


async def _play(call: FunctionCall, agent: AgentSession) -> None:
    override, stage = call["dial_override"], call["stage"]
    try:
        was_played = await call.services.playback.play(agent.user, call["value"], instead=override == "Y")
    except InvalidInput:
        raise Answer(_not_valid(call)) from None
    except SoundPlays:
        where = (agent.room, call.address(agent), stage, override, agent.user)
        why = "audio_playback error - audio already playing in agent session"
        raise Answer(error(why, *where)) from None
    if was_played:
        call.told.append(notice("audio_playback previous playback stopped", stage, override, agent.user))


def _not_valid(call: FunctionCall) -> str:
    return error("audio_playback not valid", call["value"], call["stage"], call["agent_user"])
