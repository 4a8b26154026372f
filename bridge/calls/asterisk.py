"""What calls ask of one Asterisk. The only place where a call towards the network is originated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Literal, NamedTuple

import msgspec

from bridge.ami.actions import CoreShowChannels, Hangup, Originate, Redirect, Setvar
from bridge.ami.client import AmiClient
from bridge.ami.errors import ActionRefused, PermissionDenied
from bridge.ami.events import CoreShowChannel
from bridge.ami.state import LinkState
from bridge.calls.model import FROM_ROOM, Call
from bridge.calls.snapshot import GOING_ON
from bridge.rules import Permit, PermitMisused

ROOM_TIMEOUT_MS: Final = 10_000
"""How long the Local channel may take to join a room: it needs milliseconds."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """Where a customer goes on without the agent."""

    exten: Literal["to-queue", "to-number", "to-others", "to-message"]
    """Of the context `bridge-pass`."""
    variables: Mapping[str, str] = {}
    """Channel variables that the dialplan reads there."""
    permit: Permit | None = None
    """The gate's word, if a number is dialled."""
    ring_seconds: int = 60
    """How long that number may ring."""
    others: tuple[str, ...] = ()
    """Channels that leave the agent's room with her (`to-others`)."""


@contextmanager
def unless_gone() -> Iterator[None]:
    """Pass over a refusal: what the action was for is gone, or done, already.

    Raises:
        PermissionDenied: the AMI user may not do this at all; that must not stay hidden.
    """
    try:
        yield
    except PermissionDenied:
        raise
    except ActionRefused:
        pass


ON_HOOK_SECONDS: Final = 30
"""How long the phone of an agent on hook rings for a call that she makes."""


class Extension(NamedTuple):
    """A phone of the site that is rung before the customer is called."""

    dial: str
    """The phone's own dial string."""
    ring_seconds: int
    permit: Permit | None = None
    """The gate's word for a phone that is dialled by a number."""


class CallLink:
    """One Asterisk, as calls see it."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    @property
    def up(self) -> bool:
        """Whether actions can be sent now."""
        return self._client.state is LinkState.UP

    async def originate(
        self, call: Call, permit: Permit, ring_seconds: int, extension: Extension | None = None
    ) -> None:
        """Send the Originate of a call, once. Its outcome comes as events.

        Args:
            call: the call, committed before.
            permit: the gate's word for this very number.
            ring_seconds: how long the far end may ring.
            extension: the phone that is rung first, in a call by a click or of an agent on hook.

        Raises:
            NotConnected: nothing was sent.
            ActionRefused: Asterisk will not make this call.
            OutcomeUnknown: the link was lost; the call may or may not exist.
        """
        permit.check(call.dial)
        if extension is not None and extension.permit is not None:
            extension.permit.check(extension.dial)
        if extension is not None and call.kind in FROM_ROOM:
            action = _from_phone(call, ring_seconds, extension)
        elif extension is not None:
            action = _from_extension(call, ring_seconds, extension)
        elif call.kind in FROM_ROOM:
            action = _from_room(call, ring_seconds)
        else:
            action = _alone(call, ring_seconds)
        await self._client.send(action, action_id=call.id)

    async def consult(self, call: Call) -> None:
        """Let an in-group's queue ring for the agent's room (raises as `originate`)."""
        action = Originate(
            channel=f"Local/{call.room}@bridge-room/n",
            channel_id=call.id,
            context="bridge-consult",
            exten="s",
            timeout_ms=ROOM_TIMEOUT_MS,
            caller_id=f"{call.number} <{call.number}>" if call.number else None,
            variables=_variables(call) | {"BRIDGE_QUEUE": call.queue},
        )
        await self._client.send(action, action_id=call.id)

    async def pass_on(self, call: Call, way: Way) -> None:
        """Send the customer's channel to where it goes on (raises as `originate`).

        Raises:
            PermitMisused: a number is to be dialled without the gate's word.
        """
        variables = {**way.variables, "BRIDGE_PASS": way.exten}
        if way.exten == "to-number":
            variables |= _permitted(call, way)
        for name, value in variables.items():
            await self._client.send(Setvar(name, value, channel=call.channel))
        for other in way.others:
            await self.redirect(other, "bridge-left", call.id, BRIDGE_CUSTOMER=call.channel)
        await self._client.send(
            Redirect(channel=call.channel, context=GOING_ON, exten=call.id), action_id=call.id
        )

    async def redirect(self, channel: str, context: str, exten: str, **variables: str) -> None:
        """Send a channel elsewhere in the dialplan, with these variables set on it first.

        Raises:
            AmiError: the link is down or was lost, or the channel is gone.
        """
        for name, value in variables.items():
            await self._client.send(Setvar(name, value, channel=channel))
        await self._client.send(Redirect(channel=channel, context=context, exten=exten))

    async def press(self, room: str, keys: str) -> None:
        """Press keys in a room: everybody in it hears them; `w` is a pause of half a second.

        Raises:
            AmiError: it was not sent, was refused, or its outcome is unknown.
        """
        action = Originate(
            channel=f"Local/{room}@bridge-room/n",
            context="bridge-dtmf",
            exten="s",
            timeout_ms=ROOM_TIMEOUT_MS,
            variables={"BRIDGE_DIGITS": keys},
        )
        await self._client.send(action)

    async def channels(self) -> list[CoreShowChannel]:
        """Every channel that is up now.

        Raises:
            AmiError: the link is down or was lost.
        """
        return await self._client.send_list(CoreShowChannels())

    async def hangup(self, channel: str) -> None:
        """Hang up a channel by its unique id; that it is gone already is no error.

        Raises:
            AmiError: the link is down or was lost.
        """
        with unless_gone():
            await self._client.send(Hangup(channel))


def _from_room(call: Call, ring_seconds: int) -> Originate:
    """A manual call: a Local channel of which one half sits in the agent's room while the other dials."""
    return Originate(
        channel=f"Local/{call.room}@bridge-room/n",
        channel_id=call.id,
        context="bridge-dial",
        exten="s",
        timeout_ms=ROOM_TIMEOUT_MS,
        variables=_variables(call) | _dialled_then(call, ring_seconds),
    )


