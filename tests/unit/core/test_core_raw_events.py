"""What Asterisks say, as listeners get it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import pytest
from core_bench import EAST, MAIN, Bench

from bridge import raw_events
from bridge.ami.events import AmiEvent
from bridge.raw_events import RawEvents


@pytest.fixture
def raw(bench: Bench) -> RawEvents:
    return RawEvents(bench.core.clients)


async def told(stream: AsyncGenerator[bytes, None]) -> tuple[str, dict[str, Any]]:
    """The next message; silence and comments are passed over."""
    async with asyncio.timeout(5):
        async for piece in stream:
            if piece.startswith(b"event: "):
                assert piece.endswith(b"\n\n")
                name, _, data = piece.decode().strip().removeprefix("event: ").partition("\ndata: ")
                return name, json.loads(data)
    raise AssertionError("the stream has ended")


async def test_it_says_at_once_that_nothing_is_kept_and_then_what_asterisk_says(
    bench: Bench, raw: RawEvents
) -> None:
    async with aclosing(raw.stream(MAIN)) as stream:
        assert await anext(stream) == b": raw events are not kept: what is missed is gone\n\n"
        assert (await told(stream))[0] == "link_up"
        wire = b"Event: Hangup\r\nChannel: PJSIP/1000-1\r\nChanVariable: a=1\r\nChanVariable: b=\xff"
        bench.ami.tell(AmiEvent(wire))
        assert await told(stream) == (
            "ami",
            {
                "asterisk": MAIN,
                "event": "Hangup",
                "kept": False,
                "headers": {
                    "Event": "Hangup",
                    "Channel": "PJSIP/1000-1",
                    "ChanVariable": ["a=1", "b=\ufffd"],
                },
            },
        )


async def test_only_what_is_asked_for_comes(bench: Bench, raw: RawEvents) -> None:
    async with aclosing(raw.stream(MAIN, names=("Hangup",), about="2.1")) as stream:
        assert (await told(stream))[0] == "link_up"
        assert bench.ami.names == ("Hangup",)
        for number in ("1.1", "2.1", "3.1"):
            bench.ami.tell(AmiEvent(f"Event: Hangup\r\nUniqueid: {number}".encode()))
        bench.ami.lose_link()
        assert (await told(stream))[1]["headers"]["Uniqueid"] == "2.1"
        assert (await told(stream))[0] == "link_down"
        bench.ami.find_link()
        assert [(await told(stream))[0] for _ in range(2)] == ["link_up", "gap"]


async def test_secrets_are_masked(bench: Bench, raw: RawEvents) -> None:
    async with aclosing(raw.stream(EAST)) as stream:
        await told(stream)
        bench.amis[EAST].tell(
            AmiEvent(b"Event: X\r\nMD5Challenge: abc\r\nPassword: p\r\nAuthToken: t\r\nUser: u")
        )
        headers = (await told(stream))[1]["headers"]
        assert headers == {
            "Event": "X",
            "MD5Challenge": "********",
            "Password": "********",
            "AuthToken": "********",
            "User": "u",
        }


async def test_who_is_too_slow_is_told_of_the_gap(
    bench: Bench, raw: RawEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_events, "ROOM", 3)
    async with aclosing(raw.stream(MAIN)) as stream:
        await told(stream)
        bench.ami.tell(*(AmiEvent(f"Event: X\r\nN: {number}".encode()) for number in range(4)))
        name, gap = await told(stream)
        assert (name, gap["reason"], gap["asterisk"]) == ("gap", "overflow", MAIN)
        assert (await told(stream))[1]["headers"]["N"] == "3"


async def test_silence_has_signs_of_life_and_ends_with_the_service(
    bench: Bench, raw: RawEvents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raw_events, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(raw_events, "HEARTBEAT_SECONDS", 0.02)
    before = len(bench.ami.subscriptions)
    pieces = []
    async with asyncio.timeout(5):
        async for piece in raw.stream(MAIN):
            pieces.append(piece)
            if piece == b": still here\n\n":
                raw.close()
    assert b"" in pieces
    assert len(bench.ami.subscriptions) == before, "nothing is left of it"
