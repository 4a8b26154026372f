"""Ends the process when its event loop stands still, and tells systemd that it does not.

A relay that hangs would hold every channel that is in a step, and one in its `h` extension for ever. When
the process ends, all sockets close and every call goes on in its dialplan; whoever started the relay starts
it again. A process that is stopped as a whole cannot do that for itself: there its watcher does
(`bridge.agi.watcher`), and systemd's own watchdog (`Type=notify` and `WatchdogSec=` in the unit), which hears
from us with each sign of life.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import socket
import sys
import threading
import time
from types import TracebackType

from bridge.agi.watcher import Watcher

BEAT = 0.5
"""Seconds between two signs of life."""

LIMIT = 5.0
"""Seconds without one."""


class Watchdog:
    """Watches `loop` from a thread while in use.

    Args:
        limit: seconds without a sign of life after which `end` is called.
        end: what then; ends the process with status 70 unless told otherwise.
        watcher: hears that the process runs, whatever its loop does.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        limit: float = LIMIT,
        end: object = None,
        watcher: Watcher | None = None,
    ) -> None:
        self._loop = loop
        self._limit = limit
        self._end = end if callable(end) else _end_process
        self._watcher = watcher
        self._seen = time.monotonic()
        self._stop = threading.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def __enter__(self) -> None:
        _tell_systemd("READY=1")
        self._beat()
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        if self._timer is not None:
            self._timer.cancel()
        self._thread.join()
        if self._watcher is not None:
            self._watcher.stop()

    def _beat(self) -> None:
        self._seen = time.monotonic()
        _tell_systemd("WATCHDOG=1")
        self._timer = self._loop.call_later(BEAT, self._beat)

    def _watch(self) -> None:
        self._tell_watcher()
        while not self._stop.wait(BEAT):
            self._tell_watcher()
            # A process that was stopped as a whole wakes up here as well, late: then the loop gets a moment
            # first.
            if self._silent() and not self._stop.wait(2 * BEAT) and self._silent():
                self._end()
                return

    def _tell_watcher(self) -> None:
        if self._watcher is not None:
            self._watcher.beat()

    def _silent(self) -> bool:
        return time.monotonic() - self._seen > self._limit


def _tell_systemd(state: str) -> None:
    """Send a line of the sd_notify protocol (systemd documentation), if systemd wants to hear."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line, contextlib.suppress(OSError):
            line.settimeout(0)
            line.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)


def _end_process() -> None:
    sys.stderr.write("the event loop stands still, the relay ends\n")
    faulthandler.dump_traceback(file=sys.stderr)
    os._exit(70)
