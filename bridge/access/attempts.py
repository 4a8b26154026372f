"""Tries at a secret: one at a time for each, a lock after wrong ones, no flood that keeps others waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from ipaddress import IPv6Address, ip_address

from bridge.access.errors import TooManyLogins
from bridge.access.failures import Failures
from bridge.access.throttle import Buckets
from bridge.locks import KeyedLocks
from bridge.store.database import Database

PER_ADDRESS = 10
"""Secrets of one address that may be waiting for their check; each takes some 0.1 s of a core."""
ALTOGETHER = 100
"""Of all addresses."""
PER_USER = 200
"""Requests of one address that may wait for the check of one user's secret, which serves them all."""
WRONG_BURST = 50
"""Wrong secrets of one address, of whatever users, after which its next ones wait."""
WRONG_RATE = 0.5
"""Wrong secrets per second that one address may go on with; there is no such limit to right ones."""
NOBODY = "?"
"""In the log for a name that no user has: people type secrets into the wrong field."""


class Attempts:
    """The tries at the secrets of one store's users, of whatever kind the secrets are.

    Args:
        db: the open store.
        clock: what time it is, aware.

    Attributes:
        failures: the wrong secrets so far.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._locks = KeyedLocks()
        self._checking: Counter[str] = Counter()
        self._wrong_ones = Buckets()
        self.failures = Failures(db, clock)

    @asynccontextmanager
    async def turn(self, user: str, whose: str) -> AsyncIterator[None]:
        """One check at a time for each user from one address, and no queue without end.

        No burst of guesses gets ahead of the lock, and nobody waits for a stranger's guesses at her name.

        Args:
            user: name, as the caller gave it.
            whose: `subscriber` of the address.

        Raises:
            TooManyLogins: too many secrets are being checked, or were wrong, of this address or altogether.
        """
        if self._wrong_ones.wait(whose, WRONG_RATE, WRONG_BURST):
            raise TooManyLogins
        key = f"{user}\0{whose}"
        if self._locks.users(key) >= PER_USER:
            raise TooManyLogins
        async with self._locks.hold(key), self._place(whose):
            yield

    async def wrong(self, user: str, whose: str, *, known: bool) -> None:
        """Count a wrong secret; of a user who is not there, too, so that nobody can tell."""
        self._wrong_ones.take(whose, WRONG_RATE, WRONG_BURST)
        await self.failures.count(user, whose, known=known)

    @asynccontextmanager
    async def _place(self, whose: str) -> AsyncIterator[None]:
        """A place among those whose secret is checked: nobody's flood keeps all the others waiting."""
        if self._checking[whose] >= PER_ADDRESS or self._checking.total() >= ALTOGETHER:
            raise TooManyLogins
        self._checking[whose] += 1
        try:
            yield
        finally:
            self._checking[whose] -= 1
            if not self._checking[whose]:
                del self._checking[whose]


def subscriber(address: str) -> str:
    """Whose address it is: in IPv6 one subscriber has a whole /64 of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
