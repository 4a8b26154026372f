"""A service that is asked over its socket, on a store of the test's own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))  # fake_ami

from admin_service import Serve, Service, cheap_hasher, serving

__all__ = ["cheap_hasher"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the socket is."""
    return tmp_path / "bridge.db.sock"


@pytest.fixture
def serve(tmp_path: Path, path: Path, cheap_hasher: None) -> Serve:  # noqa: ARG001  wanted for its effect
    """Serve: `async with serve(None)`, or with the ids of the users who may command."""
    return lambda users: serving(f"sqlite:///{tmp_path / 'bridge.db'}", path, users)


@pytest.fixture
async def service(serve: Serve) -> AsyncIterator[Service]:
    """One that serves."""
    async with serve(None) as found:
        yield found
