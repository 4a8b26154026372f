"""Before and after each test of real calls: nothing is left of another one."""

from __future__ import annotations

from service import Bridge
from stack import DEADLINE, Carrier, hang_up_everything, until

from bridge.ami.actions import BridgeList, CoreShowChannels, QueueRemove, QueueStatus
from bridge.ami.client import AmiClient
from bridge.ami.events import QueueMember


async def clear(asterisk: AmiClient) -> None:
    """Take away what a test that failed has left: channels, and members of a bridge that never came back."""
    await hang_up_everything(asterisk)
    for member in await queue_members(asterisk):
        await asterisk.send(QueueRemove(member["Queue"], member["Location"]))


async def log_everybody_out(service: Bridge) -> None:
    """End every session, and the call that it has."""
    for agent in await service.get("/agents"):
        if call := agent["call_id"]:
            await service.api.post(f"/v1/calls/{call}/hangup")
            await service.api.put(f"/v1/calls/{call}/disposition", json={"status": "N"})
        await service.api.post(f"/v1/agents/{agent['user']}/logout")  # she may have gone meanwhile


async def queue_members(asterisk: AmiClient) -> list[QueueMember]:
    """The members that a bridge has put into queues; an installation may have others of its own."""
    rows = await asterisk.send_list(QueueStatus())
    return [row for row in rows if isinstance(row, QueueMember) and "@bridge-offer" in row["Location"]]


async def nothing_is_left(asterisk: AmiClient, carrier: Carrier) -> None:
    """No channel, bridge or queue member, on either side."""
    await asterisk.connected(DEADLINE)

    async def clean() -> bool:
        members = await queue_members(asterisk)
        if members or await carrier.channels():
            return False
        return not await asterisk.send_list(CoreShowChannels()) and not await asterisk.send_list(BridgeList())

    await until(clean, "an Asterisk and a carrier without channels, bridges and queue members")
