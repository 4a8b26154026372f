"""Agents' consoles: an agent logs in to her own page, with a password that opens nothing else.

A session is a token of 256 bits in her browser; the store has its digest. It ends in time, with her logout as
an agent, with another password, when she is switched off or removed, and when somebody ends it.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from bridge.access import console_queries as sql
from bridge.access.attempts import NOBODY, Attempts, subscriber
from bridge.access.authorize import standing
from bridge.access.console_model import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    ConsoleLink,
    ConsoleLogin,
    ConsoleSession,
)
from bridge.access.errors import InvalidUser, NoSuchUser
from bridge.access.hashing import Hasher
from bridge.access.known import Known, KnownKeys
from bridge.access.model import Principal, PrincipalKind, Reason
from bridge.access.queries import Stored
from bridge.access.tokens import CONSOLE_PREFIX, LINK_PREFIX, LONG, digest, is_token, new_token
from bridge.store.database import Database, Transaction

HOURS: Final = timedelta(hours=12)
"""How long a session lasts, unless told otherwise."""
MOST_SESSIONS: Final = 10
"""Pages of one agent that are logged in; one more ends the oldest."""
LINK_LASTS: Final = timedelta(minutes=15)
"""How long a link is good, unless told otherwise."""
LONGEST_LINK: Final = timedelta(days=1)

_log = structlog.get_logger("bridge.access")


class Console:
    """The console passwords and sessions of one store's agents.

    Args:
        db: the open store.
        hasher: costs of the hashes.
        attempts: the tries at secrets so far.
        clock: what time it is, aware.
        stored: reads a user.
        lasts: how long a session does.
    """

    def __init__(  # noqa: PLR0913  the parts that it is made of
        self,
        db: Database,
        hasher: Hasher,
        attempts: Attempts,
        *,
        clock: Callable[[], datetime],
        stored: Callable[[str], Awaitable[Stored | None]],
        lasts: timedelta = HOURS,
    ) -> None:
        self._db = db
        self._hasher = hasher
        self._attempts = attempts
        self._clock = clock
        self._stored = stored
        self._lasts = lasts
        self._known: Known[ConsoleSession] = Known()
        self._as_agent = KnownKeys("console")

    async def set_password(self, user: str, password: str) -> None:
        """Give an agent a password; her sessions, links and locks end.

        Raises:
            NoSuchUser: there is no agent of this name.
            InvalidUser: it is too short or too long, or holds what nobody can type.
        """
        if why := why_no_password(password):
            raise InvalidUser("password", why)
        found = await self._stored(user)
        if found is None or found.principal.kind is not PrincipalKind.AGENT:
            raise NoSuchUser(user)
        encoded = await self._hasher.hash(_plain(password))

        async def work(tx: Transaction) -> None:
            await sql.set_password(tx.conn, user, encoded, self._clock())
            await sql.end_all(tx.conn, user)

        await self._db.write(work)
        await self._attempts.failures.forget(user)

    async def log_in(self, user: str, password: str, address: str) -> ConsoleLogin:
        """Begin a session for who knows the password.

        Args:
            user: name, as it was typed.
            password: as it was typed.
            address: where the browser is.

        Raises:
            TooManyLogins: too many secrets are being checked, or were wrong.
        """
        whose = subscriber(address)
        async with self._attempts.turn(user, whose):
            done = await self._checked(user, password, whose)
        return done if done.reason is Reason.GOOD else self._refused(done, address)

    async def make_link(self, user: str, lasts: timedelta = LINK_LASTS) -> ConsoleLink:
        """A link by which an agent gets into her page once; it ends the one that she had before.

        Args:
            user: the agent.
            lasts: how long it is good.

        Raises:
            NoSuchUser: there is no agent of this name.
            InvalidUser: she is switched off or her group is not there, or it would be good for too long.
        """
        if not timedelta(0) < lasts <= LONGEST_LINK:
            raise InvalidUser("minutes", f"1 to {LONGEST_LINK // timedelta(minutes=1)}")
        found = await self._stored(user)
        if found is None or found.principal.kind is not PrincipalKind.AGENT:
            raise NoSuchUser(user)
        if not self._is_in(found.principal):
            raise InvalidUser("user", f"agent {user!r} is switched off, or her user group is not set up")
        token, now = new_token(LINK_PREFIX, LONG), self._clock()
        link = ConsoleLink(token=token, user=user, ends_at=now + lasts)
        await self._db.write(lambda tx: sql.put_link(tx.conn, user, digest(token), link.ends_at, now))
        return link

    async def log_in_by_link(self, token: str, address: str) -> ConsoleLogin:
        """Begin a session for who has a link, which is used up by it.

        Nobody guesses one: there is no lock.
        """
        if not is_token(token, LINK_PREFIX, LONG):
            return self._refused(ConsoleLogin(reason=Reason.BAD), address)
        of, now = digest(token), self._clock()
        user = await self._db.write(lambda tx: sql.take_link(tx.conn, of, now))
        found = await self._stored(user) if user else None
        if found is None:
            return self._refused(ConsoleLogin(reason=Reason.BAD), address)
        if not self._is_in(found.principal):
            return self._refused(ConsoleLogin(reason=Reason.INACTIVE, agent=found.principal), address)
        return await self._begin(found.principal)

    async def agent(self, token: str) -> tuple[Principal, ConsoleSession] | None:
        """Who comes with this token, and in which session; `None`: nobody whom it lets in now."""
        session = await self._session(token)
        found = None if session is None else await self._stored(session.user)
        if session is None or found is None or not self._is_in(found.principal):
            return None
        return self._as_agent.principal(found.principal, session.id), session

    async def is_good(self, session: str) -> bool:
        """Whether a session goes on; for what was begun in it."""
        async with self._db.read() as conn:
            found = await sql.by_id(conn, session)
        return found is not None and self._clock() < found.ends_at

    async def end(self, token: str) -> None:
        """End the session that this token opens, if it does."""
        if is_token(token, CONSOLE_PREFIX, LONG) and (session := await self._session(token)):
            await self._db.write(lambda tx: sql.end(tx.conn, session.id))

    async def end_all(self, user: str) -> int:
        """End all sessions of an agent, and her links; how many sessions there were."""
        return await self._db.write(lambda tx: sql.end_all(tx.conn, user))

    def _refused(self, done: ConsoleLogin, address: str) -> ConsoleLogin:
        name = NOBODY if done.agent is None else done.agent.user
        _log.warning("console login refused", user=name, address=address, reason=done.reason.value)
        return done

    async def _checked(self, user: str, password: str, whose: str) -> ConsoleLogin:
        """As much work for who is not there or has no password, so that the time tells nothing."""
        if await self._attempts.failures.locked(user, whose):
            return ConsoleLogin(reason=Reason.LOCK)
        found = await self._stored(user)
        encoded = "" if found is None else await self._hash(user)
        plain = "" if why_no_password(password) else _plain(password)
        if not await self._hasher.verify(encoded or None, plain) or found is None:
            await self._attempts.wrong(user, whose, known=found is not None)
            return ConsoleLogin(reason=Reason.BAD, agent=found and found.principal)
        await self._attempts.failures.forget(user, whose)
        if not self._is_in(found.principal):
            return ConsoleLogin(reason=Reason.INACTIVE, agent=found.principal)
        fresh = await self._hasher.hash(plain) if self._hasher.outdated(encoded) else encoded
        return await self._begin(found.principal, encoded, fresh)

    def _is_in(self, agent: Principal) -> bool:
        """Not while she is switched off, nor in a group that is not defined, which may use nothing."""
        is_hers = agent.kind is PrincipalKind.AGENT and agent.scope is not None
        return is_hers and standing(agent, self._clock()) is None

    async def _hash(self, user: str) -> str:
        async with self._db.read() as conn:
            return await sql.password_hash(conn, user)

    async def _begin(self, agent: Principal, encoded: str | None = None, fresh: str = "") -> ConsoleLogin:
        """Unless her password was changed while it was checked; its hash is renewed if it is out of date."""
        token, now = new_token(CONSOLE_PREFIX, LONG), self._clock()
        name = f"console-{secrets.token_hex(8)}"
        session = ConsoleSession(id=name, user=agent.user, made_at=now, ends_at=now + self._lasts)

        async def work(tx: Transaction) -> bool:
            if encoded is not None:
                if await sql.password_hash(tx.conn, agent.user) != encoded:
                    return False
                await sql.rehash(tx.conn, agent.user, encoded, fresh)
            await sql.begin(tx.conn, session, digest(token), MOST_SESSIONS, now)
            return True

        if not await self._db.write(work):
            return ConsoleLogin(reason=Reason.BAD, agent=agent)
        in_it = self._as_agent.principal(agent, session.id)
        return ConsoleLogin(reason=Reason.GOOD, session=session, agent=in_it, token=token)

    async def _session(self, token: str) -> ConsoleSession | None:
        """The session that a token opens, unless it is over; costs a read at most."""
        if not is_token(token, CONSOLE_PREFIX, LONG):
            return None
        of = digest(token)
        edition = self._db.edition("console_sessions")  # before the read: a write meanwhile changes it
        found = self._known.get(of, edition)
        if found is None:
            async with self._db.read() as conn:
                found = await sql.by_digest(conn, of)
            if found is not None:
                self._known.keep(of, edition, found)
        return found if found is not None and self._clock() < found.ends_at else None


def why_no_password(password: str) -> str:
    """Why this can be no console password; empty: it can."""
    if not password.isprintable():
        return "printable characters only"
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
    return ""


def _plain(password: str) -> str:
    """One form, whichever way a keyboard makes its letters (RFC 8265, OpaqueString)."""
    return unicodedata.normalize("NFC", password)
