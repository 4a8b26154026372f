"""Two routes that do nothing, one of them behind the bridge's guard: `_guarded_api.py PORT STORE`.

It prints a key of the user `bench`, whose secret is in BENCH_SECRET, and serves until it is ended.
"""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import uvicorn
import uvloop
from litestar import Litestar, get
from litestar.datastructures import State

from bridge.access.model import PrincipalKind, UserSpec
from bridge.access.service import Access
from bridge.api.guard import PUBLIC, guard
from bridge.campaigns.model import UserGroup
from bridge.campaigns.service import Site
from bridge.services import ApiOptions
from bridge.store.database import Database


@get("/bare", opt={"right": PUBLIC})
async def bare() -> str:
    """Anybody may ask."""
    return "done"


@get("/guarded", opt={"right": "agents.list"})
async def guarded() -> str:
    """Only who may list agents."""
    return "done"


async def main(port: int, store: str) -> None:
    """Make the user and its key, and serve."""
    async with Database(f"sqlite:///{store}") as db:
        access = Access(db)
        await Site(db).put(UserGroup(name="ADMIN"))
        spec = UserSpec(
            user="bench",
            kind=PrincipalKind.API,
            level=7,
            api_access=True,
            functions=frozenset({"logged_in_agents"}),
            rights={"view_reports": 1},
        )
        await access.create(spec, os.environ["BENCH_SECRET"])
        print((await access.new_key("bench", "benchmark")).token, flush=True)
        services = SimpleNamespace(access=access, options=ApiOptions())
        app = Litestar(
            [bare, guarded], guards=[guard], state=State({"services": services}), openapi_config=None
        )
        config = uvicorn.Config(
            app, port=port, log_config=None, log_level="warning", access_log=False, lifespan="off"
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2]))
