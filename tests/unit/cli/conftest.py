"""The command line as a person types it, on a database of the test's own: with a service or without."""

from __future__ import annotations

import functools
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from bridge.cli import app

sys.path.insert(0, str(Path(__file__).parents[1] / "admin"))
sys.path.insert(0, str(Path(__file__).parents[2] / "store"))

from admin_service import cheap_hasher, serving_in_a_thread
from store_fixtures import sqlite_template

__all__ = ["cheap_hasher", "sqlite_template"]


class Answer(NamedTuple):
    """What a command has said, and its status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Command = Callable[..., Answer]

# Typer makes all commands anew for each that is run: half a second.
_made_once = functools.cache(get_command)


@pytest.fixture
def store(tmp_path: Path, sqlite_template: Path) -> Path:
    """A store with nothing in it."""
    return Path(shutil.copy(sqlite_template, tmp_path / "bridge.db"))


@pytest.fixture
def command(tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, cheap_hasher: None) -> Command:
    """Run a command: `command("phone", "add", "1000")`, with `stdin=` and environment variables."""
    monkeypatch.setenv("AGENT_BRIDGE_STORE__URL", f"sqlite:///{store}")
    monkeypatch.delenv("AGENT_BRIDGE_CONFIG", raising=False)
    monkeypatch.setattr("bridge.settings_source.DEFAULT_PATH", tmp_path / "none.toml")
    del cheap_hasher
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("typer.testing._get_command", _made_once)

    def run(*words: str, stdin: str | None = None, **environ: str) -> Answer:
        result = CliRunner().invoke(app, words, input=stdin, env=environ)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(params=["in the store", "by the service"])
def either_way(
    request: pytest.FixtureRequest, store: Path, monkeypatch: pytest.MonkeyPatch, cheap_hasher: None
) -> Iterator[None]:
    """The same commands once without a service, once with one, where the store is out of reach."""
    del cheap_hasher
    if request.param == "in the store":
        yield
        return
    with serving_in_a_thread(f"sqlite:///{store}", store.with_suffix(".db.sock")):
        monkeypatch.setattr("bridge.admin.client.Database", None)
        yield
