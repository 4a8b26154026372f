"""In-groups: which an agent serves, what Asterisk is told of it, and who waits there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from agent_wishes import login
from core_bench import MAIN, Bench, ami_event, channel, member, refused
from shift_scenes import compare, pauses

from bridge.agents.asterisk import interface
from bridge.agents.in_groups import InGroups
from bridge.agents.model import AgentSession, AgentState
from bridge.ami.errors import NotConnected
from bridge.ami.events import ConfbridgeJoin, DialEnd
from bridge.calls.model import Call
from bridge.calls.queries import add
from bridge.errors import AsteriskUnavailable, InvalidState, NoSuchQueue, NotLoggedIn
from bridge.ids import uuid7
from bridge.services import QueueChange


async def change(bench: Bench, *queues: str, user: str = "1000", **more: Any) -> AgentSession:
    return await in_groups(bench).change(user, QueueChange(queues=queues, **more), asked_by="")


def in_groups(bench: Bench) -> InGroups:
    return bench.core.in_groups


async def put_call(bench: Bench, **fields: Any) -> None:
    """Let there be a call that is like this."""
    own = uuid7()
    plain = {"asterisk": MAIN, "campaign": "", "number": "7275550100", "asked_at": datetime.now(UTC)}
    ids = {"id": own, "legacy_id": own, "legacy_uniqueid": own}
    call = msgspec.convert(plain | ids | fields, Call)
    await bench.core.db.write(lambda tx: add(tx.conn, call))


def told(bench: Bench, action: str) -> list[str]:
    """The queues of the actions of one name, in order."""
    return [one.queue for one in bench.ami.named(action)]


class TestAChange:
    async def test_makes_her_a_member_of_those_and_of_no_other(self, bench: Bench) -> None:
        await bench.log_in()
        after = await change(bench, "SUPPORT")
        assert after.queues == ("SUPPORT",)
        assert told(bench, "QueueAdd") == ["SALES", "SUPPORT"]
        assert told(bench, "QueueRemove") == ["SALES"]
        assert "agent.queues" in await bench.told("agents/1000")

    async def test_keeps_her_as_she_is_paused_or_not(self, bench: Bench) -> None:
        await bench.log_in()
        await bench.core.agent_commands.pause("1000", "LUNCH", asked_by="")
        await change(bench, "SALES", "SUPPORT")
        assert pauses(bench)[-1] == (True, "LUNCH")
        await bench.core.agent_commands.resume("1000", asked_by="")
        await change(bench, "SUPPORT", how="remove")
        await change(bench, "SUPPORT", how="add")
        assert pauses(bench)[-1] == (False, None)

    async def test_of_nothing_tells_nobody(self, bench: Bench) -> None:
        session = await bench.log_in()
        events = await bench.told("agents/1000")
        assert await change(bench, "SALES", how="add") == session
        assert await bench.told("agents/1000") == events
        assert told(bench, "QueueRemove") == []

    async def test_to_a_queue_that_asterisk_does_not_have_changes_nothing(self, bench: Bench) -> None:
        session = await bench.log_in()
        with pytest.raises(NoSuchQueue, match="main has no queue NOWHERE"):
            await change(bench, "SUPPORT", "NOWHERE", as_default=True)
        assert await bench.session("1000") == session
        assert told(bench, "QueueAdd") == ["SALES"]
        agent = await bench.core.access.principal("1000")
        assert agent is not None
        assert agent.queues is None

    async def test_while_asterisk_is_away_changes_nothing(self, bench: Bench) -> None:
        session = await bench.log_in()
        bench.ami.fails["QueueStatus"] = NotConnected()
        with pytest.raises(AsteriskUnavailable):
            await change(bench, "SUPPORT")
        assert await bench.session("1000") == session

    async def test_needs_an_agent_in_her_room(self, bench: Bench) -> None:
        with pytest.raises(NotLoggedIn):
            await change(bench, "SUPPORT")
        await login(bench)
        with pytest.raises(InvalidState):
            await change(bench, "SUPPORT")

    async def test_can_be_for_every_login_to_come(self, bench: Bench) -> None:
        await bench.log_in()
        await change(bench, "SUPPORT", as_default=True)
        await bench.core.agent_commands.logout("1000", asked_by="")
        assert (await bench.log_in()).queues == ("SUPPORT",)

    async def test_to_none_at_all_is_kept_too(self, bench: Bench) -> None:
        await bench.log_in()
        await change(bench, as_default=True)
        await bench.core.agent_commands.logout("1000", asked_by="")
        assert (await bench.log_in()).queues == ()

    async def test_is_kept_by_a_resync(self, bench: Bench) -> None:
        session = await bench.log_in()
        await change(bench, "SUPPORT")
        bench.ami.sent.clear()
        bench.ami.members = [member("SALES", interface(session.room))]
        await compare(bench, channel(session.id, bridge="room"))
        assert told(bench, "QueueAdd") == ["SUPPORT"]
        assert told(bench, "QueueRemove") == ["SALES"]


class TestAQueueThatAsteriskDoesNotHave:
    async def test_is_told_at_login_with_its_name(self, bench: Bench) -> None:
        bench.ami.queues = []
        bench.ami.fails["QueueAdd"] = refused("Unable to add interface to queue: No such queue")
        session = await login(bench)
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id))
        assert (await bench.session("1000")).state is AgentState.PAUSED
        assert "agent.queue_missing" in await bench.told("agents/1000")
        assert pauses(bench) == []


class TestNotBlended:
    async def test_gets_no_call_of_the_dialler(self, bench: Bench) -> None:
        await bench.ready("1000", "QUICK")
        await change(bench, blended=False)
        call = await bench.dial("QUICK")
        await bench.happens(ami_event(DialEnd, DestUniqueid=call.id, DialStatus="ANSWER"))
        assert (await bench.core.desk.call_answered(call.id, "")).action == "drop"
        assert (await bench.session("1000")).state is AgentState.READY

    async def test_is_the_next_as_soon_as_she_is_again(self, bench: Bench) -> None:
        await bench.ready("1000")
        await change(bench, "SALES", blended=False)
        woken: list[str] = []
        bench.core.sessions.on_ready(lambda: woken.append("woken"))
        await change(bench, "SALES", blended=True)
        assert woken == ["woken"]


class TestWhoWaits:
    async def test_for_her_is_in_her_in_groups_or_answered_by_her_dialler(self, bench: Bench) -> None:
        session = await bench.log_in()
        for queue, campaign, kind, state, asterisk in (
            ("SALES", "", "Y", "queued", MAIN),
            ("SALES", "TEST", "J", "queued", MAIN),
            ("", "TEST", "V", "answered", MAIN),
            ("SUPPORT", "TEST", "Y", "queued", MAIN),
            ("SALES", "", "Y", "bridged", MAIN),
            ("SALES", "", "Y", "queued", "east"),
            ("", "TEST", "V", "ringing", MAIN),
            ("", "WRAPUP", "V", "answered", MAIN),
            ("", "TEST", "M", "answered", MAIN),
        ):
            await put_call(bench, queue=queue, campaign=campaign, kind=kind, state=state, asterisk=asterisk)
        assert await in_groups(bench).waiting(session) == 3

    async def test_is_not_who_is_just_given_to_an_agent(self, bench: Bench) -> None:
        session = await bench.log_in()
        await put_call(bench, queue="SALES", kind="Y", state="queued", session_id="another")
        await put_call(bench, campaign="TEST", kind="V", state="answered", session_id="another")
        assert await in_groups(bench).waiting(session) == 0
