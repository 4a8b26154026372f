"""`recording` and `stereo_recording` in the line format."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from api_fakes import World, client
from api_fakes.recorder import FakeDownloads

from bridge.access.model import UserSpec
from bridge.agents.model import AgentState
from bridge.services import ApiOptions

URL = "/agc/api.php"
WHO = {"source": "test", "user": "6666", "pass": "1234", "agent_user": "1000", "function": "recording"}
WHERE = "10.10.10.15|8600051"


@pytest.fixture(autouse=True)
def _talking(world: World) -> None:
    world.options = ApiOptions(timezone=ZoneInfo("America/New_York"), addresses={"pbx": "10.10.10.15"})
    world.agents.open.clear()
    world.agents.seat("1000", AgentState.INCALL, lead_id=201, call_id="call-1")


@pytest.fixture
async def http(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A caller of the line format, in the world as it is now."""
    async with client(world) as made:
        yield made


async def ask(http: httpx.AsyncClient, function: str = "recording", **given: str) -> str:
    who = {"source": "test", "user": "6666", "pass": "1234", "agent_user": "1000", "function": function}
    reply = await http.get("/agc/api.php", params=who | given)
    assert reply.status_code == 200
    return reply.text


@pytest.mark.parametrize(
    ("given", "line", "suffix"),
    [
        ({}, "START", ""),
        ({"stage": "_abc"}, "START_abc", "_abc"),
        ({"stage": "_abcdefghijklmnopqrst"}, "START_abcdefghijklm", "_abcdefghijklm"),
        ({"agent_user": "1001", "alt_user": "CRM1000"}, "START", ""),
    ],
)
async def test_start(
    http: httpx.AsyncClient, world: World, given: dict[str, str], line: str, suffix: str
) -> None:
    reply = await ask(http, value="START", **given)
    assert reply == f"SUCCESS: recording function sent - 1000|{line}||||{WHERE}|INCALL\n"
    assert world.record.commands == [("record", "1000", suffix, "6666")]


async def test_status_and_stop(http: httpx.AsyncClient) -> None:
    assert await ask(http, value="STATUS") == f"NOTICE: not recording - 1000|||||{WHERE}|INCALL\n"
    await ask(http, value="START", stage="_abc")
    assert await ask(http, value="STATUS") == (
        "NOTICE: recording active - 1000|901|20261120-150005_901_1000_abc|10.10.10.15|2026-11-20 10:00:05"
        f"|{WHERE}|INCALL\n"
    )
    stopped = await ask(http, value="STOP")
    assert stopped == f"SUCCESS: recording function sent - 1000|STOP||||{WHERE}|INCALL\n"
    assert await ask(http, value="STATUS") == f"NOTICE: not recording - 1000|||||{WHERE}|INCALL\n"


async def test_stop_of_nothing(http: httpx.AsyncClient, world: World) -> None:
    reply = await ask(http, value="STOP")
    assert reply == f"ERROR: stop recording error - 1000|||||{WHERE}|INCALL\n"
    assert world.record.commands == []


def link_of(reply: httpx.Response) -> str:
    """The URL of the `Link` header."""
    url, _, rest = reply.headers["link"].removeprefix("<").partition(">")
    assert rest == '; rel="enclosure"'
    return str(url)


async def test_who_may_have_recordings_is_told_where_this_one_is(world: World, tmp_path: Path) -> None:
    """In a header, so that the line stays as it is; in a field of its own for those who ask for that."""
    world.downloads = FakeDownloads(world.recordings, str(tmp_path))
    world.options = ApiOptions(public_url="https://bridge.example/calls/")
    async with client(world) as http:
        for value, line in (("START", "START"), ("STATUS", ""), ("STOP", "STOP")):
            asked = {**WHO, "value": value}
            bare = await http.get(URL, params=asked) if value != "STOP" else None
            told = await http.get(URL, params=asked | {"recording_url": "YES"})
            url = link_of(told)
            assert url.startswith("https://bridge.example/calls/v1/recordings/901/audio?expires=")
            assert told.text.endswith(f"|INCALL|{url}\n")
            assert f"1000|{line}" in told.text
            assert bare is None or (bare.text.endswith("|INCALL\n") and link_of(bare))
        (tmp_path / f"{world.recordings.kept[901].filename}.wav").write_bytes(b"RIFF\x04\0\0\0WAVE")
        path = url.removeprefix("https://bridge.example/calls")
        assert (await http.get(path)).content == b"RIFF\x04\0\0\0WAVE"
        nothing = await http.get(URL, params={**WHO, "value": "STATUS", "recording_url": "YES"})
        failed = await http.get(URL, params={**WHO, "value": "STOP", "recording_url": "YES"})
    assert (nothing.text[-9:], "link" in nothing.headers) == ("|INCALL|\n", False)
    assert failed.text.startswith("ERROR: stop recording error")
    assert "link" not in failed.headers


