"""Sounds in an agent's room: played, paused, resumed, begun again and stopped, as her phone hears it."""

from __future__ import annotations

import array
import io
import math
import sys
import wave

import pytest
from hearing import RATE, Heard
from service import Bridge
from stack import Carrier, Stack, until

from bridge.ami.actions import ConfbridgeList, CoreShowChannels
from bridge.ami.client import AmiClient

SOUND, FIRST, THEN = "bridge-test-tones", 620, 1004
"""A sound of six seconds of one tone (Hz) and half a minute of another."""
SHORT = "bridge-test-short"
FOLDER = "/usr/share/asterisk/sounds/en"


def tones(*parts: tuple[int, float]) -> bytes:
    """A WAV file of tones, each with its seconds."""
    samples = array.array("h")
    for frequency, seconds in parts:
        turn = 2 * math.pi * frequency / RATE
        samples.extend(round(8000 * math.sin(turn * at)) for at in range(round(seconds * RATE)))
    if sys.byteorder == "big":
        samples.byteswap()
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setparams((1, 2, RATE, 0, "NONE", ""))
        written.writeframes(samples.tobytes())
    return file.getvalue()


@pytest.fixture(scope="module", autouse=True)
def sounds(stack: Stack) -> None:
    stack.write_file("asterisk", f"{FOLDER}/{SOUND}.wav", tones((FIRST, 6.0), (THEN, 30.0)))
    stack.write_file("asterisk", f"{FOLDER}/{SHORT}.wav", tones((FIRST, 0.5)))


async def playback(bridge: Bridge, stage: str, value: str = "", **more: str) -> str:
    return await bridge.agc("audio_playback", agent_user="1000", stage=stage, value=value, **more)


def quiet_now(heard: Heard) -> bool:
    """Whether nothing was heard in the last second."""
    silence = heard.silence(shortest=1.0)
    return bool(silence) and silence[-1].end >= heard.seconds - 0.2


def begins_again(heard: Heard) -> bool:
    return len(heard.tone(FIRST, shortest=0.5)) == 2


async def test_a_sound_is_operated_as_her_phone_hears(
    bridge: Bridge, carrier: Carrier, asterisk: AmiClient
) -> None:
    await carrier.listen("1000")
    room = (await bridge.log_in("1000"))["room"]
    assert await playback(bridge, "PLAY", SOUND) == (
        f"SUCCESS: audio_playback function sent - {SOUND}|PLAY|1000\n"
    )
    await carrier.until_heard("1000", "the second tone", lambda it: it.hears(THEN, seconds=1.0))
    assert await playback(bridge, "PLAY", SOUND) == (
        "ERROR: audio_playback error - audio already playing in agent session - "
        f"{room}|127.0.0.1|PLAY||1000\n"
    )

    assert await playback(bridge, "PAUSE") == "SUCCESS: audio_playback function sent - |PAUSE|1000\n"
    paused = await carrier.until_heard("1000", "a pause", quiet_now)
    assert (await playback(bridge, "PAUSE")).startswith("SUCCESS"), "a second time it stays paused"
    assert (await playback(bridge, "RESUME")).startswith("SUCCESS")

    def goes_on(heard: Heard) -> bool:
        return heard.between(paused.seconds, heard.seconds).hears(THEN, seconds=1.0)

    resumed = await carrier.until_heard("1000", "the second tone again", goes_on)
    assert not begins_again(resumed), "it goes on where it was"

    assert (await playback(bridge, "RESTART")).startswith("SUCCESS")
    await carrier.until_heard("1000", "the first tone again", begins_again)
    assert (await playback(bridge, "STOP")).startswith("SUCCESS")
    await carrier.until_heard("1000", "silence", quiet_now)
    assert len(await asterisk.send_list(ConfbridgeList(room))) == 1, "she alone is there"
    assert await playback(bridge, "STOP") == (
        f"ERROR: audio_playback error - no audio playing in agent session - {room}|127.0.0.1|STOP|1000\n"
    )


async def test_a_sound_can_be_operated_at_once(bridge: Bridge, carrier: Carrier) -> None:
    """Nobody has to wait until Asterisk has made its channel."""
    await carrier.listen("1000")
    await bridge.log_in("1000")
    for _ in range(10):
        assert (await playback(bridge, "PLAY", SOUND)).startswith("SUCCESS")
        assert (await playback(bridge, "PAUSE")).startswith("SUCCESS")
        assert (await playback(bridge, "STOP")).startswith("SUCCESS")
    await playback(bridge, "PLAY", SOUND)
    await playback(bridge, "PAUSE")
    paused = await carrier.until_heard("1000", "nothing", quiet_now)
    await playback(bridge, "RESUME")

    def goes_on(heard: Heard) -> bool:
        return heard.between(paused.seconds, heard.seconds).hears(FIRST, seconds=1.0)

    await carrier.until_heard("1000", "the sound", goes_on)
    await playback(bridge, "STOP")


async def test_what_is_paused_can_begin_again(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.listen("1000")
    await bridge.log_in("1000")
    await playback(bridge, "PLAY", SOUND)
    await carrier.until_heard("1000", "the first tone", lambda it: it.hears(FIRST))
    await playback(bridge, "PAUSE")
    await carrier.until_heard("1000", "a pause", quiet_now)
    assert (await playback(bridge, "RESTART")).startswith("SUCCESS")
    heard = await carrier.until_heard("1000", "the second tone", lambda it: it.hears(THEN))
    assert heard.tone(FIRST, shortest=0.5)[-1].seconds > 5, "all of the first one, from its beginning"
    await playback(bridge, "STOP")


async def test_another_sound_can_take_its_place(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.listen("1000")
    await bridge.log_in("1000")
    await playback(bridge, "PLAY", SOUND)
    await carrier.until_heard("1000", "the second tone", lambda it: it.hears(THEN))
    assert await playback(bridge, "PLAY", SOUND, dial_override="Y") == (
        "NOTICE: audio_playback previous playback stopped - PLAY|Y|1000\n"
        f"SUCCESS: audio_playback function sent - {SOUND}|PLAY|1000\n"
    )
    await carrier.until_heard("1000", "the first tone again", begins_again)
    await playback(bridge, "STOP")


async def test_a_sound_ends_by_itself(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.listen("1000")
    await bridge.log_in("1000")
    await playback(bridge, "PLAY", SHORT)

    async def over() -> bool:
        return (await playback(bridge, "RESUME")).startswith("ERROR: audio_playback error - no audio playing")

    await until(over, "the end of a short sound")
    assert (await playback(bridge, "PLAY", SHORT)).startswith("SUCCESS")
    await until(over, "its end once more")


async def test_the_customer_hears_it_too(bridge: Bridge, carrier: Carrier) -> None:
    await carrier.make_tone("1000", 0)
    await carrier.listen("1000", "7275550100")
    await bridge.log_in("1000")
    call = await bridge.post("/calls", {"agent": "1000", "number": "7275550100"})
    await bridge.call_is(call["id"], "bridged")
    await playback(bridge, "PLAY", SOUND)
    await carrier.until_heard("7275550100", "the first tone", lambda it: it.hears(FIRST))
    await playback(bridge, "STOP")
    await bridge.post(f"/calls/{call['id']}/hangup")


async def test_a_sound_ends_with_her_shift(bridge: Bridge, asterisk: AmiClient) -> None:
    await bridge.log_in("1000")
    await playback(bridge, "PLAY", SOUND)
    await bridge.post("/agents/1000/logout")

    async def alone() -> bool:
        return not await asterisk.send_list(CoreShowChannels())

    await until(alone, "an Asterisk without channels")
