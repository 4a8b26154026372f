"""The wheel as `make wheel` makes it, and what `packaging/install` makes of it, once for all tests."""

from __future__ import annotations

import os
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(*command: str | Path, **environment: str) -> str:
    """Run a command; what it prints. Fails with what it said."""
    done = subprocess.run(
        command, env=os.environ | environment, cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Machine:
    """A folder in which everything lies as it would on a machine."""

    root: Path

    def install(self, *arguments: str) -> str:
        """Run the script on it."""
        return run(ROOT / "packaging/install", "--root", self.root, *arguments)

    def __truediv__(self, path: str) -> Path:
        return self.root / path

    @property
    def command(self) -> tuple[str | Path, ...]:
        """`agent-bridge`; by its interpreter, as the script names the final place of that."""
        return (self.root / "opt/agent-bridge/bin/python", self.root / "opt/agent-bridge/bin/agent-bridge")


@pytest.fixture(scope="session")
def wheel() -> Path:
    return ROOT / run(ROOT / "scripts/package", "wheel").strip()


@pytest.fixture(scope="session")
def machine(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The bridge installed, for tests that change nothing there."""
    made = Machine(tmp_path_factory.mktemp("machine"))
    made.install("--wheel", str(wheel))
    return made
