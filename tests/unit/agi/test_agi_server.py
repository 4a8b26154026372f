from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator

import pytest
import uvloop
from agi_peer import Channel, dialplan_calls, environment, until

from bridge.agi.connection import Connection
from bridge.agi.server import FastAgiServer, Handler
from bridge.agi.session import AgiSession


@contextlib.asynccontextmanager
async def serving(handler: Handler, **settings: object) -> AsyncIterator[FastAgiServer]:
    server = FastAgiServer(handler, port=0, **settings)  # type: ignore[arg-type]
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        assert server.sessions == 0
        await until(lambda: not server.connections)


async def greet(agi: AgiSession) -> None:
    await agi.set_variable("GREETED", agi.env["agi_calleridname"])


async def fail(agi: AgiSession) -> None:
    await agi.set_variable("BEFORE", "1")
    raise ValueError("a secret of the script")


async def think(agi: AgiSession) -> None:
    await agi.hung_up.wait()


@pytest.mark.parametrize("slowly", [False, True])
async def test_a_script_runs(*, slowly: bool) -> None:
    async with serving(greet) as server:
        channel = await dialplan_calls(server.port, "greet", Channel(), slowly=slowly)
    assert channel.variables == {"GREETED": "Ann"}
    assert server.served == 1


async def test_a_hundred_at_once() -> None:
    async with serving(greet) as server:
        channels = await asyncio.gather(
            *(
                dialplan_calls(server.port, "x", Channel(), env={"agi_calleridname": f"c{n}"})
                for n in range(100)
            )
        )
    assert [c.variables["GREETED"] for c in channels] == [f"c{n}" for n in range(100)]


async def test_a_script_that_raises_ends_its_session_alone_and_never_hangs_up() -> None:
    async with serving(fail) as server:
        channel = await dialplan_calls(server.port, "fail", Channel())
        assert channel.variables == {"BEFORE": "1", "BRIDGE_ERROR": "fail: ValueError"}
        server.handler = greet
        assert (await dialplan_calls(server.port, "x", Channel())).variables == {"GREETED": "Ann"}
    assert server.failed == 1
    assert not [c for c in channel.commands if c.startswith("HANGUP")]


async def leave(agi: AgiSession) -> None:
    await agi.set_variable("BEFORE", "1")
    sys.exit(3)


async def test_a_script_that_exits_ends_its_session_alone() -> None:
    async with serving(leave) as server:
        channel = await dialplan_calls(server.port, "leave", Channel())
        assert channel.variables == {"BEFORE": "1", "BRIDGE_ERROR": "leave: SystemExit"}
        server.handler = greet
        assert (await dialplan_calls(server.port, "x", Channel())).variables == {"GREETED": "Ann"}


@pytest.mark.parametrize("slowly", [False, True])
def test_a_script_runs_once_on_the_event_loop_of_the_service(*, slowly: bool) -> None:
    """uvloop asks a protocol for its methods once, when the connection is made."""

    async def twice(agi: AgiSession) -> None:
        await agi.set_variable("ONE", "1")
        await agi.set_variable("TWO", "2")

    async def main() -> None:
        async with serving(twice) as server:
            channel = await dialplan_calls(server.port, "twice", Channel(), slowly=slowly)
            assert channel.commands == ["SET VARIABLE ONE 1", "SET VARIABLE TWO 2"]
            assert server.served == 1

    uvloop.run(main())


async def test_a_script_that_hangs_is_ended_and_the_others_go_on() -> None:
    async def hang(agi: AgiSession) -> None:
        if agi.script == "hang":
            await asyncio.sleep(60)
        await greet(agi)

    async with serving(hang, session_timeout=0.2) as server:
        hanging = asyncio.ensure_future(dialplan_calls(server.port, "hang", Channel()))
        assert (await dialplan_calls(server.port, "x", Channel())).variables == {"GREETED": "Ann"}
        channel = await asyncio.wait_for(hanging, 2)
    assert channel.variables == {}
    assert server.failed == 1


async def test_a_script_that_swallows_its_cancellation_still_lets_the_call_go() -> None:
    release = asyncio.Event()

    async def stubborn(_agi: AgiSession) -> None:
        while not release.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await release.wait()

    async with serving(stubborn, session_timeout=0.1) as server:
        await asyncio.wait_for(dialplan_calls(server.port, "x", Channel()), 2)
        release.set()


async def test_a_port_check_harms_nothing() -> None:
    async with serving(greet) as server:
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.close()
            await writer.wait_closed()
        assert (await dialplan_calls(server.port, "x", Channel())).variables == {"GREETED": "Ann"}
    assert (server.served, server.failed) == (1, 0)


async def test_a_silent_client_is_let_go() -> None:
    async with serving(greet, env_timeout=0.1) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"agi_network: yes\n")
        assert await read_to_end(reader) == b""
        writer.close()
    assert server.refused == 1


