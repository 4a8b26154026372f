"""Fixtures of all tests with real calls; those that break things use them too."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from leftovers import clear, log_everybody_out, nothing_is_left
from service import Bridge
from stack import Carrier, Stack, connected, find_stack, hang_up_everything

from bridge.ami.client import AmiClient


@pytest.fixture(scope="session")
def stack() -> Stack:
    """The containers that the tests talk to."""
    found = find_stack()
    if found is None:
        pytest.skip("the containers do not run: docker/engine up")
    return found


@pytest.fixture
async def asterisk(stack: Stack) -> AsyncIterator[AmiClient]:
    """The Asterisk under test, looked at with the bridge's own AMI user."""
    async with connected(stack.asterisk()) as client:
        yield client


@pytest.fixture
async def carrier(stack: Stack) -> AsyncIterator[Carrier]:
    """The telephone network and the phones."""
    async with connected(stack.carrier()) as client:
        found = Carrier(client, stack)
        yield found
        await found.forget()


@pytest.fixture(scope="session")
def store_with_site(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bridge that has its site loaded: copied for each test."""
    folder = tmp_path_factory.mktemp("site")
    service = Bridge(stack, folder)
    service.command("load", str(folder / "site.toml"))
    return folder


@asynccontextmanager
async def running(
    service: Bridge, store_with_site: Path, asterisk: AmiClient, carrier: Carrier
) -> AsyncIterator[Bridge]:
    """The service, started on a copy of the store; afterwards nothing of it is left."""
    await clear(asterisk)
    for part in store_with_site.glob("bridge.db*"):
        shutil.copy(part, service.folder)
    try:
        await service.start()
        yield service
        await log_everybody_out(service)
        await nothing_is_left(asterisk, carrier)
    finally:
        await service.close()
        await hang_up_everything(asterisk)
        await hang_up_everything(carrier.client)
