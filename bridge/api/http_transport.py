"""A connection to a caller, on which what is written in one turn of the event loop leaves as one packet."""

from __future__ import annotations

import asyncio
from typing import Any, Final

AT_ONCE: Final = 65_536
"""Bytes that wait for nothing: a long answer has to feel that its reader takes no more."""


class OnePacket:
    """Stands for a transport: an answer's head and body, written one after the other, go out together.

    uvicorn writes them apart, and a small answer costs two system calls and two packets then.

    Args:
        transport: the connection's own.
        loop: that it lives in.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._unsent: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send it at the end of this turn, or as soon as there is much of it."""
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append(data)
        self._size += len(data)
        if self._size >= AT_ONCE:
            self._flush()

    def close(self) -> None:
        """Close it once everything is sent."""
        self._flush()
        self._transport.close()

    def abort(self) -> None:
        """Close it now; what was not sent is lost."""
        self._unsent.clear()
        self._transport.abort()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another protocol have it."""
        self._flush()
        self._transport.set_protocol(protocol)

    def _flush(self) -> None:
        unsent, self._unsent, self._size = self._unsent, [], 0
        if unsent and not self._transport.is_closing():
            self._transport.write(b"".join(unsent))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
