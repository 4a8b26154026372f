"""Calls that belong together: what happens to one of them that others have to learn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

from bridge.calls import queries
from bridge.calls.effects import EndLegs, EndRivals, PassParent
from bridge.calls.errors import Refused
from bridge.calls.model import LIVE, Call, CallKind, CallState
from bridge.calls.progress import is_ahead
from bridge.calls.signals import HangupAsked, PassedOn, Signal
from bridge.turn import Turn

Apply: TypeAlias = Callable[[Turn, Call, Signal], Awaitable[Call]]
"""Steps a call that was read locked in the turn."""


class Family:
    """Tells a call's relatives, in the transaction of its own step."""

    def __init__(self, apply: Apply) -> None:
        self._apply = apply

    async def tell(self, turn: Turn, call: Call, effect: PassParent | EndLegs | EndRivals) -> None:
        """Carry out what the step of a call asks of the others."""
        match effect:
            case PassParent():
                await self._pass_parent(turn, call)
            case EndLegs():
                await self._end_legs(turn, call)
            case EndRivals():
                await self._end_rivals(turn, call)

    async def _pass_parent(self, turn: Turn, call: Call) -> None:
        """The customer of the call's parent is this call's now; whom she has joined goes with her."""
        parent = await queries.locked(turn.tx.conn, call.parent)
        if parent is None:
            return
        if call.kind is CallKind.LEFT:
            await queries.adopt(turn.tx.conn, parent.id, call.id)
        await self._apply(turn, parent, PassedOn(at=turn.at, to=call.id))

    async def _end_legs(self, turn: Turn, call: Call) -> None:
        """Nobody whom the agent has called for this call stays in her room.

        Unless the customer is just leaving it with them: word that she is gone from there may come before
        Asterisk's answer that she was sent. If she does not get away, that call ends them.
        """
        if call.kind is CallKind.LEFT:
            parent = await queries.locked(turn.tx.conn, call.parent)
            if parent is None or parent.state in LIVE:
                return  # they are still together
        elif await queries.is_leaving(turn.tx.conn, call.id):
            return
        of = call.parent if call.kind is CallKind.LEFT else call.id
        await self._end(turn, await queries.legs_locked(turn.tx.conn, of))

    async def _end_rivals(self, turn: Turn, call: Call) -> None:
        """One of a volley has answered: the others are no longer wanted."""
        legs = await queries.legs_locked(turn.tx.conn, call.parent)
        rivals = (leg for leg in legs if leg.volley == call.volley and leg.id != call.id)
        await self._end(turn, [leg for leg in rivals if is_ahead(CallState.ANSWERED, leg.state)])

    async def _end(self, turn: Turn, legs: Sequence[Call]) -> None:
        for leg in legs:
            try:
                await self._apply(turn, leg, HangupAsked(at=turn.at))
            except Refused:  # it has just ended
                continue
