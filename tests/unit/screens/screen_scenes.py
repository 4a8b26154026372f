"""A caller of the APIs, and agents with calls and leads on their screens."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
from core_bench import Bench, ami_event
from litestar import Litestar

from bridge.agents.asterisk import interface
from bridge.agi.desk import InboundCall
from bridge.ami.events import AgentConnect
from bridge.api.app import create_app
from bridge.events.catalogue import Event
from bridge.events.log import EventLog
from bridge.screens import queries
from bridge.screens.model import Screen
from bridge.service import Interfaces
from bridge.services import DialRequest, Services


class Caller:
    """Somebody who knows the secret of a user."""

    def __init__(self, bench: Bench, http: httpx.AsyncClient) -> None:
        self.bench = bench
        self.http = http

    async def agc(self, function: str, **parameters: str) -> str:
        """Ask for a function of the line format, as the administrator and of agent 1000 if not told else."""
        given = {"source": "test", "user": "6666", "pass": "1234", "agent_user": "1000"} | parameters
        sent = {name: value for name, value in given.items() if value != UNSENT}
        reply = await self.http.get("/agc/api.php", params=sent | {"function": function})
        assert reply.status_code == 200
        assert reply.headers["content-type"] == "text/html; charset=utf-8"
        return reply.text

    async def events(self, prefix: str = "screen.", subject: str = "agents/1000") -> list[Event]:
        """What was told of an agent's screen so far."""
        records = await EventLog(self.bench.core.db).timeline(subject)
        return [record.event for record in records if record.type.startswith(prefix)]

    async def screen(self, user: str = "1000") -> Screen:
        """What an agent's screen holds."""
        session = await self.bench.session(user)
        async with self.bench.core.db.read() as conn:
            return await queries.screen(conn, session.id)


UNSENT = "\0unsent"
"""Instead of a parameter: it is not sent at all."""


_apps: list[Litestar] = []


def _app(services: Services) -> Litestar:
    """Building it takes long: one for all tests, with the services of each."""
    if not _apps:
        _apps.append(create_app(services))
    _apps[0].state.services = services
    return _apps[0]


@asynccontextmanager
async def caller_of(bench: Bench) -> AsyncIterator[Caller]:
    """A caller of the APIs of a core."""
    app = _app(Interfaces(bench.core)._services())
    transport = httpx.ASGITransport(cast("Any", app), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bridge", auth=("6666", "1234")
    ) as http:
        yield Caller(bench, http)


async def with_lead(bench: Bench, lead_id: int = 1) -> None:
    """Agent 1000 dials a lead by hand: it is on her screen."""
    await bench.log_in()
    request = DialRequest(number="7275550201", lead_id=lead_id)
    await bench.core.agent_commands.dial("1000", request)


async def with_caller(bench: Bench, campaign: str = "TEST") -> str:
    """A customer has called agent 1000, and is lead 1; the call's id."""
    session = await bench.ready("1000", campaign)
    asked = InboundCall(did="7275551234", channel="", unique_id="1.1", caller_number="7275550201")
    call_id = (await bench.core.desk.inbound(asked)).call_id
    await bench.core.desk.agent_offer(session.room, call_id, "offer-1", "SALES")
    await bench.happens(ami_event(AgentConnect, Uniqueid="1.1", Interface=interface(session.room)))
    return call_id
