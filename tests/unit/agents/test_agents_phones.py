"""An agent's phone rung again in the middle of her shift, and phones that are dialled by a number."""

from __future__ import annotations

import pytest
from core_bench import MAIN, Bench, ami_event, channel, refused
from shift_scenes import compare, devices, rewrite

from bridge.agents.model import AgentSession, AgentState
from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.ami.events import ConfbridgeJoin, CoreShowChannel, Hangup, OriginateResponse
from bridge.campaigns.model import Phone
from bridge.errors import (
    AsteriskUnavailable,
    DialRefused,
    NoRoom,
    NoSuchPhone,
    NotLoggedIn,
    OriginateRefused,
    OriginateUnknown,
)


async def call_again(bench: Bench) -> AgentSession:
    return await bench.core.phones.call_again("1000", asked_by="")


def hung_up(bench: Bench) -> list[str]:
    return [action.channel for action in bench.ami.named("Hangup")]


def phone_of(room: str, unique_id: str) -> CoreShowChannel:
    """A row of the list of channels: somebody's phone in a room."""
    place = {"Context": "bridge-agent", "Exten": room, "BridgeId": "room", "ChannelState": 6}
    return ami_event(CoreShowChannel, Uniqueid=unique_id, **place)


class TestAPhoneThatIsRungAgain:
    async def test_takes_the_place_of_the_one_she_has(self, bench: Bench) -> None:
        before = await bench.log_in()
        rung = await call_again(bench)
        originate = bench.ami.named("Originate")[-1]
        assert originate.channel_id == rung.next_channel not in ("", before.id)
        assert (originate.channel, originate.exten) == ("PJSIP/1000", before.room)
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=rung.next_channel))
        after = await bench.session("1000")
        assert (after.phone_channel, after.next_channel) == (rung.next_channel, "")
        assert hung_up(bench) == [before.id]
        await bench.happens(ami_event(Hangup, Uniqueid=before.id))
        assert (await bench.session("1000")).state is AgentState.PAUSED, "its end is no logout"
        await bench.happens(ami_event(Hangup, Uniqueid=after.phone_channel))
        assert await bench.core.agent_commands.session("1000") is None, "this one's is"

    async def test_a_second_time_the_same(self, bench: Bench) -> None:
        await bench.log_in()
        for _ in range(2):
            rung = await call_again(bench)
            await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=rung.next_channel))
        assert len(set(hung_up(bench))) == 2
        await bench.core.agent_commands.logout("1000", asked_by="")
        assert hung_up(bench)[-1] == rung.next_channel

    async def test_is_rung_once_however_often_it_is_asked_for(self, bench: Bench) -> None:
        await bench.log_in()
        assert await call_again(bench) == await call_again(bench)
        assert len(bench.ami.named("Originate")) == 2

    async def test_and_does_not_answer_leaves_all_as_it_was(self, bench: Bench) -> None:
        before = await bench.log_in()
        rung = await call_again(bench)
        await bench.happens(ami_event(OriginateResponse, ActionID=rung.next_channel, Response="Failure"))
        after = await bench.session("1000")
        assert (after.phone_channel, after.next_channel, after.state) == (before.id, "", AgentState.PAUSED)
        assert await bench.told("agents/1000") == [
            "agent.logging_in",
            "agent.logged_in",
            "agent.phone",
            "agent.phone",
        ]

    async def test_and_of_which_nothing_is_heard_is_given_up(self, bench: Bench) -> None:
        before = await bench.log_in()
        rung = await call_again(bench)
        handle = bench.core.sessions._timers._handles[rung.next_channel]
        handle.cancel()
        await bench.core.sessions._no_phone(rung.id, rung.next_channel)
        assert (await bench.session("1000")).next_channel == ""
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=rung.next_channel))
        assert hung_up(bench) == [rung.next_channel], "it came too late"
        assert (await bench.session("1000")).phone_channel == before.id

    async def test_is_hung_up_with_the_shift(self, bench: Bench) -> None:
        before = await bench.log_in()
        rung = await call_again(bench)
        await bench.core.agent_commands.logout("1000", asked_by="")
        assert set(hung_up(bench)) == {before.id, rung.next_channel}
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=rung.next_channel))
        assert hung_up(bench)[-1] == rung.next_channel

    @pytest.mark.parametrize(
        ("answer", "error"), [(NotConnected(), AsteriskUnavailable), (refused(), OriginateRefused)]
    )
    async def test_that_cannot_be_rung_changes_nothing(
        self, bench: Bench, answer: Exception, error: type[Exception]
    ) -> None:
        before = await bench.log_in()
        bench.ami.fails["Originate"] = answer
        with pytest.raises(error):
            await call_again(bench)
        after = await bench.session("1000")
        assert (after.phone_channel, after.next_channel) == (before.id, "")

    async def test_while_the_link_is_lost_may_ring(self, bench: Bench) -> None:
        await bench.log_in()
        bench.ami.fails["Originate"] = OutcomeUnknown()
        with pytest.raises(OriginateUnknown):
            await call_again(bench)
        assert (await bench.session("1000")).next_channel

    async def test_needs_a_seated_agent_with_a_phone(self, bench: Bench) -> None:
        with pytest.raises(NotLoggedIn):
            await call_again(bench)
        session = await bench.log_in()
        await rewrite(bench, session, on_hook=True)
        with pytest.raises(NoRoom):
            await call_again(bench)
        await rewrite(bench, session, phone="gone")
        with pytest.raises(NoSuchPhone):
            await call_again(bench)


