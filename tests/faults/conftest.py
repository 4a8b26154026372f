"""Faults: a real service, a real Asterisk, a real carrier, and something broken between them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "asterisk"))

from fixtures import asterisk, carrier, running, stack, store_with_site
from pair import Pair, running_pair
from proxy import Proxy
from service import Bridge, free_port
from stack import Carrier, Stack

from bridge.ami.client import AmiClient

__all__ = ["asterisk", "carrier", "stack", "store_with_site"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.asterisk)


@pytest.fixture
async def ami(stack: Stack) -> AsyncIterator[Proxy]:
    """Between the bridge and Asterisk's manager interface."""
    proxy = Proxy("127.0.0.1", int(stack["AMI_PORT"]))
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture
def more_settings() -> str:
    """A line of settings of the Asterisk, for tests that want another one."""
    return ""


@pytest.fixture
async def bridge(
    stack: Stack,
    asterisk: AmiClient,
    carrier: Carrier,
    ami: Proxy,
    store_with_site: Path,
    tmp_path: Path,
    more_settings: str,
) -> AsyncIterator[Bridge]:
    """A service of this test alone that reaches Asterisk through the proxy `ami`."""
    service = Bridge(stack, tmp_path, ami_port=ami.port)
    file = tmp_path / "bridge.toml"
    file.write_text(file.read_text().replace("ping_interval", f"{more_settings}\nping_interval"))
    async with running(service, store_with_site, asterisk, carrier):
        yield service
        ami.mend()
        ami.thaw()
        await service.until_ready()


@pytest.fixture
async def agi(stack: Stack) -> AsyncIterator[Proxy]:
    """Between the relay beside Asterisk and the bridge: one question a line."""
    listen = (stack["HOST_GATEWAY"], int(stack["AGI_PORT"]))
    proxy = Proxy("127.0.0.1", free_port(), end=b"\n", listen=listen)
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture
async def bridge_behind_relay(
    stack: Stack,
    asterisk: AmiClient,
    carrier: Carrier,
    agi: Proxy,
    store_with_site: Path,
    tmp_path: Path,
) -> AsyncIterator[Bridge]:
    """A service of this test alone that the relay reaches through the proxy `agi`."""
    service = Bridge(stack, tmp_path)
    file = tmp_path / "bridge.toml"
    address = f'host = "{stack["HOST_GATEWAY"]}"\nport = {stack["AGI_PORT"]}'
    assert address in file.read_text()
    file.write_text(file.read_text().replace(address, f'host = "127.0.0.1"\nport = {agi.target[1]}'))
    async with running(service, store_with_site, asterisk, carrier):
        yield service
        agi.mend()
        await service.until_ready()


@pytest.fixture
async def pair(stack: Stack, asterisk: AmiClient, carrier: Carrier, tmp_path: Path) -> AsyncIterator[Pair]:
    """Both run; `a` came first and has all duties."""
    async with running_pair(stack, tmp_path, asterisk, carrier) as both:
        yield both
