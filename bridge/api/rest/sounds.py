"""`/v1/agents/{user}/…`: sounds in an agent's room, and what is left on an answering machine."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Controller, delete, patch, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta

from bridge.api.rest.command import Asked, seated
from bridge.api.rest.fields import UserPath
from bridge.api.rest.models import Body, CallView
from bridge.api.rest.once import Key, once
from bridge.services import Services

MOST_SOUNDS = 20
"""Sounds in one message."""

Sound = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$(?!\n)",
        max_length=100,
        description="A file of Asterisk's sounds, without its extension; a `/` behind a folder.",
        examples=["custom/greeting"],
    ),
]


class PlayBody(Body, frozen=True, kw_only=True):
    """What everybody in the agent's room is to hear."""

    sound: Sound
    instead: bool = False
    """Stop what is played there now; left out, that is 409 `sound-plays`."""


class PlaybackBody(Body, frozen=True, kw_only=True):
    """What is to be done with the sound that is played."""

    action: Literal["pause", "resume", "restart"]


class MessageBody(Body, frozen=True, kw_only=True):
    """What an answering machine is to hear."""

    sounds: Annotated[tuple[Sound, ...], Meta(min_length=1, max_length=MOST_SOUNDS)]
    """One after another."""


SOUND_BODIES = (PlayBody, PlaybackBody, MessageBody)


class SoundController(Controller):
    """Sounds."""

    path = "/agents/{user:str}"
    tags = ("sounds",)

    @put("/playback", opt={"right": "agents.playback"}, status_code=204, summary="Play a sound")
    async def play(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[PlayBody],
        idempotency_key: Key = None,
    ) -> None:
        """She and whomever she talks to hear it."""
        await seated(request, services, user)

        async def act() -> None:
            await services.playback.play(user, data.sound, instead=data.instead)

        return await once(request, services, idempotency_key, act, repeatable=False)

    @patch("/playback", opt={"right": "agents.playback"}, status_code=204, summary="Operate a sound")
    async def operate(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[PlaybackBody],
        idempotency_key: Key = None,
    ) -> None:
        """Pause it, go on, or begin again; 409 `no-sound` if none is played."""
        await seated(request, services, user)

        async def act() -> None:
            await services.playback.control(user, data.action)

        return await once(request, services, idempotency_key, act)

    @delete("/playback", opt={"right": "agents.playback"}, summary="Stop a sound")
    async def stop(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> None:
        """End what is played; 409 `no-sound` if nothing is."""
        await seated(request, services, user)

        async def act() -> None:
            await services.playback.control(user, "stop")

        return await once(request, services, idempotency_key, act)

    @put("/machine-message", opt={"right": "agents.machine_message"}, summary="Say what a machine is to hear")
    async def machine_message(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[MessageBody],
        idempotency_key: Key = None,
    ) -> CallView:
        """Kept with her call, for `POST …/leave-message`; 409 `no-call` without a live one.

        403 `message-not-allowed` until the campaign has stated purpose, seller, call-back number and consent.
        """
        await seated(request, services, user)

        async def act() -> CallView:
            return CallView.of(await services.screens.keep_messages(user, data.sounds))

        return await once(request, services, idempotency_key, act)
