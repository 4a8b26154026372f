"""A database of a test's own on the stack's PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest
from stack import Stack


@asynccontextmanager
async def empty_database(stack: Stack) -> AsyncIterator[str]:
    """The URL of an empty database, for as long as the context stands."""
    server = stack["POSTGRES_URL"].replace("+asyncpg", "")
    name = f"calls_{secrets.token_hex(4)}"
    try:
        admin = await asyncpg.connect(server, timeout=5)
    except OSError:
        pytest.skip("the stack's database container does not run: docker/engine up --stack NAME database")
    await admin.execute(f"CREATE DATABASE {name}")
    try:
        yield server.rpartition("/")[0] + f"/{name}"
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()
