"""A script that means to exit, wherever it says so, ends alone; on either event loop."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import uvloop
from agi_peer import Channel, dialplan_calls, until

from bridge.agi.exits import contain_exits
from bridge.agi.server import FastAgiServer, Handler
from bridge.agi.session import AgiSession

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.fixture(params=[asyncio.run, uvloop.run])
def run(request: pytest.FixtureRequest) -> Run:
    """Runs a coroutine on one of the event loops; an exit ends it."""
    chosen: Run = request.param
    return chosen


async def leave(_agi: AgiSession) -> None:
    sys.exit(3)


async def interrupt(_agi: AgiSession) -> None:
    raise KeyboardInterrupt


async def leave_later(error: BaseException) -> None:
    await asyncio.sleep(0)
    raise error


async def leave_in_a_task(_agi: AgiSession) -> None:
    await asyncio.create_task(leave_later(SystemExit(3)))


async def interrupt_in_a_task(_agi: AgiSession) -> None:
    await asyncio.gather(leave_later(KeyboardInterrupt()), asyncio.sleep(0))


async def leave_in_a_task_of_a_task(_agi: AgiSession) -> None:
    await asyncio.wait_for(asyncio.create_task(leave_in_a_task(_agi)), 5)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (leave, "SystemExit"),
        (interrupt, "KeyboardInterrupt"),
        (leave_in_a_task, "ScriptExit"),
        (interrupt_in_a_task, "ScriptExit"),
        (leave_in_a_task_of_a_task, "ScriptExit"),
    ],
)
def test_an_exit_ends_its_script_alone(run: Run, script: Handler, kind: str) -> None:
    async def main() -> None:
        async with serving(script) as server:
            channel = await dialplan_calls(server.port, "leave", Channel())
            assert channel.variables == {"BRIDGE_ERROR": f"leave: {kind}"}
            assert server.failed == 1
            await still_serves(server)

    run(main())


def test_an_exit_in_a_task_that_nobody_awaits_is_logged(run: Run, caplog: pytest.LogCaptureFixture) -> None:
    async def script(agi: AgiSession) -> None:
        left = asyncio.create_task(leave_later(SystemExit(3)))
        await asyncio.wait({left})
        await agi.set_variable("DONE", "1")

    async def main() -> None:
        async with serving(script) as server:
            assert (await dialplan_calls(server.port, "x", Channel())).variables == {"DONE": "1"}
            await still_serves(server)
        gc.collect()

    run(main())
    assert "meant to end the whole process (SystemExit: 3)" in caplog.text


def test_an_exit_in_a_task_that_outlives_its_script(run: Run) -> None:
    begun: list[asyncio.Task[None]] = []

    async def script(_agi: AgiSession) -> None:
        begun.append(asyncio.create_task(leave_later(SystemExit(3))))

    async def main() -> None:
        async with serving(script) as server:
            await dialplan_calls(server.port, "x", Channel())
            await until(begun[0].done)
            await still_serves(server)

    run(main())


def test_tasks_of_a_script_are_what_they_always_were(run: Run) -> None:
    async def wait(release: asyncio.Event) -> str:
        try:
            await release.wait()
        finally:
            told.append(asyncio.current_task())
        return "done"

    told: list[object] = []

    async def script(agi: AgiSession) -> None:
        release = asyncio.Event()
        first, second, third = (asyncio.create_task(wait(release), name=f"n{n}") for n in range(3))
        third.cancel()  # before its first step
        await asyncio.sleep(0)
        second.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await second
        assert "wait" in repr(first)
        assert first.get_name() == "n0"
        release.set()
        await agi.set_variable("RESULT", await first)
        assert told == [second, first]
        assert third.cancelled()

    async def main() -> None:
        async with serving(script) as server:
            assert (await dialplan_calls(server.port, "x", Channel())).variables == {"RESULT": "done"}

    run(main())


def test_the_rest_of_the_program_may_exit(run: Run) -> None:
    async def main() -> None:
        async with serving(leave):
            await asyncio.create_task(leave_later(SystemExit(4)))

    with pytest.raises(SystemExit) as ended:
        run(main())
    assert ended.value.code == 4


async def test_a_task_factory_that_was_there_stays_in_use() -> None:
    made: list[object] = []

    def factory(loop: asyncio.AbstractEventLoop, coro: Any, **options: Any) -> asyncio.Task[Any]:
        made.append(coro)
        return asyncio.Task(coro, loop=loop, **options)

    loop = asyncio.get_running_loop()
    loop.set_task_factory(factory)
    contain_exits(loop)
    contain_exits(loop)  # a second server on the same loop
    await asyncio.create_task(asyncio.sleep(0))
    assert len(made) == 1
    loop.set_task_factory(None)


@contextlib.asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[FastAgiServer]:
    server = FastAgiServer(handler, port=0)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def still_serves(server: FastAgiServer) -> None:
    async def greet(agi: AgiSession) -> None:
        await agi.set_variable("GREETED", "1")

    server.handler = greet
    assert (await dialplan_calls(server.port, "x", Channel())).variables == {"GREETED": "1"}
