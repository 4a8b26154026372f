"""The broker is away: calls do not care, and every event reaches it in order when it is back."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt
import pytest
from proxy import Proxy
from service import Bridge
from stack import Carrier, Stack, until
from stories import TALKS, dial, disposed_once


@pytest.fixture
async def broker(stack: Stack, bridge: Bridge) -> AsyncIterator[Proxy]:
    """Between the bridge, which is started again for that, and the broker."""
    port = int(stack["MQTT_PORT"])
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) != 0:
            pytest.skip("this stack has no broker: docker/engine up")
    proxy = Proxy("127.0.0.1", port, end=b"")
    await proxy.start()
    file = bridge.folder / "bridge.toml"
    file.write_text(file.read_text().replace(f"127.0.0.1:{port}", f"127.0.0.1:{proxy.port}"))
    await bridge.stop()
    await bridge.start()
    yield proxy
    await proxy.stop()


@asynccontextmanager
async def subscriber(stack: Stack, bridge: Bridge) -> AsyncIterator[list[str]]:
    """The ids of the events that somebody at the broker gets, in order."""
    heard: list[str] = []
    listening = asyncio.Event()

    async def hear() -> None:
        async with aiomqtt.Client(
            "127.0.0.1", int(stack["MQTT_PORT"]), username=stack["MQTT_USER"], password=stack["MQTT_PASSWORD"]
        ) as client:
            await client.subscribe(f"{bridge.topics}/events/#", qos=1)
            listening.set()
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                heard.append(json.loads(message.payload)["id"])

    task = asyncio.create_task(hear())
    try:
        await asyncio.wait_for(listening.wait(), 10)
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("fault", ["frozen", "cut and the bridge killed"])
async def test_nothing_is_lost(
    bridge: Bridge, broker: Proxy, stack: Stack, carrier: Carrier, fault: str
) -> None:
    async with subscriber(stack, bridge) as heard:
        await bridge.log_in("1000")
        if fault == "frozen":
            broker.freeze()
        else:
            broker.cut()
        call_id = await dial(bridge, "1000", TALKS)
        await bridge.call_is(call_id, "bridged")
        if "killed" in fault:
            await bridge.kill()
            await bridge.start()
        await bridge.post(f"/calls/{call_id}/hangup")
        await disposed_once(bridge, call_id)
        broker.thaw()
        broker.mend()
        wanted = [event["id"] for event in await bridge.get(f"/calls/{call_id}/timeline")]

        async def all_there() -> bool:
            return set(wanted) <= set(heard)

        await until(all_there, "every event of the call at the broker", seconds=25)
    first_times = [event_id for event_id in dict.fromkeys(heard) if event_id in wanted]
    assert first_times == wanted
    assert carrier.called == [TALKS]
