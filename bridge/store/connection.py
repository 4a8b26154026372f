"""A database connection as the queries see it: the same few methods on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

import sqlalchemy
from sqlalchemy import Dialect, Executable

from bridge.store.prepared import Prepared
from bridge.store.result import Result, Values

T = TypeVar("T")


class Connection(Protocol):
    """One connection. Statements run in the order in which they are given."""

    @property
    def dialect(self) -> Dialect:
        """Which database it is."""
        ...

    async def execute(self, statement: Executable | Prepared, values: Values = None) -> Result:
        """Run a statement."""
        ...

    async def exec_driver_sql(self, statement: str, values: tuple[Any, ...] = ()) -> Result:
        """Run a statement in the database's own words, with its own marks for parameters."""
        ...

    async def run_sync(self, work: Callable[[sqlalchemy.Connection], T]) -> T:
        """Run a function that wants a connection which blocks."""
        ...