@pytest.mark.parametrize("functions", [{"recording"}, {"recording", "recording_lookup"}])
async def test_who_may_only_record_gets_no_link(world: World, tmp_path: Path, functions: set[str]) -> None:
    """`recording_lookup` alone is not enough: under `/v1` it asks for a level and a right, too."""
    world.downloads = FakeDownloads(world.recordings, str(tmp_path))
    spec: dict[str, Any] = {"group": "ADMIN", "level": 1, "api_access": True}
    await world.access.create(UserSpec(user="rec", functions=frozenset(functions), **spec), "secret")
    async with client(world) as http:
        asked = {**WHO, "user": "rec", "pass": "secret", "value": "START", "recording_url": "YES"}
        reply = await http.get(URL, params=asked)
    assert reply.text.endswith("|INCALL|\n")
    assert "link" not in reply.headers


async def test_without_a_folder_there_is_no_link(http: httpx.AsyncClient) -> None:
    reply = await http.get(URL, params={**WHO, "value": "START", "recording_url": "YES"})
    assert (reply.text[-9:], "link" in reply.headers) == ("|INCALL|\n", False)


@pytest.mark.parametrize("value", ["", "RECORD", "START1", "start", "BEGIN"])
async def test_other_values(http: httpx.AsyncClient, value: str) -> None:
    assert await ask(http, value=value) == f"ERROR: recording not valid - {value}|1000\n"


async def test_what_is_wrong_is_told_before_who_may_not(http: httpx.AsyncClient, world: World) -> None:
    nobody = {"user": "7000", "pass": "test7000"}
    wrong = await ask(http, value="RECORD", **nobody)
    assert wrong == "ERROR: recording not valid - RECORD|1000\n"
    assert await ask(http, value="START", **nobody) == (
        "ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION - START|7000|recording|ADMIN\n"
    )
    assert world.record.commands == []


async def test_without_asterisk_nothing_is_recorded(http: httpx.AsyncClient, world: World) -> None:
    world.record.asterisk_up = False
    reply = await ask(http, value="START")
    assert reply == "ERROR: recording failed, Asterisk cannot be reached; nothing was done - START|1000\n"


@pytest.mark.parametrize(
    ("state", "blended", "word"),
    [
        (AgentState.PAUSED, True, "PAUSED"),
        (AgentState.WRAPUP, True, "PAUSED"),
        (AgentState.READY, True, "READY"),
        (AgentState.READY, False, "CLOSER"),
        (AgentState.OFFERED, True, "QUEUE"),
        (AgentState.DIALING, True, "MQUEUE"),
    ],
)
async def test_the_agents_state_in_the_formats_words(
    http: httpx.AsyncClient,
    world: World,
    state: AgentState,
    blended: bool,  # noqa: FBT001  a case of the table
    word: str,
) -> None:
    world.agents.open.clear()
    world.agents.seat("1000", state, blended=blended)
    assert (await ask(http, value="STATUS")).endswith(f"|{WHERE}|{word}\n")


@pytest.mark.parametrize("phone", ["", "phone-1"])
async def test_that_her_phone_rings_is_no_such_word(
    http: httpx.AsyncClient, world: World, phone: str
) -> None:
    world.agents.open.clear()
    world.agents.seat("1000", AgentState.OFFERED, on_hook=True, channel=phone)
    assert (await ask(http, value="STATUS")).endswith(f"|{WHERE}|QUEUE\n")


@pytest.mark.parametrize("value", ["BEGIN", "END", "STATUS"])
async def test_stereo_is_not_supported(http: httpx.AsyncClient, world: World, value: str) -> None:
    reply = await ask(http, "stereo_recording", value=value, stage="_abc")
    assert reply == f"ERROR: stereo_recording is not supported - 1000|||||{WHERE}|INCALL\n"
    assert world.record.commands == []


async def test_stereo_is_checked_first(http: httpx.AsyncClient) -> None:
    wrong = await ask(http, "stereo_recording", value="START")
    assert wrong == "ERROR: stereo_recording not valid - START|1000\n"
    assert "PERMISSION" in await ask(
        http, "stereo_recording", value="BEGIN", user="7000", **{"pass": "test7000"}
    )
    assert await ask(http, "stereo_recording", value="BEGIN", agent_user="1001") == (
        "ERROR: agent_user is not logged in - 1001\n"
    )
