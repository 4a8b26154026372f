"""Commands by which a customer goes on without the agent: to a number, an in-group, others, a message."""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.agents import queries as sessions
from bridge.agents.errors import Refused as AgentRefused
from bridge.agents.scene import Scene, Scenes
from bridge.agents.service import Sessions
from bridge.agents.signals import ReadyAfterCall
from bridge.calls.asterisk import Way
from bridge.calls.commands import accepted
from bridge.calls.errors import Refused as CallRefused
from bridge.calls.model import Call, CallKind
from bridge.calls.refusals import forbidden
from bridge.calls.signals import AgentStatus
from bridge.errors import NoCall, NoSuchCall
from bridge.rules import Permit, Purpose, Refusal
from bridge.services import DialRequest
from bridge.turn import Turn

GOODBYE: Final = "vm-goodbye"
"""Sound that is left on a machine when nobody has said which."""


class Transfers:
    """What callers of the APIs can do with the customer of an agent's call.

    The agent is out as soon as the customer has gone on, and is asked for the disposition of her call. Each
    raises `NotLoggedIn` or `NoCall` if there is no call, `AsteriskUnavailable` or `OriginateRefused` if the
    customer is still where she was, and `OriginateUnknown` if nobody knows.
    """

    def __init__(self, scenes: Scenes, agents: Sessions) -> None:
        """Take what reads scenes, and the sessions of agents."""
        self._scenes = scenes
        self._agents = agents

    async def leave(self, user: str) -> Call | None:
        """Leave the customer with the third parties; without any she is not left alone."""
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            if scene.legs:
                others = tuple(leg.room_channel for leg in scene.legs)
                return await self._go_on(scene, CallKind.LEFT, Way(exten="to-others", others=others))
            return None

    async def leave_message(self, user: str) -> Call:
        """Leave the agent's messages on the machine that has answered.

        Raises:
            MessageNotAllowed: the campaign has not stated what the law asks for; the customer stays.
        """
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            campaign = await self._scenes.site.speaking(scene.call.campaign)
            sounds = "&".join(scene.call.messages or (campaign.abandon_message or GOODBYE,))
            way = Way(exten="to-message", variables={"BRIDGE_SOUNDS": sounds})
            return await self._go_on(scene, CallKind.LEFT, way)

    async def to_queue(self, user: str, queue: str, *, for_user: str = "") -> Call:
        """Pass the customer on to an in-group (to one agent of it, if named)."""
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            way = Way(exten="to-queue", variables={"BRIDGE_QUEUE": queue})
            return await self._go_on(scene, CallKind.CLOSER, way, queue=queue, for_user=for_user)

    async def _go_on(self, scene: Scene, kind: CallKind, way: Way, **fields: str) -> Call:
        self._scenes.calls.check_link(scene.call.asterisk)

        async def work(turn: Turn) -> Call:
            call = await self._scenes.intents.of_customer(turn, scene.call, kind)
            hers = msgspec.structs.replace(call, channel=_customer(scene.call), **fields)
            return await self._scenes.calls.pass_on(turn, hers, way)

        return await self._scenes.turns.run(work)

    async def to_number(self, user: str, request: DialRequest) -> Call:
        """Pass the customer on to a number (`DialRefused`, `UserLimited` if the gate says no: she stays)."""
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            campaign = await self._scenes.campaign(scene.call)
            intent = await self._scenes.reachable(request, campaign, scene.call.asterisk)

            async def work(turn: Turn) -> Call | Refusal:
                verdict = await self._scenes.intents.judge(turn, intent, Purpose.TRANSFER)
                call = await self._scenes.intents.to_number(turn, scene.call, intent, CallKind.BLIND)
                if not isinstance(verdict, Permit):
                    await self._scenes.calls.refuse(turn, call, forbidden(verdict, turn.at))
                    return verdict
                hers = msgspec.structs.replace(call, channel=_customer(scene.call))
                way = Way(exten="to-number", permit=verdict, ring_seconds=campaign.dial_timeout)
                return await self._scenes.calls.pass_on(turn, hers, way)

            return accepted(await self._scenes.turns.run(work))

    async def finish(self, user: str, call_id: str, status: str) -> None:
        """Give the status of the call that she is about to lose, and let her wait for the next one then.

        Raises:
            NoSuchCall: she does not have this call.
            NoCall: it has ended.
        """
        async with self._scenes.hold(user):
            scene = await self._scenes.of(user)
            if call_id not in (scene.call.id, scene.call.legacy_id):
                raise NoSuchCall(call=call_id)

            async def work(turn: Turn) -> None:
                session = await sessions.locked(turn.tx.conn, scene.session.id)
                if session is not None:
                    await self._agents.signal(turn, session, ReadyAfterCall(at=turn.at))
                await self._scenes.calls.signal(turn, scene.call.id, AgentStatus(at=turn.at, status=status))

            try:
                await self._scenes.turns.run(work)
            except (AgentRefused, CallRefused):  # the call has just ended
                raise NoCall(agent=user) from None


def _customer(call: Call) -> str:
    """The customer's own channel; of an automatic call it is the one that we made."""
    if not call.channel and call.kind is not CallKind.AUTO:
        raise NoCall("the customer has no channel yet", call=call.id)
    return call.channel or call.id
