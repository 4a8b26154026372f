"""Recordings of real calls: how long they are, and whose voices are in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest
from hearing import Heard, read
from service import API_SECRET, API_USER, Bridge
from stack import Carrier, Stack, until

CUSTOMER, CUSTOMER_TONE = "7275550111", 1004
AGENT_TONE = 620
TOLERANCE = 1.5
"""Seconds by which a file may differ from what its row says, on a machine that is busy."""


@pytest.fixture
async def talking(bridge: Bridge, carrier: Carrier) -> str:
    """Agent 1000 and a customer, each of whom makes a tone; the call's id."""
    await carrier.make_tone("1000", AGENT_TONE)
    await bridge.log_in("1000")
    call = await bridge.post("/calls", {"agent": "1000", "number": CUSTOMER})
    await bridge.call_is(call["id"], "bridged")
    return str(call["id"])


async def record(bridge: Bridge, value: str, stage: str = "") -> list[str]:
    """Ask by the line format; the fields of the reply."""
    reply = await bridge.agc("recording", agent_user="1000", value=value, stage=stage)
    assert not reply.startswith("ERROR"), reply
    return reply.rstrip("\n").partition(" - ")[2].split("|")


async def heard_so_far(stack: Stack, filename: str) -> Heard | None:
    """What a file holds now; the last two seconds may not be written yet."""
    data = _bytes(stack, filename)
    return read(data) if len(data) > 44 else None


def _bytes(stack: Stack, filename: str) -> bytes:
    file = stack.recordings / f"{filename}.wav"
    return file.read_bytes() if file.exists() else b""


async def complete(stack: Stack, filename: str) -> Heard:
    """A file that is not written any more: its header says how long it is."""

    async def look() -> Heard | None:
        data = _bytes(stack, filename)
        said = int.from_bytes(data[40:44], "little")
        return read(data) if said and said + 44 == len(data) else None

    return await until(look, f"a complete file {filename}")


async def until_recorded(stack: Stack, filename: str, *tones: int) -> None:
    """Wait until each of these voices is in the file."""

    async def look() -> bool:
        heard = await heard_so_far(stack, filename)
        return heard is not None and all(heard.hears(tone, seconds=1) for tone in tones)

    await until(look, f"the tones {tones} in {filename}")


def seconds_of(events: list[dict[str, Any]], filename: str) -> float:
    """How long a recording lasted, by its events."""
    begun, ended = (
        datetime.fromisoformat(event["time"])
        for event in events
        if event["type"].startswith("recording.") and event["data"]["filename"] == filename
    )
    return (ended - begun).total_seconds()


async def test_a_recording_has_both_voices_and_its_length(bridge: Bridge, stack: Stack, talking: str) -> None:
    sent = await record(bridge, "START", "_abc")
    assert sent[1] == "START_abc"
    _, number, filename, server, begun, *_ = await record(bridge, "STATUS")
    assert number.isdecimal()
    assert filename.endswith(f"_{CUSTOMER}_1000_abc")
    assert (server, len(begun)) == ("127.0.0.1", 19)
    await until_recorded(stack, filename, AGENT_TONE, CUSTOMER_TONE)
    await record(bridge, "STOP")
    heard = await complete(stack, filename)
    assert heard.seconds == pytest.approx(
        seconds_of(await bridge.events(f"calls/{talking}"), filename), abs=TOLERANCE
    )
    for tone in (AGENT_TONE, CUSTOMER_TONE):
        assert sum(span.seconds for span in heard.tone(tone)) > heard.seconds - TOLERANCE
    assert (await bridge.get(f"/calls/{talking}"))["state"] == "bridged", "the call goes on"


async def test_a_recording_is_fetched_by_its_link(bridge: Bridge, stack: Stack, talking: str) -> None:
    await record(bridge, "START")
    _, number, filename, *_ = await record(bridge, "STATUS")
    await until_recorded(stack, filename, AGENT_TONE, CUSTOMER_TONE)
    await record(bridge, "STOP")
    await complete(stack, filename)
    (listed,) = await bridge.get(f"/recordings?call={talking}&agent=1000")
    assert (listed["id"], listed["filename"]) == (int(number), filename)
    url = (await bridge.get(f"/recordings/{number}"))["url"]
    async with httpx.AsyncClient(timeout=30) as anybody:
        whole = await anybody.get(url)
        assert (whole.status_code, whole.headers["content-type"]) == (200, "audio/wav")
        heard = read(whole.content)
        assert heard.hears(AGENT_TONE, seconds=1)
        assert heard.hears(CUSTOMER_TONE, seconds=1)
        part = await anybody.get(url, headers={"Range": "bytes=44-1043"})
        assert (part.status_code, part.content) == (206, whole.content[44:1044])
        assert (await anybody.get(url, headers={"Range": f"bytes={len(whole.content)}-"})).status_code == 416
        refused = await anybody.get(url.replace("for=crm", "for=boss"))
        assert refused.status_code == 403
    events = [
        one["data"] for one in await bridge.events(f"calls/{talking}") if one["type"] == "recording.fetched"
    ]
    assert [(one["signed_for"], one["address"], one["part"]) for one in events] == [
        ("crm", "127.0.0.1", ""),
        ("crm", "127.0.0.1", "44-1043"),
    ]


