"""Answers that are rows: the signs between fields, the header, and JSON on demand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
