"""The bridge's door for relays: nobody gets in who does not know the secret."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

from bridge.agi.errors import HandshakeFailed
from bridge.agi.handshake import BridgeHandshake

log = logging.getLogger(__name__)


class Keeper(Protocol):
    """Who has a door with gates."""

    gates: set[Gate]
    """Open ones: each puts itself in, and takes itself out."""
    env_timeout: float
    """Seconds for the handshake."""

    def may_enter(self, peer: Any) -> bool:
        """Whether a peer (as a socket names it) may try."""
        ...

    def inside(self, purpose: str, asterisk: str) -> asyncio.Protocol | None:
        """The protocol for a purpose and the name of an Asterisk, None if there is none."""
        ...

    def turned_away(self, asterisk: str, why: str) -> None:
        """Somebody was turned away; the name of an Asterisk that was given is not proved."""
        ...


class Gate(asyncio.Protocol):
    """A connection that must prove itself first, and then belongs to the protocol for its purpose.

    Args:
        handshake: the bridge's side of it.
        keeper: who stands behind it.
    """

    def __init__(self, handshake: BridgeHandshake, keeper: Keeper) -> None:
        self._handshake = handshake
        self._keeper = keeper
        self._inside: asyncio.Protocol | None = None
        self._aborted = False
        self._timer = asyncio.get_running_loop().call_later(keeper.env_timeout, self.abort)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the other side to begin."""
        self._transport: asyncio.Transport = transport  # type: ignore[assignment] # a stream's is this one
        self._keeper.gates.add(self)
        peer = transport.get_extra_info("peername")
        if not self._keeper.may_enter(peer):
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
            self._turn_away(str(error))
            self.abort()
            return
        if self._handshake.done:
            self._enter()

    def connection_lost(self, error: Exception | None) -> None:
        """Pass it on."""
        self._timer.cancel()
        self._keeper.gates.discard(self)
        if self._inside is not None:
            self._inside.connection_lost(error)
        elif self._handshake.purpose and not self._handshake.done and not self._aborted:
            self._turn_away("it left in mid handshake (another secret?)")

    def abort(self) -> None:
        """Close at once."""
        self._aborted = True
        self._transport.abort()

    def _turn_away(self, why: str) -> None:
        peer = self._transport.get_extra_info("peername")
        log.warning("%s refused: %s", peer, why)
        self._keeper.turned_away(self._handshake.asterisk, f"{peer[0]}: {why}" if peer else why)

    def _enter(self) -> None:
        self._timer.cancel()
        if self._handshake.refusal:
            self._turn_away(self._handshake.refusal)
            self._transport.close()  # what was written goes out first: the relay is to say why, too
            return
        inside = self._keeper.inside(self._handshake.purpose, self._handshake.asterisk)
        if inside is None:
            self.abort()
            return
        self._inside = inside
        inside.connection_made(self._transport)
        if self._handshake.leftover:
            inside.data_received(self._handshake.leftover)
