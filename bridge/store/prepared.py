"""Statements that are run all the time: compiled once, and on SQLite run past SQLAlchemy's machinery.

SQLAlchemy takes some 70 µs to run a statement that SQLite answers in 10: the price of generality, paid
for each of the dozen statements of a call. A `Prepared` keeps what is the same from run to run (the SQL
text, the order of its parameters, the conversions of the column types) and does only the rest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import BindParameter, Delete, Insert, Row, Select, Update
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import result_tuple
from sqlalchemy.exc import StatementError
from sqlalchemy.sql.compiler import SQLCompiler

from bridge.store.result import Result, Values

Convert: TypeAlias = Callable[[Any], Any]
_SQLITE = sqlite.dialect()


class _Parameter(NamedTuple):
    """One `?`: the name of its value, or (without a name) the value that it always has."""

    name: str
    constant: Any
    convert: Convert | None


class _Plan(NamedTuple):
    """What is the same from run to run."""

    sql: str
    parameters: tuple[_Parameter, ...]
    conversions: tuple[tuple[int, Convert], ...]
    """Columns of the result whose values are something else in Python."""
    row: Callable[[Iterable[Any]], Row[Any]]


class Prepared:
    """A statement of SQLAlchemy's that is asked often.

    Args:
        statement: What is run, with a `bindparam` for each value; none of them may be expanding.
        columns: Of an insert or update, the columns that are given each time.
    """

    def __init__(
        self, statement: Select[Any] | Insert | Update | Delete, columns: Iterable[str] = ()
    ) -> None:
        self.statement = statement
        self._columns = list(columns) or None

    @property
    def sql(self) -> str:
        """What SQLite is told."""
        return self._plan.sql

    def run(self, driver: sqlite3.Connection, values: Values) -> Result:
        """Run it on SQLite.

        Raises:
            KeyError: a value is missing.
            StatementError: a value cannot be stored.
            sqlite3.Error: SQLite's own.
        """
        plan = self._plan
        if isinstance(values, Sequence):
            driver.executemany(plan.sql, [self._bound(each) for each in values]).close()
            return Result(())
        cursor = driver.execute(plan.sql, self._bound(values or {}))
        rows = [_row(plan, found) for found in cursor.fetchall()]
        return Result(rows, cursor.rowcount)

    def _bound(self, values: Mapping[str, Any]) -> list[Any]:
        try:
            return [
                constant if not name else convert(values[name]) if convert else values[name]
                for name, constant, convert in self._plan.parameters
            ]
        except (ValueError, TypeError, OverflowError) as error:
            raise StatementError(str(error), self._plan.sql, values, error) from error

    @cached_property
    def _plan(self) -> _Plan:
        compiled = self.statement.compile(dialect=_SQLITE, column_keys=self._columns)
        assert isinstance(compiled, SQLCompiler)  # noqa: S101  for the type checker
        if "POSTCOMPILE" in compiled.string:
            raise ValueError(f"it is not the same statement each time: {compiled.string}")
        columns = self.statement.exported_columns
        found = (
            (place, column.type.dialect_impl(_SQLITE).result_processor(_SQLITE, None))
            for place, column in enumerate(columns)
        )
        return _Plan(
            sql=compiled.string,
            parameters=tuple(_parameter(compiled.binds[name]) for name in compiled.positiontup or ()),
            conversions=tuple((place, convert) for place, convert in found if convert is not None),
            row=result_tuple([str(column.key) for column in columns]),
        )


def _parameter(bind: BindParameter[Any]) -> _Parameter:
    convert = bind.type.dialect_impl(_SQLITE).bind_processor(_SQLITE)
    if bind.required:
        return _Parameter(bind.key, None, convert)
    constant = bind.effective_value
    return _Parameter("", convert(constant) if convert else constant, None)


def _row(plan: _Plan, found: tuple[Any, ...]) -> Row[Any]:
    if plan.conversions:
        values = list(found)
        for place, convert in plan.conversions:
            values[place] = convert(values[place])
        return plan.row(values)
    return plan.row(found)
