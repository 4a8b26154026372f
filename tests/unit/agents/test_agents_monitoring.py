"""Managers in agents' rooms: whose phone is rung, for which room, and when nothing is."""

from __future__ import annotations

import pytest
from core_bench import Bench, refused
from shift_scenes import rewrite

from bridge.agents.model import MonitorWay
from bridge.ami.errors import NotConnected, OutcomeUnknown
from bridge.campaigns.model import Phone
from bridge.errors import (
    AsteriskUnavailable,
    BridgeError,
    DialRefused,
    InvalidState,
    NoRoom,
    NoSuchPhone,
    NotAllowed,
    NotLoggedIn,
    OriginateRefused,
    OriginateUnknown,
)


async def listen(bench: Bench, phone: str = "1001", way: MonitorWay = MonitorWay.LISTEN) -> str:
    return await bench.core.monitoring.ring("1000", phone, way, asked_by="")


@pytest.mark.parametrize("way", MonitorWay)
async def test_the_phone_is_rung_for_her_room(bench: Bench, way: MonitorWay) -> None:
    session = await bench.log_in()
    channel = await listen(bench, way=way)
    originate = bench.ami.named("Originate")[-1]
    assert (originate.channel, originate.channel_id) == ("PJSIP/1001", channel)
    assert (originate.context, originate.exten) == ("bridge-monitor", session.room)
    assert originate.variables == {"BRIDGE_MONITOR": way.value, "BRIDGE_MONITORED": session.phone_channel}
    assert (await bench.told("agents/1000"))[-1] == "agent.monitored"
    assert await bench.session("1000") == session, "she does nothing else than before"


async def test_a_phone_that_is_dialled_by_a_number_passes_the_gate(bench: Bench) -> None:
    await bench.log_in()
    await bench.core.site.put(Phone(login="19005550100", template="PJSIP/{phone}@carrier"))
    with pytest.raises(DialRefused):
        await listen(bench, "19005550100")
    assert [action.channel for action in bench.ami.named("Originate")] == ["PJSIP/1000"]


async def test_there_is_a_room_only_while_she_sits_in_it(bench: Bench) -> None:
    with pytest.raises(NotLoggedIn):
        await listen(bench)
    await bench.core.agent_commands.login("1000", "1000", "TEST", asked_by="")
    with pytest.raises(NoRoom):
        await listen(bench)
    await bench.core.agent_commands.logout("1000", asked_by="")
    session = await bench.log_in()
    await rewrite(bench, session, on_hook=True, channel="")
    with pytest.raises(NoRoom):
        await listen(bench)
    assert "agent.monitored" not in await bench.told("agents/1000")


async def test_only_phones_of_the_site_that_are_on_her_asterisk(bench: Bench) -> None:
    await bench.log_in()
    with pytest.raises(NoSuchPhone):
        await listen(bench, "nope")
    await bench.core.site.put(Phone(login="2001", asterisk="elsewhere"))
    with pytest.raises(InvalidState):
        await listen(bench, "2001")
    await bench.core.site.put(Phone(login="2001", active=False))
    with pytest.raises(NoSuchPhone):
        await listen(bench, "2001")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (NotConnected(), AsteriskUnavailable),
        (refused(), OriginateRefused),
        (OutcomeUnknown(), OriginateUnknown),
    ],
)
async def test_what_asterisk_says_is_told(bench: Bench, answer: Exception, error: type[BridgeError]) -> None:
    await bench.log_in()
    bench.ami.fails["Originate"] = answer
    with pytest.raises(error):
        await listen(bench)


async def test_where_nobody_may_whisper_it_is_refused_by_whichever_way_it_is_asked_for(bench: Bench) -> None:
    await bench.log_in()
    bench.core.monitoring._whisper = False
    with pytest.raises(NotAllowed):
        await listen(bench, way=MonitorWay.WHISPER)
    await listen(bench)
    assert [action.channel for action in bench.ami.named("Originate")] == ["PJSIP/1000", "PJSIP/1001"]
