"""Structs to rows and back.

The tables' columns are named as the fields of the models, so nothing has to be said about a class.
Enums go in as their text and come back as enums; tuples and mappings are for a `Json` column.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Row, Table, bindparam, update

from bridge.store.connection import Connection
from bridge.store.prepared import Prepared

S = TypeVar("S", bound=msgspec.Struct)

_KEY = "id_of_row"  # a parameter named as a column would be taken for a new value of it


def to_row(struct: msgspec.Struct) -> dict[str, Any]:
    """Column → value, for `insert` and `update`."""
    return {name: _plain(getattr(struct, name)) for name in struct.__struct_fields__}


def from_row(cls: type[S], row: Row[*tuple[Any, ...]] | Mapping[str, Any]) -> S:
    """The struct that a row holds; columns that it has no field for are passed over.

    Raises:
        KeyError: The row lacks a column.
        msgspec.ValidationError: The row holds what the class does not allow.
    """
    mapping: Any = row._mapping if isinstance(row, Row) else row  # noqa: SLF001  public in spite of its name
    return msgspec.convert({name: mapping[name] for name in cls.__struct_fields__}, cls)


async def overwrite(conn: Connection, table: Table, struct: S, known: S | None = None) -> bool:
    """Write a struct over the row with its `id`; whether there was one.

    The statement is made once for each table and set of columns: to make an update of forty columns takes
    longer than to run it.

    Args:
        conn: in a transaction.
        table: of the struct.
        struct: what the row is to hold.
        known: what the row holds, read locked in this transaction: then only what differs is written, and
            the indexes of other columns are not touched.
    """
    names = _differing(struct, known)
    if not names:
        return True
    row = {name: _plain(getattr(struct, name)) for name in names}
    row[_KEY] = struct.id  # type: ignore[attr-defined]  # what is stored has one
    return (await conn.execute(_overwrite(table, names), row)).rowcount == 1


def _differing(struct: msgspec.Struct, known: msgspec.Struct | None) -> tuple[str, ...]:
    names = (name for name in struct.__struct_fields__ if name != "id")
    if known is None:
        return tuple(names)
    return tuple(name for name in names if getattr(struct, name) != getattr(known, name))


@lru_cache(maxsize=256)
def _overwrite(table: Table, names: tuple[str, ...]) -> Prepared:
    return Prepared(update(table).where(table.c.id == bindparam(_KEY)), names)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
