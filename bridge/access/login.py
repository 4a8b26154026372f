"""The check of a user's secret: a memory of right ones, a lock after wrong ones, one check at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from bridge.access import queries
from bridge.access.attempts import NOBODY, Attempts, subscriber
from bridge.access.authorize import standing
from bridge.access.errors import Forbidden
from bridge.access.hashing import Hasher, VerifiedSecrets
from bridge.access.keys import Keys
from bridge.access.known import Known, KnownKeys
from bridge.access.model import SECRET, Authentication, Principal, Reason
from bridge.access.throttle import Throttle
from bridge.access.tokens import KEY_PREFIX, is_token
from bridge.store.database import Database

_log = structlog.get_logger("bridge.access")


class Logins:
    """Checks secrets against the store.

    Args:
        db: the open store.
        hasher: costs of the hashes.
        verified: memory of secrets that were right a short while ago.
        clock: what time it is, aware.
        keys: those that stand where a secret can.
        attempts: the tries at secrets so far.
    """

    def __init__(  # noqa: PLR0913  the parts that it is made of
        self,
        db: Database,
        hasher: Hasher,
        verified: VerifiedSecrets,
        *,
        clock: Callable[[], datetime],
        keys: Keys,
        attempts: Attempts,
    ) -> None:
        self._db = db
        self._hasher = hasher
        self._verified = verified
        self._clock = clock
        self._known: Known[queries.Stored] = Known()
        self._with_key = KnownKeys()
        self._keys = keys
        self._throttle = Throttle()
        self._attempts = attempts

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
            self.admit(answer.principal, address)
        return answer

    def admit(self, principal: Principal, address: str) -> None:
        """Take one request of the principal's (`Forbidden`, `TooManyRequests`)."""
        try:
            self._throttle.admit(principal, address)
        except Forbidden as wrong:
            _log.warning("login refused", user=principal.user, address=address, reason=wrong.rule.value)
            raise

    async def _by_secret(self, user: str, secret: str, address: str) -> Authentication:
        whose, name = subscriber(address), user
        answer: Authentication | None = None
        if not self._attempts.failures.some(user, whose):
            answer = self._remembered(await self.stored(user), secret)
        if answer is None:
            async with self._attempts.turn(user, whose):
                answer, name = await self._in_turn(user, secret, whose)
        if not answer.authenticated:
            _log.warning("login refused", user=name, address=address, reason=answer.reason.value)
        return answer

    async def _in_turn(self, user: str, secret: str, whose: str) -> tuple[Authentication, str]:
        """The answer, and the name for the log."""
        if name := await self._attempts.failures.locked(user, whose):
            return Authentication(reason=Reason.LOCK), user if name == user else NOBODY
        found = await self.stored(user)
        answer = self._remembered(found, secret) or await self._check(user, found, secret, whose)
        if answer.authenticated:
            await self._attempts.failures.forget(user, whose)
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
            await self._attempts.wrong(user, whose, known=found is not None)
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
