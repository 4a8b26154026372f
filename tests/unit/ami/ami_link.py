"""One connection to a fake Asterisk, opened, and the events that came over it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any

from bridge.ami.connection import AmiConnection
from bridge.ami.events.base import AmiEvent
from bridge.ami.routing import Router
from bridge.ami.settings import AmiSettings

Make = Callable[..., AmiSettings]


class Link:
    """An open connection and the events that came over it."""

    def __init__(self, settings: AmiSettings) -> None:
        router = Router()
        self.events: list[AmiEvent] = []
        router.add(None, self.events.append)
        self.connection = AmiConnection(settings, router)

    @property
    def names(self) -> list[str]:
        return [event.name for event in self.events]


@asynccontextmanager
async def opened(settings: AmiSettings) -> Any:
    link = Link(settings)
    async with aclosing(_Closing(link.connection)):
        await link.connection.open()
        link.connection.go_live()
        yield link


class _Closing:
    def __init__(self, connection: AmiConnection) -> None:
        self._connection = connection

    async def aclose(self) -> None:
        await self._connection.close()
