"""Commands about the keys of API users."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta

from bridge.access.errors import NoSuchKey
from bridge.access.keys import Key, NewKey
from bridge.admin.command import Command, Parts, R, Reading
from bridge.audit.entry import Entry


class _OfUser(Command[R], frozen=True, kw_only=True):
    """A command that changes a user's keys."""

    user: str

    def tell(self, entry: Entry) -> None:
        """Whose."""
        entry.on_user(self.user)


class MakeKey(_OfUser[NewKey], frozen=True, kw_only=True):
    """Give a user one more key; the answer holds the token."""

    name: str
    expires_at: datetime | None = None

    async def do(self, parts: Parts) -> NewKey:
        """See `Command`."""
        return await parts.access.new_key(self.user, self.name, self.expires_at)


class ListKeys(Reading[list[Key]], frozen=True, kw_only=True):
    """Keys that a user has and had."""

    user: str

    async def do(self, parts: Parts) -> list[Key]:
        """See `Command`."""
        await parts.access.known(self.user)
        return await parts.access.keys.of_user(self.user)


class ReplaceKey(_OfUser[NewKey], frozen=True, kw_only=True):
    """A new key in place of one, which is good a while longer."""

    key: str
    overlap_seconds: Annotated[int, Meta(ge=0)]

    async def do(self, parts: Parts) -> NewKey:
        """See `Command`."""
        key = await _meant(parts, self.user, self.key)
        return await parts.access.keys.replace(self.user, key, timedelta(seconds=self.overlap_seconds))


class RevokeKey(_OfUser[Key], frozen=True, kw_only=True):
    """End a key at once."""

    key: str

    async def do(self, parts: Parts) -> Key:
        """See `Command`."""
        return await parts.access.keys.revoke(self.user, await _meant(parts, self.user, self.key))


async def _meant(parts: Parts, user: str, word: str) -> str:
    """The id of a key, which is given by its id or by the name of the only good one that has it."""
    now = parts.access.now()
    keys = [key for key in await parts.access.keys.of_user(user) if key.is_good(now)]
    named = [key.id for key in keys if key.name == word]
    if len(named) > 1:
        raise NoSuchKey(user, word, f"user {user!r} has several keys {word!r}: say which: {', '.join(named)}")
    return named[0] if named else word
