"""Logging agents in: who may, on which phone, in which room."""

from __future__ import annotations

import asyncio

import pytest
from agent_wishes import login
from core_bench import EAST, MAIN, Bench, ami_event

from bridge.agents.commands import FIRST_ROOM, LAST_ROOM, AgentCommands, Rooms
from bridge.agents.model import AgentState
from bridge.ami.events import ConfbridgeJoin, Hangup
from bridge.campaigns.model import Phone
from bridge.campaigns.phone_alias import PhoneAlias
from bridge.errors import (
    AlreadyLoggedIn,
    AsteriskUnavailable,
    BridgeError,
    InvalidState,
    NoSuchAgent,
    NoSuchCampaign,
    NoSuchPhone,
    NotAllowed,
    PhoneInUse,
)


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

    async def test_an_alias_takes_a_free_phone_where_fewest_agents_are(self, bench: Bench) -> None:
        await bench.core.site.put(PhoneAlias(name="desks", logins=("3000", "1000", "1001", "2000")))
        assert (await login(bench, "1000", "desks")).phone == "1000"
        assert (await login(bench, "1001", "desks")).phone == "2000"  # the one at the Asterisk without agents

    async def test_an_alias_without_a_free_phone_is_told(self, bench: Bench) -> None:
        await bench.core.site.put(PhoneAlias(name="desks", logins=("1000",)))
        await login(bench, "1000", "1000")
        with pytest.raises(NoSuchPhone, match="phone alias 'desks' has no free phone"):
            await login(bench, "1001", "desks")

    async def test_a_phone_wins_over_an_alias_of_its_name(self, bench: Bench) -> None:
        await bench.core.site.put(PhoneAlias(name="1000", logins=("1001",)))
        assert (await login(bench, "1000", "1000")).phone == "1000"

    async def test_a_phone_is_rung_by_its_extension(self, bench: Bench) -> None:
        await bench.core.site.put(Phone(login="1000", extension="desk7"))
        await login(bench)
        assert bench.ami.named("Originate")[0].channel == "PJSIP/desk7"

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


async def test_anew_is_not_undone_by_news_of_the_last_shift(bench: Bench, commands: AgentCommands) -> None:
    """Her first phone is hung up by Asterisk when she has logged in again already."""
    first = await bench.log_in()
    await commands.logout("1000", asked_by="")
    second = await bench.log_in()
    await bench.happens(ami_event(Hangup, Uniqueid=first.id, Cause=16))
    assert (await commands.session("1000")) == await bench.session("1000")
    bench.ami.sent.clear()
    assert (await commands.resume("1000", asked_by="")).id == second.id
    assert [action.paused for action in bench.ami.named("QueuePause")] == [False]
    await commands.logout("1000", asked_by="")
    assert await commands.session("1000") is None


async def test_seated_in_mid_login_is_the_same_session(bench: Bench, commands: AgentCommands) -> None:
    session = await login(bench)
    await bench.happens(ami_event(ConfbridgeJoin, Uniqueid=session.id))
    found = await commands.session("1000")
    assert found is not None
    assert found.id == session.id
