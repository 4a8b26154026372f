from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

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


async def test_systemd_hears_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(2)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with Watchdog(asyncio.get_running_loop()):
            heard = [systemd.recv(100) for _ in range(2)]
            await asyncio.sleep(2 * watchdog.BEAT)
            heard.append(systemd.recv(100))
    assert heard == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]


async def test_a_systemd_that_does_not_listen_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "@nobody-here")
    with Watchdog(asyncio.get_running_loop()):
        await asyncio.sleep(0)
