from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from agi_desk import TestDesk
from agi_peer import until

from bridge.agi.bridges import Bridges
from bridge.agi.desk_link import Address
from bridge.agi.errors import DeskError, DeskUnavailable
from bridge.agi.questions import Answered
from bridge.agi.server import FastAgiServer
from bridge.agi.session import AgiSession

QUESTION = Answered("call-1", "PJSIP/x")


async def nothing(_agi: AgiSession) -> None:
    """No script is asked for here."""


async def bridge(desk: TestDesk, port: int = 0) -> FastAgiServer:
    server = FastAgiServer(nothing, port=port, secret="s", desk=desk)
    await server.start()
    return server


@contextlib.asynccontextmanager
async def two() -> AsyncIterator[tuple[list[TestDesk], list[FastAgiServer], Bridges]]:
    desks = [TestDesk("a"), TestDesk("b")]
    servers = [await bridge(desk) for desk in desks]
    bridges = Bridges([Address("127.0.0.1", server.port) for server in servers], "s")
    bridges.start()
    try:
        await until(lambda: all(b.link is not None for b in bridges.all))
        yield desks, servers, bridges
    finally:
        await bridges.stop()
        for server in servers:
            await server.stop()


async def asked(bridges: Bridges, seconds: float = 2.0) -> str:
    answer = await bridges.ask("call_answered", QUESTION, seconds)
    return str(answer.room)


async def test_the_first_is_asked() -> None:
    async with two() as (desks, _, bridges):
        assert [await asked(bridges) for _ in range(3)] == ["a", "a", "a"]
        assert desks[1].asked == []


async def test_the_next_is_asked_when_the_first_is_gone() -> None:
    async with two() as (_, servers, bridges):
        await servers[0].stop()
        assert await asked(bridges) == "b"


async def test_the_next_is_asked_when_the_first_dies_in_mid_question() -> None:
    async with two() as (desks, servers, bridges):
        desks[0].frozen = True
        question = asyncio.ensure_future(asked(bridges, 60))
        await until(lambda: desks[0].asked)
        await servers[0].stop()
        assert await asyncio.wait_for(question, 2) == "b"


@pytest.mark.parametrize("fault", ["frozen", "broken"])
async def test_the_next_is_asked_when_the_first_has_no_answer(fault: str) -> None:
    async with two() as (desks, _, bridges):
        setattr(desks[0], fault, True)
        assert await asked(bridges, 0.4) == "b"


async def test_a_bridge_that_comes_back_is_asked_again() -> None:
    async with two() as (desks, servers, bridges):
        port = servers[0].port
        await servers[0].stop()
        assert await asked(bridges) == "b"
        servers[0] = await bridge(desks[0], port)
        await until(lambda: bridges.all[0].link is not None)
        assert await asked(bridges) == "a"


async def test_a_question_waits_a_moment_for_a_bridge_that_restarts() -> None:
    async with two() as (desks, servers, bridges):
        for server in servers:
            await server.stop()
        await until(lambda: all(b.link is None for b in bridges.all))
        question = asyncio.ensure_future(asked(bridges))
        servers[1] = await bridge(desks[1], servers[1].port)
        assert await question == "b"


async def test_no_bridge_at_all_is_said_at_once() -> None:
    bridges = Bridges([Address("127.0.0.1", 1)], "s")
    bridges.start()
    loop = asyncio.get_running_loop()
    begun = loop.time()
    with pytest.raises(DeskUnavailable):
        await asked(bridges, 60)
    assert loop.time() - begun < 2
    await bridges.stop()


async def test_none_with_an_answer_is_the_last_ones_error() -> None:
    async with two() as (desks, _, bridges):
        for desk in desks:
            desk.broken = True
        with pytest.raises(DeskError, match="failed"):
            await asked(bridges)


async def test_two_frozen_bridges_do_not_take_more_than_the_time() -> None:
    async with two() as (desks, _, bridges):
        for desk in desks:
            desk.frozen = True
        loop = asyncio.get_running_loop()
        begun = loop.time()
        with pytest.raises(DeskUnavailable):
            await asked(bridges, 0.3)
        assert loop.time() - begun < 1


async def test_a_wrong_secret_never_connects_and_does_not_storm() -> None:
    server = await bridge(TestDesk())
    bridges = Bridges([Address("127.0.0.1", server.port)], "wrong")
    bridges.start()
    with pytest.raises(DeskUnavailable):
        await asked(bridges, 1)
    await bridges.stop()
    await server.stop()
