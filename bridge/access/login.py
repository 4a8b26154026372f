"""The check of a user's secret: a memory of right ones, a lock after wrong ones, one check at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from ipaddress import IPv6Address, ip_address

import structlog

from bridge.access import queries
from bridge.access.authorize import standing
from bridge.access.errors import Forbidden, TooManyLogins
from bridge.access.failures import Failures
from bridge.access.hashing import Hasher, VerifiedSecrets
from bridge.access.keys import Keys
from bridge.access.known import KnownKeys, KnownUsers
from bridge.access.model import SECRET, Authentication, Principal, Reason
from bridge.access.throttle import Buckets, Throttle
from bridge.access.tokens import KEY_PREFIX, is_token
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

_log = structlog.get_logger("bridge.access")


class Logins:
    """Checks secrets against the store.

    Args:
        db: the open store.
        hasher: costs of the hashes.
        verified: memory of secrets that were right a short while ago.
        clock: what time it is, aware.
        keys: those that stand where a secret can.

    Attributes:
        failures: the wrong secrets so far.
    """

    def __init__(
        self,
        db: Database,
        hasher: Hasher,
        verified: VerifiedSecrets,
        clock: Callable[[], datetime],
        keys: Keys,
    ) -> None:
        self._db = db
        self._hasher = hasher
        self._verified = verified
        self._clock = clock
        self._locks = KeyedLocks()
        self._checking: Counter[str] = Counter()
        self._known = KnownUsers()
        self._with_key = KnownKeys()
        self._keys = keys
        self._throttle = Throttle()
        self._wrong_ones = Buckets()
        self.failures = Failures(db, clock)

    async def authenticate(self, user: str, secret: str, address: str) -> Authentication:
        """See `Access.authenticate`.

        Raises:
            TooManyLogins: too many secrets are being checked, of this address or altogether.
            Forbidden: it is who it says, but may not come from this address.
            TooManyRequests: it is who it says, but has asked more often than it may.
        """
        if is_token(secret, KEY_PREFIX):
            answer = await self._by_key(user, secret, address)
        else:
            answer = await self._by_secret(user, secret, address)
        if answer.principal is not None:
            self._admit(answer.principal, address)
        return answer

    def _admit(self, principal: Principal, address: str) -> None:
        try:
            self._throttle.admit(principal, address)
        except Forbidden as wrong:
            _log.warning("login refused", user=principal.user, address=address, reason=wrong.rule.value)
            raise

    async def _by_secret(self, user: str, secret: str, address: str) -> Authentication:
        whose, name = subscriber(address), user
        answer: Authentication | None = None
        if not self.failures.some(user, whose):
            answer = self._remembered(await self.stored(user), secret)
        if answer is None:
            if self._wrong_ones.wait(whose, WRONG_RATE, WRONG_BURST):
                raise TooManyLogins
            async with self._turn(user, whose), self._place(whose):
                answer, name = await self._in_turn(user, secret, whose)
        if not answer.authenticated:
            _log.warning("login refused", user=name, address=address, reason=answer.reason.value)
        return answer

    async def _in_turn(self, user: str, secret: str, whose: str) -> tuple[Authentication, str]:
        """The answer, and the name for the log."""
        if name := await self.failures.locked(user, whose):
            return Authentication(reason=Reason.LOCK), user if name == user else NOBODY
        found = await self.stored(user)
        answer = self._remembered(found, secret) or await self._check(user, found, secret, whose)
        if answer.authenticated:
            await self.failures.forget(user, whose)
        return answer, NOBODY if found is None else user

    async def _by_key(self, user: str, token: str, address: str) -> Authentication:
        """Nobody guesses a key: there is no slow hash and no lock, and the user's own lock is none of it."""
        key = await self._keys.by_token(token)
        found = None if key is None or user not in ("", key.user) else await self.stored(key.user)
        if key is None or found is None:
            _log.warning("login refused", user=NOBODY, address=address, reason="no such key")
            return Authentication(reason=Reason.BAD)
        await self._keys.note_use(key, address)
        answer = self._answer(self._with_key.principal(found.principal, key.id))
        if not answer.authenticated:
            _log.warning(
                "login refused", user=key.user, address=address, reason=answer.reason.value, key=key.id
            )
        return answer

    def _turn(self, user: str, whose: str) -> AbstractAsyncContextManager[None]:
        """One check at a time for each user from one address, and no queue without end.

        No burst of guesses gets ahead of the lock, and nobody waits for a stranger's guesses at her name.
        """
        key = f"{user}\0{whose}"
        if self._locks.users(key) >= PER_USER:
            raise TooManyLogins
        return self._locks.hold(key)

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

    async def stored(self, user: str, *, anew: bool = False) -> queries.Stored | None:
        """The user as she is now; none for what can be no name.

        Args:
            user: name, as the caller gave it.
            anew: read, even if nothing can have changed: somebody may have written past the bridge.
        """
        if not user.isprintable():  # NUL and lone surrogates cannot even be asked for
            return None
        edition = self._db.edition("users", "user_groups")  # before the read: a write meanwhile changes it
        known = self._known.get(user, edition)
        if known is not None and not anew:
            return known
        async with self._db.read() as conn:
            found = await queries.stored(conn, user)
        if found is not None:
            self._known.keep(user, edition, found)
        return found

    def _remembered(self, found: queries.Stored | None, secret: str) -> Authentication | None:
        """The answer to a secret that was right a short while ago."""
        if found is None:
            return None
        principal, encoded = found
        if encoded and self._verified.holds(principal.user, secret, encoded):
            return self._answer(principal)
        return None

    async def _check(
        self, user: str, found: queries.Stored | None, secret: str, whose: str
    ) -> Authentication:
        """As much work for a user who is not there, so that the time tells nothing."""
        if not await self._is_right(found.secret_hash if found else "", secret) or found is None:
            self._wrong_ones.take(whose, WRONG_RATE, WRONG_BURST)
            await self.failures.count(user, whose, known=found is not None)
            return Authentication(reason=Reason.BAD)
        principal, encoded = found
        self._verified.remember(principal.user, secret, encoded)
        if self._hasher.outdated(encoded):
            await self._rehash(user, encoded, secret)
        return self._answer(principal)

    async def _is_right(self, encoded: str, secret: str) -> bool:
        if not SECRET.fullmatch(secret):  # can be nobody's, and may be a megabyte
            return await self._hasher.verify(None, "")
        return await self._hasher.verify(encoded or None, secret)

    def _answer(self, principal: Principal) -> Authentication:
        """The answer to a right secret or key."""
        api, rule = principal.api_access, standing(principal, self._clock())
        if rule is not None:
            return Authentication(reason=Reason.INACTIVE, api_access=api)
        if not api:
            return Authentication(reason=Reason.NOAPI)
        return Authentication(reason=Reason.GOOD, principal=principal, api_access=True)

    async def _rehash(self, user: str, encoded: str, secret: str) -> None:
        fresh = await self._hasher.hash(secret)
        await self._db.write(lambda tx: queries.rehash(tx.conn, user, encoded, fresh))


def subscriber(address: str) -> str:
    """Whose address it is: in IPv6 one subscriber has a whole /64 of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
