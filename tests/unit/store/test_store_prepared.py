"""Prepared statements give on SQLite what SQLAlchemy gives, without its machinery."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    bindparam,
    create_engine,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import MultipleResultsFound, NoResultFound, StatementError

from bridge.store.prepared import Prepared
from bridge.store.types import Json, Line, Utc

TABLE = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", Line, nullable=False, unique=True),
    Column("at", Utc),
    Column("tags", Json),
    Column("on", Boolean),
)
AT = datetime(2026, 11, 25, 12, 0, 0, 5, UTC)
ROW = {"name": "a", "at": AT, "tags": ["x", 1], "on": True}
ADD = Prepared(insert(TABLE).returning(TABLE.c.id), ROW)
BY_NAME = Prepared(select(TABLE).where(TABLE.c.name == bindparam("wanted")))


@pytest.fixture
def conn() -> Iterator[Connection]:
    engine = create_engine("sqlite://", isolation_level="AUTOCOMMIT")
    TABLE.metadata.create_all(engine)
    with engine.connect() as conn:
        yield conn


@pytest.fixture
def driver(conn: Connection) -> sqlite3.Connection:
    found = conn.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def test_what_goes_in_comes_out_as_with_sqlalchemy(conn: Connection, driver: sqlite3.Connection) -> None:
    assert ADD.run(driver, ROW).scalar_one() == 1
    row = BY_NAME.run(driver, {"wanted": "a"}).one()
    assert (row.id, row.name, row.at, row.tags, row.on) == (1, "a", AT, ["x", 1], True)
    theirs = conn.execute(BY_NAME.statement, {"wanted": "a"}).one()
    assert row == theirs
    assert dict(row._mapping) == dict(theirs._mapping)


def test_nothing_and_null(driver: sqlite3.Connection) -> None:
    assert BY_NAME.run(driver, {"wanted": "a"}).first() is None
    ADD.run(driver, ROW | {"at": None, "tags": None, "on": None})
    row = BY_NAME.run(driver, {"wanted": "a"}).one()
    assert (row.at, row.tags, row.on) == (None, None, None)


def test_rows_that_were_changed_are_counted(driver: sqlite3.Connection) -> None:
    for name in "ab":
        ADD.run(driver, ROW | {"name": name})
    off = Prepared(update(TABLE).where(TABLE.c.name == bindparam("wanted")), ["on"])
    assert off.run(driver, {"wanted": "a", "on": False}).rowcount == 1
    assert off.run(driver, {"wanted": "z", "on": False}).rowcount == 0
    assert BY_NAME.run(driver, {"wanted": "a"}).one().on is False
    assert Prepared(delete(TABLE)).run(driver, None).rowcount == 2


def test_once_for_each_of_many(driver: sqlite3.Connection) -> None:
    Prepared(insert(TABLE), ROW).run(driver, [ROW | {"name": name} for name in "abc"])
    names = Prepared(select(TABLE.c.name).order_by(TABLE.c.name))
    assert names.run(driver, None).scalars() == ["a", "b", "c"]


def test_values_that_the_statement_itself_has(driver: sqlite3.Connection) -> None:
    for name in "ab":
        ADD.run(driver, ROW | {"name": name})
    newest = Prepared(select(TABLE.c.name).where(TABLE.c.at == AT).order_by(TABLE.c.id.desc()).limit(1))
    assert newest.run(driver, {}).scalars() == ["b"]


def test_moments_are_compared_in_utc(driver: sqlite3.Connection) -> None:
    ADD.run(driver, ROW)
    since = Prepared(select(TABLE.c.id).where(TABLE.c.at >= bindparam("since")))
    east = timezone(timedelta(hours=9))
    assert since.run(driver, {"since": AT.astimezone(east)}).scalar() == 1
    assert since.run(driver, {"since": AT + timedelta(microseconds=1)}).scalar() is None


@pytest.mark.parametrize("bad", [{"name": "a\0"}, {"name": "\ud800"}, {"at": datetime(2026, 1, 1)}])  # noqa: DTZ001
def test_what_cannot_be_stored_is_refused(driver: sqlite3.Connection, bad: dict[str, object]) -> None:
    with pytest.raises(StatementError):
        ADD.run(driver, ROW | bad)
    assert BY_NAME.run(driver, {"wanted": "a"}).all() == []


def test_a_value_that_is_missing_is_no_null(driver: sqlite3.Connection) -> None:
    with pytest.raises(KeyError):
        BY_NAME.run(driver, {})
    with pytest.raises(KeyError):
        ADD.run(driver, {"name": "a"})


def test_a_broken_rule_is_sqlites_own_error(driver: sqlite3.Connection) -> None:
    ADD.run(driver, ROW)
    with pytest.raises(sqlite3.IntegrityError):
        ADD.run(driver, ROW)


def test_a_statement_that_differs_each_time_cannot_be_prepared(driver: sqlite3.Connection) -> None:
    some = Prepared(select(TABLE).where(TABLE.c.name.in_(bindparam("names", expanding=True))))
    with pytest.raises(ValueError, match="not the same statement"):
        some.run(driver, {"names": ["a"]})


def test_one_is_one(driver: sqlite3.Connection) -> None:
    everything = Prepared(select(TABLE.c.name))
    with pytest.raises(NoResultFound):
        everything.run(driver, None).one()
    for name in "ab":
        ADD.run(driver, ROW | {"name": name})
    with pytest.raises(MultipleResultsFound):
        everything.run(driver, None).scalar_one()
    assert [row.name for row in everything.run(driver, None)] == ["a", "b"]