def _from_phone(call: Call, ring_seconds: int, extension: Extension) -> Originate:
    """The same for an agent on hook: the half for her room rings her phone, showing the customer's number.

    When both are in her room, the other half dials.
    """
    rung = {
        "BRIDGE_PHONE_DIAL": extension.dial,
        "BRIDGE_RING": str(extension.ring_seconds),
        "BRIDGE_SHOWN": _number_of(call),
    }
    return Originate(
        channel=f"Local/{call.room}@bridge-phone/n",
        channel_id=call.id,
        context="bridge-dial",
        exten="s",
        timeout_ms=extension.ring_seconds * 1000 + ROOM_TIMEOUT_MS,
        variables=_variables(call) | _dialled_then(call, ring_seconds) | rung,
    )


def _number_of(call: Call) -> str:
    return "".join(sign for sign in call.number if sign in "+0123456789")


def _from_extension(call: Call, ring_seconds: int, extension: Extension) -> Originate:
    """Click to dial: a phone of the site, showing the customer's number; she is called when it answers."""
    shown = _number_of(call)
    return Originate(
        channel=extension.dial,
        channel_id=call.id,
        context="bridge-click",
        exten="s",
        timeout_ms=extension.ring_seconds * 1000,
        caller_id=f"{shown} <{shown}>",
        variables=_variables(call) | _dialled_then(call, ring_seconds),
    )


def _dialled_then(call: Call, ring_seconds: int) -> dict[str, str]:
    """What the dialplan dials, and shows."""
    return {"BRIDGE_DIAL": call.dial, "BRIDGE_TIMEOUT": str(ring_seconds), "BRIDGE_CALLER_ID": call.caller_id}


def _alone(call: Call, ring_seconds: int) -> Originate:
    """A call that meets its agent only when it is answered."""
    return Originate(
        channel=call.dial,
        channel_id=call.id,
        context="bridge-answered",
        exten="s",
        timeout_ms=ring_seconds * 1000,
        caller_id=f"{call.caller_id} <{call.caller_id}>" if call.caller_id else None,
        variables=_variables(call),
    )


def _permitted(call: Call, way: Way) -> dict[str, str]:
    """What the dialplan dials for a call, if the gate has said yes to it."""
    if way.permit is None:
        raise PermitMisused("a number is dialled only with a permit")
    way.permit.check(call.dial)
    return _dialled_then(call, way.ring_seconds)


def _variables(call: Call) -> dict[str, str]:
    # Two underscores: every channel that this one makes inherits it.
    return {"__BRIDGE_CALL_ID": call.id, "CDR(userfield)": call.id}
