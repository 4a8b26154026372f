"""Pages of lists, all in one way: `limit`, `cursor`, and a `Link` to the next page where there is one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.params import QueryParameter

from bridge.access.model import Principal
from bridge.api.rest.fields import MOMENT
from bridge.errors import InvalidInput
from bridge.services import Services

T = TypeVar("T")
V = TypeVar("V")
Asked = Request[Principal, Any, Any]

Cursor = Annotated[
    str,
    QueryParameter(
        max_length=60,
        pattern=r"^[A-Za-z0-9_+-]{0,60}$(?!\n)",
        description="From the `Link` of the page before.",
    ),
]
Since = Annotated[
    str | None,
    QueryParameter(pattern=MOMENT, description="Not before this moment, as `2026-11-24T14:00:00Z`."),
]
Until = Annotated[
    str | None, QueryParameter(pattern=MOMENT, description="Before this moment, as `2026-11-24T15:00:00Z`.")
]


def moment(text: str | None, field: str) -> datetime | None:
    """A moment of a query.

    Raises:
        InvalidInput: there is no such moment.
    """
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"there is no such moment: {error}", field=field) from None


def page(  # noqa: PLR0913 - what a page is made of
    request: Asked,
    services: Services,
    found: Sequence[T],
    *,
    limit: int,
    key: Callable[[T], str],
    view: type[V],
) -> list[V]:
    """The entries of a page as they are shown, with the link to the next one.

    Args:
        request: what was asked; the link asks the same, from behind this page.
        services: whose options say how others reach us.
        found: the entries; one more than `limit` where there are more.
        limit: how many the page may hold.
        key: of an entry: behind it the next page begins.
        view: shows an entry by its method `of`.
    """
    shown = [view.of(entry) for entry in found[:limit]]  # type: ignore[attr-defined]  # of views
    after = key(found[limit - 1]) if len(found) > limit else None
    return linked(request, services, shown, after)


def linked(request: Asked, services: Services, shown: list[V], after: str | None) -> list[V]:
    """A list with the link to its next page, if there is one."""
    if after is None:
        return shown
    query = parse_qsl(request.url.query, keep_blank_values=True)
    asked = [(name, value) for name, value in query if name != "cursor"]
    url = f"{services.options.public_url}{request.url.path}?{urlencode([*asked, ('cursor', after)])}"
    headers = {"Link": f'<{url}>; rel="next"'}
    # Litestar sends a response as it is, in place of what the route says that it returns.
    body = msgspec.json.encode(shown)
    return cast("list[V]", Response(body, media_type=MediaType.JSON, headers=headers))


async def full_page(
    read: Callable[[str], Awaitable[Sequence[T]]],
    visible: Callable[[T], bool],
    key: Callable[[T], str],
    after: str,
    limit: int,
) -> list[T]:
    """The next entries that may be seen, and one more than `limit` if there are more.

    Args:
        read: gives up to `limit` entries behind a key, in the order of their keys.
        visible: whether the caller may see an entry.
        key: of an entry.
        after: the last key of the page before.
        limit: how many at most.
    """
    found: list[T] = []
    while True:
        part = await read(after)
        found += filter(visible, part)
        if len(part) < limit or len(found) > limit:
            return found[: limit + 1]
        after = key(part[-1])
