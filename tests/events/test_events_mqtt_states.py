"""Retained states at a real mosquitto: taken away, given again, never back; who is online."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import aiomqtt
from mqtt_scenes import (
    SEEN_SECONDS,
    disposed,
    emit,
    log_in,
    logged_out,
    paused,
    publishing,
    ready,
    retained,
    ringing,
    subscribed,
    until,
)
from sqlalchemy import insert, update

from bridge.agents.model import AgentState
from bridge.events.catalogue import AgentPreviewDropped, AsteriskDown
from bridge.events.log import EventLog
from bridge.persons.model import Wish
from bridge.persons.service import Persons
from bridge.recordings.files import Folder
from bridge.store import schema
from bridge.store.database import Database, Transaction

if TYPE_CHECKING:
    from events_fixtures import Broker


async def test_the_state_of_a_disposed_call_is_taken_away(
    db: Database, log: EventLog, broker: Broker
) -> None:
    async with publishing(log, broker.port) as sink:
        await emit(db, ringing("c1"), ringing("c2"), disposed("c1"))
        await until(lambda: sink.delivered == 3)
        kept = await retained(broker.port)
        assert [topic for topic in kept if topic.startswith("ab/calls/")] == ["ab/calls/c2/state"]


async def test_the_last_will_tells_that_the_bridge_was_killed(broker: Broker, tmp_path: Path) -> None:
    online = "ab/bridge/one/online"
    child = Path(__file__).with_name("sink_child.py")
    command = (sys.executable, str(child), f"sqlite:///{tmp_path / 'child.db'}", str(broker.port))
    async with subscribed(broker.port) as seen:
        process = await asyncio.create_subprocess_exec(*command)
        await until(lambda: seen.on(online) == [{"online": True}], "it is there")
        process.kill()
        await process.wait()
        await until(lambda: seen.on(online) == [{"online": True}, {"online": False}], "its last will")
        assert (await retained(broker.port))[online] == {"online": False}


async def test_a_stop_in_order_says_goodbye(log: EventLog, broker: Broker) -> None:
    async with publishing(log, broker.port):
        assert (await retained(broker.port))["ab/bridge/one/online"] == {"online": True}
    assert (await retained(broker.port))["ab/bridge/one/online"] == {"online": False}


async def test_a_late_will_is_contradicted(log: EventLog, broker: Broker) -> None:
    """The broker may publish the will of our earlier connection after we have come back."""
    online = "ab/bridge/one/online"
    async with publishing(log, broker.port), subscribed(broker.port, online) as seen:
        async with aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client:
            await client.publish(online, b'{"online":false}', qos=1, retain=True)
        await until(lambda: seen.on(online)[-2:] == [{"online": False}, {"online": True}])
        assert (await retained(broker.port))[online] == {"online": True}


async def test_a_broker_that_has_forgotten_gets_the_present_states_again(
    db: Database, log: EventLog, broker: Broker
) -> None:
    async def work(tx: Transaction) -> None:
        for user in ("1000", "1001"):
            await log_in(tx, user)
            tx.emit(paused(user))
            tx.emit(ready(user))
        tx.emit(AsteriskDown(asterisk="main", reason="test"))

    async with publishing(log, broker.port) as sink:
        await db.write(work)
        await until(lambda: sink.delivered == 5)
        await asyncio.to_thread(broker.kill)

        async def leave(tx: Transaction) -> None:
            gone = update(schema.agent_sessions).where(schema.agent_sessions.c.user == "1001")
            await tx.conn.execute(gone.values(state="logged_out", logged_out_at=tx.now))
            tx.emit(logged_out("1001"))

        await db.write(leave)
        await asyncio.to_thread(broker.start)
        await until(lambda: sink.delivered == 6)
        kept = await retained(broker.port)
        assert kept["ab/agents/1000/state"]["data"]["state"] == "ready"
        assert kept["ab/agents/1001/state"]["data"]["state"] == "logged_out"
        assert kept["ab/asterisk/main/state"]["data"]["state"] == "down"


async def test_a_state_never_goes_back_while_old_events_are_caught_up_with(
    db: Database, log: EventLog, broker: Broker
) -> None:
    await log.advance("mqtt", 0)

    async def work(tx: Transaction) -> None:
        await log_in(tx, "1000")
        for _ in range(20):
            tx.emit(paused("1000"))
            tx.emit(ready("1000"))

    await db.write(work)
    async with subscribed(broker.port) as seen, publishing(log, broker.port) as sink:
        await until(lambda: sink.delivered == 40)
        await until(lambda: len(seen.sequences()) == 40)
        assert [m["sequence"] for m in seen.on("ab/agents/1000/state")] == [f"{40:020d}"]


async def test_of_a_person_who_is_erased_no_state_is_left(
    db: Database, log: EventLog, broker: Broker
) -> None:
    """Not that of a call whose end the broker has missed, nor the number that an agent has looked at."""
    seen = AgentPreviewDropped(
        user="1000",
        session_id="s",
        campaign="c",
        state=AgentState.READY,
        number="7275550123",
        reason="skipped",
    )

    async def work(tx: Transaction) -> None:
        await log_in(tx, "1000")
        times = {"asked_at": tx.now, "ended_at": tx.now, "disposed_at": tx.now}
        made = {"id": "c1", "legacy_id": "c1", "legacy_uniqueid": "c1", "kind": "M", "status": "NA"}
        await tx.conn.execute(
            insert(schema.calls).values(**made, state="disposed", number="7275550123", **times)
        )
        for event in (ringing("c1"), ringing("c2"), seen):
            tx.emit(event)

    async with publishing(log, broker.port) as sink:
        await db.write(work)
        await until(lambda: sink.delivered == 3)
        assert (await retained(broker.port))["ab/agents/1000/state"]["data"]["number"] == "*0123"
        await Persons(db, "US", Folder("")).erase(Wish(number="727 555 0123"))
        await until(lambda: sink.delivered == 4)
        async with asyncio.timeout(SEEN_SECONDS):
            while (kept := await retained(broker.port))["ab/agents/1000/state"]["data"]["number"]:
                pass
    assert kept["ab/agents/1000/state"]["data"]["number"] == ""
    assert [topic for topic in kept if topic.startswith("ab/calls/")] == ["ab/calls/c2/state"]
