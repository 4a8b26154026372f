"""The package `replaying` and the fake manager interface are found by their names."""

import asyncio
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent))  # fake_ami

from replaying.world import build  # noqa: E402  found only now


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the world of the recordings in it."""
    file = tmp_path_factory.mktemp("world") / "world.db"
    asyncio.run(build(file))
    return file