async def test_the_end_of_the_connection_in_mid_command_ends_the_script() -> None:
    ended = asyncio.Event()

    async def ask(agi: AgiSession) -> None:
        try:
            await agi.get_variable("X")
        finally:
            ended.set()

    async with serving(ask) as server:
        _, writer = await connect(server)
        await until(lambda: server.sessions)
        writer.close()
        await asyncio.wait_for(ended.wait(), 2)
        await until(lambda: not server.sessions)
    assert server.failed == 0


async def test_a_hangup_wakes_the_script() -> None:
    async with serving(think) as server:
        reader, writer = await connect(server)
        writer.write(b"HANGUP\n")
        assert await read_to_end(reader) == b""
        writer.close()


async def test_an_environment_that_is_not_utf8_is_served() -> None:
    async with serving(greet) as server:
        reader, writer = await connect(server, b"agi_calleridname: Jos\xe9\n\n")
        assert await reader.readline() == b'SET VARIABLE GREETED "Jos\xe9"\n'
        writer.close()


async def test_an_answer_that_never_comes_ends_the_session() -> None:
    async with serving(greet, command_timeout=0.1) as server:
        reader, writer = await connect(server)
        await asyncio.wait_for(read_to_end(reader), 2)
        writer.close()
    assert server.failed == 1


async def test_one_session_too_many_is_refused_with_a_reason() -> None:
    async with serving(think, max_sessions=2) as server:
        open_ones = [await connect(server) for _ in range(2)]
        await until(lambda: server.sessions == 2)
        channel = await dialplan_calls(server.port, "x", Channel())
        assert channel.variables == {"BRIDGE_ERROR": "too many sessions"}
        for _, writer in open_ones:
            writer.close()
        await until(lambda: not server.connections)
        server.handler = greet
        assert (await dialplan_calls(server.port, "x", Channel())).variables == {"GREETED": "Ann"}
    assert server.refused == 1


async def test_a_flood_is_cut_off() -> None:
    async with serving(think, max_sessions=2) as server:
        flood = [await connect(server) for _ in range(10)]
        await until(lambda: server.refused == 8)
        await until(lambda: len(server.connections) <= 4)
        for _, writer in flood:
            writer.close()


@pytest.mark.parametrize(
    ("allow", "served"), [(["127.0.0.0/8"], True), (["10.0.0.0/8", "::1"], False), (None, True)]
)
async def test_only_addresses_that_may_connect(allow: list[str] | None, *, served: bool) -> None:
    async with serving(greet, allow=allow) as server:
        channel = await dialplan_calls(server.port, "x", Channel())
    assert bool(channel.variables) is served


async def test_an_address_of_ipv4_in_ipv6_clothes_is_the_same_address() -> None:
    server = FastAgiServer(greet, allow=["192.0.2.0/24"])
    assert server.admits(("::ffff:192.0.2.7", 1, 0, 0))
    assert not server.admits(("fe80::1%eth0", 1, 0, 0))


async def test_draining_lets_sessions_end_and_takes_no_new_ones() -> None:
    release = asyncio.Event()

    async def wait(agi: AgiSession) -> None:
        await release.wait()
        await greet(agi)

    server = FastAgiServer(wait, port=0)
    await server.start()
    running = asyncio.ensure_future(dialplan_calls(server.port, "x", Channel()))
    await until(lambda: server.sessions)
    draining = asyncio.ensure_future(server.drain(5))
    await asyncio.sleep(0)
    with pytest.raises(OSError, match=r"refused|failed"):
        await asyncio.open_connection("127.0.0.1", server.port)
    release.set()
    await draining
    assert (await running).variables == {"GREETED": "Ann"}


async def test_stopping_lets_every_call_go() -> None:
    server = FastAgiServer(think, port=0)
    await server.start()
    running = [asyncio.ensure_future(dialplan_calls(server.port, "x", Channel())) for _ in range(3)]
    await until(lambda: server.sessions == 3)
    await server.stop()
    await asyncio.wait_for(asyncio.gather(*running), 2)


async def test_a_script_that_is_stopped_before_its_first_step_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin = Connection._begin

    def begin_and_stop(connection: Connection, session: AgiSession) -> None:
        begin(connection, session)
        assert connection._task is not None
        connection._task.cancel()
        connection.abort()

    monkeypatch.setattr(Connection, "_begin", begin_and_stop)
    async with serving(greet) as server:
        await dialplan_calls(server.port, "x", Channel())
        await until(lambda: not server.connections)
        assert (server.served, server.sessions) == (1, 0)


async def connect(
    server: FastAgiServer, opening: bytes = environment("x")
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(opening)
    return reader, writer


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    """What is still to come; a connection that is reset has come to its end too."""
    with contextlib.suppress(ConnectionError):
        return await asyncio.wait_for(reader.read(), 5)
    return b""
