"""What Asterisk refuses because its dialplan lacks something: told as that, not as an outage."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from leftovers import log_everybody_out
from own_asterisk import OwnAsterisk, good_files, own_asterisk
from service import Bridge
from stack import Stack, until

PHONES = """
[test-phone]
exten => _X.,1,Answer()
 same => n,Wait(60)
"""
REASON = "Extension does not exist."


@pytest.fixture(scope="module")
def own(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    folder = tmp_path_factory.mktemp("refuses")
    good_files(folder / "etc")
    with (folder / "etc" / "extensions.conf").open("a") as file:
        file.write(PHONES)
    with own_asterisk(stack, folder) as own:
        yield own


@pytest.fixture
async def bridge(own: OwnAsterisk, stack: Stack, tmp_path: Path) -> AsyncIterator[Bridge]:
    service = Bridge(own.as_stack(stack), tmp_path)
    site = tmp_path / "site.toml"
    phone = '[[phone]]\ntemplate = "Local/{phone}@test-phone/n"'
    site.write_text(site.read_text().replace("[[phone]]", phone))
    await asyncio.to_thread(service.command, "load", str(site))
    await service.start()
    try:
        yield service
        await log_everybody_out(service)
        await until(lambda: is_empty(own), "an Asterisk without channels")
    finally:
        await service.close()


async def is_empty(own: OwnAsterisk) -> bool:
    count = await asyncio.to_thread(own.console, "core show channels count")
    return count.startswith("0 active channels")


@contextlib.contextmanager
def without(own: OwnAsterisk, context: str) -> Iterator[None]:
    """The dialplan lacks this context."""
    file = own.etc / "bridge_extensions.conf"
    whole = file.read_text()
    assert f"[{context}]" in whole
    file.write_text(whole.replace(f"[{context}]", "[somebody-elses]"))
    own.console("dialplan reload")
    try:
        yield
    finally:
        file.write_text(whole)
        own.console("dialplan reload")


async def test_a_phone_that_it_will_not_ring(bridge: Bridge, own: OwnAsterisk) -> None:
    asked = {"phone": "1000", "campaign": "TEST"}
    with without(own, "bridge-agent"):
        reply = await bridge.api.post("/v1/agents/1000/login", json=asked)
        assert (reply.status_code, reply.json()["error_id"]) == (502, "originate-refused")
        assert REASON in reply.json()["detail"]
        assert not await bridge.agent("1000"), "the login is over: she may try again"
        events = await bridge.events("agents/1000")
        assert events[-1]["type"] == "agent.login_failed"
    await bridge.log_in("1000")


async def test_a_call_that_it_will_not_place(bridge: Bridge, own: OwnAsterisk) -> None:
    await bridge.log_in("1000")
    with without(own, "bridge-dial"):
        line = await bridge.agc(
            "external_dial",
            agent_user="1000",
            value="7275550100",
            phone_code="1",
            search="NO",
            preview="NO",
            focus="NO",
        )
        reply = await bridge.api.post("/v1/calls", json={"agent": "1000", "number": "7275550100"})
    why = f"Asterisk would not place the call: {REASON.rstrip('.')}"
    assert line.startswith(f"ERROR: external_dial failed, {why} - 7275550100|1000")
    assert (reply.status_code, reply.json()["error_id"]) == (502, "originate-refused")
    assert REASON in reply.json()["detail"]
    await bridge.agent_is("1000", "paused")
