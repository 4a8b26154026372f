"""What Asterisk's events mean for agents' sessions: AMI events in, (session id, signal) out. No I/O."""

from __future__ import annotations

from datetime import datetime

from bridge.agents.signals import Fact, PhoneFailed, PhoneLost, PhoneUp
from bridge.ami.events import AmiEvent, ConfbridgeJoin, Hangup, OriginateResponse


class Translator:
    """Knows which channels are agents' phones. A phone's channel has the session's id."""

    def __init__(self) -> None:
        self._sessions: set[str] = set()

    def follow(self, session_id: str) -> None:
        """Take the events of this session's phone."""
        self._sessions.add(session_id)

    def follows(self, session_id: str) -> bool:
        """Whether this session's events are taken."""
        return session_id in self._sessions

    def forget(self, session_id: str) -> None:
        """Take no more of them."""
        self._sessions.discard(session_id)

    def signal(self, event: AmiEvent, at: datetime) -> tuple[str, Fact] | None:
        """Return what an event means, if it is about an agent's phone."""
        by_action = isinstance(event, OriginateResponse)  # its Uniqueid may be another call's
        session_id = event.action_id if by_action else event.get("Uniqueid")
        if session_id not in self._sessions:
            return None
        match event:
            case OriginateResponse() if not event.success:
                return session_id, PhoneFailed(at=at)
            case ConfbridgeJoin():
                return session_id, PhoneUp(at=at)
            case Hangup():
                return session_id, PhoneLost(at=at)
            case _:
                return None
