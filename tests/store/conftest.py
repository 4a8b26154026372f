"""Databases for the tests: an SQLite file, and PostgreSQL where there is a server or its programs."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # fake_ami

from login_fixtures import clock, hasher
from store_fixtures import (
    db,
    empty_url,
    postgres_cluster,
    postgres_database,
    postgres_empty_url,
    postgres_server,
    postgres_url,
    sqlite_empty_url,
    sqlite_template,
    sqlite_url,
    url,
)

__all__ = [
    "clock",
    "db",
    "empty_url",
    "hasher",
    "postgres_cluster",
    "postgres_database",
    "postgres_empty_url",
    "postgres_server",
    "postgres_url",
    "sqlite_empty_url",
    "sqlite_template",
    "sqlite_url",
    "url",
]
