"""Agents on hook: nothing rings at login; the phone is rung for each call and hung up after it."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from core_bench import CUSTOMER, MAIN, Bench, ami_event, channel, core_on, member, opened
from shift_scenes import compare, devices, pauses, rewrite, stored

from bridge.agents import queries, signals
from bridge.agents.asterisk import interface
from bridge.agents.model import AgentSession, AgentState
from bridge.agi.desk import InboundCall
from bridge.ami.events import (
    ConfbridgeJoin,
    CoreShowChannel,
    DialBegin,
    DialEnd,
    Hangup,
    Newchannel,
    Newstate,
    OriginateResponse,
)
from bridge.calls.clicks import ExtensionEnd
from bridge.calls.model import Call, CallKind, CallState, room_half
from bridge.campaigns.model import Phone
from bridge.errors import AlreadyLoggedIn, DialRefused, NoSuchPhone, PhoneInUse
from bridge.services import DialRequest

PHONE = "ast-1795689052.7"
"""Unique id of her phone's channel, which Asterisk has made up."""


async def log_in(bench: Bench, user: str = "1000", campaign: str = "TEST", phone: str = "") -> AgentSession:
    return await bench.core.agent_commands.login(user, phone or user, campaign, on_hook=True, asked_by="")


async def dial(bench: Bench, **more: Any) -> Call:
    return await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER, **more))


def joined(session: AgentSession, phone: str = PHONE) -> ConfbridgeJoin:
    """Her phone has come into her room."""
    return ami_event(ConfbridgeJoin, Uniqueid=phone, Conference=session.room, Context="bridge-agent")


def seat(room: str, unique_id: str, context: str = "bridge-agent") -> CoreShowChannel:
    """A row of the list of channels: somebody in a room."""
    place = {"Context": context, "Exten": room, "BridgeId": "room", "Application": "ConfBridge"}
    return ami_event(CoreShowChannel, Uniqueid=unique_id, ChannelState=6, **place)


async def answered(bench: Bench, session: AgentSession, call: Call) -> None:
    """Her phone, and then the customer."""
    await bench.happens(
        ami_event(Newchannel, Uniqueid=call.id),
        joined(session),
        ami_event(Newstate, Uniqueid=call.id, ChannelState=6),
        ami_event(DialBegin, Uniqueid=call.id, DestUniqueid="cust"),
        ami_event(DialEnd, Uniqueid=call.id, DestUniqueid="cust", DialStatus="ANSWER"),
    )


def hung_up(bench: Bench) -> list[str]:
    return [action.channel for action in bench.ami.named("Hangup")]


class TestLogin:
    async def test_rings_nothing_and_she_is_paused_in_her_queues(self, bench: Bench) -> None:
        session = await log_in(bench)
        assert (session.state, session.on_hook, session.pause_reason) == (AgentState.PAUSED, True, "LOGIN")
        assert session.logged_in_at is not None
        assert bench.ami.named("Originate") == []
        assert [action.queue for action in bench.ami.named("QueueAdd")] == ["SALES"]
        assert (pauses(bench), devices(bench)) == ([(True, "LOGIN")], ["INUSE"])
        assert await bench.told("agents/1000") == ["agent.logged_in"]

    async def test_is_checked_like_any_other(self, bench: Bench) -> None:
        with pytest.raises(NoSuchPhone):
            await log_in(bench, phone="3000")
        await bench.core.site.put(Phone(login="911", template="PJSIP/{phone}@carrier"))
        with pytest.raises(DialRefused):
            await log_in(bench, phone="911")
        await log_in(bench)
        with pytest.raises(AlreadyLoggedIn):
            await log_in(bench)
        with pytest.raises(PhoneInUse):
            await log_in(bench, "1001", phone="1000")

    async def test_ends_at_once_and_hangs_up_nothing(self, bench: Bench) -> None:
        session = await log_in(bench)
        await bench.core.agent_commands.logout("1000", asked_by="")
        assert (await stored(bench, session)).state is AgentState.LOGGED_OUT
        assert hung_up(bench) == []

    async def test_takes_no_call_that_was_dialled_alone(self, bench: Bench) -> None:
        await log_in(bench)
        await bench.core.agent_commands.resume("1000", asked_by="")
        call = await bench.dial("QUICK")
        found = await bench.core.desk.call_answered(call.id, call.id)
        assert found.action == "drop"


