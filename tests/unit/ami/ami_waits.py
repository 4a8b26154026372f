"""What the tests of the AMI client send and wait for."""

from __future__ import annotations

import asyncio

from bridge.ami import actions
from bridge.ami.subscriptions import Item, Subscription

CALL = actions.Originate(channel="PJSIP/1", context="x", exten="s", channel_id="id-1")


async def take(subscription: Subscription, count: int, within: float = 5.0) -> list[Item]:
    async with asyncio.timeout(within):
        return [await anext(subscription) for _ in range(count)]
