"""Commands about the parties in an agent's room: park, call a third one, leave, pass the customer on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from bridge.agents import queries as sessions
from bridge.agents.errors import Refused as AgentRefused
from bridge.agents.model import AgentSession
from bridge.agents.service import Sessions
from bridge.agents.signals import ReadyAfterCall
from bridge.ami.errors import ActionRefused, AmiError
from bridge.calls import queries
from bridge.calls.asterisk import CallLink, Way
from bridge.calls.commands import accepted, translated
from bridge.calls.errors import Refused as CallRefused
from bridge.calls.intents import Intent, Intents
from bridge.calls.model import LIVE, Call, CallKind, room_half
from bridge.calls.service import Calls
from bridge.calls.signals import AgentStatus, Parked, Signal, Unparked
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.errors import (
    AsteriskRefused,
    AsteriskUnavailable,
    InvalidState,
    NoCall,
    NoSuchCall,
    NoSuchCampaign,
    NotLoggedIn,
)
from bridge.ids import uuid7
from bridge.locks import KeyedLocks
from bridge.rules import Permit, Purpose, Refusal
from bridge.services import DialRequest, Party
from bridge.store.database import Database
from bridge.turn import Turn, Turns

GOODBYE: Final = "vm-goodbye"
"""Sound that is left on a machine when nobody has said which."""


class _Scene(NamedTuple):
    """An agent with the call she has."""

    session: AgentSession
    call: Call
    legs: Sequence[Call]
    """Third parties whom she has called for it, oldest first."""

    def party(self, who: Party) -> Call | None:
        """Whom a command means; of several third parties the newest."""
        return self.call if who is Party.CUSTOMER else next(reversed(self.legs), None)


class Conference:
    """What callers of the APIs can do with the parties of an agent's call.

    A command about a third party where there is none does nothing. Each raises `NotLoggedIn` or `NoCall` if
    there is no call, `AsteriskUnavailable` if Asterisk cannot be reached, `AsteriskRefused` if it will not.
    """

    def __init__(  # noqa: PLR0913 - the parts that it puts to work
        self,
        db: Database,
        links: Callable[[str], CallLink],
        *,
        calls: Calls,
        agents: Sessions,
        site: Site,
        intents: Intents,
        locks: KeyedLocks,
    ) -> None:
        """Take the parts; `locks` are those of the other commands to agents."""
        self._db = db
        self._turns = Turns(db)
        self._link = links
        self._calls = calls
        self._agents = agents
        self._site = site
        self._intents = intents
        self._locks = locks

    # -- hold music

    async def park(self, user: str, who: Party, *, ivr: bool = False) -> None:
        """Let a party hear hold music (`ivr`: what the dialplan has for parked customers)."""
        async with self._locks.hold(user):
            await self._park(await self._scene(user), who, ivr=ivr)

    async def grab(self, user: str, who: Party) -> None:
        """Take a parked party back into the room."""
        async with self._locks.hold(user):
            await self._grab(await self._scene(user), who)

    async def swap(self, user: str, park: Party) -> None:
        """Park one party and take the other one back."""
        async with self._locks.hold(user):
            scene = await self._scene(user)
            await self._park(scene, park)
            await self._grab(scene, Party.THIRD if park is Party.CUSTOMER else Party.CUSTOMER)

    async def _park(self, scene: _Scene, who: Party, *, ivr: bool = False) -> None:
        call = scene.party(who)
        if call is None or not call.room_channel:
            return
        campaign = await self._site.campaign(call.campaign) or Campaign(id="NONE")
        where, music = "ivr" if ivr else "s", {"BRIDGE_MUSIC": campaign.park_music}
        await self._ask(self._link(call.asterisk).redirect(call.room_channel, "bridge-park", where, **music))
        await self._note(call, lambda turn: Parked(at=turn.at))

    async def _grab(self, scene: _Scene, who: Party) -> None:
        call = scene.party(who)
        if call is None or call.parked_at is None:
            return
        room = scene.session.room
        await self._ask(self._link(call.asterisk).redirect(call.room_channel, "bridge-room", room))
        await self._note(call, lambda turn: Unparked(at=turn.at))

    # -- keys

    async def press(self, user: str, keys: str) -> None:
        """Press keys in her room: digits, `*`, `#`, and `w` for half a second."""
        async with self._locks.hold(user):
            scene = await self._scene(user)
            await self._ask(self._link(scene.session.asterisk).press(scene.session.room, keys))

    # -- a third party

    async def dial_third(self, user: str, requests: Sequence[DialRequest], *, park: bool = False) -> None:
        """Call a third party into the room; of several the first that answers stays.

        Args:
            user: the agent.
            requests: whom to call, each past the gate; those that it refuses are on record.
            park: let the customer hear hold music meanwhile.

        Raises:
            DialRefused: the gate refuses every one of them.
        """
        async with self._locks.hold(user):
            scene = await self._scene(user)
            campaign = await self._campaign(scene.call)
            volley = uuid7() if len(requests) > 1 else ""
            outcomes = [await self._third(scene, campaign, one, volley) for one in requests]
            if all(isinstance(outcome, Refusal) for outcome in outcomes):
                accepted(outcomes[0])
            if park:
                await self._park(scene, Party.CUSTOMER)

    async def _third(
        self, scene: _Scene, campaign: Campaign, request: DialRequest, volley: str
    ) -> Call | Refusal:
        intent = await self._reachable(request, campaign, scene.session.asterisk)

        async def work(turn: Turn) -> Call | Refusal:
            verdict = self._intents.judge(intent, Purpose.THREE_WAY, turn.at)
            leg = await self._intents.to_number(turn, scene.call, intent, CallKind.THREE_WAY)
            hers = _in_room(msgspec.structs.replace(leg, volley=volley), scene.session)
            if isinstance(verdict, Permit):
                return await self._calls.place(turn, hers, verdict, campaign.dial_timeout)
            await self._calls.refuse(turn, hers, self._intents.forbidden(verdict, turn.at))
            return verdict

        return await self._turns.run(work)

    async def consult(self, user: str, queue: str, *, for_user: str = "", park: bool = False) -> None:
        """Ask an in-group (an agent of it, if named) to join the room."""
        async with self._locks.hold(user):
            scene = await self._scene(user)
            self._calls.check_link(scene.call.asterisk)

            async def work(turn: Turn) -> Call:
                leg = await self._intents.of_customer(turn, scene.call, CallKind.CLOSER)
                room = scene.session.room
                hers = msgspec.structs.replace(
                    leg,
                    queue=queue,
                    for_user=for_user,
                    room=room,
                    channel=leg.id,
                    room_channel=room_half(leg.id),
                )
                return await self._calls.consult(turn, hers)

            await self._turns.run(work)
            if park:
                await self._park(scene, Party.CUSTOMER)

    async def hangup(self, user: str, who: Party) -> None:
        """Hang up a party."""
        async with self._locks.hold(user):
            await self._hangup((await self._scene(user)).party(who))

    async def hangup_both(self, user: str) -> None:
        """Hang up everybody but the agent."""
        async with self._locks.hold(user):
            scene = await self._scene(user)
            for party in (*scene.legs, scene.call):
                await self._hangup(party)

    async def _hangup(self, call: Call | None) -> None:
        if call is not None:
            await translated(self._calls.hangup(call.id))

    # -- without the agent

    async def leave(self, user: str) -> Call | None:
        """Leave the customer with the third parties; without any she is not left alone."""
        async with self._locks.hold(user):
            scene = await self._scene(user)
            if scene.legs:
                others = tuple(leg.room_channel for leg in scene.legs)
                return await self._go_on(scene, CallKind.LEFT, Way(exten="to-others", others=others))
            return None

    async def leave_message(self, user: str) -> Call:
        """Leave the agent's messages on the machine that has answered."""
        async with self._locks.hold(user):
            scene = await self._scene(user)
            campaign = await self._site.campaign(scene.call.campaign)
            default = campaign.abandon_message if campaign and campaign.abandon_message else GOODBYE
            sounds = "&".join(scene.call.messages or (default,))
            way = Way(exten="to-message", variables={"BRIDGE_SOUNDS": sounds})
            return await self._go_on(scene, CallKind.LEFT, way)

    async def to_queue(self, user: str, queue: str, *, for_user: str = "") -> Call:
        """Pass the customer on to an in-group (to one agent of it, if named)."""
        async with self._locks.hold(user):
            scene = await self._scene(user)
            way = Way(exten="to-queue", variables={"BRIDGE_QUEUE": queue})
            return await self._go_on(scene, CallKind.CLOSER, way, queue=queue, for_user=for_user)

    async def _go_on(self, scene: _Scene, kind: CallKind, way: Way, **fields: str) -> Call:
        self._calls.check_link(scene.call.asterisk)

        async def work(turn: Turn) -> Call:
            call = await self._intents.of_customer(turn, scene.call, kind)
            hers = msgspec.structs.replace(call, channel=_customer(scene.call), **fields)
            return await self._calls.pass_on(turn, hers, way)

        return await self._turns.run(work)

    async def to_number(self, user: str, request: DialRequest) -> Call:
        """Pass the customer on to a number (`DialRefused` if the gate says no: she stays)."""
        async with self._locks.hold(user):
            scene = await self._scene(user)
            campaign = await self._campaign(scene.call)
            intent = await self._reachable(request, campaign, scene.call.asterisk)

            async def work(turn: Turn) -> Call | Refusal:
                verdict = self._intents.judge(intent, Purpose.TRANSFER, turn.at)
                call = await self._intents.to_number(turn, scene.call, intent, CallKind.BLIND)
                if not isinstance(verdict, Permit):
                    await self._calls.refuse(turn, call, self._intents.forbidden(verdict, turn.at))
                    return verdict
                hers = msgspec.structs.replace(call, channel=_customer(scene.call))
                dial = {
                    "BRIDGE_DIAL": call.dial,
                    "BRIDGE_TIMEOUT": str(campaign.dial_timeout),
                    "BRIDGE_CALLER_ID": call.caller_id,
                }
                way = Way(exten="to-number", variables=dial, permit=verdict)
                return await self._calls.pass_on(turn, hers, way)

            return accepted(await self._turns.run(work))

    # -- remote agents

    async def finish(self, user: str, call_id: str, status: str) -> None:
        """Give the status of the call that she is about to lose, and let her wait for the next one then.

        Raises:
            NoSuchCall: she does not have this call.
            NoCall: it has ended.
        """
        async with self._locks.hold(user):
            scene = await self._scene(user)
            if call_id not in (scene.call.id, scene.call.legacy_id):
                raise NoSuchCall(call=call_id)

            async def work(turn: Turn) -> None:
                session = await sessions.locked(turn.tx.conn, scene.session.id)
                if session is not None:
                    await self._agents.signal(turn, session, ReadyAfterCall(at=turn.at))
                await self._calls.signal(turn, scene.call.id, AgentStatus(at=turn.at, status=status))

            try:
                await self._turns.run(work)
            except (AgentRefused, CallRefused):  # the call has just ended
                raise NoCall(agent=user) from None

    # -- inside

    async def call_of(self, user: str) -> Call:
        """The live call that she has (`NotLoggedIn`, `NoCall`)."""
        return (await self._scene(user)).call

    async def third_parties(self, user: str) -> Sequence[Call]:
        """Those whom she has called for it, oldest first."""
        return (await self._scene(user)).legs

    async def _scene(self, user: str) -> _Scene:
        async with self._db.read() as conn:
            session = await sessions.of_user(conn, user)
            if session is None:
                raise NotLoggedIn(agent=user)
            call = await queries.find(conn, session.call_id) if session.call_id else None
            if call is None or call.state not in LIVE:
                raise NoCall(agent=user)
            return _Scene(session, call, await queries.legs(conn, call.id))

    async def _reachable(self, request: DialRequest, campaign: Campaign, asterisk: str) -> Intent:
        """A wish that has been looked into, on the Asterisk that has the parties."""
        intent = await self._intents.look_into(request, campaign)
        if intent.asterisk != asterisk:
            raise InvalidState(f"trunk {intent.trunk.name} is not on the agent's Asterisk")
        self._calls.check_link(asterisk)
        return intent

    async def _campaign(self, call: Call) -> Campaign:
        found = await self._site.campaign(call.campaign)
        if found is None or not found.active:
            raise NoSuchCampaign(f"there is no active campaign {call.campaign!r}", campaign=call.campaign)
        return found

    async def _note(self, call: Call, build: Callable[[Turn], Signal]) -> None:
        await self._turns.run(lambda turn: self._calls.signal(turn, call.id, build(turn)))

    @staticmethod
    async def _ask(action: Awaitable[None]) -> None:
        """Ask Asterisk first: what it does not do changes nothing."""
        try:
            await action
        except ActionRefused as error:
            raise AsteriskRefused(f"Asterisk would not do it: {error.message}") from error
        except AmiError as error:
            raise AsteriskUnavailable("Asterisk cannot be reached: it was not done") from error


def _in_room(leg: Call, session: AgentSession) -> Call:
    return msgspec.structs.replace(
        leg, asterisk=session.asterisk, user=session.user, room=session.room, room_channel=room_half(leg.id)
    )


def _customer(call: Call) -> str:
    """The customer's own channel; of an automatic call it is the one that we made."""
    if not call.channel and call.kind is not CallKind.AUTO:
        raise NoCall("the customer has no channel yet", call=call.id)
    return call.channel or call.id
