"""Commands about the parties in an agent's room: hold music, keys, third parties."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from bridge.agents.model import AgentSession
from bridge.agents.scene import Scene, Scenes
from bridge.ami.errors import ActionRefused, AmiError
from bridge.calls.asterisk import CallLink
from bridge.calls.commands import accepted, translated
from bridge.calls.model import Call, CallKind, room_half
from bridge.calls.refusals import forbidden
from bridge.calls.signals import Parked, Signal, Unparked
from bridge.campaigns.model import Campaign
from bridge.errors import AsteriskRefused, AsteriskUnavailable
from bridge.ids import uuid7
from bridge.rules import Permit, Purpose, Refusal
from bridge.services import DialRequest, Party
from bridge.turn import Turn


class Conference:
    """What callers of the APIs can do with the parties of an agent's call.

    A command about a third party where there is none does nothing. Each raises `NotLoggedIn` or `NoCall` if
    there is no call, `AsteriskUnavailable` if Asterisk cannot be reached, `AsteriskRefused` if it will not.
    """

    def __init__(self, scenes: Scenes, links: Callable[[str], CallLink]) -> None:
        """Take what reads scenes, and the link to an Asterisk by its name."""
        self._scenes = scenes
        self._link = links

    # -- hold music

    async def park(self, user: str, who: Party, *, ivr: bool = False) -> None:
        """Let a party hear hold music (`ivr`: what the dialplan has for parked customers)."""
        async with self._scenes.hold(user):
            await self._park(await self._scenes.of(user), who, ivr=ivr)

    async def grab(self, user: str, who: Party) -> None:
        """Take a parked party back into the room."""
        async with self._scenes.hold(user):
            await self._grab(await self._scenes.of(user), who)

    async def swap(self, user: str, park: Party) -> None:
        """Park one party and take the other one back."""
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            await self._park(scene, park)
            await self._grab(scene, Party.THIRD if park is Party.CUSTOMER else Party.CUSTOMER)

    async def _park(self, scene: Scene, who: Party, *, ivr: bool = False) -> None:
        call = scene.party(who)
        if call is None or not call.room_channel:
            return
        campaign = await self._scenes.site.campaign(call.campaign) or Campaign(id="NONE")
        where, music = "ivr" if ivr else "s", {"BRIDGE_MUSIC": campaign.park_music}
        await self._ask(self._link(call.asterisk).redirect(call.room_channel, "bridge-park", where, **music))
        await self._note(call, lambda turn: Parked(at=turn.at))

    async def _grab(self, scene: Scene, who: Party) -> None:
        call = scene.party(who)
        if call is None or call.parked_at is None:
            return
        room = scene.session.room
        await self._ask(self._link(call.asterisk).redirect(call.room_channel, "bridge-room", room))
        await self._note(call, lambda turn: Unparked(at=turn.at))

    # -- keys

    async def press(self, user: str, keys: str) -> None:
        """Press keys in her room: digits, `*`, `#`, and `w` for half a second."""
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            await self._ask(self._link(scene.session.asterisk).press(scene.session.room, keys))

    # -- a third party

    async def dial_third(self, user: str, requests: Sequence[DialRequest], *, park: bool = False) -> None:
        """Call a third party into the room; of several the first that answers stays.

        Args:
            user: the agent.
            requests: whom to call, each past the gate; those that it refuses are on record.
            park: let the customer hear hold music meanwhile.

        Raises:
            DialRefused, UserLimited: the gate refuses every one of them.
        """
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            campaign = await self._scenes.campaign(scene.call)
            volley = uuid7() if len(requests) > 1 else ""
            outcomes = [await self._third(scene, campaign, one, volley) for one in requests]
            if all(isinstance(outcome, Refusal) for outcome in outcomes):
                accepted(outcomes[0])
            if park:
                await self._park(scene, Party.CUSTOMER)

    async def _third(
        self, scene: Scene, campaign: Campaign, request: DialRequest, volley: str
    ) -> Call | Refusal:
        intent = await self._scenes.reachable(request, campaign, scene.session.asterisk)

        async def work(turn: Turn) -> Call | Refusal:
            verdict = await self._scenes.intents.judge(turn, intent, Purpose.THREE_WAY)
            leg = await self._scenes.intents.to_number(turn, scene.call, intent, CallKind.THREE_WAY)
            hers = _in_room(msgspec.structs.replace(leg, volley=volley), scene.session)
            if isinstance(verdict, Permit):
                return await self._scenes.calls.place(turn, hers, verdict, campaign.dial_timeout)
            await self._scenes.calls.refuse(turn, hers, forbidden(verdict, turn.at))
            return verdict

        return await self._scenes.turns.run(work)

    async def consult(self, user: str, queue: str, *, for_user: str = "", park: bool = False) -> None:
        """Ask an in-group (an agent of it, if named) to join the room."""
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            self._scenes.calls.check_link(scene.call.asterisk)

            async def work(turn: Turn) -> Call:
                leg = await self._scenes.intents.of_customer(turn, scene.call, CallKind.CLOSER)
                room = scene.session.room
                hers = msgspec.structs.replace(
                    leg,
                    queue=queue,
                    for_user=for_user,
                    room=room,
                    channel=leg.id,
                    room_channel=room_half(leg.id),
                )
                return await self._scenes.calls.consult(turn, hers)

            await self._scenes.turns.run(work)
            if park:
                await self._park(scene, Party.CUSTOMER)

    async def hangup(self, user: str, who: Party) -> None:
        """Hang up a party."""
        async with self._scenes.hold(user):
            await self._hangup((await self._scenes.of(user)).party(who))

    async def hangup_both(self, user: str) -> None:
        """Hang up everybody but the agent."""
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            for party in (*scene.legs, scene.call):
                await self._hangup(party)

    async def _hangup(self, call: Call | None) -> None:
        if call is not None:
            await translated(self._scenes.calls.hangup(call.id))

    # -- inside

    async def call_of(self, user: str) -> Call:
        """The live call that she has (`NotLoggedIn`, `NoCall`)."""
        return (await self._scenes.of(user)).call

    async def third_parties(self, user: str) -> Sequence[Call]:
        """Those whom she has called for it, oldest first."""
        return (await self._scenes.of(user)).legs

    async def _note(self, call: Call, build: Callable[[Turn], Signal]) -> None:
        await self._scenes.turns.run(lambda turn: self._scenes.calls.signal(turn, call.id, build(turn)))

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
