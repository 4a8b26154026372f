"""Answers that are rows: the signs between fields, the header, and JSON on demand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.reply import cleaned

_SIGNS: Final[Mapping[str, str]] = {"csv": ",", "tab": "\t", "newline": "\n", "pipe": "|"}
JSON: Final = "json"


def stage(call: NonAgentCall) -> str:
    """The form that is asked for; `pipe` unless it is one of the others."""
    return call["stage"] if call["stage"] in (*_SIGNS, JSON) else "pipe"


def rows(
    call: NonAgentCall,
    columns: Sequence[str],
    found: Iterable[Sequence[str]],
    *,
    header_each: bool = False,
    after: str = "",
) -> str:
    """Rows as the caller wants them.

    Args:
        call: the request: `stage` and `header`.
        columns: names of the fields.
        found: fields of each row.
        header_each: whether the header stands before each row.
        after: what ends each line, the header's too, before its newline.
    """
    form = stage(call)
    if form == JSON:
        objects = [dict(zip(columns, map(cleaned, row), strict=False)) for row in found]
        return msgspec.json.encode(objects).decode() + "\n"
    sign = _SIGNS[form]
    header = f"{sign.join(columns)}{after}\n" if call["header"] == "YES" else ""
    lines = [f"{sign.join(map(cleaned, row))}{after}\n" for row in found]
    if header_each:
        return "".join(header + line for line in lines)
    return header + "".join(lines)


Row = Sequence[str]


async def streamed(call: NonAgentCall, columns: Sequence[str], pages: AsyncIterator[Sequence[Row]]) -> str:
    """Rows that come in pages: the first page; the others follow as `call.rest`. Empty if there is none."""
    first, second = await anext(pages, None), await anext(pages, None)
    if first is None:
        return ""
    text = rows(call, columns, first)
    if second is None:
        return text
    call.rest.append(_following(call, columns, second, pages))
    return text.removesuffix(_end(call))


async def _following(
    call: NonAgentCall,
    columns: Sequence[str],
    page: Sequence[Row] | None,
    pages: AsyncIterator[Sequence[Row]],
) -> AsyncIterator[str]:
    while page is not None:
        if stage(call) == JSON:
            yield "," + rows(call, columns, page).removesuffix(_end(call))[1:]
        else:
            yield _lines(call, page)
        page = await anext(pages, None)
    yield _end(call)


def _lines(call: NonAgentCall, page: Sequence[Row]) -> str:
    sign = _SIGNS[stage(call)]
    return "".join(f"{sign.join(map(cleaned, row))}\n" for row in page)


def _end(call: NonAgentCall) -> str:
    return "]\n" if stage(call) == JSON else ""
