"""What a statement takes and gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import CursorResult, Row
from sqlalchemy.exc import MultipleResultsFound, NoResultFound

Values: TypeAlias = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
"""Parameters of a statement by name; a sequence of them runs the statement once for each."""


class Result:
    """What a statement gave, all of it: nothing is open any more."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: Sequence[Row[Any]], rowcount: int = -1) -> None:
        self._rows = rows
        self.rowcount = rowcount
        """Rows that the statement changed; -1 for one that gives rows."""

    @classmethod
    def of(cls, cursor: CursorResult[Any]) -> Result:
        """Everything that a cursor of SQLAlchemy still holds."""
        return cls(cursor.all()) if cursor.returns_rows else cls((), cursor.rowcount)

    def __iter__(self) -> Iterator[Row[Any]]:
        return iter(self._rows)

    def all(self) -> Sequence[Row[Any]]:
        """All rows."""
        return self._rows

    def first(self) -> Row[Any] | None:
        """The first row, if there is one."""
        return self._rows[0] if self._rows else None

    def one(self) -> Row[Any]:
        """The only row (`NoResultFound`, `MultipleResultsFound`)."""
        if len(self._rows) == 1:
            return self._rows[0]
        raise (MultipleResultsFound if self._rows else NoResultFound)(f"{len(self._rows)} rows, not one")

    def scalar(self) -> Any:
        """The first value of the first row; `None` without a row."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first value of the only row."""
        return self.one()[0]

    def scalars(self) -> list[Any]:
        """The first value of each row."""
        return [row[0] for row in self._rows]