class TestACallOfHers:
    async def test_rings_her_phone_first(self, bench: Bench) -> None:
        session = await log_in(bench)
        call = await dial(bench)
        (originate,) = bench.ami.named("Originate")
        assert (originate.channel, originate.context) == (
            f"Local/{session.room}@bridge-phone/n",
            "bridge-dial",
        )
        rung = {
            name: originate.variables[name] for name in ("BRIDGE_PHONE_DIAL", "BRIDGE_RING", "BRIDGE_SHOWN")
        }
        assert rung == {"BRIDGE_PHONE_DIAL": "PJSIP/1000", "BRIDGE_RING": "30", "BRIDGE_SHOWN": CUSTOMER}
        assert originate.variables["BRIDGE_CALLER_ID"] == "7275550000"
        assert (call.kind, call.extension, call.room_channel) == (CallKind.MANUAL, "1000", room_half(call.id))
        assert (await bench.session("1000")).is_ringing

    async def test_is_one_of_hers_from_her_answer_to_its_end(self, bench: Bench) -> None:
        session = await log_in(bench)
        call = await dial(bench)
        await answered(bench, session, call)
        now = await bench.call(call.id)
        assert now.extension_answered_at is not None
        assert (now.state, now.channel) == (CallState.BRIDGED, "cust")
        talking = await bench.session("1000")
        assert (talking.state, talking.channel) == (AgentState.INCALL, PHONE)
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert hung_up(bench) == [PHONE]
        after = await bench.session("1000")
        assert (after.state, after.channel) == (AgentState.PAUSED, "")
        await bench.happens(ami_event(Hangup, Uniqueid=PHONE))
        assert await bench.session("1000") == after

    @pytest.mark.parametrize(
        ("cause", "what"),
        [
            (17, ExtensionEnd.BUSY),
            (21, ExtensionEnd.DECLINED),
            (0, ExtensionEnd.UNANSWERED),
            (20, ExtensionEnd.UNREACHABLE),
        ],
    )
    async def test_that_she_does_not_take_is_over_and_she_as_before(
        self, bench: Bench, cause: int, what: ExtensionEnd
    ) -> None:
        await log_in(bench, campaign="WRAPUP")
        call = await dial(bench)
        await bench.happens(
            ami_event(Newchannel, Uniqueid=call.id), ami_event(Hangup, Uniqueid=call.id, Cause=cause)
        )
        ended = await bench.call(call.id)
        assert (ended.state, ended.end_reason, ended.status) == (CallState.DISPOSED, what, "LRERR")
        after = await bench.session("1000")
        assert (after.state, after.call_id, after.pause_reason) == (
            AgentState.PAUSED,
            None,
            "LOGIN",
        )

    async def test_of_which_nothing_came_is_unreachable(self, bench: Bench) -> None:
        await log_in(bench)
        call = await dial(bench)
        await bench.happens(ami_event(OriginateResponse, ActionID=call.id, Response="Failure", Reason=0))
        assert (await bench.call(call.id)).end_reason == ExtensionEnd.UNREACHABLE

    async def test_to_a_forbidden_number_rings_nobody(self, bench: Bench) -> None:
        await log_in(bench)
        with pytest.raises(DialRefused):
            await bench.core.agent_commands.dial("1000", DialRequest(number="911"))
        assert bench.ami.named("Originate") == []
        assert (await bench.session("1000")).state is AgentState.PAUSED

    @pytest.mark.parametrize(
        "change", [{"active": False}, {"template": "PJSIP/{phone}@carrier", "login": "911"}]
    )
    async def test_on_a_phone_that_may_not_be_rung_is_not_made(
        self, bench: Bench, change: dict[str, Any]
    ) -> None:
        session = await log_in(bench)
        phone = msgspec.structs.replace(Phone(login="1000"), **change)
        await bench.core.site.put(phone)
        await rewrite(bench, session, phone=phone.login)
        with pytest.raises((NoSuchPhone, DialRefused)):
            await dial(bench)
        assert bench.ami.named("Originate") == []

    async def test_ends_with_her_phone(self, bench: Bench) -> None:
        session = await log_in(bench)
        call = await dial(bench)
        await answered(bench, session, call)
        await bench.happens(ami_event(Hangup, Uniqueid=PHONE))
        assert hung_up(bench) == [call.id]
        await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
        assert (await bench.session("1000")).state is AgentState.PAUSED


async def waits(bench: Bench) -> Call:
    """A caller in a queue."""
    decision = await bench.core.desk.inbound(
        InboundCall(channel="PJSIP/in", unique_id="in-1", did="7275551234", caller_number="7275550777")
    )
    return await bench.call(decision.call_id)


class TestACaller:
    async def offered(self, bench: Bench) -> tuple[AgentSession, Call]:
        session = await log_in(bench)
        await bench.core.agent_commands.resume("1000", asked_by="")
        return session, await waits(bench)

    async def test_rings_her_phone(self, bench: Bench) -> None:
        session, call = await self.offered(bench)
        for _ in range(2):  # the relay may ask twice
            answer = await bench.core.desk.agent_offer(session.room, call.id, "Local/x;2", "SALES")
            assert (answer.taken, answer.room, answer.phone) == (True, session.room, "PJSIP/1000")
        given = await bench.call(call.id)
        assert (given.extension, given.user) == ("1000", "1000")
        assert (await bench.session("1000")).is_ringing

    async def test_is_not_offered_to_a_phone_that_may_not_be_rung(self, bench: Bench) -> None:
        session, call = await self.offered(bench)
        await bench.core.site.put(Phone(login="1000", active=False))
        answer = await bench.core.desk.agent_offer(session.room, call.id, "Local/x;2", "SALES")
        assert (answer.taken, answer.reason) == (False, "no-such-phone")
        assert (await bench.session("1000")).state is AgentState.READY

    async def test_has_as_much_time_as_the_queue_gives_her(self, bench: Bench) -> None:
        session, call = await self.offered(bench)
        await bench.core.desk.agent_offer(session.room, call.id, "Local/x;2", "SALES")
        handle = bench.core.calls._timers._handles["agent", call.id]
        assert handle.when() - asyncio.get_running_loop().time() > 100

    async def test_rings_no_more_when_her_shift_is_ended_meanwhile(self, bench: Bench) -> None:
        session, call = await self.offered(bench)
        await bench.core.desk.agent_offer(session.room, call.id, "Local/x;2", "SALES")

        async def now(turn: Any) -> None:
            found = await stored_in(turn, session)
            await bench.core.sessions.signal(turn, found, signals.Logout(at=turn.at, now=True))

        await bench.core.agent_commands._turns.run(now)
        assert hung_up(bench) == ["Local/x;2"]
        again = await bench.call(call.id)
        assert (again.session_id, again.extension) == ("", "")
        assert again.state is not CallState.ENDED


