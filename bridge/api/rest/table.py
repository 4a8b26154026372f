"""Answers that are tables: JSON in pages, or CSV as it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Generic, Literal, NamedTuple, TypeVar, cast

import msgspec
from litestar import Request
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from litestar.response import Stream
from litestar.response.base import ASGIResponse

from bridge.access.model import Principal
from bridge.api.rest.fields import MOMENT
from bridge.api.rest.paging import linked, moment
from bridge.csv_safe import csv_lines
from bridge.errors import InvalidInput
from bridge.services import Services

CSV: Final = "text/csv"
MONTH: Final = timedelta(days=31)
"""Longest time of most reports."""
_JSON: Final = "application/json"
_FOR_PAGES: Final = ("cursor", "limit")
Asked = Request[Principal, Any, Any]
Form = Annotated[
    Literal["json", "csv"] | None,
    QueryParameter(
        description="`csv`: all of it as a file, without pages; so does `Accept: text/csv`.",
    ),
]
Begin = Annotated[
    str,
    QueryParameter(
        pattern=MOMENT,
        description="From this moment on, as `2026-11-24T00:00:00-05:00` (a `+` is sent as `%2B`).",
        examples=[Example(value="2026-11-24T00:00:00-05:00")],
    ),
]
End = Annotated[
    str,
    QueryParameter(
        pattern=MOMENT,
        description="Before this moment, as `2026-11-25T00:00:00-05:00`.",
        examples=[Example(value="2026-11-25T00:00:00-05:00")],
    ),
]


Row = TypeVar("Row", bound=msgspec.Struct)


class Sheet(NamedTuple, Generic[Row]):
    """How entries stand in a table."""

    columns: tuple[str, ...]
    cells: Callable[[Row], Iterable[Sequence[object]]]
    """The rows of an entry, a value for each of the columns."""


def sheet_of(kind: type[Row]) -> Sheet[Row]:
    """A row for each entry, with its fields."""
    return Sheet(kind.__struct_fields__, lambda one: [msgspec.structs.astuple(one)])


def period(since: str, until: str, most: timedelta) -> tuple[datetime, datetime]:
    """The time that is asked for, in UTC.

    Raises:
        InvalidInput: it is none, or longer than a report may be.
    """
    return check_span(moment(since, "since"), moment(until, "until"), most)


def check_span(begin: datetime | None, end: datetime | None, most: timedelta) -> tuple[datetime, datetime]:
    """The same of two moments.

    Raises:
        InvalidInput: there is no time between them, or it is too long.
    """
    if begin is None or end is None or end <= begin:
        raise InvalidInput("it must be after `since`", field="until")
    if end - begin > most:
        raise InvalidInput(f"at most {most.days} days after `since`: ask for less at once", field="until")
    return begin, end


async def table(  # noqa: PLR0913  what a table is made of
    request: Asked,
    services: Services,
    pages: AsyncIterator[Sequence[Row]],
    *,
    sheet: Sheet[Row],
    form: str | None,
    limit: int,
    key: Callable[[Row], str],
) -> list[Row]:
    """The answer in the form that is asked for.

    Args:
        request: what was asked; the link to the next page asks the same.
        services: whose options say how others reach us.
        pages: the entries behind `cursor`, in the order of their keys.
        sheet: how they stand in CSV.
        form: `format` of the request.
        limit: how many keys a page may hold.
        key: of an entry; entries with the same one stay together.
    """
    if wants_csv(request, form):
        return csv_file(request, sheet, pages)
    found: list[Row] = []
    keys: dict[str, None] = {}
    async with aclosing(cast("Any", pages)):
        async for page in pages:
            found += page
            keys |= dict.fromkeys(map(key, page))
            if len(keys) > limit:
                break
    shown = set(list(keys)[:limit])
    after = list(keys)[limit - 1] if len(keys) > limit else None
    return linked(request, services, [one for one in found if key(one) in shown], after)


def wants_csv(request: Asked, form: str | None) -> bool:
    """Whether the caller asks for CSV: by the parameter, else by what it accepts most.

    Raises:
        InvalidInput: it does, and for a page, too.
    """
    csv = form == "csv" if form else request.accept.best_match([_JSON, CSV]) == CSV
    for name in _FOR_PAGES if csv else ():
        if name in request.query_params:
            raise InvalidInput("CSV is all of it at once: leave this out, or ask for JSON", field=name)
    return csv


class _Csv(Stream):
    """A file; Litestar would name the type that the route has for its lists."""

    def to_asgi_response(self, *args: Any, **options: Any) -> ASGIResponse:
        return super().to_asgi_response(*args, **options | {"media_type": CSV})


def csv_file(request: Asked, sheet: Sheet[Row], pages: AsyncIterator[Sequence[Row]]) -> list[Row]:
    """The rows of the pages as a file, named as the request's path ends."""
    name = request.url.path.rsplit("/", 1)[-1]
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "private, no-store",
        "Vary": "Accept",
    }
    # Litestar sends a response as it is, in place of what the route says that it returns.
    return cast("list[Row]", _Csv(_lines(sheet, pages), headers=headers))


async def _lines(sheet: Sheet[Row], pages: AsyncIterator[Sequence[Row]]) -> AsyncIterator[bytes]:
    """Text that a spreadsheet would calculate is made harmless (`bridge.csv_safe`)."""
    yield csv_lines([sheet.columns]).encode()
    async for page in pages:
        yield csv_lines([*map(_text, cells)] for one in page for cells in sheet.cells(one)).encode()


def _text(value: object) -> object:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
