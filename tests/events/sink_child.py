"""A process with a sink, to be killed. Arguments: database URL, port of the broker."""

from __future__ import annotations

import asyncio
import math
import sys

import structlog

from bridge.events.log import EventLog
from bridge.events.mqtt import MqttOptions, MqttSink
from bridge.events.mqtt_link import broker_at
from bridge.store.database import Database
from bridge.store.duties import Duty


async def _main(url: str, port: str) -> None:
    async with Database(url) as db:
        broker = broker_at(f"mqtt://127.0.0.1:{port}", "bridge-1")
        options = MqttOptions(broker=broker, prefix="ab", bridge="one", source="/t")
        duty = Duty("mqtt", lambda: None)
        duty.take(math.inf, 0)
        await MqttSink(EventLog(db), options, duty).run()


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_main(*sys.argv[1:]))
