"""What an agent's session is: plain data, shared by the state machine, the store and the API."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class AgentState(StrEnum):
    """What an agent is doing."""

    CONNECTING = "connecting"
    """Her phone is being rung."""
    PAUSED = "paused"
    READY = "ready"
    """Waits for a call."""
    OFFERED = "offered"
    """A call is just being given to her (`QUEUE` in the line format)."""
    DIALING = "dialing"
    """A manual call is being placed for her (`MQUEUE`)."""
    INCALL = "incall"
    WRAPUP = "wrapup"
    """The call is over, its disposition is open (`PAUSED` with a lead)."""
    LOGGED_OUT = "logged_out"


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent looks at before it is dialled."""

    number: str
    """Digits that will be dialled unless she picks another number of the lead."""
    phone_code: str = ""
    lead_id: int | None = None
    caller_id: str = ""
    dial_prefix: str = ""
    queue: str = ""
    """In-group in whose name it will be dialled."""
    lead_status: str = ""
    """Status that the lead had before it was taken for her as her campaign's next; empty: it was not."""


class MonitorWay(StrEnum):
    """What a manager does in an agent's room."""

    LISTEN = "listen"
    """Nobody hears her."""
    WHISPER = "whisper"
    """The agent alone does."""
    BARGE = "barge"
    """Everybody does."""


class AgentSession(msgspec.Struct, frozen=True, kw_only=True):
    """One shift of one agent on one phone. Times are aware and in UTC."""

    id: str
    """UUIDv7: also the unique id of her phone's channel in Asterisk."""
    user: str
    phone: str
    campaign: str
    asterisk: str
    room: str
    """Her ConfBridge room: 7 digits, unique among the sessions that are logged in."""
    state: AgentState = AgentState.CONNECTING
    state_since: datetime
    pause_reason: str = "LOGIN"
    """Pause code, 1 to 6 characters; kept while not paused for the next report."""
    code_since: datetime | None = None
    """Since when her pause has this code, if that is not as long as the pause."""
    ready_since: datetime | None = None
    """Since when she waits: the arbiter gives a call to the oldest."""
    call_id: str | None = None
    lead_id: int | None = None
    after_call: AgentState = AgentState.READY
    """Where she goes after the call in hand: READY, PAUSED (asked in the call) or LOGGED_OUT."""
    queues: tuple[str, ...] = ()
    logged_in_at: datetime | None = None
    """When she was seated in her room."""
    logged_out_at: datetime | None = None
    logout_reason: str = ""
    """`asked`, `phone_lost`, `phone_failed`, `asterisk_restarted`, …"""
    channel: str = ""
    """Unique id of her phone's channel; empty: the session's own id, as long as she was not rung again."""
    next_channel: str = ""
    """Unique id of the channel by which her phone is being rung again; once seated it is `channel`."""
    preview: Preview | None = None
    """The lead on her screen that waits for her word to be dialled."""
    blended: bool = True
    """Takes calls that the dialler makes beside those of her in-groups."""
    on_hook: bool = False
    """Her phone is rung for each call instead of holding the room: `channel` is empty between calls."""
    playback: str = ""
    """Unique id of the channel that plays a sound into her room; it may have ended by itself."""
    playback_paused: bool = False
    version: int = 0

    @property
    def span_since(self) -> datetime:
        """Since when she does what she does now: her state, her pause code and her call are the same."""
        return self.code_since or self.state_since

    @property
    def phone_channel(self) -> str:
        """Unique id of the channel of her phone; empty on hook, while it holds no room."""
        return self.channel if self.on_hook else self.channel or self.id

    @property
    def has_room(self) -> bool:
        """Whether she can be heard in her room: on hook, only while her phone is up."""
        return not self.on_hook or bool(self.channel)

    @property
    def is_ringing(self) -> bool:
        """Whether her phone, on hook else, is rung for a call."""
        return self.on_hook and not self.channel and self.state in (AgentState.OFFERED, AgentState.DIALING)
