"""What an agent is doing, in the words of the reports. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from bridge.agents.model import AgentSession, AgentState
from bridge.calls.model import LIVE, Call, CallState


class Doing(StrEnum):
    """Under which head an agent is counted; each is under one."""

    CALL = "call"
    WAITING = "waiting"
    PAUSED = "paused"
    DISPO = "dispo"
    DIALLING = "dialling"


_DOING: Final[Mapping[AgentState, Doing]] = {
    AgentState.CONNECTING: Doing.PAUSED,
    AgentState.PAUSED: Doing.PAUSED,
    AgentState.READY: Doing.WAITING,
    AgentState.OFFERED: Doing.CALL,
    AgentState.DIALING: Doing.DIALLING,
    AgentState.INCALL: Doing.CALL,
    AgentState.WRAPUP: Doing.DISPO,
    AgentState.LOGGED_OUT: Doing.PAUSED,
}


class AgentNow(msgspec.Struct, frozen=True, kw_only=True):
    """One agent who is logged in."""

    session: AgentSession
    call: Call | None = None
    """Hers, or the one that she has still to dispose."""
    sub_status: str = ""
    """`dial`, `park`, `3-way`, `dispo`, `preview`, `ring`, or nothing."""
    calls_today: int = 0

    @property
    def doing(self) -> Doing:
        """Under which head she is counted; one whose phone rings has not got the call yet."""
        return Doing.WAITING if self.session.is_ringing else _DOING[self.session.state]

    @property
    def lead_id(self) -> int | None:
        """The lead on her screen."""
        preview = self.session.preview
        if self.session.is_ringing:
            return None
        return preview.lead_id if preview is not None else self.session.lead_id


def now(sessions: Iterable[AgentSession], calls: Sequence[Call], today: Mapping[str, int]) -> list[AgentNow]:
    """What agents are doing.

    Args:
        sessions: theirs.
        calls: all that are not disposed.
        today: how many calls each has had today.
    """
    by_id = {call.id: call for call in calls}
    with_legs = {call.parent for call in calls if call.is_leg and call.state is CallState.BRIDGED}
    return [
        AgentNow(
            session=session,
            call=(call := by_id.get(session.call_id or "")),
            sub_status=_sub_status(session, call, with_legs),
            calls_today=today.get(session.user, 0),
        )
        for session in sessions
    ]


def _sub_status(session: AgentSession, call: Call | None, with_legs: set[str]) -> str:
    if session.is_ringing:
        return "ring"
    if session.state is AgentState.WRAPUP:
        return "dispo"
    if session.state is AgentState.DIALING:
        return "dial"
    if session.state is AgentState.INCALL and call is not None:
        if call.parked_at is not None:
            return "park"
        return "3-way" if call.is_leg or call.id in with_legs else ""
    return "preview" if session.preview is not None else ""


def counted(agents: Iterable[AgentNow]) -> Counter[Doing]:
    """How many do what."""
    return Counter(agent.doing for agent in agents)


def waits(call: Call) -> bool:
    """Whether it is a customer who waits for an agent."""
    return call.state is CallState.QUEUED or (call.state is CallState.ANSWERED and not call.session_id)


def is_live(call: Call) -> bool:
    """Whether somebody is still on the line."""
    return call.state in LIVE
