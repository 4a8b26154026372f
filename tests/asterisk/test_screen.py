"""An agent's screen during a real call: her page sees everything, in order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from service import Bridge
from stack import DEADLINE

Message = tuple[str, dict[str, Any]]


async def read(lines: AsyncIterator[str]) -> AsyncIterator[Message]:
    """The messages of a stream: the event's name, and its data."""
    kind = ""
    async for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)


async def until(messages: AsyncIterator[Message], kind: str) -> list[Message]:
    """What comes, up to the first message of this name."""
    found: list[Message] = []
    async with asyncio.timeout(DEADLINE):
        while not found or found[-1][0] != kind:
            found.append(await anext(messages))
    return found


async def test_the_page_sees_a_whole_call_in_order(bridge: Bridge) -> None:
    async with bridge.api.stream("GET", "/v1/agents/1000/screen") as reply:
        assert reply.headers["content-type"].startswith("text/event-stream")
        page = read(reply.aiter_lines())
        ((_, begin),) = await until(page, "snapshot")
        assert begin["session"] is None

        await bridge.log_in("1000")
        seen = await until(page, "agent.logged_in")
        number = {"value": "7275550100", "phone_code": "1", "search": "YES", "preview": "NO", "focus": "YES"}
        assert (await bridge.agc("external_dial", agent_user="1000", **number)).startswith("SUCCESS")
        seen += await until(page, "agent.incall")
        ((_, shown),) = await until(page, "snapshot")
        lead_id = shown["lead"]["id"]
        assert (shown["call"]["state"], shown["lead"]["phone_number"]) == ("bridged", "7275550100")

        reply_line = await bridge.agc("update_fields", agent_user="1000", first_name="Pat", scriptreload="1")
        assert reply_line.startswith(f"SUCCESS: update_fields lead updated - crm|1000|{lead_id}|1|1|"), (
            reply_line
        )
        seen += await until(page, "screen.panels_refreshed")
        ((_, shown),) = await until(page, "snapshot")
        assert shown["lead"]["first_name"] == "Pat"

        note = {"recipient": "1000", "recipient_type": "USER", "notification_text": "Well done"}
        assert (await bridge.agc("send_notification", **note)).startswith("SUCCESS")
        seen += await until(page, "screen.notified")

        assert (await bridge.agc("external_hangup", agent_user="1000", value="1")).startswith("SUCCESS")
        seen += await until(page, "agent.paused")
        ((_, shown),) = await until(page, "snapshot")
        assert (shown["call"], shown["lead"]) == (None, None)
        assert [one["text"] for one in shown["screen"]["notifications"]] == ["Well done"]

    order = [
        "agent.logging_in",
        "agent.logged_in",
        "agent.dialing",
        "agent.incall",
        "screen.fields_updated",
        "screen.panels_refreshed",
        "screen.notified",
        "agent.paused",
    ]
    kinds = [kind for kind, _ in seen]
    assert [kind for kind in kinds if kind in order] == order
    calls = [kind for kind in kinds if kind.startswith("call.")]
    assert calls == [
        "call.planned",
        "call.dialing",
        "call.ringing",
        "call.answered",
        "call.bridged",
        "call.ended",
        "call.disposed",
    ]
    numbers = [int(event["sequence"]) for kind, event in seen if kind != "snapshot"]
    assert numbers == sorted(numbers)
