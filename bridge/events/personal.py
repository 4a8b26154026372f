"""What of an event is about a person, and how it is shown to listeners who need not know it all.

The event classes mark such fields with `Number`, `Sentence` and `FreeText`. A sink shows them in one of the
`Shown` ways; what a sink does not know how to show, it leaves out.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from bridge.secret import Secret

_MARK = "personal"


class Personal(StrEnum):
    """What a field holds about a person."""

    NUMBER = "number"
    """A customer's number, and nothing else."""
    SENTENCE = "sentence"
    """A sentence or name of ours in which a number may stand."""
    TEXT = "text"
    """What people, or other systems, have written: anything may stand in it."""


Number = Annotated[str, msgspec.Meta(extra={_MARK: Personal.NUMBER})]
Sentence = Annotated[str, msgspec.Meta(extra={_MARK: Personal.SENTENCE})]
FreeText = Annotated[str, msgspec.Meta(extra={_MARK: Personal.TEXT})]


class Shown(StrEnum):
    """How much of what is personal a sink gives out."""

    FULL = "full"
    LAST_FOUR = "last_four"
    HASH = "hash"
    NONE = "none"


FEWEST_DIGITS: Final = 5
"""A run of so many digits within a sentence may be a number."""
HASH_CHARACTERS: Final = 32
"""Of a hash in hexadecimal: 128 bits, so that no two numbers share one."""

_RUN = re.compile(rf"\+?\d{{{FEWEST_DIGITS},}}", re.ASCII)
_LAST_FOUR = 4

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


def marked(kind: type[msgspec.Struct]) -> Mapping[str, Personal]:
    """The fields of a class of events that are personal."""
    fields = msgspec.structs.fields(kind)
    marks = {field.encode_name: _mark(msgspec.inspect.type_info(field.type)) for field in fields}
    return {name: mark for name, mark in marks.items() if mark is not None}


def _mark(found: msgspec.inspect.Type) -> Personal | None:
    extra = found.extra if isinstance(found, msgspec.inspect.Metadata) else None
    return None if extra is None else extra.get(_MARK)


class Veil:
    """Shows a record's data in one way.

    Args:
        shown: the way.
        marks: by type of event, its personal fields (`marked`).
        key: of the hash: whoever has it can tell which numbers they are.
    """

    def __init__(
        self, shown: Shown, marks: Mapping[str, Mapping[str, Personal]], key: Secret | None = None
    ) -> None:
        self._shown = shown
        self._marks = marks
        self._key = (key or Secret()).reveal().encode()
        self._ways: Mapping[Shown, Callable[[str], str]] = {
            Shown.LAST_FOUR: _last_four,
            Shown.HASH: self._hash,
            Shown.NONE: lambda _: "",
        }

    def data(self, kind: str, data: msgspec.Raw) -> msgspec.Raw:
        """The data as they may go out; of a type that is not known, nothing."""
        if self._shown is Shown.FULL:
            return data
        marks = self._marks.get(kind)
        if marks is None:
            return msgspec.Raw(b"{}")
        return data if not marks else self._veiled(marks, data)

    def _veiled(self, marks: Mapping[str, Personal], data: msgspec.Raw) -> msgspec.Raw:
        fields = _decode(data)
        for name in marks.keys() & fields.keys():
            fields[name] = self._value(marks[name], fields[name])
        return msgspec.Raw(_encode(fields))

    def _value(self, mark: Personal, text: str) -> str:
        way = self._ways[self._shown]
        if mark is Personal.NUMBER:
            return way(text) if text else ""
        if mark is Personal.SENTENCE:
            return _RUN.sub(lambda found: way(found[0]), text)
        return ""

    def _hash(self, number: str) -> str:
        """HMAC-SHA256 (RFC 2104) over the digits: with or without `+` the hash is the same."""
        digits = "".join(filter(str.isdigit, number))
        return hmac.digest(self._key, digits.encode(), "sha256").hex()[:HASH_CHARACTERS]


def _last_four(number: str) -> str:
    """`*0199`; of a number that has no more than that, nothing but the star."""
    return f"*{number[-_LAST_FOUR:]}" if len(number) > _LAST_FOUR else "*"
