"""The store from the side: one engine for the files of all cases, so that each statement is made once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, NullPool, create_engine

_FILE: Final[ContextVar[Path]] = ContextVar("file of a case")
_BUSY_SECONDS: Final = 30.0


def _connect() -> sqlite3.Connection:
    return sqlite3.connect(_FILE.get(), timeout=_BUSY_SECONDS)


_engine = create_engine("sqlite://", creator=_connect, poolclass=NullPool)


@contextmanager
def rows_of(file: Path) -> Iterator[Connection]:
    """A connection to the file in a transaction, committed at the end."""
    token = _FILE.set(file)
    try:
        with _engine.begin() as conn:
            yield conn
    finally:
        _FILE.reset(token)
