"""What the dialplan asks the desk, for its tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from core_bench import CUSTOMER, Bench, ami_event

from bridge.agi.desk import CallStart, InboundCall, InboundDecision
from bridge.ami.events import Newchannel, Newstate, QueueCallerJoin
from bridge.calls.model import Call
from bridge.calls.translate import UP
from bridge.services import CallQuery

PHONE = "1732420800.17"
MEMBER = "Local/8600051@bridge-offer/n"


async def answered(bench: Bench, campaign: str = "TEST") -> Call:
    """An automatic call that the customer has just answered."""
    call = await bench.dial(campaign)
    await bench.happens(
        ami_event(Newchannel, Uniqueid=call.id), ami_event(Newstate, Uniqueid=call.id, ChannelState=UP)
    )
    return await bench.call(call.id)


async def caller(bench: Bench, channel: str = PHONE, number: str = CUSTOMER) -> InboundDecision:
    """A customer calls us and waits in the queue."""
    found = await bench.core.desk.inbound(
        InboundCall(did="7275551234", channel="PJSIP/carrier-1", unique_id=channel, caller_number=number)
    )
    await bench.happens(
        ami_event(Newchannel, Uniqueid=channel), ami_event(QueueCallerJoin, Uniqueid=channel, Queue="SALES")
    )
    return found


async def all_calls(bench: Bench) -> list[Call]:
    return list(await bench.core.call_commands.list(CallQuery()))


def start(number: str = CUSTOMER, **more: Any) -> CallStart:
    return CallStart(**({"channel": "PJSIP/1000-1", "unique_id": PHONE, "number": number} | more))


async def at_the_same_time(*questions: Callable[[], Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*(question() for question in questions)))
