"""Managers in agents' rooms: a phone is rung, and who answers it listens, is heard by the agent, or by all.

Such a phone is no party of the call: the room has it until it hangs up or the agent is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from bridge.agents.model import AgentSession, MonitorWay
from bridge.agents.phones import AgentPhones
from bridge.agents.stepping import Stepping
from bridge.ami.actions import Originate
from bridge.ami.client import AmiClient
from bridge.ami.errors import ActionRefused, NotConnected, OutcomeUnknown
from bridge.calls.service import Calls
from bridge.campaigns.model import Phone
from bridge.errors import (
    AsteriskUnavailable,
    InvalidState,
    NoRoom,
    NotAllowed,
    OriginateRefused,
    OriginateUnknown,
)
from bridge.events.catalogue import AgentMonitored
from bridge.ids import uuid7
from bridge.rules import Permit, PermitExpired
from bridge.turn import Turn

RING_MS = 30_000
"""How long a manager's phone rings."""


class MonitorLink:
    """One Asterisk, as managers' phones need it."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    async def ring(
        self, session: AgentSession, phone: Phone, way: MonitorWay, channel: str, permit: Permit | None
    ) -> None:
        """Ring a phone, and let it into a room as soon as it answers.

        Args:
            session: the agent's, whose room it is.
            phone: the manager's.
            way: what it does there.
            channel: unique id of its channel.
            permit: the gate's word for a phone that is dialled by a number.

        Raises:
            AmiError: it was not sent, was refused, or its outcome is unknown.
        """
        if permit is not None:
            permit.check(phone.dial)
        action = Originate(
            channel=phone.dial,
            channel_id=channel,
            context="bridge-monitor",
            exten=session.room,
            timeout_ms=RING_MS,
            caller_id=f'"Monitor {session.user}" <{session.room}>',
            variables={"BRIDGE_MONITOR": way.value, "BRIDGE_MONITORED": session.phone_channel},
        )
        await self._client.send(action, action_id=channel)


class Monitoring:
    """Lets managers into agents' rooms.

    Args:
        links: to each Asterisk, by its name.
        first: the Asterisk of phones that name none.
        phones: which phones there are, and what the gate says of them.
        calls: knows which Asterisk can be reached.
        stepping: how commands reach sessions.
        whisper: whether anybody may speak to an agent alone.
    """

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        links: Mapping[str, MonitorLink],
        first: str,
        *,
        phones: AgentPhones,
        calls: Calls,
        stepping: Stepping,
        whisper: bool = True,
    ) -> None:
        self._links = links
        self._first = first
        self._phones = phones
        self._calls = calls
        self._stepping = stepping
        self._whisper = whisper

    async def ring(self, user: str, login: str, way: MonitorWay, *, asked_by: str) -> str:
        """Ring a phone for an agent's room; the unique id of its channel.

        Args:
            user: the agent.
            login: of the phone.
            way: what who answers does in the room.
            asked_by: the API user.

        Raises:
            NotAllowed, NotLoggedIn, NoRoom, NoSuchPhone, InvalidState, DialRefused, UserLimited,
                AsteriskUnavailable: nothing was done.
            OriginateRefused: Asterisk would not ring it.
            OriginateUnknown: the link was lost in mid action; it may ring.
        """
        if way is MonitorWay.WHISPER and not self._whisper:
            raise NotAllowed("nobody speaks to an agent alone here: [api] whisper is false", rule="whisper")
        phone = await self._phones.line(login)
        channel = uuid7()

        async def work(turn: Turn) -> None:
            session = await self._stepping.locked(turn, user)
            self._check(session, phone)
            permit = await self._phones.permit(turn, phone, asked_by)
            turn.tx.emit(
                AgentMonitored(
                    user=user,
                    session_id=session.id,
                    campaign=session.campaign,
                    phone=phone.login,
                    way=way.value,
                    channel=channel,
                    asked_by=asked_by,
                )
            )
            turn.after(partial(self._ring, session, phone, way, channel, permit))

        async with self._stepping.hold(user):
            await self._stepping.turns.run(work)
        return channel

    def _check(self, session: AgentSession, phone: Phone) -> None:
        if session.logged_in_at is None or not session.has_room:
            raise NoRoom(agent=session.user)
        if (phone.asterisk or self._first) != session.asterisk:
            raise InvalidState(f"phone {phone.login} is not on the agent's Asterisk")
        self._calls.check_link(session.asterisk)

    async def _ring(
        self, session: AgentSession, phone: Phone, way: MonitorWay, channel: str, permit: Permit | None
    ) -> None:
        try:
            await self._links[session.asterisk].ring(session, phone, way, channel, permit)
        except ActionRefused as error:
            raise OriginateRefused(
                f"Asterisk would not ring it: {error.message}", asterisk=session.asterisk
            ) from error
        except (NotConnected, PermitExpired) as error:
            raise AsteriskUnavailable(asterisk=session.asterisk) from error
        except OutcomeUnknown as error:
            raise OriginateUnknown(
                "The link to Asterisk was lost in mid action: the phone may ring", agent=session.user
            ) from error
