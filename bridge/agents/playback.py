"""Sounds that are played into an agent's room: she and whoever she talks to hear them.

A sound is played by one half of a Local channel whose other half sits in the room. Whether it still plays,
Asterisk says: a sound ends by itself.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final

from bridge.agents.asterisk import AgentLink
from bridge.agents.model import AgentSession
from bridge.agents.signals import Command, PlaybackPaused, PlaybackStopped, PlaySound
from bridge.agents.stepping import Stepping
from bridge.ami.errors import ActionRefused, AmiError
from bridge.errors import (
    AsteriskRefused,
    AsteriskUnavailable,
    InvalidInput,
    NoRoom,
    NoSound,
    SoundPlays,
)
from bridge.ids import uuid7
from bridge.services import PlaybackControl
from bridge.turn import Turn

_SOUND: Final = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_SOUND_LENGTH: Final = 100


class Playback:
    """What is played into rooms.

    Args:
        link: to an Asterisk, by its name.
        stepping: how commands reach sessions.
    """

    def __init__(self, link: Callable[[str], AgentLink], stepping: Stepping) -> None:
        self._link = link
        self._stepping = stepping

    async def play(self, user: str, sound: str, *, instead: bool = False) -> bool:
        """Play a sound; `instead` of one that is played now. Gives whether there was one.

        Raises:
            NotLoggedIn, NoRoom, InvalidInput, SoundPlays: nothing was done.
            AsteriskUnavailable, AsteriskRefused: nothing is played.
        """
        if len(sound) > _SOUND_LENGTH or not _SOUND.fullmatch(sound):
            raise InvalidInput(f"{sound[:60]!r} is no name of a sound", field="sound")
        async with self._stepping.hold(user):
            session, plays = await self._look(user)
            if plays and not instead:
                raise SoundPlays(agent=user)
            if plays:
                await self._stop(session)
            await self._begin(session, sound)
        return plays

    async def control(self, user: str, control: PlaybackControl) -> None:
        """Stop, pause, resume or begin again what is played.

        Raises:
            NotLoggedIn, NoRoom, NoSound: nothing was done.
            AsteriskUnavailable, AsteriskRefused: it goes on as before.
        """
        async with self._stepping.hold(user):
            session, plays = await self._look(user)
            if not plays:
                raise NoSound(agent=user)
            if control == "stop":
                await self._stop(session)
            elif control == "restart":
                await self._restart(session)
            elif session.playback_paused != (control == "pause"):
                await self._toggle(session)

    # -- inside

    async def _look(self, user: str) -> tuple[AgentSession, bool]:
        """Her session, and whether a sound is played there now."""
        session = await self._stepping.seated(user)
        if not session.has_room:
            raise NoRoom(agent=user)
        try:
            plays = bool(session.playback) and await self._link(session.asterisk).plays(session.playback)
        except AmiError as error:
            raise AsteriskUnavailable(asterisk=session.asterisk) from error
        return session, plays

    async def _begin(self, session: AgentSession, sound: str) -> None:
        """Its channel is on record before Asterisk is asked for it: it can be operated whatever happens."""
        channel = uuid7()
        await self._step(session, lambda turn: PlaySound(at=turn.at, channel=channel, sound=sound))
        try:
            await _told(session, self._link(session.asterisk).play(session, channel, sound))
        except (AsteriskRefused, AsteriskUnavailable):
            await self._step(session, lambda turn: PlaybackStopped(at=turn.at, channel=channel))
            raise

    async def _stop(self, session: AgentSession) -> None:
        channel = session.playback
        await _told(session, self._link(session.asterisk).hangup(channel))
        await self._step(session, lambda turn: PlaybackStopped(at=turn.at, channel=channel))

    async def _restart(self, session: AgentSession) -> None:
        """What waits does not hear of it: it goes on first."""
        if session.playback_paused:
            await self._toggle(session)
        await _told(session, self._link(session.asterisk).control(session.playback, "restart"))

    async def _toggle(self, session: AgentSession) -> None:
        paused = not session.playback_paused
        await _told(session, self._link(session.asterisk).control(session.playback, "pause"))
        await self._step(session, lambda turn: PlaybackPaused(at=turn.at, paused=paused))

    async def _step(self, session: AgentSession, build: Callable[[Turn], Command]) -> None:
        await self._stepping.run(session.user, build)


async def _told(session: AgentSession, action: Awaitable[None]) -> None:
    """Do it in Asterisk, with what is wrong as an error of the APIs."""
    try:
        await action
    except ActionRefused as error:
        raise AsteriskRefused(
            f"Asterisk would not do it: {error.message}", asterisk=session.asterisk
        ) from error
    except AmiError as error:
        raise AsteriskUnavailable(asterisk=session.asterisk) from error
