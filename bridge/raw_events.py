"""What Asterisks say, word for word, as server-sent events: for looking on, never kept.

The event log tells what has happened to calls and agents, once and in order. This is what it is made of:
whoever was not there has missed it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from bridge.ami.client import AmiClient
from bridge.ami.events import AmiEvent
from bridge.ami.subscriptions import Gap, Item, LinkUp, Subscription
from bridge.events.sse import HEARTBEAT_SECONDS, TICK_SECONDS

ROOM: Final = 1000
"""Events that may wait for a listener; who is further behind gets a `gap`."""
MASK: Final = "********"
_SECRET: Final = re.compile("secret|passw|challenge|token", re.IGNORECASE)
"""In names of headers whose values are nobody's business."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An event of AMI."""

    asterisk: str
    event: str
    kept: bool = False
    """No raw event is kept: there is no number to go on from."""
    headers: Mapping[str, str | Sequence[str]]
    """As on the wire; one that is repeated has all its values."""


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """Between these times events were lost."""

    asterisk: str
    since: datetime
    until: datetime
    reason: str
    """`link`, or `overflow`: the listener was too slow."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """The link to Asterisk is there from now on, or is lost."""

    asterisk: str
    at: datetime


class RawEvents:
    """Lets listeners hear Asterisks.

    Args:
        clients: the links, by name; they hear what `bridge_manager_filters.conf` lets through.
    """

    def __init__(self, clients: Mapping[str, AmiClient]) -> None:
        self._clients = clients
        self._closing = asyncio.Event()

    @property
    def asterisks(self) -> Collection[str]:
        """Which there are."""
        return self._clients.keys()

    def close(self) -> None:
        """End every stream."""
        self._closing.set()

    async def stream(
        self, asterisk: str, *, names: Sequence[str] = (), about: str = ""
    ) -> AsyncGenerator[bytes, None]:
        """What goes over the wire to one listener. In silence empty pieces come, twice a second.

        Args:
            asterisk: which; it must be one of `asterisks`.
            names: of events, as Asterisk writes them; none: all.
            about: only events that have this value in one of their headers, as a channel's name or id.
        """
        clock = asyncio.get_running_loop().time
        yield b": raw events are not kept: what is missed is gone\n\n"
        said = clock()
        heard = self._clients[asterisk].subscribe(names or None, maxsize=ROOM, policy="gap")
        async with heard as subscription:
            while not self._closing.is_set():
                item = await _next(subscription)
                if item is not None and _passes(item, about):
                    yield _message(asterisk, item)
                    said = clock()
                elif clock() >= said + HEARTBEAT_SECONDS:
                    yield b": still here\n\n"
                    said = clock()
                else:
                    yield b""


async def _next(subscription: Subscription) -> Item | None:
    try:
        async with asyncio.timeout(TICK_SECONDS):
            return await anext(subscription, None)
    except TimeoutError:
        return None


def _passes(item: Item, about: str) -> bool:
    if not about or not isinstance(item, AmiEvent):
        return True
    return any(value == about for _, value in item.items())


def _message(asterisk: str, item: Item) -> bytes:
    name, data = _told(asterisk, item)
    return f"event: {name}\ndata: ".encode() + msgspec.json.encode(data) + b"\n\n"


def _told(asterisk: str, item: Item) -> tuple[str, Said | Missed | Link]:
    if isinstance(item, AmiEvent):
        return "ami", Said(asterisk=asterisk, event=_clean(item.name), headers=_headers(item.items()))
    if isinstance(item, Gap):
        return "gap", Missed(asterisk=asterisk, since=item.since, until=item.until, reason=item.reason)
    return "link_up" if isinstance(item, LinkUp) else "link_down", Link(asterisk=asterisk, at=item.at)


def _headers(items: Iterable[tuple[str, str]]) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {}
    for name, value in items:
        key, text = _clean(name), MASK if _SECRET.search(name) else _clean(value)
        before = found.get(key)
        if before is None:
            found[key] = text
        else:
            found[key] = [*before, text] if isinstance(before, list) else [before, text]
    return found


def _clean(text: str) -> str:
    """Bytes that are no UTF-8 are shown as what they are not."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
