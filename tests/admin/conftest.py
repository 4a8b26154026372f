"""A service in a process of its own, over a manager interface that says yes to everything."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # fake_ami
sys.path.insert(0, str(Path(__file__).parents[1] / "events"))  # its broker
sys.path.insert(0, str(Path(__file__).parent))

from admin_process import Bridge
from fake_ami import Answer, FakeAmi, Received, Session, succeed


def no_channels(session: Session, action: Received) -> None:
    """What Asterisk answers when nobody talks."""
    session.list(action, [], f"{action.name}Complete")


@pytest.fixture
async def bridge(tmp_path: Path) -> AsyncIterator[Bridge]:
    """One with a site in its store; it does not run yet."""
    answers: dict[str, Answer] = {
        "CoreShowChannels": no_channels,
        "QueueStatus": no_channels,
        "Setvar": succeed,
    }
    async with FakeAmi(answers=answers) as ami:
        made = Bridge(tmp_path, ami)
        await made.load()
        yield made
        await made.close()
