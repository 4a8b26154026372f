"""The command line as a person types it, on a database of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from typer.testing import CliRunner

from bridge.access.hashing import Hasher
from bridge.cli import app


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


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command: `command("phone", "add", "1000")`, with `stdin=` and environment variables."""
    monkeypatch.setenv("AGENT_BRIDGE_STORE__URL", f"sqlite:///{tmp_path / 'bridge.db'}")
    monkeypatch.delenv("AGENT_BRIDGE_CONFIG", raising=False)
    monkeypatch.setattr("bridge.settings_source.DEFAULT_PATH", tmp_path / "none.toml")
    cheap = Hasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr("bridge.access.service.Hasher", lambda: cheap)
    monkeypatch.setattr(cheap, "close", lambda: None)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str, stdin: str | None = None, **environ: str) -> Answer:
        result = CliRunner().invoke(app, words, input=stdin, env=environ)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run
