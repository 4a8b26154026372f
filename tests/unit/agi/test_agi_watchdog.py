from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time

from bridge.agi import watchdog
from bridge.agi.watchdog import Watchdog


async def test_a_loop_that_lives_is_left_alone() -> None:
    ended = threading.Event()
    with Watchdog(asyncio.get_running_loop(), limit=0.6, end=ended.set):
        await asyncio.sleep(2)
    assert not ended.is_set()


async def test_a_loop_that_stands_still_is_ended() -> None:
    ended = threading.Event()
    with Watchdog(asyncio.get_running_loop(), limit=0.2, end=ended.set):
        deadline = time.monotonic() + 5
        while not ended.is_set() and time.monotonic() < deadline:
            time.sleep(0.01)  # noqa: ASYNC251 - the loop is to stand still
    assert ended.is_set()


def test_the_process_ends_with_a_trace() -> None:
    program = (
        "import asyncio, time\n"
        "from bridge.agi.watchdog import Watchdog\n"
        "async def main():\n"
        "    with Watchdog(asyncio.get_running_loop(), limit=0.1):\n"
        "        time.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=30, check=False)
    assert ended.returncode == 70
    assert b"stands still" in ended.stderr
    assert b"main" in ended.stderr


def test_the_limit_is_below_what_a_channel_would_wait() -> None:
    assert watchdog.LIMIT + 2 * watchdog.BEAT < 10
