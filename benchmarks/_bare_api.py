"""The least that an answer to the agent API's request can be: `_bare_api.py PORT`."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from litestar import Litestar, MediaType, Request, get


@get("/agc/api.php", media_type=MediaType.HTML)
async def agent_api(request: Request[Any, Any, Any]) -> str:
    """Read the query, write a line: no login, no state, no event, no Asterisk."""
    asked = request.query_params
    return f"SUCCESS: {asked['function']} function set - {asked['value']}|0|{asked['agent_user']}\n"


if __name__ == "__main__":
    uvicorn.run(
        Litestar([agent_api], openapi_config=None),
        port=int(sys.argv[1]),
        log_config=None,
        log_level="warning",
        access_log=False,
        lifespan="off",
    )
