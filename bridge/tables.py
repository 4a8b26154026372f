"""TOML tables into checked values, with errors that name the key and what to do about it."""

from __future__ import annotations

import difflib
import re
import tomllib
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from bridge.secret import Secret

S = TypeVar("S", bound=msgspec.Struct)

_PLACE = re.compile(r"^(?P<why>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)


class TableError(Exception):
    """A file of settings, or an environment variable, is wrong."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__(f"{key}: {why}" if key else why)
        self.key = key
        self.why = why


def near(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` for a word that is close to a known one, else nothing."""
    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def read_toml(text: str, origin: str) -> dict[str, Any]:
    """Parse TOML.

    Args:
        text: the TOML.
        origin: what the error calls it; empty if who catches it says so.

    Raises:
        TableError: with the file and the line.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TableError(origin, f"is no TOML: {error}") from None


def build(kind: type[S], table: Mapping[str, Any], where: str) -> S:
    """A checked value out of a table. Numbers may come as text, as they do from the environment.

    Args:
        kind: what to build.
        table: its fields.
        where: what errors call the table, as in `campaign 'TESTCAMP'`.

    Raises:
        TableError: an unknown key, a missing one, or a value that cannot be.
    """
    _refuse_unknown(kind, table, where)
    try:
        return msgspec.convert(table, kind, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise _explained(error, where) from None


def _refuse_unknown(kind: type[msgspec.Struct], table: Mapping[str, Any], where: str) -> None:
    hints = typing.get_type_hints(kind)
    fields = kind.__struct_fields__
    for key, value in table.items():
        if key not in fields:
            known = near(key, fields) or f"; known are {', '.join(fields)}"
            raise TableError(_join(where, key), f"unknown key{known}")
        inner = _struct_in(hints[key])
        if inner is None:
            continue
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, Mapping):
                _refuse_unknown(inner, entry, _join(where, key))


def _struct_in(hint: Any) -> type[msgspec.Struct] | None:
    """The kind of struct that a field holds, alone or in a list."""
    for part in (hint, *typing.get_args(hint)):
        if isinstance(part, type) and issubclass(part, msgspec.Struct):
            return part
    return None


def _decode(kind: type, value: object) -> object:
    if issubclass(kind, Secret) and isinstance(value, str):
        return kind(value)
    raise ValueError("must be text")


def _explained(error: msgspec.ValidationError, where: str) -> TableError:
    found = _PLACE.match(str(error))
    why, path = (found["why"], found["path"] or "") if found else (str(error), "")
    missing = re.fullmatch(r"Object missing required field `(\w+)`", why)
    if missing:
        return TableError(where, f"{missing[1]} is missing")
    plain = why.replace("`", "").replace("object", "table").replace("array", "list").replace("str", "text")
    return TableError(_join(where, path), plain[:1].lower() + plain[1:])


def _join(where: str, key: str) -> str:
    """`http` and `port` give `http.port`; a table with a name of its own, `campaign 'A': name`."""
    if not where or not key:
        return where or key
    return f"{where}: {key}" if " " in where else f"{where}.{key}"
