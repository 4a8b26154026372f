"""Ends a relay that is stopped: a small process beside it, since one that is stopped cannot help itself.

    python3 watcher.py <process id of the relay> <seconds>        signs of life on standard input

A stopped relay would hold each channel in an `h` extension for ever: Asterisk has no limit there. When the
relay is ended its sockets close, and every call goes on in its dialplan. Whoever started the relay starts it
again; until then a call's end is reported by the forked script.

The watcher runs in a session of its own, so that what stops the relay's process group does not stop it too,
and ends with the relay. If both are stopped and wake up together, the relay gets its full time again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

log = logging.getLogger(__name__)

BEAT = 0.5
"""Seconds between two signs of life."""

LIMIT = 5.0
"""Seconds without one after which the relay is ended, as its unit's WatchdogSec=."""

RETRY_AFTER = 30.0
"""Seconds until a watcher that could not be started is tried again."""

_PROGRAM = str(Path(__file__).resolve())


class Watcher:
    """The relay's side: starts the process, again if it is gone, and gives it signs of life.

    Args:
        limit: seconds without one after which the relay is ended.
    """

    def __init__(self, limit: float = LIMIT) -> None:
        self._limit = limit
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def beat(self) -> None:
        """Show that this process runs; to be called each `BEAT` seconds."""
        if self._process is None or self._process.poll() is not None:
            self._start()
        if self._process is not None and self._process.stdin is not None:
            # Its pipe is full only if it was stopped for hours.
            with contextlib.suppress(BrokenPipeError, BlockingIOError):
                os.write(self._process.stdin.fileno(), b".")

    def stop(self) -> None:
        """Let it go: it ends when nobody holds its standard input any more."""
        if self._process is not None:
            self._close(self._process)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)

    def _start(self) -> None:
        if time.monotonic() < self._not_before:
            return
        if self._process is not None:
            log.warning("the relay's watcher is gone, starting another")
            self._close(self._process)
        command = [sys.executable, "-ISB", _PROGRAM, str(os.getpid()), str(self._limit)]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                command, stdin=subprocess.PIPE, bufsize=0, cwd="/", start_new_session=True
            )
        except OSError as error:
            log.error("nobody watches the relay: %s", error)  # noqa: TRY400 - it says all
            self._process = None
            self._not_before = time.monotonic() + RETRY_AFTER
            return
        if self._process.stdin is not None:
            os.set_blocking(self._process.stdin.fileno(), False)

    @staticmethod
    def _close(process: subprocess.Popen[bytes]) -> None:
        if process.stdin is not None:
            process.stdin.close()


def watch(relay: int, limit: float) -> None:
    """Return when the relay has ended; end it when it is silent for `limit` seconds.

    Silence is counted in looks, not by the clock: who was stopped together with the relay has not looked.
    """
    silent = 0
    while silent * BEAT < limit:
        if not select.select([0], [], [], BEAT)[0]:
            silent += 1
        elif os.read(0, 4096):
            silent = 0
        else:
            return
    if os.getppid() == relay:  # else it has just ended, and the id may be another's
        os.write(2, b"the relay is stopped and is ended\n")
        os.kill(relay, signal.SIGKILL)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it ends when the relay does
    watch(int(sys.argv[1]), float(sys.argv[2]))
