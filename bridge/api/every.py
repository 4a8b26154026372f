"""All things of a kind, where one answer of the site holds only so many."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bridge.services.parts import Item, Site


async def every(site: Site, kind: type[Item]) -> AsyncIterator[Item]:
    """Things of the site in the order of their keys, read a page at a time."""
    after = ""
    while found := await site.list(kind, after=after):
        for item in found:
            yield item
        after = found[-1].key
