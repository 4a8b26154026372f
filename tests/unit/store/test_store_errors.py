"""Messages of the store's errors."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from asyncpg import exceptions as pg
from sqlalchemy import exc

from bridge.store import errors
from bridge.store.errors import StoreConflict, StoreError, StoreFull, StoreLocked, StoreUnavailable
from bridge.store.faults import mapped, translate, worth_retrying


def test_the_docstring_is_the_message() -> None:
    assert str(StoreFull()) == "The database has no room left on its disk; nothing was written."
    assert str(StoreFull("other words")) == "other words"


def test_what_may_be_tried_again_is_one_family() -> None:
    passing = {errors.StoreFull, errors.StoreLocked, errors.StoreTimeout, errors.StoreClosed}
    assert set(StoreUnavailable.__subclasses__()) == passing
    assert not issubclass(errors.StoreInDoubt, StoreUnavailable)  # there something may have been written


def sqlite(code: int) -> exc.OperationalError:
    error = sqlite3.OperationalError("words that may change")
    error.sqlite_errorcode = code
    return exc.OperationalError("INSERT", None, error)


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (sqlite(sqlite3.SQLITE_FULL), StoreFull),
        (sqlite(sqlite3.SQLITE_BUSY), StoreLocked),
        (sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), StoreLocked),
        (sqlite(sqlite3.SQLITE_IOERR_FSYNC), StoreUnavailable),
        (sqlite(sqlite3.SQLITE_CORRUPT), StoreUnavailable),
        (sqlite(sqlite3.SQLITE_ERROR), StoreError),
        (pg.DiskFullError("x"), StoreFull),
        (pg.LockNotAvailableError("x"), StoreLocked),
        (pg.CannotConnectNowError("x"), StoreUnavailable),
        (pg.UndefinedTableError("x"), StoreError),
        (ConnectionRefusedError(), StoreUnavailable),
        (exc.TimeoutError("no connection within 5 s"), StoreUnavailable),
    ],
)
def test_errors_are_told_apart_by_code(error: Exception, ours: type[StoreError]) -> None:
    with pytest.raises(StoreError) as caught, mapped():
        raise error
    assert type(caught.value) is ours


def test_others_pass_untouched() -> None:
    with pytest.raises(KeyError), mapped():
        raise KeyError
    with pytest.raises(asyncio.CancelledError), mapped():
        raise asyncio.CancelledError


def test_a_conflict_on_several_columns_names_them_all() -> None:
    cause = sqlite3.IntegrityError("UNIQUE constraint failed: agent_sessions.asterisk, agent_sessions.room")
    ours = translate(exc.IntegrityError("INSERT", None, cause))
    assert isinstance(ours, StoreConflict)
    assert (ours.table, ours.columns) == ("agent_sessions", frozenset({"asterisk", "room"}))


def test_only_giving_way_is_worth_another_try() -> None:
    assert worth_retrying(pg.DeadlockDetectedError("x"))
    assert worth_retrying(pg.SerializationError("x"))
    assert not worth_retrying(pg.UniqueViolationError("x"))
