"""`agent-bridge events tail` beside a bridge that really runs, ends and comes back."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from admin_process import SECONDS, Bridge

Tail = asyncio.subprocess.Process


@asynccontextmanager
async def tailing(bridge: Bridge, *words: str) -> AsyncIterator[Tail]:
    """One that runs beside the bridge."""
    process = await bridge.beside("events", "tail", *words)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def line(tail: Tail) -> str:
    assert tail.stdout is not None
    return (await asyncio.wait_for(tail.stdout.readline(), SECONDS)).decode()


async def until(tail: Tail, kind: str) -> list[int]:
    """The numbers of the events up to one of this type."""
    seen: list[int] = []
    while True:
        event = json.loads(await line(tail))
        seen.append(int(event["sequence"]))
        if event["type"] == kind:
            return seen


async def ended(tail: Tail) -> tuple[int, str]:
    assert tail.stderr is not None
    said = await asyncio.wait_for(tail.stderr.read(), SECONDS)
    return await asyncio.wait_for(tail.wait(), SECONDS), said.decode()


async def test_a_restart_is_survived_and_ctrl_c_ends_it(bridge: Bridge) -> None:
    await bridge.start()
    async with tailing(bridge, "--json", "--from", "1") as tail:
        before = await until(tail, "asterisk.up")
        await bridge.end(signal.SIGTERM)
        stopped = await until(tail, "bridge.stopped")
        await bridge.start()
        after = await until(tail, "bridge.started")
        numbers = [*before, *stopped, *after]
        assert numbers == list(range(1, len(numbers) + 1))
        tail.send_signal(signal.SIGINT)
        status, said = await ended(tail)
    assert status == 0
    assert "waiting for one" in said
    assert f"the bridge answers again; going on after event {numbers[-1] - len(after)}" in said
    assert "Traceback" not in said


async def test_a_reader_that_goes_ends_it_though_nothing_happens(bridge: Bridge) -> None:
    await bridge.start()
    async with tailing(bridge, "--from", "1") as tail:
        assert "Z       1 " in await line(tail)
        tail._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
        assert await ended(tail) == (0, "")
