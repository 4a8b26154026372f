"""Commands to agents, as the APIs give them. Those of one agent run in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Final

from bridge.access.model import Principal, PrincipalKind
from bridge.access.service import Access
from bridge.agents import queries, signals
from bridge.agents.model import AgentSession, AgentState
from bridge.agents.phones import AgentPhones
from bridge.agents.placing import Placing
from bridge.agents.service import Sessions
from bridge.agents.stepping import Stepping
from bridge.calls import of_lead
from bridge.calls.called_back import promised_anew
from bridge.calls.commands import accepted, translated
from bridge.calls.intent import Intent
from bridge.calls.model import Call
from bridge.calls.service import Calls
from bridge.calls.signals import AgentStatus
from bridge.campaigns.model import ApiManualDial
from bridge.campaigns.service import Site
from bridge.errors import (
    AlreadyLoggedIn,
    InvalidState,
    ManualDialNotAllowed,
    NoCall,
    NoSuchAgent,
    NotAllowed,
    NotLoggedIn,
    PhoneInUse,
)
from bridge.ids import uuid7
from bridge.leads import callbacks
from bridge.rules import Permit, Refusal
from bridge.services import Callback, DialRequest
from bridge.store.database import Database
from bridge.turn import Turn, Turns

FIRST_ROOM: Final = 8_600_051
LAST_ROOM: Final = 8_600_999
"""Rooms are 7 digits, from 8600051 upwards, as users of VICIdial know them."""


class AgentCommands:
    """What callers of the APIs can do with agents."""

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        db: Database,
        *,
        sessions: Sessions,
        calls: Calls,
        site: Site,
        access: Access,
        placing: Placing,
        stepping: Stepping,
        asterisk: str,
        timezone: tzinfo,
        phones: AgentPhones,
    ) -> None:
        self._db = db
        self._turns = Turns(db)
        self._stepping = stepping
        self._sessions = sessions
        self._phones = phones
        self._calls = calls
        self._site = site
        self._access = access
        self._placing = placing
        self._asterisk = asterisk
        self._timezone = timezone
        self._rooms = Rooms()

    async def login(
        self, user: str, phone: str, campaign: str, *, on_hook: bool = False, asked_by: str
    ) -> AgentSession:
        """Ring her phone; the session is `connecting` until she is seated.

        Args:
            user: the agent.
            phone: the login of her phone, or an alias of several: then a free one of them is taken.
            campaign: for which she works.
            on_hook: ring it for each call instead; the session is `paused` at once.
            asked_by: the API user who asks.

        Raises:
            NoSuchAgent, NoSuchPhone, NoSuchCampaign, NotAllowed, DialRefused, UserLimited: nothing was done.
            AlreadyLoggedIn, PhoneInUse: nothing was done.
            AsteriskUnavailable, OriginateRefused: her phone could not be rung.
            OriginateUnknown: the link was lost in mid action; her phone may ring.
        """
        phone = await self._phones.taken(phone, self._asterisk, self.sessions)
        line = await self._phones.line(phone)
        agent = await self._agent(user, campaign)
        on = await self._placing.campaign(campaign)
        asterisk = line.asterisk or self._asterisk
        self._calls.check_link(asterisk)

        async def work(turn: Turn) -> AgentSession:
            await self._check_free(turn, user, phone)
            session = AgentSession(
                id=uuid7(),
                user=user,
                phone=phone,
                campaign=campaign,
                asterisk=asterisk,
                room=self._rooms.free(asterisk, await queries.rooms(turn.tx.conn, asterisk)),
                state=AgentState.PAUSED if on_hook else AgentState.CONNECTING,
                state_since=turn.at,
                queues=on.queues if agent.queues is None else agent.queues,
                logged_in_at=turn.at if on_hook else None,
                on_hook=on_hook,
            )
            permit = await self._phones.permit(turn, line, asked_by)
            if on_hook:
                await self._sessions.begin_on_hook(turn, session)
            else:
                await self._sessions.begin(turn, session, line.dial, permit)
            return session

        async with self._stepping.hold(user):
            return await self._turns.run(work)

    async def logout(self, user: str, *, asked_by: str) -> AgentSession:
        """End her session: at once, or after the call in hand (`NotLoggedIn`)."""
        del asked_by
        return await self._command(user, lambda turn: signals.Logout(at=turn.at))

    async def pause(self, user: str, reason: str, *, asked_by: str) -> AgentSession:
        """Pause her: at once, or after the call in hand (`NotLoggedIn`)."""
        del asked_by
        return await self._command(user, lambda turn: signals.Pause(at=turn.at, reason=reason))

    async def resume(self, user: str, *, asked_by: str) -> AgentSession:
        """Make her ready (`NotLoggedIn`; `NotPaused` if she waits for a call or has one)."""
        del asked_by
        return await self._command(user, lambda turn: signals.Resume(at=turn.at))

    async def stay(self, user: str, *, asked_by: str) -> AgentSession:
        """Let her be ready after the call in hand, whatever was asked in it (`NotLoggedIn`, `NotPaused`)."""
        del asked_by
        return await self._command(user, lambda turn: signals.ReadyAfterCall(at=turn.at))

    async def set_pause_code(self, user: str, code: str, *, asked_by: str) -> AgentSession:
        """Give the pause that she is in another code (`NotLoggedIn`; `NotPaused` if she is in none)."""
        del asked_by
        return await self._command(user, lambda turn: signals.SetPauseReason(at=turn.at, reason=code))

    async def session(self, user: str) -> AgentSession | None:
        """Her session that is not logged out, if there is one."""
        return await self._sessions.of_user(user)

    async def on_phone(self, phone: str) -> AgentSession | None:
        """The session that has this phone, if there is one."""
        async with self._db.read() as conn:
            return await queries.of_phone(conn, phone)

    async def sessions(self) -> Sequence[AgentSession]:
        """All sessions that are not logged out, by user."""
        async with self._db.read() as conn:
            return await queries.open_sessions(conn)

    async def dial(self, user: str, request: DialRequest, *, seen: AgentSession | None = None) -> Call:
        """Place a manual call out of her room.

        Args:
            user: the agent.
            request: whom to call.
            seen: her session, if the caller has just read it and made sure that she may dial by hand: then
                neither is read again. What became of it meanwhile is found in the transaction all the same.

        Raises:
            NotLoggedIn, NotPaused, ManualDialNotAllowed, NoSuchLead: nothing was written.
            DialRefused, UserLimited: the gate said no; the refused call is on record.
            AsteriskUnavailable: nothing was sent.
            OriginateUnknown: the link was lost in mid action.
        """
        async with self._stepping.hold(user):
            session = seen or await self._dialler(user)
            if known := await self._calls.placed(request.call_id):
                return known
            if session is None:
                raise NotLoggedIn(agent=user)
            campaign = await self._placing.campaign(session.campaign)
            intent = await self._placing.look_into(request, campaign, session)
            self._calls.check_link(intent.asterisk)
            return accepted(await self._turns.run(lambda turn: self._dial(turn, session, intent)))

    async def hangup(self, user: str, *, asked_by: str) -> Call:
        """Hang up the customer of the call she has (`NotLoggedIn`, `NoCall`)."""
        del asked_by
        async with self._stepping.hold(user):
            return await translated(self._calls.hangup(await self._call_of(user)))

    async def set_status(self, user: str, status: str, *, callback: Callback | None, asked_by: str) -> Call:
        """Give the disposition of her call, before or after its end (`NotLoggedIn`, `NoCall`).

        A callback is kept with it, in the place of those from before; another disposition after this one
        takes it back.
        """
        del asked_by

        async def work(turn: Turn, call_id: str) -> Call:
            call = await self._calls.signal(turn, call_id, AgentStatus(at=turn.at, status=status))
            if callback is None:
                await callbacks.drop(turn.tx, call_id)
            else:
                await callbacks.put(turn.tx, self._promise(turn, call, status, callback))
                await promised_anew(turn, call)
                await of_lead.promised(turn, call)
            return call

        async with self._stepping.hold(user):
            call_id = await self._call_of(user)
            return await translated(self._turns.run(lambda turn: work(turn, call_id)))

    # -- inside

    async def _dial(self, turn: Turn, seen: AgentSession, intent: Intent) -> Call | Refusal:
        session = await self._stepping.locked(turn, seen.user)
        if session.id != seen.id:  # logged in anew, it may be for another campaign
            raise NotLoggedIn(agent=seen.user)
        verdict = await self._placing.judge(turn, intent)
        if isinstance(verdict, Permit):
            queues = intent.campaign.api_manual_dial is not ApiManualDial.STANDARD
            from_ready = queues or bool(intent.request.queue)
            return await self._placing.place(turn, session, intent, verdict, from_ready=from_ready)
        await self._placing.refuse(turn, intent, seen.user, verdict)
        return verdict

    def _promise(self, turn: Turn, call: Call, status: str, asked: Callback) -> callbacks.Callback:
        return callbacks.Callback(
            call_id=call.id,
            lead_id=call.lead_id,
            campaign=call.campaign,
            user="" if asked.anyone else call.user,
            status=status,
            asked=asked.at,
            due_at=callbacks.moment(asked.at, self._timezone),
            comments=asked.comments,
            made_at=turn.at,
        )

    async def _command(self, user: str, build: Callable[[Turn], signals.Command]) -> AgentSession:
        async with self._stepping.hold(user):
            return await self._stepping.run(user, build)

    async def _call_of(self, user: str) -> str:
        session = await self.session(user)
        if session is None:
            raise NotLoggedIn(agent=user)
        if session.call_id is None:
            raise NoCall(agent=user)
        return session.call_id

    async def _agent(self, user: str, campaign: str) -> Principal:
        """The agent, if she may log in to this campaign."""
        agent = await self._access.principal(user)
        if agent is None or not agent.active:
            raise NoSuchAgent(f"there is no active agent {user!r}", agent=user)
        if agent.kind is not PrincipalKind.AGENT:
            raise NoSuchAgent(f"{user} is no agent but of kind {agent.kind}: only agents log in", agent=user)
        if agent.scope is None or campaign not in agent.scope.campaigns:
            raise NotAllowed(
                f"the group of {user} may not use campaign {campaign}", rule="campaign", agent=user
            )
        return agent

    async def _dialler(self, user: str) -> AgentSession | None:
        """The session of an agent who may dial by hand."""
        async with self._db.read() as conn:
            found = await queries.dialler(conn, user)
        if found is None:
            raise NoSuchAgent(f"there is no agent {user!r}", agent=user)
        allowed, session = found
        if not allowed:
            raise ManualDialNotAllowed(agent=user)
        return session

    @staticmethod
    async def _check_free(turn: Turn, user: str, phone: str) -> None:
        if await queries.of_user(turn.tx.conn, user) is not None:
            raise AlreadyLoggedIn(agent=user)
        other = await queries.of_phone(turn.tx.conn, phone)
        if other is not None:
            raise PhoneInUse(f"phone {phone} is taken by agent {other.user}", phone=phone, agent=other.user)


class Rooms:
    """Gives out rooms in turn: one that was just left rests for long, lest somebody is still in it."""

    def __init__(self) -> None:
        self._next: dict[str, int] = {}

    def free(self, asterisk: str, taken: frozenset[str]) -> str:
        """The next one on this Asterisk that is not taken (`InvalidState` if all are)."""
        count = LAST_ROOM - FIRST_ROOM + 1
        begin = self._next.get(asterisk, 0)
        for place in range(begin, begin + count):
            room = str(FIRST_ROOM + place % count)
            if room not in taken:
                self._next[asterisk] = (place + 1) % count
                return room
        raise InvalidState(f"all rooms from {FIRST_ROOM} to {LAST_ROOM} are in use")
