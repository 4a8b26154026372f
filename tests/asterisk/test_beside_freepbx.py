"""Calls beside an installation shaped like FreePBX: its routes, caller-id rules and toll blocks stay."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from leftovers import log_everybody_out, nothing_is_left
from service import Bridge
from stack import ROOT, Carrier, Stack, connected, find_stack

from bridge.ami.events import AmiEvent

ROUTE = "Local/{number}@from-internal/n"


def contents(etc: Path) -> dict[str, bytes]:
    return {str(path.relative_to(etc)): path.read_bytes() for path in etc.rglob("*") if path.is_file()}


def conf_plan(etc: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "bridge", "conf", "plan", "--freepbx", "--asterisk-dir", str(etc)]
    done = subprocess.run([*command, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def apply(etc: Path, stack: Stack) -> str:
    """Put the bridge's files in, readable for Asterisk's user; what was said."""
    plan = ("--apply", "--show-secret", "--permit", "0.0.0.0/0", "--asterisk-version", "22.10.1")
    if os.geteuid() == 0:
        owner = ":".join(stack.run("asterisk", "id", which).strip() for which in ("-u", "-g"))
        return conf_plan(etc, *plan, "--owner", owner)
    told = conf_plan(etc, *plan)
    for path in etc.rglob("*"):  # who is not root may not give files away
        path.chmod(path.stat().st_mode | 0o004)
    return told


def reload(stack: Stack) -> None:
    for command in (
        "dialplan reload",
        "module reload app_confbridge.so",
        "queue reload all",
        "manager reload",
    ):
        stack.run("asterisk", "asterisk", "-rx", command)


@pytest.fixture
def freepbx() -> Stack:
    found = find_stack("freepbx")
    if found is None:
        pytest.skip("the containers do not run: docker/engine up --stack freepbx asterisk carrier broker")
    return found


@pytest.fixture
def with_bridge(freepbx: Stack) -> Iterator[Stack]:
    """The installation with what `conf plan` puts in, which is taken out again byte for byte."""
    etc = Path(freepbx["ASTERISK_ETC"])
    before = contents(etc)
    told = apply(etc, freepbx)
    secret = told.partition("secret of bridge: ")[2].split()[0]
    reload(freepbx)
    try:
        yield Stack(freepbx.values | {"AMI_USER": "bridge", "AMI_SECRET": secret})
    finally:
        conf_plan(etc, "--remove")
        reload(freepbx)
        assert contents(etc) == before


@pytest.fixture
async def beside(
    with_bridge: Stack, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Bridge, Carrier, list[str]]]:
    """The bridge, the carrier, and the numbers that called parties saw."""
    async with connected(with_bridge.carrier()) as client, connected(with_bridge.asterisk()) as asterisk:
        carrier, shown = Carrier(client, with_bridge), list[str]()

        def note(event: AmiEvent) -> None:
            if event["UserEvent"] == "NetworkCall":
                shown.append(event["CallerIDNum"])

        client.on("UserEvent", note)
        bridge = Bridge(with_bridge, tmp_path, trunk=getattr(request, "param", ROUTE))
        await asyncio.to_thread(bridge.command, "load", str(tmp_path / "site.toml"))
        await bridge.start()
        try:
            yield bridge, carrier, shown
            await log_everybody_out(bridge)
            await nothing_is_left(asterisk, carrier)
        finally:
            await bridge.close()


async def test_a_manual_call_goes_through_the_outbound_route(
    beside: tuple[Bridge, Carrier, list[str]],
) -> None:
    bridge, carrier, shown = beside
    await bridge.log_in("1000")
    call = await bridge.post("/calls", {"agent": "1000", "number": "7275550100"})
    assert (await bridge.call_is(call["id"], "bridged"))["caller_id"] == "7275550000"
    assert carrier.called == ["7275550100"]
    assert shown == ["7275550000"], "the route's own caller-id rule is in force"
    await bridge.post(f"/calls/{call['id']}/hangup")
    await bridge.call_is(call["id"], "disposed")


async def test_an_automatic_call_goes_through_the_outbound_route(
    beside: tuple[Bridge, Carrier, list[str]],
) -> None:
    bridge, carrier, _ = beside
    await bridge.log_in("1000")
    await bridge.post("/agents/1000/resume")
    call = await bridge.post("/calls", {"campaign": "TEST", "number": "7275550100"})
    assert (await bridge.call_is(call["id"], "bridged"))["agent"] == "1000"
    assert carrier.called == ["7275550100"]


@pytest.mark.parametrize("beside", ["Local/011{number}@from-internal/n"], indirect=True)
async def test_what_the_route_blocks_is_not_dialled(beside: tuple[Bridge, Carrier, list[str]]) -> None:
    bridge, carrier, _ = beside
    await bridge.log_in("1000")
    call = await bridge.post("/calls", {"agent": "1000", "number": "7275550100"})
    blocked = await bridge.call_is(call["id"], "disposed")
    assert (blocked["answered_at"], blocked["status_source"]) == (None, "network")
    await bridge.agent_is("1000", "paused")
    assert carrier.called == []
