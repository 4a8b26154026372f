"""Database URLs."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from bridge.store.database import Database
from bridge.store.errors import StoreMisconfigured
from bridge.store.url import parse, prepare_file


@pytest.mark.parametrize(
    ("url", "driver", "database"),
    [
        ("sqlite:///bridge.db", "sqlite", "bridge.db"),
        ("sqlite:////var/lib/bridge.db", "sqlite", "/var/lib/bridge.db"),
        ("sqlite+pysqlite:///bridge.db", "sqlite", "bridge.db"),
        ("postgresql://u:p@h/name", "postgresql+asyncpg", "name"),
        ("postgres://u:p@h:5433/name", "postgresql+asyncpg", "name"),
        ("postgresql+psycopg://u:p@h/name", "postgresql+asyncpg", "name"),
    ],
)
def test_urls_as_people_write_them(url: str, driver: str, database: str) -> None:
    assert (parse(url).drivername, parse(url).database) == (driver, database)


@pytest.mark.parametrize(
    "url", ["", "bridge.db", "mysql://u:hidden@h/name", "sqlite://", "sqlite:///:memory:"]
)
def test_what_cannot_be_used_is_said_without_the_password(url: str) -> None:
    with pytest.raises(StoreMisconfigured) as caught:
        parse(url)
    assert "hidden" not in str(caught.value)


def test_a_new_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = prepare_file(parse(f"sqlite:///{tmp_path / 'new.db'}"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.write_bytes(b"what was there")
    path.chmod(0o640)
    prepare_file(parse(f"sqlite:///{path}"))
    assert path.read_bytes() == b"what was there"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    path.touch(mode=0o400)
    with pytest.raises(StoreMisconfigured, match="cannot write"):
        prepare_file(parse(f"sqlite:///{path}"))


def test_the_password_is_not_shown() -> None:
    assert "hidden" not in repr(Database("postgresql://u:hidden@h/name"))
