"""An API user with rights and limits as a test wants them."""

from __future__ import annotations

from typing import Any

import httpx

from api_fakes.http import basic, client
from api_fakes.world import World
from bridge.access.model import ALL_RIGHTS, UserSpec
from bridge.access.names import ALL

SECRET = "its-secret"


async def crm(world: World, **more: Any) -> httpx.AsyncClient:
    """A client of the API user `crm`, who may do everything but for what is said."""
    usual: dict[str, Any] = {"group": "ADMIN", "level": 9, "functions": ALL, "rights": ALL_RIGHTS}
    await world.access.create(UserSpec(user="crm", api_access=True, **usual | more), SECRET)
    return client(world, auth=basic("crm", SECRET))
