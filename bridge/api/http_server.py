"""The HTTP server, within a process that has more to stop than that."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn


def believing(proxies: Sequence[str]) -> dict[str, Any]:
    """Options of `uvicorn.Config`: whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.

    uvicorn takes the rightmost address that is no proxy's. Left to itself it would believe whoever connects
    from 127.0.0.1, and the environment variable `FORWARDED_ALLOW_IPS`.

    Args:
        proxies: addresses and networks; none: nobody is believed.
    """
    return {"proxy_headers": bool(proxies), "forwarded_allow_ips": list(proxies)}


class Http(uvicorn.Server):
    """Ends the event streams at a stop: they would never end by themselves.

    Args:
        at_stop: called when a signal says stop.
        at_hangup: called at SIGHUP, by which a service is told to read again what has changed.
        config: uvicorn's.
    """

    def __init__(
        self, at_stop: Callable[[], None], at_hangup: Callable[[], None], config: uvicorn.Config
    ) -> None:
        super().__init__(config)
        self._at_stop = at_stop
        self._at_hangup = at_hangup

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals that say stop, for as long as there is something to serve.

        uvicorn raises them once more when it has stopped: that would end the process before the rest has.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        loop.add_signal_handler(signal.SIGHUP, self._at_hangup)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take the signal that says stop."""
        super().handle_exit(sig, frame)
        self._at_stop()
