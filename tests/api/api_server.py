"""The application on fakes, behind the real web server."""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from api_fakes import World

from bridge.api.app import create_app
from bridge.api.http_protocol import LimitedHttp

SECONDS = 15.0


class WebServer:
    """Serves a world on a port that is free.

    Args:
        world: what it serves.
        options: for uvicorn.
    """

    def __init__(self, world: World, **options: Any) -> None:
        self.world = world
        config = uvicorn.Config(
            create_app(world.services()),
            port=0,
            http=LimitedHttp,
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=1,
            **options,
        )
        self._server = uvicorn.Server(config)

    async def start(self) -> None:
        self._task = asyncio.create_task(self._server.serve())
        async with asyncio.timeout(SECONDS):
            while not self._server.started:  # noqa: ASYNC110  uvicorn has no event for it
                await asyncio.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        await self._task
