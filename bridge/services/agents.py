"""What the APIs need of agents and the parties of their calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bridge.agents.model import AgentSession, MonitorWay
from bridge.calls.model import Call
from bridge.campaigns.browser_server import BrowserPhone
from bridge.screens.model import NewNotification, Notification, RecipientType, Timer
from bridge.services.values import (
    Callback,
    Dialled,
    DialRequest,
    FieldsUpdated,
    Party,
    PlaybackControl,
    PreviewAction,
    QueueChange,
    ScreenSnapshot,
)


class ManualDials(Protocol):
    """Calls that agents make by hand: `bridge.agents.manual.ManualDials`."""

    async def ask(self, user: str, request: DialRequest, *, seen: AgentSession) -> Dialled:
        """Dial, show, or let wait, as the request and the agent's campaign have it.

        Args:
            user: the agent, who may dial by hand.
            request: whom to call.
            seen: her session, as it was just read.

        Raises:
            NotLoggedIn, NotPaused, AlreadyQueued, NoLeadLeft, NoSuchLead, InvalidInput, DialRefused,
            AsteriskUnavailable, OriginateRefused, OriginateUnknown
        """

    async def repeated(self, session: AgentSession, request: DialRequest) -> bool:
        """Whether the agent has asked for the same a moment ago, and it is her call now."""

    async def act(self, user: str, action: PreviewAction, *, asked_by: str) -> Dialled:
        """Do this with what she looks at; where she looks at nothing, nothing.

        Raises:
            NotLoggedIn, NotPaused, InvalidState, DialRefused, AsteriskUnavailable, OriginateRefused,
            OriginateUnknown
        """


class Conference(Protocol):
    """Commands about the parties of an agent's call: `bridge.agents.conference.Conference`.

    Each raises `NotLoggedIn` or `NoCall` if there is no live call, `AsteriskUnavailable` if Asterisk cannot
    be reached and `AsteriskRefused` if it will not. Without a third party, what is asked of one is nothing.
    """

    async def call_of(self, user: str) -> Call:
        """The live call that she has."""

    async def third_parties(self, user: str) -> Sequence[Call]:
        """Those whom she has called for it, oldest first."""

    async def park(self, user: str, who: Party, *, ivr: bool = False) -> None:
        """Let a party hear hold music."""

    async def grab(self, user: str, who: Party) -> None:
        """Take a parked party back."""

    async def swap(self, user: str, park: Party) -> None:
        """Park one party and take the other one back."""

    async def press(self, user: str, keys: str) -> None:
        """Press keys in her room: digits, `*`, `#`, and `w` for half a second."""

    async def dial_third(self, user: str, requests: Sequence[DialRequest], *, park: bool = False) -> None:
        """Call a third party into the room; of several the first that answers stays (`DialRefused`)."""

    async def consult(self, user: str, queue: str, *, for_user: str = "", park: bool = False) -> None:
        """Ask an in-group to join the room."""

    async def hangup(self, user: str, who: Party) -> None:
        """Hang up a party."""

    async def hangup_both(self, user: str) -> None:
        """Hang up everybody but the agent."""


class Transfers(Protocol):
    """Commands by which a customer goes on without the agent: `bridge.agents.transfers.Transfers`.

    Each raises `NotLoggedIn` or `NoCall` if there is no live call, `AsteriskUnavailable` or
    `OriginateRefused` if the customer is where she was, `OriginateUnknown` if nobody knows.
    """

    async def leave(self, user: str) -> Call | None:
        """Leave the customer with the third parties; the call that she is then, `None` if there are none."""

    async def leave_message(self, user: str) -> Call:
        """Leave the agent's messages on the machine that has answered; the call that goes on."""

    async def to_queue(self, user: str, queue: str, *, for_user: str = "") -> Call:
        """Pass the customer on to an in-group; the call that she is then."""

    async def to_number(self, user: str, request: DialRequest) -> Call:
        """Pass the customer on to a number (`DialRefused`: she stays); the call that she is then."""

    async def finish(self, user: str, call_id: str, status: str) -> None:
        """Give the status of the call she is about to lose; she waits for the next one then."""


class InGroups(Protocol):
    """In-groups, as agents serve them: `bridge.agents.in_groups.InGroups`."""

    async def change(self, user: str, change: QueueChange, *, asked_by: str) -> AgentSession:
        """Serve other in-groups.

        Raises:
            NotLoggedIn, NoSuchQueue, AsteriskUnavailable: nothing was changed.
        """

    async def waiting(self, session: AgentSession) -> int:
        """How many callers wait for her: in her in-groups, or answered by her campaign's dialler."""

    async def queued(self) -> Sequence[Call]:
        """All callers who wait in an in-group's queue, who has waited longest first."""


class Playback(Protocol):
    """Sounds that are played into agents' rooms: `bridge.agents.playback.Playback`.

    Each raises `NotLoggedIn`, `NoRoom`, `AsteriskUnavailable` or `AsteriskRefused` if it cannot be done.
    """

    async def play(self, user: str, sound: str, *, instead: bool = False) -> bool:
        """Play a sound; `instead` of one that is played now. Gives whether there was one.

        Raises:
            SoundPlays: there is one.
            InvalidInput: it is no name of a sound.
        """

    async def control(self, user: str, control: PlaybackControl) -> None:
        """Stop, pause, resume or begin again what is played (`NoSound`)."""


