"""What recordings ask of one Asterisk.

A recording is a Local channel: one half listens in the agent's room, the other writes what it hears. The
actions of AMI that record a conference need the class `system`, which the bridge's user does not have.
"""

from __future__ import annotations

from typing import Final

from bridge.ami.actions import Hangup, Originate
from bridge.ami.client import AmiClient
from bridge.calls.asterisk import unless_gone
from bridge.recordings.model import Recording

JOIN_TIMEOUT_MS: Final = 10_000
"""How long the Local channel may take to join the room: it needs milliseconds."""


class RecordingLink:
    """One Asterisk, as recordings see it."""

    def __init__(self, client: AmiClient) -> None:
        self._client = client

    async def start(self, recording: Recording) -> None:
        """Let a room be recorded from now on.

        Raises:
            AmiError: it was not sent, was refused, or its outcome is unknown.
        """
        action = Originate(
            channel=f"Local/{recording.room}@bridge-listen/n",
            channel_id=recording.channel,
            context="bridge-record",
            exten="s",
            timeout_ms=JOIN_TIMEOUT_MS,
            variables={"BRIDGE_RECORDING": recording.filename},
        )
        await self._client.originate(action, action_id=recording.channel)

    async def stop(self, channel: str) -> None:
        """End a recording; that it has ended already is no error.

        Raises:
            AmiError: the link is down or was lost.
        """
        with unless_gone():
            await self._client.send(Hangup(channel))
