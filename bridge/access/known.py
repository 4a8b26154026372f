"""Users that were read a moment ago, for as long as nobody can have changed them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

import msgspec

from bridge.access.model import Principal
from bridge.access.queries import Stored

KNOWN_SECONDS: Final = 1.0
"""How long a row counts without being read again, should somebody write into the file past the bridge."""
KNOWN_USERS: Final = 10_000
"""The one that was read first goes first."""


class KnownKeys:
    """Users as they come with a key: making one checks every field, which takes longer than all the rest."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, tuple[Principal, Principal]] = OrderedDict()

    def principal(self, user: Principal, key: str) -> Principal:
        """This user, come with this key."""
        made = self._made.get(key)
        if made is None or made[0] is not user:
            made = self._made[key] = (user, msgspec.structs.replace(user, key=key))
            self._made.move_to_end(key)
            if len(self._made) > KNOWN_USERS:
                self._made.popitem(last=False)
        return made[1]


class KnownUsers:
    """What was read of each user, with the store's edition (`Database.edition`) before it was read.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: OrderedDict[str, tuple[int, float, Stored]] = OrderedDict()

    def get(self, user: str, edition: int | None) -> Stored | None:
        """The user as she still is; `None`: nobody knows."""
        known = self._found.get(user)
        if known is None:
            return None
        of_edition, until, found = known
        return found if of_edition == edition and self._clock() < until else None

    def keep(self, user: str, edition: int | None, found: Stored) -> None:
        """She was read when the edition before that was this; without one nothing is kept."""
        if edition is None:
            return
        self._found[user] = (edition, self._clock() + KNOWN_SECONDS, found)
        self._found.move_to_end(user)
        if len(self._found) > KNOWN_USERS:
            self._found.popitem(last=False)
