"""Database URLs as people write them, made into those that SQLAlchemy wants."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bridge.store.errors import StoreMisconfigured
from bridge.store.server import tls_arguments

_DRIVERS = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}


def parse(url: str) -> URL:
    """`sqlite:///var/lib/x.db` (relative), `sqlite:////var/lib/x.db`, `postgresql://user:secret@host/name`.

    Raises:
        StoreMisconfigured: Neither of these, or what it says of TLS cannot be; the message never holds the
            password.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreMisconfigured("not a database URL (sqlite:///… or postgresql://…)") from None
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None:
        raise StoreMisconfigured(f"no support for {parsed.get_backend_name()}: use sqlite or postgresql")
    if driver.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
        raise StoreMisconfigured("an SQLite database needs a file: one in memory would keep no promise")
    if driver.startswith("postgresql"):
        tls_arguments(parsed)
    return parsed.set(drivername=driver)


def prepare_file(url: URL) -> Path:
    """Make the SQLite file if there is none, readable by its owner alone: it holds hashed secrets.

    Raises:
        StoreMisconfigured: The file cannot be made or written.
    """
    path = Path(url.database or "")
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise StoreMisconfigured(f"cannot make the database file {path}: {error.strerror}") from error
    # Not opened to see: closing it again would take away the locks that this process holds on it.
    if not os.access(path, os.R_OK | os.W_OK):
        raise StoreMisconfigured(f"cannot write the database file {path}")
    return path
