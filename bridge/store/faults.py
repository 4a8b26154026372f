"""The border to SQLAlchemy and the drivers: their exceptions become ours, by code and never by text.

The one exception to 'never by text' is the message of SQLite's unique constraints: the columns are
nowhere else.
"""

from __future__ import annotations

import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg import exceptions as pg
from sqlalchemy import Index, PrimaryKeyConstraint, UniqueConstraint, exc

from bridge.store.errors import (
    StoreConflict,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreRefused,
    StoreUnavailable,
)
from bridge.store.schema import metadata

_SQLITE: dict[int, type[StoreUnavailable]] = {
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_BUSY: StoreLocked,
    sqlite3.SQLITE_LOCKED: StoreLocked,
}
_POSTGRES: tuple[tuple[type[Exception], type[StoreUnavailable]], ...] = (
    (pg.DiskFullError, StoreFull),
    (pg.LockNotAvailableError, StoreLocked),
)
_WEAK = (pg.SerializationError, pg.DeadlockDetectedError)
FOREIGN = (
    exc.SQLAlchemyError,
    sqlite3.Error,
    pg.PostgresError,
    pg.InterfaceError,
    OSError,
    OverflowError,  # sqlite3's own word for an integer of more than 64 bits
)
"""What the database and its drivers raise."""
_DATA = (ValueError, TypeError, OverflowError)


@contextmanager
def mapped() -> Iterator[None]:
    """Whatever the database raises inside leaves as a `StoreError`; other exceptions pass untouched."""
    try:
        yield
    except FOREIGN as error:
        raise translate(error) from error


def translate(error: BaseException) -> StoreError:
    """The error of ours that says the same."""
    cause = origin(error)
    if isinstance(error, exc.IntegrityError | sqlite3.IntegrityError):
        return _conflict(cause)
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    if isinstance(cause, ssl.SSLError):  # one of a certificate is a ValueError too
        return StoreUnavailable(f"the database is not talked to: {cause.strerror or cause}")
    if isinstance(error, exc.DataError) or isinstance(cause, (*_DATA, pg.DataError)):
        return StoreRefused(f"a value cannot be stored: {cause}")
    for kind, ours in _POSTGRES:
        if isinstance(cause, kind):
            return ours()
    if isinstance(cause, pg.SyntaxOrAccessError | exc.ArgumentError | exc.InvalidRequestError):
        return StoreError(str(error))
    return StoreUnavailable(f"the database cannot be used now: {cause}")


def origin(error: BaseException) -> BaseException:
    """The driver's own exception behind SQLAlchemy's wrappings."""
    while True:
        inner = getattr(error, "orig", None) or (error.__cause__ if _is_wrapping(error) else None)
        if inner is None:
            return error
        error = inner


def worth_retrying(error: BaseException) -> bool:
    """PostgreSQL gave way to another transaction: the same work may be done again."""
    return isinstance(origin(error), _WEAK)


def _is_wrapping(error: BaseException) -> bool:
    return isinstance(error, exc.DBAPIError) or type(error).__module__.startswith("sqlalchemy.dialects")


def _of_sqlite(error: sqlite3.Error) -> StoreError:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # the driver's own complaint: a value out of range, a closed connection
        refused = isinstance(error, sqlite3.DataError | sqlite3.InterfaceError)
        return StoreRefused(str(error)) if refused else StoreUnavailable(str(error))
    if code & 0xFF in {sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISUSE}:  # a fault in the statement
        return StoreError(str(error))
    if code & 0xFF == sqlite3.SQLITE_TOOBIG:
        return StoreRefused(str(error))
    return _SQLITE.get(code & 0xFF, StoreUnavailable)(f"{error}; nothing was written")


def _conflict(cause: BaseException) -> StoreConflict:
    if isinstance(cause, sqlite3.Error):
        return _sqlite_conflict(str(cause))
    table = getattr(cause, "table_name", "") or ""
    rule = getattr(cause, "constraint_name", "") or getattr(cause, "column_name", "") or ""
    return StoreConflict(table, _unique_columns(table, rule), rule)


def _sqlite_conflict(message: str) -> StoreConflict:
    """`UNIQUE constraint failed: users.user, …` or `CHECK constraint failed: ck_users_level`."""
    what, _, rest = message.partition(" constraint failed: ")
    if what == "CHECK":
        table = next((name for name in metadata.tables if rest.startswith(f"ck_{name}_")), "")
        return StoreConflict(table, frozenset(), rest)
    table, columns = "", set()
    for part in rest.split(", "):
        table, _, column = part.partition(".")
        columns.add(column)
    return StoreConflict(table, frozenset(columns), "")


def _unique_columns(table: str, rule: str) -> frozenset[str]:
    found = metadata.tables.get(table)
    if found is None:
        return frozenset()
    for one in (*found.indexes, *found.constraints):
        if isinstance(one, Index | UniqueConstraint | PrimaryKeyConstraint) and one.name == rule:
            return frozenset(column.name for column in one.columns)
    return frozenset({rule} & set(found.columns.keys()))
