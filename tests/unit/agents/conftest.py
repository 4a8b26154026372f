"""The core of the bridge on a real store, for the tests of what is not pure."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))
sys.path.insert(0, str(Path(__file__).parents[2]))  # fake_ami
sys.path.insert(0, str(Path(__file__).parents[2] / "store"))  # store_fixtures

from core_bench import Bench
from core_fixtures import *  # noqa: F403  fixtures are found by their names

from bridge.agents.commands import AgentCommands
from bridge.agents.service import Sessions


@pytest.fixture
def commands(bench: Bench) -> AgentCommands:
    """What callers of the APIs can do with agents."""
    return bench.core.agent_commands


@pytest.fixture
def sessions(bench: Bench) -> Sessions:
    """All sessions of its agents."""
    return bench.core.sessions