async def test_the_line_format_tells_where_the_file_is(bridge: Bridge, stack: Stack, talking: str) -> None:
    """The link of START and of STOP lead to the same file; it is there when Asterisk has closed it."""
    asked = {"source": "test", "user": API_USER, "pass": API_SECRET, "function": "recording"}
    asked |= {"agent_user": "1000", "recording_url": "YES"}
    begun = await bridge.api.get("/agc/api.php", params=asked | {"value": "START"})
    early = begun.text.rstrip("\n").rpartition("|")[2]
    assert begun.headers["link"] == f'<{early}>; rel="enclosure"'
    _, number, filename, *_ = await record(bridge, "STATUS")
    await until_recorded(stack, filename, AGENT_TONE, CUSTOMER_TONE)
    async with httpx.AsyncClient(timeout=30) as anybody:
        refused = await anybody.get(early)
        assert (refused.status_code, refused.json()["error_id"]) == (409, "recording-not-ready")
        assert refused.headers["retry-after"].isdecimal()
        over = await bridge.api.get("/agc/api.php", params=asked | {"value": "STOP"})
        url = over.text.rstrip("\n").rpartition("|")[2]
        assert f"/v1/recordings/{number}/audio?" in url

        async def come_back() -> httpx.Response | None:
            reply = await anybody.get(url, headers={"Range": "bytes=0-1043"})
            return None if reply.status_code == 409 else reply

        part = await until(come_back, "the file that STOP tells of")
        assert (part.status_code, len(part.content), part.content[:4]) == (206, 1044, b"RIFF")
        whole = await anybody.get(early)
        assert whole.content[:1044] == part.content
        assert read(whole.content).hears(CUSTOMER_TONE, seconds=1)
    told = [one["type"] for one in await bridge.events(f"calls/{talking}")]
    assert told.count("recording.fetched") == 2


async def test_stopped_and_started_again_there_are_two_files(
    bridge: Bridge, stack: Stack, talking: str
) -> None:
    del talking
    names = []
    for _ in range(2):
        await record(bridge, "START")
        names.append((await record(bridge, "STATUS"))[2])
        await until_recorded(stack, names[-1], CUSTOMER_TONE)
        await record(bridge, "STOP")
    assert len(set(names)) == 2
    for name in names:
        assert (await complete(stack, name)).hears(CUSTOMER_TONE)


async def test_a_recording_ends_with_the_call(
    bridge: Bridge, stack: Stack, carrier: Carrier, talking: str
) -> None:
    await record(bridge, "START")
    filename = (await record(bridge, "STATUS"))[2]
    await until_recorded(stack, filename, CUSTOMER_TONE)
    await carrier.hang_up_network()
    await bridge.call_is(talking, "disposed")
    heard = await complete(stack, filename)
    assert heard.seconds == pytest.approx(
        seconds_of(await bridge.events(f"calls/{talking}"), filename), abs=TOLERANCE
    )
    assert (await record(bridge, "STATUS"))[1] == "", "nothing is recorded any more"


async def test_a_recording_ends_with_the_agents_phone(
    bridge: Bridge, stack: Stack, carrier: Carrier, talking: str
) -> None:
    del talking
    await record(bridge, "START")
    filename = (await record(bridge, "STATUS"))[2]
    await until_recorded(stack, filename, AGENT_TONE)
    await carrier.hang_up_phone("1000")
    assert (await complete(stack, filename)).hears(AGENT_TONE)


async def test_a_recording_goes_on_while_the_bridge_is_down(
    bridge: Bridge, stack: Stack, carrier: Carrier, talking: str
) -> None:
    await record(bridge, "START")
    _, number, filename, *_ = await record(bridge, "STATUS")
    await bridge.kill()
    await until_recorded(stack, filename, AGENT_TONE, CUSTOMER_TONE)
    await bridge.start()
    assert (await record(bridge, "STATUS"))[1:3] == [number, filename]
    await bridge.kill()
    await carrier.hang_up_network()
    await carrier.hang_up_phone("1000")
    await complete(stack, filename)
    await bridge.start()
    await bridge.call_is(talking, "disposed")
    assert "recording.stopped" in await bridge.timeline(talking)
