"""Users that were read a moment ago, for as long as nobody can have changed them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from bridge.access.model import Principal

T = TypeVar("T")

KNOWN_SECONDS: Final = 1.0
"""How long a row counts without being read again, should somebody write into the file past the bridge."""
KNOWN_USERS: Final = 10_000
"""The one that was read first goes first."""


class KnownKeys:
    """Users as they come with a key: making one checks every field, which takes longer than all the rest.

    Args:
        field: of the principal, that says by what it came.
    """

    def __init__(self, field: str = "key") -> None:
        self._field = field
        self._made: OrderedDict[str, tuple[Principal, Principal]] = OrderedDict()

    def principal(self, user: Principal, key: str) -> Principal:
        """This user, come with this key."""
        made = self._made.get(key)
        if made is None or made[0] is not user:
            made = self._made[key] = (user, msgspec.structs.replace(user, **{self._field: key}))
            self._made.move_to_end(key)
            if len(self._made) > KNOWN_USERS:
                self._made.popitem(last=False)
        return made[1]


class Known(Generic[T]):
    """What was read, by name, with the store's edition (`Database.edition`) before it was read.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: OrderedDict[str, tuple[int, float, T]] = OrderedDict()

    def get(self, name: str, edition: int | None) -> T | None:
        """It as it still is; `None`: nobody knows."""
        known = self._found.get(name)
        if known is None:
            return None
        of_edition, until, found = known
        return found if of_edition == edition and self._clock() < until else None

    def keep(self, name: str, edition: int | None, found: T) -> None:
        """It was read when the edition before that was this; without one nothing is kept."""
        if edition is None:
            return
        self._found[name] = (edition, self._clock() + KNOWN_SECONDS, found)
        self._found.move_to_end(name)
        if len(self._found) > KNOWN_USERS:
            self._found.popitem(last=False)
