"""What agents' sessions ask of one Asterisk: ring a phone, seat it, and keep the queues informed."""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from bridge.agents.effects import DeviceState
from bridge.agents.model import AgentSession
from bridge.ami.actions import (
    ControlPlayback,
    Getvar,
    Hangup,
    Originate,
    QueueAdd,
    QueuePause,
    QueueRemove,
    QueueStatus,
    Setvar,
)
from bridge.ami.client import AmiClient
from bridge.ami.errors import ActionRefused, PermissionDenied
from bridge.ami.events import QueueMember, QueueParams
from bridge.calls.asterisk import ROOM_TIMEOUT_MS, unless_gone
from bridge.rules import Permit

PHONE_TIMEOUT_MS: Final = 30_000
"""How long an agent's phone rings at login."""

SOUND: Final = "BRIDGE_SOUND"
"""Variable of the channel that plays: the sound's name."""

OFFER_CONTEXT: Final = "bridge-offer"

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]")
"""What no pause code has; `|` divides the fields of Asterisk's `queue_log`."""

Members: TypeAlias = frozenset[tuple[str, str]]
"""Queues and the rooms that are their members."""


def interface(room: str) -> str:
    """The queue member that stands for an agent: a call to it asks for her, then joins her room."""
    return f"Local/{room}@{OFFER_CONTEXT}/n"


def room_of(member: str) -> str:
    """The room of such a member, or '' if it is none of ours."""
    room, at, rest = member.removeprefix("Local/").partition("@")
    return room if at and rest.startswith(OFFER_CONTEXT) else ""


class AgentLink:
    """One Asterisk, as agents' sessions see it."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    async def ring(self, session: AgentSession, dial: str, permit: Permit | None) -> None:
        """Ring the agent's own phone and seat it in her room when it answers.

        Args:
            session: hers; the newest of its channels is the one that is made.
            dial: the dial string of her phone, from the site's configuration.
            permit: the gate's word for a phone that is dialled by a number.

        Raises:
            AmiError: it was not sent, was refused, or its outcome is unknown.
        """
        if permit is not None:
            permit.check(dial)
        channel = session.next_channel or session.phone_channel
        action = Originate(
            channel=dial,
            channel_id=channel,
            context="bridge-agent",
            exten=session.room,
            timeout_ms=PHONE_TIMEOUT_MS,
            caller_id=f'"Login {session.campaign}" <{session.room}>',
            variables={"BRIDGE_CALL_ID": session.id, "CDR(userfield)": session.id},
        )
        await self._client.send(action, action_id=channel)

    async def hangup(self, channel: str) -> None:
        """Hang up her phone's channel; that it is gone already is no error."""
        with unless_gone():
            await self._client.send(Hangup(channel))

    async def join(self, session: AgentSession, queue: str) -> bool:
        """Make her a member of a queue, paused; `pause` says why.

        Returns:
            Whether Asterisk has this queue.

        Raises:
            AmiError: the link is down or was lost, or the AMI user may not do it.
        """
        member = QueueAdd(
            queue=queue,
            interface=interface(session.room),
            member_name=session.user,
            state_interface=_device(session),
            paused=True,
        )
        try:
            await self._client.send(member)
        except PermissionDenied:
            raise
        except ActionRefused:  # no such queue, or she is a member already: adopted after a restart of ours
            return await self.has_queue(queue)
        return True

    async def has_queue(self, queue: str) -> bool:
        """Whether Asterisk has this queue (`AmiError`: it cannot be asked)."""
        rows = await self._client.send_list(QueueStatus(queue=queue))
        return any(isinstance(row, QueueParams) and row.queue == queue for row in rows)

    async def pause(
        self, session: AgentSession, queues: tuple[str, ...], *, paused: bool, reason: str
    ) -> None:
        """Pause or unpause her in her queues; of the reason, what cannot break a line of `queue_log`."""
        told = _UNFIT.sub("", reason)
        for queue in queues:
            action = QueuePause(interface(session.room), paused, queue=queue, reason=told or None)
            with unless_gone():  # the queue is not there any more
                await self._client.send(action)

    async def members(self) -> Members:
        """The rooms of ours that are members of queues, whoever made them so.

        Raises:
            AmiError: the link is down or was lost.
        """
        rows = await self._client.send_list(QueueStatus())
        members = ((row.queue, room_of(row.interface)) for row in rows if isinstance(row, QueueMember))
        return frozenset((queue, room) for queue, room in members if room)

    async def remove(self, queue: str, room: str) -> None:
        """Take a room out of a queue; that it is no member is no error."""
        with unless_gone():
            await self._client.send(QueueRemove(queue, interface(room)))

    async def play(self, session: AgentSession, channel: str, sound: str) -> None:
        """Play a sound into her room.

        Args:
            session: hers.
            channel: unique id for the half of the Local channel that plays; the other one sits in the room.
            sound: its name, without an extension.

        Raises:
            AmiError: it was not sent, was refused, or its outcome is unknown.
        """
        action = Originate(
            channel=f"Local/{session.room}@bridge-room/n",
            channel_id=channel,
            context="bridge-play",
            exten="s",
            timeout_ms=ROOM_TIMEOUT_MS,
            variables={SOUND: sound},
        )
        await self._client.originate(action, action_id=channel)

    async def plays(self, channel: str) -> bool:
        """Whether this channel still plays its sound (`AmiError`: Asterisk cannot be asked)."""
        try:
            await self._client.send(Getvar(SOUND, channel))
        except PermissionDenied:
            raise
        except ActionRefused:
            return False
        return True

    async def control(self, channel: str, control: Literal["pause", "restart"]) -> None:
        """Pause what a channel plays (what is paused goes on), or begin it again.

        Raises:
            AmiError: it was not sent, was refused, or its outcome is unknown.
        """
        await self._client.send(ControlPlayback(channel, control))

    async def set_device(self, session: AgentSession, state: DeviceState) -> None:
        """Set the device that her queues look at."""
        await self._client.send(Setvar(variable=f"DEVICE_STATE({_device(session)})", value=state))


def _device(session: AgentSession) -> str:
    return f"Custom:agent-{session.user}"
