"""A process with a sink, to be killed. Arguments: database URL, port of the broker."""

from __future__ import annotations

import asyncio
import sys

import structlog

from bridge.events.log import EventLog
from bridge.events.mqtt import MqttOptions, MqttSink
from bridge.events.mqtt_link import broker_at
from bridge.store.database import Database


async def _main(url: str, port: str) -> None:
    async with Database(url) as db:
        broker = broker_at(f"mqtt://127.0.0.1:{port}", "bridge-1")
        await MqttSink(EventLog(db), MqttOptions(broker=broker, prefix="ab", bridge="one", source="/t")).run()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_main(*sys.argv[1:]))
