"""The application over a world, without a socket."""

from __future__ import annotations

import functools
from typing import Any, cast

import httpx
from litestar import Litestar

from api_fakes.world import World, load_world
from bridge.api.app import create_app


@functools.cache
def _app() -> Litestar:
    """Building it takes a quarter of a second: one for all tests, with the services of each."""
    return create_app(load_world().services())


def app_of(world: World) -> Litestar:
    app = _app()
    app.state.services = world.services()
    return app


def client(world: World, **options: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(cast("Any", app_of(world)), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://bridge", **options)


def basic(user: str = "6666", secret: str = "1234") -> httpx.BasicAuth:
    return httpx.BasicAuth(user, secret)
