"""`audio_playback` and `force_fronter_audio_stop`: their lines, and what is commanded."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from api_fakes import World
from test_vicidial_endpoint import LOGIN, ask

from bridge.agents.model import AgentState
from bridge.services import ApiOptions

ROOM = "8600051|10.10.10.15"


@pytest.fixture(autouse=True)
def her_asterisk(world: World) -> None:
    world.options = ApiOptions(addresses={"pbx": "10.10.10.15"})


async def playback(http: httpx.AsyncClient, **parameters: str) -> str:
    asked = {**LOGIN, "function": "audio_playback", "agent_user": "1000", **parameters}
    return await ask(http, **asked)


class TestAudioPlayback:
    async def test_plays(self, http: httpx.AsyncClient, world: World) -> None:
        reply = await playback(http, value="hello", stage="PLAY")
        assert reply == "SUCCESS: audio_playback function sent - hello|PLAY|1000\n"
        assert world.record.commands == [("play", "1000", "hello")]

    @pytest.mark.parametrize("stage", ["STOP", "PAUSE", "RESUME", "RESTART"])
    async def test_operates_what_is_played(self, http: httpx.AsyncClient, world: World, stage: str) -> None:
        nothing = "audio_playback error - no audio playing in agent session"
        assert await playback(http, stage=stage) == f"ERROR: {nothing} - {ROOM}|{stage}|1000\n"
        world.playback.plays.add("1000")
        assert await playback(http, stage=stage) == (
            f"SUCCESS: audio_playback function sent - |{stage}|1000\n"
        )
        assert world.record.commands == [(stage.lower(), "1000")]

    async def test_plays_one_sound_at_a_time_unless_told_otherwise(
        self, http: httpx.AsyncClient, world: World
    ) -> None:
        world.playback.plays.add("1000")
        assert await playback(http, value="hello", stage="PLAY") == (
            f"ERROR: audio_playback error - audio already playing in agent session - {ROOM}|PLAY||1000\n"
        )
        assert await playback(http, value="hello", stage="PLAY", dial_override="Y") == (
            "NOTICE: audio_playback previous playback stopped - PLAY|Y|1000\n"
            "SUCCESS: audio_playback function sent - hello|PLAY|1000\n"
        )

    @pytest.mark.parametrize(
        ("parameters", "line"),
        [
            ({}, "||1000"),
            ({"stage": "PLAY"}, "|PLAY|1000"),
            ({"stage": "PL", "value": "x"}, "x|PL|1000"),
            ({"stage": "PLAY", "value": "x", "agent_user": ""}, "x|PLAY|"),
            ({"stage": "PLAY", "value": "one|two"}, "one|two|PLAY|1000"),
        ],
    )
    async def test_what_is_not_valid(
        self, http: httpx.AsyncClient, world: World, parameters: dict[str, str], line: str
    ) -> None:
        assert await playback(http, **parameters) == f"ERROR: audio_playback not valid - {line}\n"
        assert world.record.commands == []

    async def test_its_lines_about_agents_have_the_stage(self, http: httpx.AsyncClient) -> None:
        assert await playback(http, stage="PLAY", value="x", alt_user="NOSUCH", agent_user="") == (
            "ERROR: no user found - PLAY|NOSUCH\nERROR: agent_user is not logged in - PLAY|\n"
        )

    async def test_needs_a_room(self, http: httpx.AsyncClient, world: World) -> None:
        world.agents.seat("1000", AgentState.PAUSED, on_hook=True)
        reply = await playback(http, stage="PLAY", value="hello")
        assert reply == "ERROR: audio_playback error - entry is empty - PLAY|1000\n"


class TestForceFronterAudioStop:
    @pytest.fixture(autouse=True)
    def two_with_one_lead(self, world: World) -> None:
        world.agents.open.clear()
        for user in ("1000", "1001"):
            world.agents.seat(user, AgentState.INCALL, lead_id=201, call_id=f"call-of-{user}")

    async def stop(self, http: httpx.AsyncClient, **parameters: str) -> str:
        asked = {**LOGIN, "function": "force_fronter_audio_stop", "agent_user": "1000", "value": "LOCAL_ONLY"}
        return await ask(http, **{**asked, **parameters})

    async def test_stops_what_the_other_one_hears(self, http: httpx.AsyncClient, world: World) -> None:
        world.playback.plays.add("1001")
        assert await self.stop(http) == (
            "SUCCESS: force_fronter_audio_stop function sent - LOCAL_ONLY||1000|1001\n"
        )
        assert world.record.commands == [("stop", "1001")]

    async def test_that_hears_nothing(self, http: httpx.AsyncClient) -> None:
        why = "force_fronter_audio_stop error - no audio playing in other agent session"
        assert await self.stop(http) == f"ERROR: {why} - 8600052|10.10.10.15||1000|1001\n"
        remote = {"agent_user": "CCC_REMOTE", "value": "CCC_REMOTE", "lead_id": "201"}
        assert await self.stop(http, **remote) == f"ERROR: {why} - {ROOM}||CCC_REMOTE|1000\n"

    async def test_that_has_no_room(self, http: httpx.AsyncClient, world: World) -> None:
        world.agents.open["1001"] = msgspec.structs.replace(world.agents.open["1001"], on_hook=True)
        why = "force_fronter_audio_stop error - no fronter session found"
        assert await self.stop(http) == f"ERROR: {why} - |1000|1001\n"

    async def test_that_is_not_there(self, http: httpx.AsyncClient, world: World) -> None:
        del world.agents.open["1001"]
        assert await self.stop(http) == "ERROR: no fronter found - 1000\n"
        world.agents.seat("1000", AgentState.PAUSED)
        assert await self.stop(http) == "ERROR: agent_user is not on a phone call - 1000\n"
        assert await self.stop(http, value="X") == "ERROR: force_fronter_audio_stop not valid - X|1000\n"
