"""Commands to agents' screens, as the APIs give them: each is committed with its event."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from bridge.agents import queries as session_queries
from bridge.agents.model import AgentSession
from bridge.agents.signals import SwitchLead
from bridge.agents.stepping import Stepping
from bridge.calls import queries as call_queries
from bridge.calls import signals as call_signals
from bridge.calls.errors import Refused
from bridge.calls.model import LIVE, Call, CallKind
from bridge.calls.service import Calls
from bridge.campaigns.service import Site
from bridge.errors import InvalidInput, InvalidState, NoCall, NoLead, NoSuchPhone
from bridge.events import queries as event_queries
from bridge.leads import queries as lead_queries
from bridge.leads.errors import InvalidLead
from bridge.leads.fields import parsed
from bridge.leads.service import Leads
from bridge.screens import queries, state
from bridge.screens.model import NewNotification, Notification, RecipientType, Screen, Timer
from bridge.screens.notifications import Notifications
from bridge.services import FieldsUpdated, ScreenSnapshot
from bridge.store.database import Database
from bridge.turn import Turn

T = TypeVar("T")


class ScreenCommands:
    """What callers of the APIs can do with agents' screens, and with the leads on them."""

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        db: Database,
        *,
        calls: Calls,
        site: Site,
        leads: Leads,
        notifications: Notifications,
        stepping: Stepping,
    ) -> None:
        self._db = db
        self._stepping = stepping
        self._calls = calls
        self._site = site
        self._leads = leads
        self._notifications = notifications

    async def snapshot(self, user: str) -> ScreenSnapshot:
        """All that her page shows now; nothing if she is not logged in."""
        async with self._db.read(snapshot=True) as conn:
            seq = await event_queries.newest(conn)
            session = await session_queries.of_user(conn, user)
            if session is None:
                return ScreenSnapshot(seq=seq, session=None, call=None, lead=None, screen=Screen())
            call = await call_queries.find(conn, session.call_id) if session.call_id else None
            lead_id = session.lead_id or (session.preview.lead_id if session.preview else None)
            lead = await lead_queries.get(conn, lead_id) if lead_id else None
            screen = await queries.screen(conn, session.id)
        return ScreenSnapshot(seq=seq, session=session, call=call, lead=lead, screen=screen)

    async def update_fields(
        self, user: str, fields: Mapping[str, str], panels: Sequence[str]
    ) -> FieldsUpdated:
        """Change fields of the lead on her screen, and have panels loaded anew with it.

        Args:
            user: the agent.
            fields: new values by the line format's names; an empty one empties the field.
            panels: none, or those to be loaded anew.

        Raises:
            NotLoggedIn, NoLead, InvalidInput: nothing was changed.
        """

        async def work(turn: Turn, session: AgentSession) -> FieldsUpdated:
            lead_id = session.lead_id
            changed = None if lead_id is None else await self._change_lead(turn, lead_id, fields)
            if lead_id is None or changed is None:
                raise NoLead(agent=user)
            await state.fields_updated(turn.tx, session, lead_id, tuple(fields), tuple(panels))
            return FieldsUpdated(lead_id=lead_id, changed=changed)

        return await self._for(user, work)

    async def refresh(self, user: str, panels: Sequence[str]) -> AgentSession:
        """Have panels of her screen loaded anew (`NotLoggedIn`)."""

        async def work(turn: Turn, session: AgentSession) -> AgentSession:
            await state.panels_refreshed(turn.tx, session, tuple(panels))
            return session

        return await self._for(user, work)

    async def set_timer(self, user: str, timer: Timer) -> AgentSession:
        """Have something done at a time in her call (`NotLoggedIn`)."""

        async def work(turn: Turn, session: AgentSession) -> AgentSession:
            await state.timer_set(turn.tx, session, timer)
            return session

        return await self._for(user, work)

    async def webphone_url(self, user: str) -> str:
        """The page of her phone in the browser; empty if it has none (`NotLoggedIn`, `NoSuchPhone`)."""
        return await self._webphone(await self._stepping.seated(user))

    async def launch_webphone(self, user: str) -> str:
        """The same, and her screen is told that it was asked for."""

        async def work(turn: Turn, session: AgentSession) -> str:
            url = await self._webphone(session)
            if url:
                await state.webphone_launched(turn.tx, session, url)
            return url

        return await self._for(user, work)

    async def call(self, user: str) -> Call:
        """The live call that she has (`NotLoggedIn`, `NoCall`)."""
        session = await self._stepping.seated(user)
        async with self._db.read() as conn:
            found = await call_queries.find(conn, session.call_id) if session.call_id else None
        if found is None or found.state not in LIVE:
            raise NoCall(agent=user)
        return found

    async def switch_lead(self, user: str, lead_id: int) -> int | None:
        """Make another lead the one of the inbound call that she has; gives the one of before.

        Raises:
            NotLoggedIn, NoCall: there is no live call.
            InvalidState: it is not an inbound one, or she does not hear the caller.
        """

        async def work(turn: Turn, session: AgentSession) -> int | None:
            call = await self._live_call(turn, session)
            if call.kind is not CallKind.INBOUND:
                raise InvalidState("her call is not inbound", agent=user, call=call.id)
            await self._calls.signal(turn, call.id, call_signals.SwitchLead(at=turn.at, lead_id=lead_id))
            await self._stepping.step(turn, session, SwitchLead(at=turn.at, lead_id=lead_id))
            return session.lead_id

        return await self._for(user, work)

    async def keep_messages(self, user: str, sounds: Sequence[str]) -> Call:
        """Keep what is left on an answering machine in her call.

        Raises:
            NotLoggedIn, NoCall: there is no live call.
            MessageNotAllowed: its campaign has not stated what the law asks for.
        """
        await self._site.speaking((await self.call(user)).campaign)

        async def work(turn: Turn, session: AgentSession) -> Call:
            call = await self._live_call(turn, session)
            keep = call_signals.KeepMessages(at=turn.at, sounds=tuple(sounds))
            return await self._calls.signal(turn, call.id, keep)

        return await self._for(user, work)

    async def notify(self, wanted: NewNotification) -> Notification:
        """Put a text, or confetti, on the screens of its recipients, now or when it is due."""
        return await self._notifications.queue(wanted)

    async def recipient_exists(self, kind: RecipientType, name: str) -> bool:
        """Whether there is such a user, group or campaign."""
        async with self._db.read() as conn:
            return await queries.recipient_exists(conn, kind, name)

    # -- inside

    async def _for(self, user: str, work: Callable[[Turn, AgentSession], Awaitable[T]]) -> T:
        """Run a command in a turn that holds her session, in the order of her commands."""

        async def in_turn(turn: Turn) -> T:
            session = await self._stepping.locked(turn, user)
            try:
                return await work(turn, session)
            except Refused as error:
                details = {"state": error.state, "reason": error.reason}
                raise InvalidState(str(error), agent=user, **details) from error

        async with self._stepping.hold(user):
            return await self._stepping.turns.run(in_turn)

    async def _change_lead(self, turn: Turn, lead_id: int, fields: Mapping[str, str]) -> bool | None:
        try:
            return await self._leads.change_in(turn.tx, lead_id, **parsed(fields))
        except InvalidLead as error:
            raise InvalidInput(error.why, field=error.field) from error

    async def _webphone(self, session: AgentSession) -> str:
        phone = await self._site.phone(session.phone)
        if phone is None:
            raise NoSuchPhone(phone=session.phone)
        return phone.webphone_url

    async def _live_call(self, turn: Turn, session: AgentSession) -> Call:
        call = await call_queries.locked(turn.tx.conn, session.call_id) if session.call_id else None
        if call is None or call.state not in LIVE:
            raise NoCall(agent=session.user)
        return call
