"""Commands about the keys of web forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from bridge.admin.command import Command, Limit, Parts, Reading
from bridge.intake.keys import IntakeKeys
from bridge.intake.model import Entry, IntakeKey, Outcome, TokenState


class IntakeState(msgspec.Struct, frozen=True, kw_only=True):
    """A key with what is known of its tokens."""

    key: IntakeKey
    tokens: list[TokenState]


class AddIntake(Command[str], frozen=True, kw_only=True):
    """Make a key; the answer is its token."""

    key: IntakeKey

    async def do(self, parts: Parts) -> str:
        """See `Command`."""
        return await _keys(parts).add(self.key)


class ShowIntake(Reading[IntakeState], frozen=True, kw_only=True):
    """One key."""

    name: str

    async def do(self, parts: Parts) -> IntakeState:
        """See `Command`."""
        keys = _keys(parts)
        return IntakeState(key=await keys.known(self.name), tokens=await keys.tokens(self.name))


class RotateIntake(Command[str], frozen=True, kw_only=True):
    """Make another token; the answer is the token."""

    name: str
    overlap_seconds: Annotated[int, Meta(ge=0, le=90 * 86_400)]

    async def do(self, parts: Parts) -> str:
        """See `Command`."""
        return await _keys(parts).rotate(self.name, timedelta(seconds=self.overlap_seconds))


class SetIntakeActive(Command[None], frozen=True, kw_only=True):
    """Switch a key on or off."""

    name: str
    active: bool

    async def do(self, parts: Parts) -> None:
        """See `Command`."""
        key = await _keys(parts).known(self.name)
        await parts.site.put(msgspec.structs.replace(key, active=self.active))


class ListPosts(Reading[list[Entry]], frozen=True, kw_only=True):
    """What came in, the newest first."""

    name: str
    outcomes: Sequence[Outcome]
    before: int
    limit: Limit

    async def do(self, parts: Parts) -> list[Entry]:
        """See `Command`."""
        return await _keys(parts).posts(
            self.name, outcomes=self.outcomes, before=self.before, limit=self.limit
        )


def _keys(parts: Parts) -> IntakeKeys:
    return IntakeKeys(parts.db, parts.site)
