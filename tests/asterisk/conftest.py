"""Real calls: a real service, a real Asterisk, a real carrier. After each test nothing is left."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fixtures import asterisk, carrier, running, stack, store_with_site
from service import Bridge
from stack import Carrier, Stack

from bridge.ami.client import AmiClient

__all__ = ["asterisk", "carrier", "stack", "store_with_site"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.asterisk)


@pytest.fixture
async def bridge(
    stack: Stack,
    asterisk: AmiClient,
    carrier: Carrier,
    store_with_site: Path,
    tmp_path: Path,
) -> AsyncIterator[Bridge]:
    """A service of this test alone, with its site loaded."""
    async with running(Bridge(stack, tmp_path), store_with_site, asterisk, carrier) as service:
        yield service
