"""The bridge's door for relays: nobody gets in who does not know the secret."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from bridge.agi.errors import HandshakeFailed
from bridge.agi.handshake import BridgeHandshake

log = logging.getLogger(__name__)


class Gate(asyncio.Protocol):
    """A connection that must prove itself first, and then belongs to the protocol for its purpose.

    Args:
        handshake: the bridge's side of it.
        inside: gives the protocol for a purpose and the name of an Asterisk, None if there is none.
        timeout: seconds for the handshake.
        known: open gates; this one is in it while it is open.
        admits: whether a peer (as a socket names it) may try.
    """

    def __init__(
        self,
        handshake: BridgeHandshake,
        inside: Callable[[str, str], asyncio.Protocol | None],
        timeout: float,
        known: set[Gate],
        admits: Callable[[Any], bool] = lambda _peer: True,
    ) -> None:
        self._handshake = handshake
        self._choose = inside
        self._inside: asyncio.Protocol | None = None
        self._known = known
        self._admits = admits
        self._timer = asyncio.get_running_loop().call_later(timeout, self.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the other side to begin."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment] # a stream's is this one
        self._known.add(self)
        peer = transport.get_extra_info("peername")
        if not self._admits(peer):
            log.warning("%s refused: not an address that may connect, or too many connections", peer)
            self.abort()

    def data_received(self, data: bytes) -> None:
        """Pass on what comes, once the other side has proved itself."""
        if self._transport.is_closing():
            return
        if self._inside is not None:
            self._inside.data_received(data)
            return
        try:
            self._transport.write(self._handshake.receive_data(data))
        except HandshakeFailed as error:
            log.warning("%s refused: %s", self._transport.get_extra_info("peername"), error)
            self.abort()
            return
        if self._handshake.done:
            self._enter()

    def connection_lost(self, error: Exception | None) -> None:
        """Pass it on."""
        self._timer.cancel()
        self._known.discard(self)
        if self._inside is not None:
            self._inside.connection_lost(error)

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def _enter(self) -> None:
        self._timer.cancel()
        if self._handshake.refusal:
            log.warning("%s refused: %s", self._transport.get_extra_info("peername"), self._handshake.refusal)
            self._transport.close()  # what was written goes out first: the relay is to say why, too
            return
        inside = self._choose(self._handshake.purpose, self._handshake.asterisk)
        if inside is None:
            self.abort()
            return
        self._inside = inside
        inside.connection_made(self._transport)
        if self._handshake.leftover:
            inside.data_received(self._handshake.leftover)
