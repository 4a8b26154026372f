"""The peer of `stream.py`: panoramisk hears Asterisk, and aiomqtt passes each event on as it comes."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import aiomqtt
from panoramisk import Manager

NAMES = ("Newstate", "Hangup")


async def run(ami_port: int, mqtt_port: int) -> None:
    """Pass events on until killed."""
    waiting: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
    manager = Manager(host="127.0.0.1", port=ami_port, username="bridge", secret="s3cret")

    def heard(_: Any, event: Any) -> None:
        topic = f"peer/{event.Event}/{event.Uniqueid}"
        waiting.put_nowait((topic, json.dumps(dict(event.items()))))

    for name in NAMES:
        manager.register_event(name, heard)
    await manager.connect()
    while True:
        try:
            async with aiomqtt.Client("127.0.0.1", mqtt_port) as client:
                while True:
                    topic, payload = await waiting.get()
                    await client.publish(topic, payload, qos=1)
        except aiomqtt.MqttError:
            await asyncio.sleep(0.1)


if __name__ == "__main__":
    asyncio.run(run(*map(int, sys.argv[1:])))
