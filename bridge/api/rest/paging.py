"""Pages of lists of which a caller may see a part."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def full_page(
    read: Callable[[str], Awaitable[Sequence[T]]],
    visible: Callable[[T], bool],
    key: Callable[[T], str],
    after: str,
    limit: int,
) -> list[T]:
    """The next `limit` that may be seen: a short page is the last one, whatever was left out of it.

    Args:
        read: gives up to `limit` entries behind a key, in the order of their keys.
        visible: whether the caller may see an entry.
        key: of an entry.
        after: the last key of the page before.
        limit: how many at most.
    """
    found: list[T] = []
    while True:
        page = await read(after)
        found += filter(visible, page)
        if len(page) < limit or len(found) >= limit:
            return found[:limit]
        after = key(page[-1])
