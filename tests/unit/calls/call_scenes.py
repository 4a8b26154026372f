"""Calls of every kind in the core, and what happens to them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from core_bench import CUSTOMER, MAIN, Bench, ami_event

from bridge.agi.desk import CallStart, InboundCall
from bridge.ami.events import (
    AgentConnect,
    AmiEvent,
    CoreShowChannel,
    DialBegin,
    DialEnd,
    Newchannel,
    Newstate,
    QueueCallerJoin,
)
from bridge.calls import queries
from bridge.calls.model import Call, CallKind, CallState
from bridge.calls.service import Calls
from bridge.calls.snapshot import Snapshot
from bridge.calls.translate import RINGING, UP
from bridge.services import CallQuery, DialRequest
from bridge.store.database import Transaction

PHONE = "1732420800.17"
MEMBER = "Local/8600051@bridge-offer/n"
Make = Callable[[Bench], Awaitable[Call]]


async def newest(bench: Bench) -> Call:
    (call,) = await bench.core.call_commands.list(CallQuery(limit=1))
    return call


async def automatic(bench: Bench) -> Call:
    return await bench.dial("WRAPUP")


async def manual(bench: Bench) -> Call:
    await bench.log_in("1000", "WRAPUP")
    return await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))


async def inbound(bench: Bench) -> Call:
    asked = InboundCall(did="7275551234", channel="", unique_id=PHONE, caller_number=CUSTOMER)
    return await bench.call((await bench.core.desk.inbound(asked)).call_id)


async def dialplan(bench: Bench) -> Call:
    asked = CallStart(channel="", unique_id=PHONE, number=CUSTOMER)
    return await bench.call((await bench.core.desk.call_start(asked)).call_id)


MAKERS = pytest.mark.parametrize("make", [automatic, manual, inbound, dialplan])


async def reached(bench: Bench, call: Call, how_far: CallState) -> Call:
    """The call once Asterisk has told that it is so far."""
    own = call.id if call.kind in {CallKind.AUTO, CallKind.MANUAL} else PHONE
    dials = {"Uniqueid": own, "DestUniqueid": "cust"}
    story: dict[CallKind, list[AmiEvent]] = {
        CallKind.AUTO: [
            ami_event(Newchannel, Uniqueid=own),
            ami_event(Newstate, Uniqueid=own, ChannelState=RINGING),
            ami_event(Newstate, Uniqueid=own, ChannelState=UP),
        ],
        CallKind.INBOUND: [
            ami_event(QueueCallerJoin, Uniqueid=own, Queue="SALES"),
            ami_event(AgentConnect, Uniqueid=own, Interface=MEMBER),
        ],
    }
    answered = [ami_event(DialBegin, **dials), ami_event(DialEnd, **dials, DialStatus="ANSWER")]
    for event in story.get(call.kind, answered):
        now = await bench.call(call.id)
        if now.state is how_far:
            return now
        await bench.happens(event)
    now = await bench.call(call.id)
    assert now.state is how_far
    return now


def seen_by(calls: Calls, *rows: CoreShowChannel, restarted: bool = False) -> Awaitable[None]:
    """Compare with these channels."""
    snapshot = Snapshot(rows, taken=datetime.now(UTC), restarted=restarted)
    return calls.resync(MAIN, snapshot)


async def deadline(calls: Calls, what: str, call: Call) -> None:
    """Let a deadline of a call be now."""
    handle = calls._timers._handles[what, call.id]
    handle._run()
    handle.cancel()
    await asyncio.gather(*calls._timers._running)


def left(calls: Calls, what: str, call: Call) -> float:
    """Seconds until a deadline of a call."""
    return calls._timers._handles[what, call.id].when() - asyncio.get_running_loop().time()


async def rewrite(bench: Bench, call: Call, **changes: Any) -> Call:
    """Let a call have been otherwise all along."""
    other = msgspec.structs.replace(call, **changes)

    async def work(tx: Transaction) -> None:
        await queries.save(tx.conn, other)

    await bench.core.db.write(work)
    return other
