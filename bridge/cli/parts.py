"""The store and what stands on it, for the length of one command."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, TypeVar

from bridge.access.errors import AccessError
from bridge.access.service import Access
from bridge.campaigns.errors import SiteError
from bridge.campaigns.service import Site
from bridge.cli.output import fail
from bridge.leads.errors import LeadError
from bridge.leads.service import Leads
from bridge.logs import configure
from bridge.settings import LogSettings, Settings
from bridge.settings_source import load
from bridge.store.database import Database
from bridge.store.errors import StoreError
from bridge.tables import TableError

T = TypeVar("T")

EXPECTED = (AccessError, SiteError, LeadError, StoreError, TableError)
"""Errors that a person can mend: said in one line, without a traceback."""


class Parts(NamedTuple):
    """What a command works with."""

    db: Database
    access: Access
    site: Site
    leads: Leads


def settings() -> Settings:
    """The settings in force, or the end of the command with what is wrong in them."""
    try:
        return load()
    except TableError as error:
        fail(f"settings: {error}")


def run(work: Callable[[Parts], Awaitable[T]]) -> T:
    """Open the store, do the work, close the store; ends the command if it cannot be done."""
    found = settings()
    configure(LogSettings(level="warning", format="console"))

    async def main() -> T:
        async with _parts(found) as parts:
            return await work(parts)

    try:
        return asyncio.run(main())
    except EXPECTED as error:
        fail(str(error))


@asynccontextmanager
async def _parts(found: Settings) -> AsyncIterator[Parts]:
    async with Database(found.store.url.reveal()) as db:
        access = Access(db)
        try:
            yield Parts(db, access, Site(db), Leads(db, country=found.site.country))
        finally:
            access.close()