class AgentPhones(Protocol):
    """Agents' own phones: `bridge.agents.phones.AgentPhones`."""

    async def call_again(self, user: str, *, asked_by: str) -> AgentSession:
        """Ring the agent's phone once more; seated, it takes the place of the one she has.

        Raises:
            NotLoggedIn, NoRoom, NoSuchPhone, DialRefused, AsteriskUnavailable, OriginateRefused,
            OriginateUnknown
        """


class BrowserPhones(Protocol):
    """Phones that are browsers: `bridge.campaigns.browser_phone.BrowserPhones`."""

    async def of(self, login: str) -> BrowserPhone:
        """What the browser registers with that is this phone (`NoBrowserPhone`)."""


class Monitoring(Protocol):
    """Managers in agents' rooms: `bridge.agents.monitoring.Monitoring`."""

    async def ring(self, user: str, login: str, way: MonitorWay, *, asked_by: str) -> str:
        """Ring a phone, and let who answers into an agent's room; the unique id of its channel.

        Raises:
            NotAllowed, NotLoggedIn, NoRoom, NoSuchPhone, InvalidState, DialRefused, UserLimited,
            AsteriskUnavailable, OriginateRefused, OriginateUnknown
        """


class Agents(Protocol):
    """Commands to agents' sessions. Each raises a `bridge.errors.BridgeError` if it cannot be done."""

    async def login(
        self, user: str, phone: str, campaign: str, *, on_hook: bool = False, asked_by: str
    ) -> AgentSession:
        """Ring her phone; the session is `connecting` until she is seated (`on_hook`: `paused` at once).

        Raises:
            NoSuchAgent, NoSuchPhone, NoSuchCampaign, AlreadyLoggedIn, PhoneInUse, NotAllowed,
            AsteriskUnavailable, OriginateRefused, OriginateUnknown
        """

    async def logout(self, user: str, *, asked_by: str) -> AgentSession:
        """End her session, after the call if she is in one (`NotLoggedIn`)."""

    async def pause(self, user: str, reason: str, *, asked_by: str) -> AgentSession:
        """Pause her, after the call if she is in one; an empty reason keeps the last (`NotLoggedIn`)."""

    async def resume(self, user: str, *, asked_by: str) -> AgentSession:
        """Make her ready (`NotLoggedIn`; `NotPaused` if she waits for or has a call)."""

    async def stay(self, user: str, *, asked_by: str) -> AgentSession:
        """Take back a pause or an end of her session that waits for the end of her call (`NotLoggedIn`)."""

    async def set_pause_code(self, user: str, code: str, *, asked_by: str) -> AgentSession:
        """Give the pause that she is in another code (`NotLoggedIn`; `NotPaused` if she is in none)."""

    async def session(self, user: str) -> AgentSession | None:
        """Her session that is not logged out, if there is one."""

    async def on_phone(self, phone: str) -> AgentSession | None:
        """The session that has this phone, if there is one."""

    async def sessions(self) -> Sequence[AgentSession]:
        """All sessions that are not logged out, by user."""

    async def dial(self, user: str, request: DialRequest, *, seen: AgentSession | None = None) -> Call:
        """Place a manual call out of her room.

        Args:
            user: the agent.
            request: whom to call.
            seen: her session, if the caller has just read it and seen to it that she may dial by hand.

        Raises:
            NotLoggedIn, NotPaused, ManualDialNotAllowed, DialRefused, NoSuchLead, AsteriskUnavailable,
            OriginateRefused, OriginateUnknown
        """

    async def hangup(self, user: str, *, asked_by: str) -> Call:
        """Hang up the customer of the call she has (`NotLoggedIn`, `NoCall`, `AsteriskUnavailable`)."""

    async def set_status(self, user: str, status: str, *, callback: Callback | None, asked_by: str) -> Call:
        """Give the disposition of her call, before or after its end (`NotLoggedIn`, `NoCall`)."""


class Screens(Protocol):
    """Commands to agents' screens: `bridge.screens.commands.ScreenCommands`."""

    async def snapshot(self, user: str) -> ScreenSnapshot:
        """All that her page shows now; nothing if she is not logged in."""

    async def update_fields(
        self, user: str, fields: Mapping[str, str], panels: Sequence[str]
    ) -> FieldsUpdated:
        """Change fields of the lead on her screen (`NotLoggedIn`, `NoLead`, `InvalidInput`)."""

    async def refresh(self, user: str, panels: Sequence[str]) -> AgentSession:
        """Have panels of her screen loaded anew (`NotLoggedIn`)."""

    async def set_timer(self, user: str, timer: Timer) -> AgentSession:
        """Have something done at a time in her call (`NotLoggedIn`)."""

    async def webphone_url(self, user: str) -> str:
        """The page of her phone in the browser; empty if it has none (`NotLoggedIn`, `NoSuchPhone`)."""

    async def launch_webphone(self, user: str) -> str:
        """The same, and her screen is told that it was asked for."""

    async def call(self, user: str) -> Call:
        """The live call that she has (`NotLoggedIn`, `NoCall`)."""

    async def switch_lead(self, user: str, lead_id: int) -> int | None:
        """Make another lead the one of her inbound call (`NotLoggedIn`, `NoCall`, `InvalidState`)."""

    async def keep_messages(self, user: str, sounds: Sequence[str]) -> Call:
        """Keep what is left on an answering machine in her call (`NotLoggedIn`, `NoCall`)."""

    async def notify(self, wanted: NewNotification) -> Notification:
        """Put a text, or confetti, on the screens of its recipients, now or when it is due."""

    async def recipient_exists(self, kind: RecipientType, name: str) -> bool:
        """Whether there is such a user, group or campaign."""