async def stored_in(turn: Any, session: AgentSession) -> AgentSession:
    found = await queries.locked(turn.tx.conn, session.id)
    assert found is not None
    return found


class TestAfterAGap:
    async def in_call(self, bench: Bench) -> tuple[AgentSession, Call]:
        session = await log_in(bench)
        call = await dial(bench)
        await answered(bench, session, call)
        bench.ami.sent.clear()
        return session, call

    @pytest.mark.parametrize("restarted", [False, True])
    async def test_an_idle_one_goes_on_in_her_queues(self, bench: Bench, restarted: bool) -> None:  # noqa: FBT001
        session = await log_in(bench)
        bench.ami.sent.clear()
        await compare(bench, restarted=restarted)
        assert (await stored(bench, session)).state is AgentState.PAUSED
        assert [action.queue for action in bench.ami.named("QueueAdd")] == ["SALES"]
        assert devices(bench) == ["INUSE"]

    async def test_a_call_goes_on_with_her_phone(self, bench: Bench) -> None:
        session, _ = await self.in_call(bench)
        bench.ami.members = [member("SALES", interface(session.room))]
        await compare(bench, seat(session.room, PHONE), seat(session.room, "half", "bridge-room"))
        after = await bench.session("1000")
        assert (after.state, after.channel) == (AgentState.INCALL, PHONE)
        assert hung_up(bench) == []

    async def test_a_phone_that_she_has_answered_meanwhile_is_hers(self, bench: Bench) -> None:
        session = await log_in(bench)
        await dial(bench)
        await compare(bench, seat(session.room, PHONE), seat(session.room, "half", "bridge-room"))
        assert (await bench.session("1000")).channel == PHONE
        await bench.happens(ami_event(Hangup, Uniqueid=PHONE))
        assert len(hung_up(bench)) == 1, "and its end is news"

    @pytest.mark.parametrize("left", [(), ("half",)])
    async def test_a_call_without_her_phone_ends(self, bench: Bench, left: tuple[str, ...]) -> None:
        session, call = await self.in_call(bench)
        await compare(bench, *(seat(session.room, one, "bridge-room") for one in left))
        assert hung_up(bench) == [call.id]

    async def test_a_phone_that_still_rings_rings_on(self, bench: Bench) -> None:
        session = await log_in(bench)
        call = await dial(bench)
        await compare(bench, channel(call.id), channel(room_half(call.id)), channel(PHONE, state=5))
        after = await bench.session("1000")
        assert (after.state, after.is_ringing, hung_up(bench)) == (AgentState.DIALING, True, [])
        assert session.id == after.id

    async def test_a_customer_who_is_there_without_her_is_hung_up(self, bench: Bench) -> None:
        session = await log_in(bench)
        call = await dial(bench)
        await compare(bench, channel(call.id), seat(session.room, room_half(call.id), "bridge-room"))
        assert hung_up(bench) == [call.id]

    async def test_a_phone_in_her_room_without_a_call_is_hung_up(self, bench: Bench) -> None:
        session = await log_in(bench)
        await compare(bench, seat(session.room, PHONE))
        assert hung_up(bench) == [PHONE]

    async def test_a_phone_of_a_shift_that_is_over_is_hung_up(self, bench: Bench) -> None:
        await compare(bench, seat("8600777", PHONE))
        assert hung_up(bench) == [PHONE]

    async def test_a_restart_of_the_bridge_follows_her_phone(
        self, bench: Bench, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        _, call = await self.in_call(bench)
        await bench.core.sessions.stop()
        async with opened(core_on(store_url, monkeypatch)) as again:
            await again.core.sessions.restore()
            await again.core.calls.restore()
            await again.happens(ami_event(Hangup, Uniqueid=PHONE))
            assert hung_up(again) == [call.id]

    async def test_on_an_asterisk_that_the_settings_no_longer_name_her_shift_ends(
        self, bench: Bench, store_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        session = await log_in(bench)
        await rewrite(bench, session, asterisk="taken away")
        async with opened(core_on(store_url, monkeypatch)) as again:
            await again.core.sessions.restore()
            assert (await stored(again, session)).logout_reason == "asterisk_removed"
            assert MAIN in again.amis
