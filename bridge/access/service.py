"""Users of the bridge: who they are, whether their secret is right, what an administrator changes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from bridge.access import console_queries, queries
from bridge.access.attempts import Attempts
from bridge.access.authorize import authorize, check_limits, may_call
from bridge.access.console import HOURS, Console
from bridge.access.console_model import ConsoleSession
from bridge.access.errors import InvalidUser, NoSuchUser, UserExists, UserInUse
from bridge.access.hashing import Hasher, VerifiedSecrets, new_secret
from bridge.access.keys import Keys, NewKey, remove_all
from bridge.access.limits import Limits
from bridge.access.login import Logins
from bridge.access.model import (
    SECRET,
    Authentication,
    Principal,
    PrincipalKind,
    UserSpec,
    changed_fields,
    spec_of,
)
from bridge.events.catalogue import UserTeamSet
from bridge.store.database import Database, Transaction

PAGE = 1000
"""Most users that one answer lists."""


class Access:
    """The users of one store.

    Args:
        db: the open store.
        hasher: costs of the hashes; tests take cheap ones.
        verified: memory of secrets that were right a short while ago.
        clock: what time it is, aware.
        console_lasts: how long an agent's page stays logged in.

    Attributes:
        keys: those of API users.
        console: passwords and sessions of agents' pages.
    """

    def __init__(
        self,
        db: Database,
        *,
        hasher: Hasher | None = None,
        verified: VerifiedSecrets | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        console_lasts: timedelta = HOURS,
    ) -> None:
        self._db = db
        self._hasher = hasher or Hasher()
        self._clock = clock
        self.keys = Keys(db, clock)
        self._attempts = Attempts(db, clock)
        verified = verified or VerifiedSecrets()
        self._logins = Logins(
            db, self._hasher, verified, clock=clock, keys=self.keys, attempts=self._attempts
        )
        self.console = Console(
            db, self._hasher, self._attempts, clock=clock, stored=self._logins.stored, lasts=console_lasts
        )

    def authorize(
        self,
        principal: Principal,
        function: str,
        *,
        agent: Principal | None = None,
        campaign: str | None = None,
    ) -> None:
        """Let the principal go on, or raise; see `bridge.access.authorize.authorize`."""
        authorize(principal, function, agent=agent, campaign=campaign, now=self._clock())

    check_limits = staticmethod(check_limits)
    may_call = staticmethod(may_call)

    async def authenticate(self, user: str, secret: str, address: str = "") -> Authentication:
        """Check who it is.

        A key of the user's may stand in place of the secret; then the name may be left out. A secret that
        was right within the last minute costs one read. Otherwise the logins of one user are checked one
        after the other, so that no burst of guesses gets ahead of the lock.

        Args:
            user: name, as the caller gave it.
            secret: as the caller gave it.
            address: where the caller is, for the log.
        """
        return await self._logins.authenticate(user, secret, address)

    async def in_console(self, token: str, address: str) -> tuple[Principal, ConsoleSession] | None:
        """The agent whose page sends this token, and her session; `None`: it lets nobody in.

        Raises:
            Forbidden: she may not come from this address.
            TooManyRequests: she has asked more often than she may.
        """
        found = await self.console.agent(token)
        if found is not None:
            self._logins.admit(found[0], address)
        return found

    async def principal(self, user: str, *, anew: bool = False) -> Principal | None:
        """One user; `anew`: with what was written past the bridge a moment ago."""
        found = await self._logins.stored(user, anew=anew)
        return None if found is None else found.principal

    async def by_crm_id(self, crm_id: str) -> Principal | None:
        """The agent that the CRM knows by this id (`alt_user`); the first, if several have it."""
        if not crm_id or not crm_id.isprintable():
            return None
        async with self._db.read() as conn:
            return await queries.by_crm_id(conn, crm_id)

    async def set_team(self, user: str, team: str) -> None:
        """Keep what the CRM says is her team. It is no change of the user: her rights stay what they are.

        Raises:
            NoSuchUser: there is none of this name.
            InvalidUser: it is too long, or not printable.
        """
        spec = spec_of(await self.known(user))
        if msgspec.structs.replace(spec, team=team) == spec:
            return

        async def query(tx: Transaction) -> bool:
            found = await queries.set_team(tx.conn, user, team)
            tx.emit(UserTeamSet(user=user, team=team))
            return found

        await self._write(user, query)

    async def users(
        self,
        kinds: Iterable[PrincipalKind] = PrincipalKind,
        *,
        after: str = "",
        limit: int = PAGE,
        remote: bool = False,
    ) -> list[Principal]:
        """Users in the order of their names, at most `PAGE`.

        Args:
            kinds: which ones.
            after: the last name of the page before.
            limit: how many.
            remote: only remote agents.
        """
        async with self._db.read() as conn:
            return await queries.page(conn, frozenset(kinds), after, min(limit, PAGE), remote=remote)

    async def create(self, spec: UserSpec, secret: str | None = None) -> Principal:
        """Make a user. Without a secret it cannot log in by itself.

        Raises:
            UserExists: the name is taken.
            InvalidUser: the secret has characters that the line format drops.
        """
        secret_hash = "" if secret is None else await self.hash_secret(secret)

        async def work(tx: Transaction) -> None:
            if await queries.stored(tx.conn, spec.user) is not None:
                raise UserExists(spec.user)
            await queries.add(tx.conn, spec, secret_hash, self._clock())

        await self._db.write(work)
        return await self.known(spec.user)

    async def change(self, spec: UserSpec) -> Principal:
        """Write all fields of a user that is there; secret and lock stay.

        Raises:
            NoSuchUser: there is none of this name.
        """
        await self._write(spec.user, lambda tx: queries.change(tx.conn, spec, self._clock()))
        return await self.known(spec.user)

    async def alter(
        self, user: str, change: Callable[[Principal], UserSpec], secret: str | None = None
    ) -> Principal:
        """Change some fields of a user, and her secret if one is given; a lock ends with the old one.

        Args:
            user: her name.
            change: makes what she is to be of what she is; what it raises ends the change.
            secret: the new one.

        Raises:
            NoSuchUser: there is none of this name.
            InvalidUser: the secret has characters that the line format drops.
        """
        secret_hash = None if secret is None else await self.hash_secret(secret)

        async def query(tx: Transaction) -> bool:
            found = await queries.locked(tx.conn, user)
            if found is None:
                return False
            await self.put(tx, change(found.principal), secret_hash)
            return True

        await self._write(user, query)
        return await self.known(user)

    async def put(self, tx: Transaction, spec: UserSpec, secret_hash: str | None) -> tuple[str, ...] | None:
        """Make a user what the spec says, within a transaction of the caller's.

        Args:
            tx: the transaction.
            spec: what the user is to be.
            secret_hash: a new secret's; `None` leaves the secret as it is.

        Returns:
            Names of the fields that were changed (`secret` among them); `None` if the user was made.
        """
        now = self._clock()
        found = await queries.stored(tx.conn, spec.user)
        if found is None:
            await queries.add(tx.conn, spec, secret_hash or "", now)
            return None
        changed = changed_fields(spec_of(found.principal), spec)
        if changed:
            await queries.change(tx.conn, spec, now)
        if secret_hash is None:
            return changed
        await queries.set_hash(tx.conn, spec.user, secret_hash, now)
        return (*changed, "secret")

    async def set_queues(self, tx: Transaction, user: str, queues: tuple[str, ...]) -> None:
        """The in-groups that an agent serves from her next login on; in a transaction of the caller's."""
        await queries.set_queues(tx.conn, user, queues, self._clock())

    async def set_active(self, user: str, *, active: bool) -> Principal:
        """Switch a user on or off: at once, in every process. On also ends what `stop` did."""
        await self._write(user, lambda tx: queries.set_active(tx.conn, user, self._clock(), active=active))
        return await self.known(user)

    async def set_limits(self, user: str, change: Callable[[Limits], Limits]) -> Principal:
        """Give a user other limits.

        Raises:
            NoSuchUser: there is none of this name.
            InvalidUser: `change` gives limits that cannot be.
        """
        return await self.alter(
            user, lambda found: msgspec.structs.replace(spec_of(found), limits=change(found.limits))
        )

    async def stop(self, tx: Transaction, user: str, why: str) -> bool:
        """Stop a user that has broken its limits, in a transaction of the caller's, who tells of it.

        Args:
            tx: the transaction.
            user: its name.
            why: one line for people, kept until it is switched on again.

        Returns:
            False if it was stopped before, or is not there any more.
        """
        return await queries.stop(tx.conn, user, why, self._clock())

    async def new_secret(self, user: str, secret: str | None = None) -> str:
        """Give a user a secret, made here if none is given; the old one and a lock end at once.

        Returns:
            The secret. It cannot be read again later.
        """
        fresh = new_secret() if secret is None else secret
        secret_hash = await self.hash_secret(fresh)
        await self._write(user, lambda tx: queries.set_hash(tx.conn, user, secret_hash, self._clock()))
        return fresh

    async def new_key(self, user: str, name: str, expires_at: datetime | None = None) -> NewKey:
        """Give an API user one more key; its token is shown this once.

        Raises:
            NoSuchUser: there is none of this name.
            InvalidUser: it is no API user, or name or time cannot be.
            TooManyKeys: it has enough.
        """
        if (await self.known(user)).kind is not PrincipalKind.API:
            raise InvalidUser("user", f"{user!r} is no API user: only programs have keys")
        return await self.keys.make(user, name, expires_at)

    async def unlock(self, user: str) -> bool:
        """Forget wrong secrets from every address, and end locks; false if there was nothing to forget."""
        await self.known(user)
        return await self._attempts.failures.forget(user)

    async def remove(self, user: str) -> None:
        """Delete a user.

        Raises:
            NoSuchUser: there is none of this name.
            UserInUse: she is logged in as an agent; nobody could log her out any more.
        """

        async def query(tx: Transaction) -> bool:
            if await queries.has_session(tx.conn, user):
                raise UserInUse(user)
            await remove_all(tx.conn, user)
            await console_queries.remove(tx.conn, user)
            return await queries.remove(tx.conn, user)

        await self._write(user, query)

    async def hash_secret(self, secret: str) -> str:
        """The hash of a new secret.

        Raises:
            InvalidUser: it has characters that the line format drops, so it could never log in.
        """
        if not SECRET.fullmatch(secret):
            raise InvalidUser("secret", "2 to 100 of letters, digits and . _ + / = -")
        return await self._hasher.hash(secret)

    async def is_secret(self, user: str, secret: str) -> bool:
        """Whether this is the user's secret; counts nothing. For those who may set it anyway."""
        found = await self._logins.stored(user)
        return found is not None and await self._hasher.verify(found.secret_hash or None, secret)

    def now(self) -> datetime:
        """What time it is."""
        return self._clock()

    def close(self) -> None:
        """Let the threads go."""
        self._hasher.close()

    async def known(self, user: str) -> Principal:
        """One user (`NoSuchUser`)."""
        principal = await self.principal(user)
        if principal is None:
            raise NoSuchUser(user)
        return principal

    async def _write(self, user: str, query: Callable[[Transaction], Awaitable[bool]]) -> None:
        async def work(tx: Transaction) -> None:
            if not await query(tx):
                raise NoSuchUser(user)

        await self._db.write(work)
