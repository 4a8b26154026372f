"""The core of the bridge on a real store, for the tests of recordings."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))
sys.path.insert(0, str(Path(__file__).parents[2]))  # fake_ami
sys.path.insert(0, str(Path(__file__).parents[2] / "store"))  # store_fixtures

from core_bench import Bench
from core_fixtures import *  # noqa: F403  fixtures are found by their names

from bridge.recordings.service import Recordings


@pytest.fixture
def recordings(bench: Bench) -> Recordings:
    """What callers of the APIs can do with recordings."""
    return bench.core.recordings
