"""Frozen dataclasses to JSON and back, checked, with nothing but the standard library of Python 3.9."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, TypeVar

_R = TypeVar("_R", bound="Record")

TEXT_LIMIT = 4096
"""Characters of one text: a channel name has 80, a caller's name what the network lets through."""


class Record:
    """Base of the records that travel between relay and bridge."""

    def to_wire(self) -> dict[str, Any]:
        """Give the record as a JSON object."""
        return {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]

    @classmethod
    def from_wire(cls: type[_R], wire: Any) -> _R:  # noqa: PYI019 - Self is not in Python 3.9
        """Read a record from a JSON object. Unknown members are ignored: the other side may be newer.

        Raises:
            ValueError: a member is missing or of the wrong kind.
        """
        if not isinstance(wire, dict):
            raise ValueError(f"{cls.__name__} is a JSON object")  # noqa: TRY004 - one error for all of it
        values = {}
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]
            if field.name in wire:
                if not _CHECKS[str(field.type)](wire[field.name]):
                    raise ValueError(f"{cls.__name__}.{field.name} is not of kind {field.type}")
                values[field.name] = wire[field.name]
        try:
            return cls(**values)
        except TypeError as error:
            raise ValueError(str(error)) from None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_LIMIT


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_int(value) or isinstance(value, float)


def _is_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(k) and _is_text(v) for k, v in value.items())


_CHECKS: dict[str, Callable[[Any], bool]] = {
    "str": _is_text,
    "int": _is_int,
    "float": _is_number,
    "bool": lambda value: isinstance(value, bool),
    "int | None": lambda value: value is None or _is_int(value),
    "dict[str, str]": _is_texts,
}
"""By annotation as it is written: Python 3.9 cannot evaluate `int | None`, so nothing evaluates them."""
