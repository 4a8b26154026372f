"""The relay's watcher, as processes see it: a relay that is stopped is ended, whoever started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bridge.agi import watcher

LIMIT = 1.5

PROGRAM = """
import asyncio, sys
from bridge.agi.watchdog import Watchdog
from bridge.agi.watcher import Watcher

async def main():
    with Watchdog(asyncio.get_running_loop(), watcher=Watcher(limit=1.5)):
        print("runs", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)

asyncio.run(main())
"""


@pytest.fixture
def relay() -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "runs\n"
    until(lambda: any(os.getsid(guard) == guard for guard in children(process.pid)))  # in its own session
    guards = children(process.pid)
    yield process
    process.kill()
    for guard in guards:  # one that a failed test has left stopped would keep the pipes open for ever
        with suppress(ProcessLookupError):
            os.kill(guard, signal.SIGKILL)
    process.communicate()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        if task.name != str(pid)
        for child in (task / "children").read_text().split()
    ]


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met in time"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("stop", [os.kill, os.killpg])
def test_a_relay_that_is_stopped_is_ended(
    relay: subprocess.Popen[str], stop: Callable[[int, int], None]
) -> None:
    (guard,) = children(relay.pid)
    begun = time.monotonic()
    stop(relay.pid, signal.SIGSTOP)
    assert relay.wait(LIMIT + 4) == -signal.SIGKILL
    assert time.monotonic() - begun > LIMIT - 2 * watcher.BEAT
    until(lambda: not lives(guard))
    assert relay.stderr is not None
    assert "the relay is stopped and is ended" in relay.stderr.read()


def test_a_relay_that_is_stopped_for_a_moment_goes_on(relay: subprocess.Popen[str]) -> None:
    os.kill(relay.pid, signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        relay.wait(LIMIT / 2)
    os.kill(relay.pid, signal.SIGCONT)
    with pytest.raises(subprocess.TimeoutExpired):
        relay.wait(LIMIT + 1)


def test_a_relay_that_wakes_up_together_with_its_watcher_goes_on(relay: subprocess.Popen[str]) -> None:
    both = [*children(relay.pid), relay.pid]  # the watcher first: it must not see the relay stand still
    for pid in both:
        os.kill(pid, signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        relay.wait(LIMIT + 1)
    for pid in both:
        os.kill(pid, signal.SIGCONT)
    with pytest.raises(subprocess.TimeoutExpired):
        relay.wait(3)


def test_the_watcher_ends_with_its_relay(relay: subprocess.Popen[str]) -> None:
    (guard,) = children(relay.pid)
    relay.kill()
    relay.wait(5)
    until(lambda: not lives(guard))


def test_a_relay_that_ends_as_asked_is_not_held_up(relay: subprocess.Popen[str]) -> None:
    (guard,) = children(relay.pid)
    os.kill(guard, signal.SIGTERM)  # as a whole unit is told to stop: the relay decides when
    _, errors = relay.communicate(timeout=5)
    assert (relay.returncode, errors) == (0, "")
    until(lambda: not lives(guard))


def test_a_watcher_that_is_gone_is_replaced(relay: subprocess.Popen[str]) -> None:
    (guard,) = children(relay.pid)
    os.kill(guard, signal.SIGKILL)
    until(lambda: any(lives(pid) for pid in children(relay.pid) if pid != guard))
    os.kill(relay.pid, signal.SIGSTOP)
    assert relay.wait(LIMIT + 4) == -signal.SIGKILL


def test_a_relay_goes_on_where_no_watcher_can_be_started(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    guard = watcher.Watcher()
    for _ in range(3):
        guard.beat()
    guard.stop()
    assert caplog.text.count("nobody watches the relay") == 1


def test_a_watcher_of_somebody_who_is_gone_ends_nobody() -> None:
    """Its parent is then another process than the one that it was to watch."""
    program = [sys.executable, watcher.__file__, "1", "1"]
    read, write = os.pipe()
    started = subprocess.Popen(program, stdin=read)
    assert started.wait(LIMIT + 4) == 0
    os.close(read)
    os.close(write)
