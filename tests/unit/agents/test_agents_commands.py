"""Commands to agents, as the APIs give them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from core_bench import CUSTOMER, EAST, MAIN, Bench, ami_event, channel

from bridge.agents.commands import FIRST_ROOM, LAST_ROOM, AgentCommands, Rooms
from bridge.agents.model import AgentState
from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.ami.events import ConfbridgeJoin, DialEnd, Hangup, Newchannel
from bridge.calls.model import Call, CallKind, CallState, StatusSource
from bridge.campaigns.model import Campaign
from bridge.errors import (
    AlreadyLoggedIn,
    AsteriskUnavailable,
    BridgeError,
    DialRefused,
    InvalidInput,
    InvalidState,
    ManualDialNotAllowed,
    NoCall,
    NoSuchAgent,
    NoSuchCampaign,
    NoSuchLead,
    NoSuchPhone,
    NotAllowed,
    NotLoggedIn,
    NotPaused,
    OriginateUnknown,
    PhoneInUse,
)
from bridge.ids import uuid7
from bridge.leads import callbacks
from bridge.services import Callback, CallQuery, DialRequest


@pytest.fixture
def commands(bench: Bench) -> AgentCommands:
    return bench.core.agent_commands


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


class TestLogin:
    async def test_makes_a_session_in_the_first_free_room(self, bench: Bench) -> None:
        session = await login(bench)
        assert (session.state, session.room) == (AgentState.CONNECTING, str(FIRST_ROOM))
        assert (session.asterisk, session.queues) == (MAIN, ("SALES",))
        assert (await login(bench, "1001", "1001")).room == str(FIRST_ROOM + 1)

    async def test_is_on_the_asterisk_of_the_phone(self, bench: Bench) -> None:
        assert (await login(bench, "2000", "2000", "EAST")).asterisk == EAST
        assert bench.ami.sent == []
        assert len(bench.amis[EAST].named("Originate")) == 1

    @pytest.mark.parametrize(
        ("user", "phone", "campaign", "error"),
        [
            ("nobody", "1000", "TEST", NoSuchAgent),
            ("left", "1000", "TEST", NoSuchAgent),
            ("crm", "1000", "TEST", NoSuchAgent),
            ("boss", "1000", "TEST", NoSuchAgent),
            ("1000", "9999", "TEST", NoSuchPhone),
            ("1000", "3000", "TEST", NoSuchPhone),
            ("1000", "1000", "NOBODYS", NoSuchCampaign),
            ("1000", "1000", "CLOSED", NoSuchCampaign),
            ("narrow", "1000", "TEST", NotAllowed),
            ("lost", "1000", "TEST", NotAllowed),
        ],
    )
    async def test_that_is_not_allowed_writes_nothing(
        self, bench: Bench, user: str, phone: str, campaign: str, error: type[BridgeError]
    ) -> None:
        with pytest.raises(error):
            await login(bench, user, phone, campaign)
        assert bench.ami.sent == []
        assert await bench.told() == []

    @pytest.mark.parametrize(("user", "kind"), [("crm", "api"), ("boss", "manager")])
    async def test_of_who_is_no_agent_says_so(self, bench: Bench, user: str, kind: str) -> None:
        with pytest.raises(NoSuchAgent, match=f"{user} is no agent but of kind {kind}: only agents log in"):
            await login(bench, user)

    async def test_is_allowed_to_the_campaigns_of_the_group(self, bench: Bench) -> None:
        assert (await login(bench, "narrow", "1000", "WRAPUP")).campaign == "WRAPUP"

    async def test_writes_nothing_while_asterisk_is_down(self, bench: Bench) -> None:
        bench.ami.lose_link()
        with pytest.raises(AsteriskUnavailable):
            await login(bench)
        assert await bench.told() == []

    async def test_a_second_time_is_refused(self, bench: Bench) -> None:
        await login(bench)
        with pytest.raises(AlreadyLoggedIn):
            await login(bench, phone="1001")

    async def test_on_the_phone_of_another_is_refused(self, bench: Bench) -> None:
        await login(bench)
        with pytest.raises(PhoneInUse, match="taken by agent 1000"):
            await login(bench, "1001", "1000")

    async def test_twice_at_once_is_one_session(self, any_bench: Bench) -> None:
        found = await asyncio.gather(login(any_bench), login(any_bench, phone="1001"), return_exceptions=True)
        assert [isinstance(one, AlreadyLoggedIn) for one in found].count(True) == 1
        assert len(any_bench.ami.named("Originate")) == 1

    async def test_of_many_at_once_gives_each_a_room(self, any_bench: Bench) -> None:
        users = [str(number) for number in range(1000, 1006)]
        found = await asyncio.gather(*(login(any_bench, user, user) for user in users))
        assert len({session.room for session in found}) == len(users)


def test_rooms_can_run_out() -> None:
    with pytest.raises(InvalidState, match="all rooms"):
        Rooms().free(MAIN, frozenset(str(number) for number in range(FIRST_ROOM, FIRST_ROOM + 949)))


def test_a_room_that_was_left_rests_until_all_others_were_in_use() -> None:
    rooms, nobody = Rooms(), frozenset[str]()
    every = [str(number) for number in range(FIRST_ROOM, LAST_ROOM + 1)]
    assert [rooms.free(MAIN, nobody) for _ in every] == every
    assert rooms.free(MAIN, nobody) == every[0]
    assert rooms.free(MAIN, frozenset(every[1:4])) == every[4]
    assert rooms.free(EAST, nobody) == every[0]


class TestPauseResumeLogout:
    async def test_take_effect_at_once_outside_a_call(self, bench: Bench, commands: AgentCommands) -> None:
        await bench.ready()
        paused = await commands.pause("1000", "LUNCH", asked_by="")
        assert (paused.state, paused.pause_reason) == (AgentState.PAUSED, "LUNCH")
        assert (await commands.resume("1000", asked_by="")).state is AgentState.READY
        assert (await commands.logout("1000", asked_by="")).state is AgentState.LOGGED_OUT
        assert await bench.told("agents/1000") == [
            "agent.logging_in",
            "agent.logged_in",
            "agent.ready",
            "agent.paused",
            "agent.ready",
            "agent.logged_out",
        ]

    async def test_in_a_call_wait_for_its_end(self, bench: Bench, commands: AgentCommands) -> None:
        call = await talk(bench)
        assert (await commands.pause("1000", "LUNCH", asked_by="")).state is AgentState.INCALL
        assert (await commands.logout("1000", asked_by="")).state is AgentState.INCALL
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        assert await commands.session("1000") is None

    async def test_pause_without_a_reason_keeps_the_last(self, bench: Bench, commands: AgentCommands) -> None:
        await bench.ready()
        await commands.pause("1000", "LUNCH", asked_by="")
        await commands.resume("1000", asked_by="")
        assert (await commands.pause("1000", "", asked_by="")).pause_reason == "LUNCH"

    async def test_resume_of_who_is_not_paused_is_refused(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        await bench.ready()
        with pytest.raises(NotPaused) as refusal:
            await commands.resume("1000", asked_by="")
        assert refusal.value.details == {"agent": "1000", "state": "ready"}

    async def test_resume_while_the_phone_rings_is_refused(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        await login(bench)
        with pytest.raises(InvalidState) as refusal:
            await commands.resume("1000", asked_by="")
        assert refusal.value.details["reason"] == "not_seated"

    async def test_of_who_is_not_logged_in(self, commands: AgentCommands) -> None:
        for command in (
            commands.pause("1000", "", asked_by=""),
            commands.resume("1000", asked_by=""),
            commands.logout("1000", asked_by=""),
            commands.hangup("1000", asked_by=""),
            commands.set_status("1000", "SALE", callback=None, asked_by=""),
        ):
            with pytest.raises(NotLoggedIn):
                await command

    async def test_are_taken_though_the_link_is_lost_and_told_when_it_is_back(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        session = await bench.ready()
        bench.ami.fails["QueuePause"] = bench.ami.fails["Setvar"] = NotConnected()
        assert (await commands.pause("1000", "LUNCH", asked_by="")).state is AgentState.PAUSED
        assert (await bench.session("1000")).version > session.version


class TestDial:
    async def test_goes_out_of_her_room_and_is_hers(self, bench: Bench) -> None:
        session = await bench.log_in()
        call = await dial(bench, asked_by="crm")
        assert (call.kind, call.state, call.user, call.room) == (
            CallKind.MANUAL,
            CallState.SENT,
            "1000",
            session.room,
        )
        dialling = await bench.session("1000")
        assert (dialling.state, dialling.call_id, dialling.lead_id) == (
            AgentState.DIALING,
            call.id,
            call.lead_id,
        )
        assert bench.ami.named("Originate")[-1].channel == f"Local/{session.room}@bridge-room/n"

    async def test_refused_is_on_record_and_she_is_as_she_was(self, bench: Bench) -> None:
        session = await bench.log_in()
        before = len(bench.ami.sent)
        with pytest.raises(DialRefused) as refusal:
            await dial(bench, number="911")
        assert refusal.value.rule == "emergency"
        (call,) = await calls_of(bench)
        assert (call.state, call.end_reason, call.number) == (CallState.DISPOSED, "refused", "911")
        assert call.user == "1000", "it is found among hers"
        assert await bench.session("1000") == session
        assert len(bench.ami.sent) == before

    @pytest.mark.parametrize("campaign", ["TEST", "QUEUE"])
    async def test_of_who_waits_depends_on_the_campaign(self, bench: Bench, campaign: str) -> None:
        await bench.ready("1000", campaign)
        if campaign == "TEST":
            with pytest.raises(NotPaused):
                await dial(bench)
            assert await calls_of(bench) == [], "nothing of it is written, nor its lead"
            assert "lead.added" not in await bench.told()
        else:
            assert (await dial(bench)).state is CallState.SENT

    async def test_in_a_call_is_refused(self, bench: Bench) -> None:
        await talk(bench)
        with pytest.raises(NotPaused):
            await dial(bench, number="7275550101")
        assert len(await calls_of(bench)) == 1

    async def test_needs_a_session_and_the_right(self, bench: Bench) -> None:
        with pytest.raises(NotLoggedIn):
            await dial(bench)
        with pytest.raises(ManualDialNotAllowed):
            await dial(bench, "narrow")
        with pytest.raises(NoSuchAgent):
            await dial(bench, "nobody")

    async def test_needs_campaign_trunk_and_lead(self, bench: Bench) -> None:
        await bench.log_in()
        with pytest.raises(NoSuchLead):
            await dial(bench, lead_id=4711)
        await bench.core.site.put(Campaign(id="TEST", trunk="gone"))
        with pytest.raises(InvalidInput):
            await dial(bench)
        await bench.core.site.put(Campaign(id="TEST", trunk="east"))
        with pytest.raises(InvalidState, match="not on the agent's Asterisk"):
            await dial(bench)
        await bench.core.site.put(Campaign(id="TEST", trunk="carrier", active=False))
        with pytest.raises(NoSuchCampaign):
            await dial(bench)
        assert await calls_of(bench) == []

    async def test_writes_nothing_while_asterisk_is_down(self, bench: Bench) -> None:
        await bench.log_in()
        bench.ami.lose_link()
        with pytest.raises(AsteriskUnavailable):
            await dial(bench)
        assert await calls_of(bench) == []

    async def test_that_was_not_sent_gives_her_back(self, bench: Bench) -> None:
        await bench.log_in()
        bench.ami.fails["Originate"] = NotConnected()
        with pytest.raises(AsteriskUnavailable):
            await dial(bench)
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_lost_in_mid_action_keeps_her_until_the_truth_is_known(self, bench: Bench) -> None:
        await bench.log_in()
        bench.ami.fails["Originate"] = OutcomeUnknown()
        with pytest.raises(OriginateUnknown):
            await dial(bench)
        assert (await bench.session("1000")).state is AgentState.DIALING
        (call,) = await calls_of(bench)
        bench.ami.rows = [channel(call.id)]
        await bench.happens(ami_event(Newchannel, Uniqueid=call.id))
        assert (await bench.call(call.id)).state is CallState.DIALING

    async def test_asked_for_twice_with_one_id_is_made_once(self, bench: Bench) -> None:
        await bench.log_in()
        wanted = uuid7()
        first, second = await asyncio.gather(*(dial(bench, call_id=wanted) for _ in range(2)))
        assert first.id == second.id == wanted
        assert bench.ami.ids.count(wanted) == 1

    async def test_twice_at_once_is_one_call(self, any_bench: Bench) -> None:
        bench = any_bench
        await bench.log_in()
        found = await asyncio.gather(*(dial(bench) for _ in range(3)), return_exceptions=True)
        assert [isinstance(one, NotPaused) for one in found].count(True) == 2
        assert [call.state for call in await calls_of(bench)] == [CallState.SENT]

    async def test_to_one_lead_twice_within_a_second_has_two_ids(self, bench: Bench) -> None:
        for user in ("1000", "1001"):
            await bench.log_in(user)
        first = await dial(bench, "1000")
        second = await dial(bench, "1001", lead_id=first.lead_id)
        assert first.lead_id == second.lead_id
        assert first.legacy_id != second.legacy_id
        for call in (first, second):
            found = await bench.core.call_commands.get(call.legacy_id)
            assert found is not None
            assert found.id == call.id


class TestHangupAndStatus:
    async def test_end_and_dispose_her_call(self, bench: Bench, commands: AgentCommands) -> None:
        call = await talk(bench, "WRAPUP")
        assert (await commands.hangup("1000", asked_by="")).id == call.id
        assert [action.channel for action in bench.ami.named("Hangup")] == [call.id]
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        assert (await bench.session("1000")).state is AgentState.WRAPUP
        disposed = await commands.set_status("1000", "SALE", callback=None, asked_by="")
        assert (disposed.status, disposed.status_source) == ("SALE", StatusSource.AGENT)
        assert (await bench.session("1000")).state is AgentState.PAUSED

    async def test_hangup_twice_is_no_error_while_the_call_lasts(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        call = await talk(bench)
        for _ in range(2):
            assert (await commands.hangup("1000", asked_by="")).id == call.id

    async def test_hangup_after_the_end_is_refused(self, bench: Bench, commands: AgentCommands) -> None:
        call = await talk(bench, "WRAPUP")
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        with pytest.raises(InvalidState):
            await commands.hangup("1000", asked_by="")

    async def test_status_before_the_end_counts_at_the_end(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        call = await talk(bench, "WRAPUP")
        await commands.set_status("1000", "SALE", callback=None, asked_by="")
        assert (await bench.call(call.id)).status == ""
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        assert (await bench.call(call.id)).status == "SALE"
        assert (await bench.session("1000")).state is AgentState.PAUSED, "there is nothing to wrap up"

    async def test_a_callback_is_kept_with_the_status(self, any_bench: Bench) -> None:
        bench = any_bench
        call = await talk(bench, "WRAPUP")
        asked = Callback(at="2026-12-01 10:00:00", anyone=False, comments="asks for Anna")
        await bench.core.agent_commands.set_status("1000", "CALLBK", callback=asked, asked_by="")
        kept = await promised(bench, call.id)
        assert kept is not None
        assert (kept.user, kept.status, kept.campaign) == ("1000", "CALLBK", "WRAPUP")
        assert (kept.asked, kept.comments) == ("2026-12-01 10:00:00", "asks for Anna")
        assert kept.due_at == datetime(2026, 12, 1, 15, tzinfo=UTC), "ten o'clock in New York"

    async def test_the_last_word_about_a_callback_counts(self, bench: Bench, commands: AgentCommands) -> None:
        call = await talk(bench, "TEST")
        for day in ("2026-12-01 10:00", "tomorrow at ten"):
            asked = Callback(at=day, anyone=True)
            await commands.set_status("1000", "CALLBK", callback=asked, asked_by="")
        kept = await promised(bench, call.id)
        assert kept is not None
        assert (kept.user, kept.asked, kept.due_at) == ("", "tomorrow at ten", None)
        assert await bench.told(f"leads/{call.lead_id}") == ["lead.added", "lead.callback", "lead.callback"]
        await commands.set_status("1000", "SALE", callback=None, asked_by="")
        assert await promised(bench, call.id) is None

    async def test_a_disposition_by_call_takes_a_callback_back(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        call = await talk(bench)
        asked = Callback(at="2026-12-01 10:00:00", anyone=True)
        await commands.set_status("1000", "CALLBK", callback=asked, asked_by="")
        await bench.core.call_commands.dispose(call.id, "NI", asked_by="")
        assert await promised(bench, call.id) is None

    async def test_without_a_call_are_refused(self, bench: Bench, commands: AgentCommands) -> None:
        await bench.log_in()
        with pytest.raises(NoCall):
            await commands.hangup("1000", asked_by="")
        with pytest.raises(NoCall):
            await commands.set_status("1000", "SALE", callback=None, asked_by="")

    async def test_hangup_without_a_link_is_said_and_done_later(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        call = await talk(bench)
        bench.ami.fails["Hangup"] = NotConnected()
        with pytest.raises(AsteriskUnavailable):
            await commands.hangup("1000", asked_by="")
        assert (await bench.call(call.id)).hangup_asked_at is not None


class TestOrder:
    async def test_commands_of_one_agent_run_in_the_order_in_which_they_came(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        """As a CRM sends them, at once: each finds what the one before it has left."""
        call = await talk(bench, "WRAPUP")
        found = await asyncio.gather(
            commands.pause("1000", "LUNCH", asked_by=""),
            commands.hangup("1000", asked_by=""),
            commands.set_status("1000", "SALE", callback=None, asked_by=""),
            commands.logout("1000", asked_by=""),
        )
        versions = [found[0].version, found[3].version]
        assert versions == sorted(versions)
        assert [found[1].pending_status, found[2].pending_status] == ["", "SALE"]
        await bench.happens(ami_event(Hangup, Uniqueid=call.id))
        assert (await bench.call(call.id)).status == "SALE"
        assert await commands.session("1000") is None

    async def test_many_changes_of_mind_end_as_the_last_one(
        self, bench: Bench, commands: AgentCommands
    ) -> None:
        await bench.log_in()
        for _ in range(3):
            asked = [
                command
                for _ in range(5)
                for command in (
                    commands.resume("1000", asked_by=""),
                    commands.pause("1000", "A", asked_by=""),
                )
            ]
            await asyncio.gather(*asked)
            assert (await bench.session("1000")).state is AgentState.PAUSED
        told = await bench.told("agents/1000")
        assert told[2:] == ["agent.ready", "agent.paused"] * 15

    async def test_commands_of_another_agent_do_not_wait(
        self, bench: Bench, commands: AgentCommands, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await bench.ready("1000")
        await bench.ready("1001")
        stuck, go_on = asyncio.Event(), asyncio.Event()
        send = bench.ami.send

        async def slow(action: Any, *, action_id: str | None = None) -> None:
            if getattr(action, "variable", "") == "DEVICE_STATE(Custom:agent-1000)":
                stuck.set()
                await go_on.wait()
            await send(action, action_id=action_id)

        monkeypatch.setattr(bench.ami, "send", slow)
        slow_one = asyncio.create_task(commands.pause("1000", "", asked_by=""))
        await asyncio.wait_for(stuck.wait(), 2)
        await asyncio.wait_for(commands.pause("1001", "", asked_by=""), 2)
        assert not slow_one.done()
        go_on.set()
        await asyncio.wait_for(slow_one, 2)


async def test_sessions_are_listed_by_user(bench: Bench, commands: AgentCommands) -> None:
    await login(bench, "1001", "1001")
    await login(bench, "1000", "1000")
    assert [session.user for session in await commands.sessions()] == ["1000", "1001"]
    assert await commands.session("1005") is None


async def test_seated_in_mid_login_is_the_same_session(bench: Bench, commands: AgentCommands) -> None:
    session = await login(bench)
    await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id))
    found = await commands.session("1000")
    assert found is not None
    assert found.id == session.id