class TestAfterAGap:
    async def test_the_new_phone_is_hers_if_it_sits_in_her_room(self, bench: Bench) -> None:
        before = await bench.log_in()
        rung = await call_again(bench)
        bench.ami.sent.clear()
        await compare(bench, phone_of(before.room, rung.next_channel))
        after = await bench.session("1000")
        assert [action.queue for action in bench.ami.named("QueueAdd")] == ["SALES"], (
            "of which it had lost her"
        )
        assert devices(bench) == ["INUSE"]
        assert (after.phone_channel, after.next_channel) == (rung.next_channel, "")
        assert after.state is AgentState.PAUSED

    async def test_one_that_still_rings_goes_on(self, bench: Bench) -> None:
        before = await bench.log_in()
        rung = await call_again(bench)
        await compare(bench, phone_of(before.room, before.id), channel(rung.next_channel, state=5))
        assert (await bench.session("1000")).next_channel == rung.next_channel

    async def test_the_old_phone_is_hung_up_if_it_could_not_be_then(self, bench: Bench) -> None:
        before = await bench.log_in()
        first = await call_again(bench)
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=first.next_channel))
        second = await call_again(bench)
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=second.next_channel))
        bench.ami.sent.clear()
        left = (before.id, first.next_channel)
        bench.core.sessions._translators[MAIN]._sessions.clear()  # as after a restart of ours
        await compare(bench, *(phone_of(before.room, one) for one in (*left, second.next_channel)))
        assert set(hung_up(bench)) == set(left)
        assert (await bench.session("1000")).phone_channel == second.next_channel


class TestAPhoneThatIsDialledByANumber:
    @pytest.mark.parametrize(
        ("template", "login", "number"),
        [
            ("PJSIP/{phone}", "17275550100", ""),
            ("PJSIP/ext-{phone}", "1000", ""),
            ("PJSIP/{phone}@carrier", "17275550100", "17275550100"),
            ("PJSIP/{phone}@carrier", "anna", ""),
            ("DAHDI/g1/{phone}", "7275550100", "7275550100"),
            ("Local/{phone}@from-internal/n", "1000", "1000"),
        ],
    )
    def test_is_told_from_a_device(self, template: str, login: str, number: str) -> None:
        assert Phone(login=login, template=template).number == number

    @pytest.mark.parametrize(
        ("login", "template"),
        [
            ("911", "Local/{phone}@from-internal/n"),
            ("911", "PJSIP/{phone}@carrier"),
            ("19005550100", "PJSIP/{phone}@carrier"),
            ("442079460000", "PJSIP/+{phone}@carrier"),
        ],
    )
    async def test_asks_the_gate(self, bench: Bench, login: str, template: str) -> None:
        await bench.core.site.put(Phone(login=login, template=template))
        with pytest.raises(DialRefused):
            await bench.core.agent_commands.login("1000", login, "TEST", asked_by="")
        assert bench.ami.named("Originate") == []
        await rewrite(bench, await bench.log_in(), phone=login)
        with pytest.raises(DialRefused):
            await call_again(bench)
        assert len(bench.ami.named("Originate")) == 1
        assert (await bench.session("1000")).next_channel == ""

    @pytest.mark.parametrize(
        ("login", "template"),
        [
            ("7275550100", "PJSIP/{phone}@carrier"),
            ("1000", "Local/{phone}@from-internal/n"),
            ("1000", "PJSIP/{phone}@otherpbx"),
        ],
    )
    async def test_is_rung_if_it_may_be(self, bench: Bench, login: str, template: str) -> None:
        await bench.core.site.put(Phone(login=login, template=template))
        session = await bench.core.agent_commands.login("1000", login, "TEST", asked_by="")
        await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id))
        await call_again(bench)
        assert [action.channel for action in bench.ami.named("Originate")] == [
            template.replace("{phone}", login)
        ] * 2
