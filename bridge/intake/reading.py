"""Reading what a form or a program posts: names and values, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field as FormField
from python_multipart.multipart import File, FormParser, parse_options_header

from bridge.intake.paths import path_of

MOST: Final = 500
"""Values of one post; a form of people has some twenty."""
DEEPEST: Final = 20
"""Levels of JSON."""
LONGEST_NAME: Final = 300
"""Characters; a field of a longer name (of JSON: with all names that lead to it) is passed over.

To look into a name costs time, and in JSON one long name may stand above hundreds of values."""

Fields = list[tuple[str, str]]
"""Path (see `bridge.intake.paths`) and value."""


class Unreadable(ValueError):  # noqa: N818  the name says what happened
    """It is not what it says that it is."""


def read(body: bytes, content_type: str) -> Fields:
    """Names and values of a post.

    Args:
        body: as it was sent.
        content_type: of the request. Without one, or with `text/plain` (a page's beacon), it is JSON if it
            begins like it, else a form.

    Raises:
        Unreadable: it is neither a form nor JSON, or far too many fields.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind in ("", "text/plain"):
        kind = (
            "application/json" if body.lstrip()[:1] in (b"{", b"[") else "application/x-www-form-urlencoded"
        )
    if kind == "application/x-www-form-urlencoded":
        found = _form(body)
    elif kind == "multipart/form-data":
        found = _multipart(body, content_type)
    elif kind == "application/json" or kind.endswith("+json"):
        found = _json(body)
    else:
        raise Unreadable(f"{kind[:60]} is neither a form nor JSON")
    if len(found) > MOST:
        raise Unreadable(f"it has more than {MOST} fields")
    return found


def _form(body: bytes) -> Fields:
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST)
    except ValueError as error:
        raise Unreadable(str(error)) from None
    return [(path_of(name), value) for name, value in pairs if len(name) <= LONGEST_NAME]


def _multipart(body: bytes, content_type: str) -> Fields:
    """Its fields; files are passed over."""
    found: Fields = []

    def on_field(field: FormField) -> None:
        name = (field.field_name or b"").decode("utf-8", "replace")
        if len(found) >= MOST:
            raise Unreadable(f"it has more than {MOST} fields")
        if len(name) <= LONGEST_NAME:
            found.append((path_of(name), (field.value or b"").decode("utf-8", "replace")))

    def on_file(file: File) -> None:
        file.close()

    ended: list[bool] = []
    try:
        _, options = parse_options_header(content_type)
        parser = FormParser(
            "multipart/form-data", on_field, on_file, lambda: ended.append(True), options.get(b"boundary")
        )
        parser.write(body)
        parser.finalize()
    except (FormParserError, ValueError) as error:
        raise Unreadable(str(error)) from None
    if not ended:
        raise Unreadable("it has no end")
    return found


def _json(body: bytes) -> Fields:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Unreadable(f"it is no JSON: {error}") from None
    if not isinstance(value, dict | list):
        raise Unreadable("it is neither an object nor a list")
    found: Fields = []
    for leaf in _leaves(value, "", 0):
        found.append(leaf)
        if len(found) > MOST:
            break
    return found


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        raise Unreadable(f"it is nested deeper than {DEEPEST} levels")
    if len(path) > LONGEST_NAME:
        return
    if isinstance(value, dict):
        inner: Any = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        yield path_of(path), _text(value)
        return
    for name, entry in inner:
        yield from _leaves(entry, f"{path}.{name}" if path else str(name), depth + 1)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
