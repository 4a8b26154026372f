"""The kinds of columns that the tables are made of."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, MetaData, false, true

from bridge.store.types import Line, Utc

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def text(name: str, *, key: bool = False) -> Column[str]:
    """Text that is never NULL; empty where nothing is known."""
    return Column(name, Line, primary_key=key, nullable=False, server_default=None if key else "")


def flag(name: str, *, on: bool = False) -> Column[bool]:
    """Yes or no; never NULL."""
    return Column(name, Boolean, nullable=False, server_default=true() if on else false())


def count(name: str, start: int = 0) -> Column[int]:
    """A whole number; never NULL."""
    return Column(name, Integer, nullable=False, server_default=str(start))


def moment(name: str, *, needed: bool = False) -> Column[Any]:
    """A moment; NULL where it has not happened, unless it is needed."""
    return Column(name, Utc, nullable=not needed)


def one_of(column: str, values: Iterable[StrEnum | str]) -> CheckConstraint:
    """The rule that a column holds one of these."""
    names = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({names})", name=column)
