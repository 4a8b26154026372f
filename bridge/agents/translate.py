"""What Asterisk's events mean for agents' sessions: AMI events in, (session id, signal) out. No I/O."""

from __future__ import annotations

from datetime import datetime

from bridge.agents.signals import PhoneFact, PhoneFailed, PhoneLost, PhoneUp
from bridge.ami.events import AmiEvent, ConfbridgeJoin, Hangup, OriginateResponse


class Translator:
    """Knows which channels are agents' phones."""

    def __init__(self) -> None:
        self._sessions: dict[str, str] = {}
        """Session ids by the unique ids of phones' channels."""

    def follow(self, session_id: str, channel: str) -> None:
        """Take the events of this phone of a session."""
        self._sessions[channel] = session_id

    def follows(self, channel: str) -> bool:
        """Whether this phone's events are taken."""
        return channel in self._sessions

    def owner(self, channel: str) -> str:
        """Id of the session whose phone it is; empty for a channel that is not followed."""
        return self._sessions.get(channel, "")

    def forget(self, channel: str) -> None:
        """Take no more of them."""
        self._sessions.pop(channel, None)

    def signal(self, event: AmiEvent, at: datetime) -> tuple[str, PhoneFact] | None:
        """Return what an event means, if it is about an agent's phone."""
        by_action = isinstance(event, OriginateResponse)  # its Uniqueid may be another call's
        channel = event.action_id if by_action else event.get("Uniqueid")
        session_id = self._sessions.get(channel)
        if session_id is None:
            return None
        match event:
            case OriginateResponse() if not event.success:
                return session_id, PhoneFailed(at=at, channel=channel)
            case ConfbridgeJoin():
                return session_id, PhoneUp(at=at, channel=channel)
            case Hangup():
                return session_id, PhoneLost(at=at, channel=channel)
            case _:
                return None
