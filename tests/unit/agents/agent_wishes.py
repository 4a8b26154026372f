"""What callers want of agents, for the tests of their commands."""

from __future__ import annotations

from typing import Any

from core_bench import CUSTOMER, Bench, ami_event

from bridge.ami.events import DialEnd
from bridge.calls.model import Call
from bridge.leads import callbacks
from bridge.services import CallQuery, DialRequest


async def login(bench: Bench, user: str = "1000", phone: str = "1000", campaign: str = "TEST") -> Any:
    return await bench.core.agent_commands.login(user, phone, campaign, asked_by="")


async def dial(bench: Bench, user: str = "1000", **wish: Any) -> Call:
    """A manual call."""
    return await bench.core.agent_commands.dial(user, DialRequest(**({"number": CUSTOMER} | wish)))


async def calls_of(bench: Bench) -> list[Call]:
    return list(await bench.core.call_commands.list(CallQuery()))


async def promised(bench: Bench, call_id: str) -> callbacks.Callback | None:
    async with bench.core.db.read() as conn:
        return await callbacks.of_call(conn, call_id)


async def talk(bench: Bench, campaign: str = "TEST") -> Call:
    """Agent 1000 in a talk with a customer."""
    await bench.log_in("1000", campaign)
    call = await dial(bench)
    await bench.happens(
        ami_event(DialEnd, Uniqueid=call.id, DestUniqueid="cust", DialStatus="ANSWER"),
    )
    return await bench.call(call.id)
