"""Agents' own phones: which may be rung, and ringing one again in the middle of a shift."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from bridge.agents.model import AgentSession
from bridge.agents.service import Sessions
from bridge.agents.stepping import Stepping
from bridge.calls.intents import Intents
from bridge.calls.refusals import refused
from bridge.calls.service import Calls
from bridge.campaigns.model import Phone
from bridge.campaigns.phone_alias import PhoneAlias
from bridge.campaigns.service import Site
from bridge.errors import NoRoom, NoSuchPhone
from bridge.rules import Permit, Refusal
from bridge.turn import Turn


class AgentPhones:
    """Rings agents' phones."""

    def __init__(
        self, site: Site, intents: Intents, *, calls: Calls, sessions: Sessions, stepping: Stepping
    ) -> None:
        self._site = site
        self._intents = intents
        self._calls = calls
        self._sessions = sessions
        self._stepping = stepping

    async def line(self, login: str) -> Phone:
        """The phone with this login (`NoSuchPhone`: there is none, or it is switched off)."""
        phone = await self._site.phone(login)
        if phone is None or not phone.active:
            raise NoSuchPhone(f"there is no active phone {login!r}", phone=login)
        return phone

    async def taken(
        self, login: str, first: str, sessions: Callable[[], Awaitable[Sequence[AgentSession]]]
    ) -> str:
        """The phone that a login with this name takes.

        Of an alias' phones it is a free one, at the Asterisk that can be reached and has the fewest agents.

        Args:
            login: of a phone, or the name of an alias.
            first: the Asterisk of phones that name none.
            sessions: reads those that are not logged out.

        Raises:
            NoSuchPhone: it is an alias without a free phone.
        """
        alias = await self._site.get(PhoneAlias, login)
        if alias is None or await self._site.phone(login) is not None:
            return login
        there = await sessions()
        busy, load = {one.phone for one in there}, Counter(one.asterisk for one in there)
        found = [await self._site.phone(one) for one in alias.logins]
        free = [one for one in found if one is not None and one.active and one.login not in busy]
        if not free:
            raise NoSuchPhone(f"phone alias {login!r} has no free phone", phone=login)
        at = {one.login: one.asterisk or first for one in free}
        return min(at, key=lambda one: (not self._calls.is_linked(at[one]), load[at[one]]))

    async def permit(self, turn: Turn, phone: Phone, asked_by: str) -> Permit | None:
        """The gate's word, for a phone that is dialled by a number (`DialRefused`, `UserLimited`)."""
        verdict = await self._intents.judge_phone(turn, phone, asked_by)
        if isinstance(verdict, Refusal):
            raise refused(verdict.rule, verdict.why, verdict.source)
        return verdict

    async def call_again(self, user: str, *, asked_by: str) -> AgentSession:
        """Ring the agent's phone once more; seated, it takes the place of the one she has.

        While it rings already, nothing more is done.

        Raises:
            NotLoggedIn, NoRoom, NoSuchPhone, DialRefused, UserLimited, AsteriskUnavailable: nothing was done.
            OriginateRefused: Asterisk would not ring it; all is as before.
            OriginateUnknown: the link was lost in mid action; it may ring.
        """

        async def work(turn: Turn) -> AgentSession:
            session = await self._stepping.locked(turn, user)
            if session.next_channel:
                return session
            permit = await self.permit(turn, phone, asked_by)
            return await self._sessions.ring_again(turn, session, phone.dial, permit)

        async with self._stepping.hold(user):
            session = await self._stepping.seated(user)
            if session.on_hook:
                raise NoRoom(agent=user)
            phone = await self.line(session.phone)
            self._calls.check_link(session.asterisk)
            return await self._stepping.turns.run(work)
