"""The call in the API, in the event log and on MQTT: the same at each step."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
from service import Bridge
from stack import Stack, until

STEPS = ("dialing", "ringing", "answered", "bridged", "ended", "disposed")


class Listener:
    """What a subscriber of the bridge's topics has heard."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.states: dict[str, list[dict[str, Any]]] = {}

    def hear(self, topic: str, payload: bytes) -> None:
        if "/events/" in topic:
            self.events.append(json.loads(payload))
        elif topic.endswith("/state"):
            self.states.setdefault(topic, []).append(json.loads(payload) if payload else {})


@asynccontextmanager
async def listening(stack: Stack, bridge: Bridge) -> AsyncIterator[Listener]:
    listener = Listener()

    async def hear() -> None:
        async with aiomqtt.Client(
            "127.0.0.1",
            int(stack["MQTT_PORT"]),
            username=stack["MQTT_USER"],
            password=stack["MQTT_PASSWORD"],
        ) as client:
            await client.subscribe(f"{bridge.topics}/#", qos=1)
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                listener.hear(message.topic.value, message.payload)

    task = asyncio.create_task(hear())
    try:
        yield listener
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_api_event_log_and_mqtt_agree_at_each_step(bridge: Bridge, stack: Stack) -> None:
    async with listening(stack, bridge) as heard:
        await bridge.log_in("1000")
        call = await bridge.post("/calls", {"agent": "1000", "number": "7275550100"})
        subject = f"calls/{call['id']}"
        retained = f"{bridge.topics}/{subject}/state"
        await bridge.call_is(call["id"], "bridged")  # it rings for too short a time to be waited for
        await bridge.post(f"/calls/{call['id']}/hangup")
        done = await bridge.call_is(call["id"], "disposed")

        async def told() -> bool:
            types = [event["type"] for event in heard.events if event["subject"] == subject]
            return "call.disposed" in types and heard.states[retained][-1] == {}

        await until(told, "the call's disposition on MQTT, and no retained state of it")

    logged = await bridge.get(f"/calls/{call['id']}/timeline")
    published = [event for event in heard.events if event["subject"] == subject]
    assert [event["id"] for event in published] == [event["id"] for event in logged]
    assert [event["data"]["state"] for event in published[1:]] == list(STEPS)
    for event, state in zip(logged[1:], STEPS, strict=True):
        assert done[f"{state}_at"] == event["time"], state
    states = heard.states[retained]
    assert [entry["data"]["state"] for entry in states if entry] == ["planned", *STEPS[:-1]]
