"""`recording`: record the agent's room; `stereo_recording`: say that it is not supported."""

from __future__ import annotations

from bridge.agents.model import AgentSession
from bridge.api.recording_links import signed_url
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import error, notice, success
from bridge.api.vicidial.status import status_word
from bridge.errors import NotRecording
from bridge.recordings.model import MAX_SUFFIX, Recording

_NOTHING = ("", "", "", "")
"""In place of id, file name, server and time."""


async def recording(call: FunctionCall) -> str:
    """Start or stop the recording of the agent's room, or say what is being recorded.

    `stage` is put behind the file's name. Who may have recordings is told in a `Link` header where this one
    can be fetched, and with `recording_url=YES` in a field of its own, too.
    """
    value = call["value"]
    if value not in ("START", "STOP", "STATUS") or not call.names_agent():
        return error("recording not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    if value == "STATUS":
        return await _status(call, agent, await call.services.recordings.running(agent))
    if value == "STOP":
        return await _stop(call, agent)
    stage = call["stage"][:MAX_SUFFIX]
    begun = await call.services.recordings.start(agent.user, stage, asked_by=call.principal.user)
    return await _sent(call, agent, f"START{stage}", begun)


async def _stop(call: FunctionCall, agent: AgentSession) -> str:
    try:
        over = await call.services.recordings.stop(agent.user, asked_by=call.principal.user)
    except NotRecording:
        return error("stop recording error", agent.user, *_NOTHING, *_where(call, agent))
    return await _sent(call, agent, "STOP", over)


async def stereo_recording(call: FunctionCall) -> str:
    """Say that there is none: each file holds both voices in one channel."""
    value = call["value"]
    if value not in ("BEGIN", "END", "STATUS") or not call.names_agent():
        return error("stereo_recording not valid", value, call["agent_user"])
    call.check_permission(value)
    agent = await call.session()
    return error("stereo_recording is not supported", agent.user, *_NOTHING, *_where(call, agent))


async def _sent(call: FunctionCall, agent: AgentSession, what: str, recording: Recording) -> str:
    fields = (agent.user, what, "", "", "", *_where(call, agent), *await _link(call, recording))
    return success("recording function sent", *fields)


async def _status(call: FunctionCall, agent: AgentSession, running: Recording | None) -> str:
    if running is None:
        fields = (*_NOTHING, *_where(call, agent), *await _link(call, None))
        return notice("not recording", agent.user, *fields)
    begun = running.started_at.astimezone(call.services.options.timezone).strftime("%Y-%m-%d %H:%M:%S")
    what = (str(running.id), running.filename, call.address(agent), begun)
    fields = (*what, *_where(call, agent), *await _link(call, running))
    return notice("recording active", agent.user, *fields)


async def _link(call: FunctionCall, recording: Recording | None) -> tuple[str, ...]:
    """Tell where the file is or will be, and give the field for it, if the caller wants one."""
    found = None
    if recording is not None:
        found = await signed_url(call.services, call.principal, recording, call.base_url())
    if found is not None:
        call.headers["Link"] = f'<{found.url}>; rel="enclosure"'
    return ("" if found is None else found.url,) if call["recording_url"] == "YES" else ()


def _where(call: FunctionCall, agent: AgentSession) -> tuple[str, str, str]:
    return call.address(agent), agent.room, status_word(agent)
