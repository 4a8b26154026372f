"""The cases of a file: what was asked, in which state, and what the original answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec


class Recorded(msgspec.Struct, kw_only=True):
    """One way in which the original answered."""

    status: int
    pattern: str
    """Anchored regular expression of the body."""
    content_type: str = ""
    body: str | None = None
    effects: list[dict[str, Any]] = []


class Case(msgspec.Struct, kw_only=True):
    """One line of a file."""

    name: str
    api: str
    """`agent` or `non_agent`."""
    params: Mapping[str, str]
    status: int
    content_type: str
    body: str | None
    pattern: str
    preconditions: Mapping[str, Any] = {}
    effects: list[dict[str, Any]] = []
    variant_2025: Recorded | None = None

    @property
    def function(self) -> str:
        """Name of the function that is called; empty if none is."""
        return self.params.get("function", "")

    def answers(self) -> Iterator[Recorded]:
        """What is a match: the newer build's answer first, where it differs."""
        own = Recorded(
            status=self.status,
            content_type=self.content_type,
            body=self.body,
            pattern=self.pattern,
            effects=self.effects,
        )
        if self.variant_2025 is not None:
            newer = self.variant_2025
            yield msgspec.structs.replace(newer, content_type=newer.content_type or self.content_type)
        yield own


class UnreadableFileError(Exception):
    """The file does not hold cases."""


def read(file: Path) -> list[Case]:
    """The cases of a file, in their order.

    Raises:
        UnreadableFileError: a line is no case; the text says which.
        OSError: the file cannot be read.
    """
    cases = []
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            cases.append(msgspec.json.decode(line, type=Case))
        except (msgspec.DecodeError, UnicodeError) as error:
            raise UnreadableFileError(f"{file}:{number}: {error}") from None
    return cases
