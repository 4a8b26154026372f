"""Remote agents, for both APIs: switched on and off from outside, and moved to another campaign.

A remote agent sits at no screen: she is logged in from here, and her phone, wherever it is, is rung for each
call. She is active while she is logged in and not paused.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from bridge.access.model import Principal
from bridge.agents.model import AgentSession, AgentState
from bridge.api.giving import is_visible
from bridge.errors import NoPhone, RemoteAgentBusy
from bridge.services import Services

_IDLE: Final = (AgentState.PAUSED, AgentState.READY)
_ON_CALL: Final = (AgentState.OFFERED, AgentState.DIALING, AgentState.INCALL)


class Remote(NamedTuple):
    """A remote agent, and her session if she has one."""

    agent: Principal
    session: AgentSession | None

    @property
    def active(self) -> bool:
        """Whether she is given calls, now or as soon as the one in hand is over."""
        on = self.session is not None and self.session.state is not AgentState.PAUSED
        return on and self.session is not None and self.session.after_call is AgentState.READY

    @property
    def on_call(self) -> bool:
        """Whether her phone rings for a call, or she is in one."""
        return self.session is not None and self.session.state in _ON_CALL

    def is_switched(self, *, on: bool) -> bool:
        """Whether there is nothing to switch; one who was paused is neither on nor off."""
        if on:
            return self.active
        return self.session is None or self.session.after_call is AgentState.LOGGED_OUT


async def find(services: Services, principal: Principal, user: str) -> Remote | None:
    """A remote agent, if she is one that the principal sees."""
    known = await services.access.principal(user)
    if known is None:
        return None
    remote = Remote(known, await services.agents.session(user))
    return remote if is_seen(principal, remote) else None


def is_seen(principal: Principal, remote: Remote) -> bool:
    """Whether she is one, of a group and in campaigns that the principal sees."""
    agent, session = remote
    campaigns = {agent.remote, session.campaign if session else agent.remote}
    within = principal.scope is not None and all(one in principal.scope.campaigns for one in campaigns)
    return bool(agent.remote) and within and is_visible(principal, agent)


async def switch(
    services: Services, remote: Remote, *, active: bool | None, campaign: str, asked_by: str
) -> None:
    """Log her in or out, as it was asked for; to move her takes both.

    Args:
        services: what does it.
        remote: the agent as she is.
        active: whether she is to be; `None`: as she is now.
        campaign: for which she is to work.
        asked_by: who asks.

    Raises:
        RemoteAgentBusy: she has a call, and is to be moved.
        NoPhone: she is to be active, and there is nothing to ring.
        BridgeError: what `Agents.login` raises.
    """
    agents, user, session = services.agents, remote.agent.user, remote.session
    if active is False:
        if session is not None:
            await agents.logout(user, asked_by=asked_by)
        return
    resumes = active is True or (session is not None and session.state is AgentState.READY)
    if session is not None and session.campaign != campaign:
        if session.state not in _IDLE:
            raise RemoteAgentBusy(agent=user, state=session.state)
        _check_phone(remote.agent)
        await agents.logout(user, asked_by=asked_by)
        await _log_in(services, remote.agent, campaign, asked_by)
    elif session is None and resumes:
        await _log_in(services, remote.agent, campaign, asked_by)
    elif session is None or remote.active:
        return
    if resumes:
        await _resume(services, user, asked_by)


async def _log_in(services: Services, agent: Principal, campaign: str, asked_by: str) -> None:
    """Her phone is rung for each call: nothing rings now."""
    _check_phone(agent)
    await services.agents.login(agent.user, agent.phone, campaign, on_hook=True, asked_by=asked_by)


def _check_phone(agent: Principal) -> None:
    if not agent.phone:
        raise NoPhone(agent=agent.user)


async def _resume(services: Services, user: str, asked_by: str) -> None:
    """Make her ready: now, or after the call in hand, behind which she was to leave or to pause."""
    session = await services.agents.session(user)
    if session is not None and session.state in _ON_CALL:
        await services.agents.stay(user, asked_by=asked_by)
    else:
        await services.agents.resume(user, asked_by=asked_by)
