"""Scenes of a shift, for the tests of sessions in the store and in Asterisk."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import msgspec
from core_bench import MAIN, Bench

from bridge.agents import queries
from bridge.agents.model import AgentSession
from bridge.agents.service import Sessions
from bridge.ami.events import CoreShowChannel
from bridge.calls.snapshot import Snapshot
from bridge.store.database import Transaction


async def logging_in(bench: Bench, user: str = "1000", campaign: str = "TEST") -> AgentSession:
    """An agent whose phone is being rung."""
    return await bench.core.agent_commands.login(user, user, campaign, asked_by="")


async def stored(bench: Bench, session: AgentSession) -> AgentSession:
    """A session as it is now, logged out or not."""

    async def work(tx: Transaction) -> AgentSession | None:
        return await queries.locked(tx.conn, session.id)

    found = await bench.core.db.write(work)
    assert found is not None
    return found


async def rewrite(bench: Bench, session: AgentSession, **changes: Any) -> None:
    """Let a session have been otherwise all along."""

    async def work(tx: Transaction) -> None:
        await queries.save(tx.conn, msgspec.structs.replace(session, **changes))

    await bench.core.db.write(work)
    bench.core.sessions._showing.step(session.user)  # it is remembered otherwise


async def compare(bench: Bench, *rows: CoreShowChannel, restarted: bool = False) -> None:
    """Compare with these channels."""
    snapshot = Snapshot(rows, taken=datetime.now(UTC), restarted=restarted)
    await bench.core.sessions.resync(MAIN, snapshot)


async def phone_deadline(sessions: Sessions, session: AgentSession) -> None:
    """Let the time for her phone be up now."""
    handle = sessions._timers._handles[session.id]
    handle._run()
    handle.cancel()
    await asyncio.gather(*sessions._timers._running)


def devices(bench: Bench) -> list[str]:
    """What the queues were told of agents' devices, in order."""
    return [action.value for action in bench.ami.named("Setvar")]


def pauses(bench: Bench) -> list[tuple[bool, str | None]]:
    """The pauses in queues, in order."""
    return [(action.paused, action.reason) for action in bench.ami.named("QueuePause")]
