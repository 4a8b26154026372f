"""A database in a file, and a real mosquitto that can be stopped, frozen and started again."""

from __future__ import annotations

import asyncio
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bridge.events.log import EventLog
from bridge.store.database import Database


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """An open, empty database."""
    async with Database(f"sqlite:///{tmp_path / 'bridge.db'}") as database:
        yield database


@pytest.fixture
def log(db: Database) -> EventLog:
    """Its event log."""
    return EventLog(db)


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Broker:
    """A mosquitto of the test's own.

    Args:
        folder: For its settings and what it keeps.
        keeps: Whether it remembers retained messages over a restart.
    """

    def __init__(self, folder: Path, *, keeps: bool = False) -> None:
        self.port = free_port()
        self.log = folder / "mosquitto.log"
        self._config = folder / "mosquitto.conf"
        self._common = (
            f"listener {self.port} 127.0.0.1\nlog_dest file {self.log}\n"
            f"log_type all\nuser root\npersistence {'true' if keeps else 'false'}\n"
            f"persistence_location {folder}/\nautosave_interval 1\nautosave_on_changes true\n"
        )
        self.reconfigure("allow_anonymous true\n")
        self._process: subprocess.Popen[bytes] | None = None

    def reconfigure(self, settings: str) -> None:
        """Change who may do what, from the next start on."""
        self._config.write_text(self._common + settings)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
        self._process = subprocess.Popen([program, "-c", self._config], stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline, "mosquitto does not start"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it in order."""
        self._send(signal.SIGTERM)
        self._wait()

    def kill(self) -> None:
        """End it as a crash would."""
        self._send(signal.SIGKILL)
        self._wait()

    def freeze(self) -> None:
        """Let it do nothing, with all connections standing."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._send(signal.SIGCONT)

    def close(self) -> None:
        """End it if it runs."""
        if self._process is not None:
            self._send(signal.SIGCONT)
            self.kill()

    def _send(self, which: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(which)

    def _wait(self) -> None:
        assert self._process is not None
        self._process.wait(10)
        self._process = None

    def _answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


def _new_broker(folder: Path, *, keeps: bool) -> Iterator[Broker]:
    if not (shutil.which("mosquitto") or Path("/usr/sbin/mosquitto").exists()):
        pytest.skip("mosquitto is not installed (Debian package `mosquitto`)")
    broker = Broker(folder, keeps=keeps)
    broker.start()
    yield broker
    broker.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that forgets everything when it ends."""
    yield from _new_broker(tmp_path, keeps=False)


@pytest.fixture
def keeping_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that keeps retained messages and sessions over a restart."""
    yield from _new_broker(tmp_path, keeps=True)


@pytest.fixture(autouse=True)
async def _nothing_is_left() -> AsyncIterator[None]:
    """No task outlives its test."""
    yield
    left = {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
    names = {task.get_name() for task in left if not task.get_name().startswith("Task-")}
    assert not names, f"tasks left behind: {names}"
