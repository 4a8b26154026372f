"""Sounds in an agent's room: what Asterisk is asked, and what is on record of it."""

from __future__ import annotations

import asyncio

import pytest
from core_bench import Bench, refused
from fake_ami.waiting import eventually, never
from shift_scenes import rewrite

from bridge.ami.errors import NotConnected
from bridge.errors import (
    AsteriskRefused,
    AsteriskUnavailable,
    InvalidInput,
    NoRoom,
    NoSound,
    NotLoggedIn,
    SoundPlays,
)


async def play(bench: Bench, sound: str = "custom/hello", *, instead: bool = False) -> bool:
    return await bench.core.playback.play("1000", sound, instead=instead)


def controls(bench: Bench) -> list[str]:
    return [action.control for action in bench.ami.named("ControlPlayback")]


class TestASound:
    async def test_is_played_by_one_half_while_the_other_sits_in_her_room(self, bench: Bench) -> None:
        room = (await bench.log_in()).room
        assert not await play(bench)
        originate = bench.ami.named("Originate")[-1]
        assert (originate.channel, originate.context) == (f"Local/{room}@bridge-room/n", "bridge-play")
        assert originate.variables == {"BRIDGE_SOUND": "custom/hello"}
        session = await bench.session("1000")
        assert session.playback == originate.channel_id
        assert "agent.playback" in await bench.told("agents/1000")

    @pytest.mark.parametrize(
        "sound", ["", "/etc/passwd", "../x", "a/../b", "a b", "a,b", "a&b", "x" * 101, "a/"]
    )
    async def test_has_a_name_that_stays_within_asterisks_sounds(self, bench: Bench, sound: str) -> None:
        await bench.log_in()
        with pytest.raises(InvalidInput):
            await play(bench, sound)
        assert (await bench.session("1000")).playback == ""

    async def test_is_one_at_a_time(self, bench: Bench) -> None:
        await bench.log_in()
        await play(bench)
        first = (await bench.session("1000")).playback
        with pytest.raises(SoundPlays):
            await play(bench)
        assert await play(bench, instead=True)
        assert [action.channel for action in bench.ami.named("Hangup")] == [first]
        assert (await bench.session("1000")).playback not in ("", first)

    async def test_that_has_ended_by_itself_is_none(self, bench: Bench) -> None:
        await bench.log_in()
        await play(bench)
        bench.ami.fails["Getvar"] = refused()
        with pytest.raises(NoSound):
            await bench.core.playback.control("1000", "stop")
        assert not await play(bench)

    async def test_is_there_to_be_operated_when_its_command_is_answered(self, bench: Bench) -> None:
        await bench.log_in()
        bench.ami.answered.clear()
        begins = asyncio.create_task(play(bench))
        stops = asyncio.create_task(bench.core.playback.control("1000", "stop"))
        await eventually(lambda: bench.ami.named("Originate")[1:])
        await never(lambda: begins.done() or stops.done(), during=0.05)
        bench.ami.answered.set()
        await asyncio.gather(begins, stops)
        assert len(bench.ami.named("Hangup")) == 1

    async def test_that_asterisk_will_not_play_is_none(self, bench: Bench) -> None:
        await bench.log_in()
        bench.ami.fails["Originate"] = refused("Extension does not exist")
        with pytest.raises(AsteriskRefused):
            await play(bench)
        assert (await bench.session("1000")).playback == ""

    async def test_needs_asterisk(self, bench: Bench) -> None:
        await bench.log_in()
        await play(bench)
        playing = await bench.session("1000")
        for action in ("Getvar", "ControlPlayback", "Hangup"):
            bench.ami.fails = {action: NotConnected()}
            for control in ("pause", "stop"):
                if action == "Getvar" or (action == "Hangup") is (control == "stop"):
                    with pytest.raises(AsteriskUnavailable):
                        await bench.core.playback.control("1000", control)
        assert await bench.session("1000") == playing

    async def test_needs_an_agent_in_her_room(self, bench: Bench) -> None:
        with pytest.raises(NotLoggedIn):
            await play(bench)
        await rewrite(bench, await bench.log_in(), on_hook=True)
        with pytest.raises(NoRoom):
            await play(bench)
        await rewrite(bench, await bench.session("1000"), channel="phone-1")
        assert not await play(bench), "her phone was rung for a call"


class TestWhatIsPlayed:
    async def test_is_paused_and_goes_on_by_the_same_switch(self, bench: Bench) -> None:
        await bench.log_in()
        await play(bench)
        for control in ("resume", "pause", "pause", "resume", "resume"):
            await bench.core.playback.control("1000", control)
        assert controls(bench) == ["pause", "pause"], "the switch is pressed only where it changes something"
        assert not (await bench.session("1000")).playback_paused

    async def test_goes_on_before_it_begins_again(self, bench: Bench) -> None:
        await bench.log_in()
        await play(bench)
        await bench.core.playback.control("1000", "pause")
        await bench.core.playback.control("1000", "restart")
        assert controls(bench) == ["pause", "pause", "restart"]
        assert not (await bench.session("1000")).playback_paused

    async def test_is_stopped_by_hanging_its_channel_up(self, bench: Bench) -> None:
        await bench.log_in()
        await play(bench)
        channel = (await bench.session("1000")).playback
        await bench.core.playback.control("1000", "stop")
        assert bench.ami.named("Hangup")[-1].channel == channel
        assert (await bench.session("1000")).playback == ""
