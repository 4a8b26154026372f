"""Bytes from the socket to whoever waits for them: the hot path of the engine."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final, Protocol

from bridge.ami.errors import AmiError, NotAsterisk
from bridge.ami.pending import InFlight
from bridge.ami.protocol import Banner, FrameReader, Message, tidy
from bridge.ami.routing import Router
from bridge.ami.state import CloseKind

__all__ = ["HELD_LIMIT", "Wire"]

HELD_LIMIT: Final = 10_000
"""Events kept between login and `go_live()`. If more come, all are discarded: whoever learns that the link is
up reads the state afresh anyway."""


class Lost(Protocol):
    """Is told once why the socket is of no more use."""

    def __call__(self, kind: CloseKind, detail: str, error: Exception | None = None) -> None:
        """Take the reason."""


class Wire(asyncio.Protocol):
    """Frames what arrives; gives answers to the actions in flight and events to the router.

    Attributes:
        banner: becomes Asterisk's greeting.
        heard: when the last bytes came, on the monotonic clock (uvloop's own is too coarse to say since when
            events may be missing).
        gone: set when the socket is closed.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, in_flight: InFlight, router: Router, limit: int, lost: Lost
    ) -> None:
        """Prepare; the event loop calls the rest."""
        self._reader = FrameReader(limit=limit)
        self._in_flight = in_flight
        self._router = router
        self._lost = lost
        self._held: list[bytes] | None = []
        self._over = False
        self.banner: asyncio.Future[Banner] = loop.create_future()
        self.heard = monotonic()
        self.gone = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Take bytes from the socket."""
        self.heard = monotonic()
        if self._over:
            return
        reader = self._reader
        reader.feed(data)
        try:
            if reader.greeted or self._take_banner():
                self._dispatch(reader.take())
        except NotAsterisk as error:
            self._end(CloseKind.LOGIN, str(error), error)
        except AmiError as error:
            self._end(CloseKind.PROTOCOL, str(error), error)

    def _dispatch(self, pieces: list[bytes]) -> None:
        lists = self._in_flight.lists
        known = (self._router.routes if self._held is None else {}).get
        first_seen = self._first_seen
        for piece in pieces:
            if lists and self._in_flight.take_row(piece):
                continue
            try:
                line = piece[: piece.index(b"\r")]
            except ValueError:  # a message of one line, or an empty one
                first_seen(piece)
                continue
            route = known(line, first_seen)
            if route is not None:
                route(piece)

    def _first_seen(self, piece: bytes) -> None:
        """Take an answer, or an event whose first line is not known yet."""
        message = Message(tidy(piece))
        kind = message.kind.lower()
        if kind == "response":
            self._in_flight.take_response(message)
        elif kind == "event":
            self._take_event(message.raw)

    def _take_event(self, raw: bytes) -> None:
        if self._held is None:
            route = self._router.learn(raw.partition(b"\r\n")[0])
            if route is not None:
                route(raw)
        else:
            self._held.append(raw)
            if len(self._held) > HELD_LIMIT:
                self._held.clear()

    def go_live(self) -> None:
        """Give the held events to the router, and every later one as it comes."""
        held, self._held = self._held, None
        self._dispatch(held or [])

    def _take_banner(self) -> bool:
        banner = self._reader.take_banner()
        if banner is not None and not self.banner.done():
            self.banner.set_result(banner)
        return banner is not None

    def eof_received(self) -> None:
        """Note that the peer has closed its side; the event loop then closes ours."""
        self._end(CloseKind.PEER, "")

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the socket is gone."""
        self.gone.set()
        self._end(CloseKind.NETWORK if error else CloseKind.PEER, str(error or ""), error)

    def _end(self, kind: CloseKind, detail: str, error: Exception | None = None) -> None:
        if not self._over:
            self._over = True
            self._lost(kind, detail, error)

    def shut(self, error: Exception) -> None:
        """Take nothing more: the socket is given up. Whoever waits for the greeting gets the error."""
        self._over = True
        if not self.banner.done():
            self.banner.set_exception(error)
            self.banner.exception()  # nobody may be waiting; that is no fault
