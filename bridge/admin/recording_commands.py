"""Commands about recordings."""

from __future__ import annotations

from bridge.admin.command import Command, Parts
from bridge.recordings.links import new_key


class NewRecordingKey(Command[None], frozen=True, kw_only=True):
    """Sign links to recordings with another key from now on."""

    async def do(self, parts: Parts) -> None:
        """See `Command`."""
        await parts.db.write(new_key)
