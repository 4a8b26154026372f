"""Faults: a real service, a real Asterisk, a real carrier, and something broken between them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "asterisk"))

from leftovers import clear, log_everybody_out, nothing_is_left
from proxy import Proxy
from service import Bridge
from stack import Carrier, Stack, connected, find_stack, hang_up_everything

from bridge.ami.client import AmiClient


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.asterisk)


@pytest.fixture(scope="session")
def stack() -> Stack:
    found = find_stack()
    if found is None:
        pytest.skip("the containers do not run: docker/engine up")
    return found


@pytest.fixture
async def asterisk(stack: Stack) -> AsyncIterator[AmiClient]:
    async with connected(stack.asterisk()) as client:
        yield client


@pytest.fixture
async def carrier(stack: Stack) -> AsyncIterator[Carrier]:
    async with connected(stack.carrier()) as client:
        yield Carrier(client)


@pytest.fixture
async def ami(stack: Stack) -> AsyncIterator[Proxy]:
    """Between the bridge and Asterisk's manager interface."""
    proxy = Proxy("127.0.0.1", int(stack["AMI_PORT"]))
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture(scope="session")
def store_with_site(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a bridge that has its site loaded: copied for each test."""
    folder = tmp_path_factory.mktemp("site")
    service = Bridge(stack, folder)
    service.command("load", str(folder / "site.toml"))
    return folder


@pytest.fixture
async def bridge(
    stack: Stack,
    asterisk: AmiClient,
    carrier: Carrier,
    ami: Proxy,
    store_with_site: Path,
    tmp_path: Path,
) -> AsyncIterator[Bridge]:
    """A service of this test alone that reaches Asterisk through the proxy `ami`."""
    await clear(asterisk)
    async with running(Bridge(stack, tmp_path, ami_port=ami.port), store_with_site) as service:
        yield service
        ami.mend()
        ami.thaw()
        await service.until_ready()
        await log_everybody_out(service)
        await nothing_is_left(asterisk, carrier)
    await hang_up_everything(asterisk)
    await hang_up_everything(carrier.client)


@asynccontextmanager
async def running(service: Bridge, store_with_site: Path) -> AsyncIterator[Bridge]:
    """The service, started on a copy of the store."""
    for part in store_with_site.glob("bridge.db*"):
        shutil.copy(part, service.folder)
    await service.start()
    try:
        yield service
    finally:
        await service.close()
