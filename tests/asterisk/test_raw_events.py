"""What a real Asterisk says of a call, word for word, over HTTP."""

from __future__ import annotations

import asyncio

from service import Bridge
from test_screen import Message, read, until


async def test_a_call_is_heard_as_asterisk_tells_it_and_nothing_else(bridge: Bridge) -> None:
    checks = (await bridge.api.get("/ready")).json()["checks"]
    [asterisk] = [name.partition(":")[2] for name in checks if name.startswith("asterisk:")]
    await bridge.log_in("1000")
    asked = f"/v1/asterisks/{asterisk}/events?event=DialEnd&event=Hangup"
    async with bridge.api.stream("GET", asked) as reply:
        raw = read(reply.aiter_lines())
        await until(raw, "link_up")
        number = {"value": "7275550101", "phone_code": "1", "search": "YES", "preview": "NO", "focus": "YES"}
        assert (await bridge.agc("external_dial", agent_user="1000", **number)).startswith("SUCCESS")
        heard: list[Message] = []
        async with asyncio.timeout(20):
            while not any(data["event"] == "Hangup" for _, data in heard):
                heard += await until(raw, "ami")
    assert {data["event"] for _, data in heard} == {"DialEnd", "Hangup"}
    assert not any(data["kept"] for _, data in heard)
    statuses = [data["headers"]["DialStatus"] for _, data in heard if data["event"] == "DialEnd"]
    assert "BUSY" in statuses
