"""Record the events of real calls, for `ami_events.py`.

Two agents log in on real phones, sit in rooms and in a queue; customers are dialled through the carrier and
end in all the ways a call can end. A user who only looks on, without event filters, records every byte.

Usage: `record_ami_events.py FILE.gz`, with the connection in the variables that `docker/engine env` prints.
"""

from __future__ import annotations

import asyncio
import gzip
import os
import sys
from contextlib import suppress
from pathlib import Path

from bridge.ami import ActionRefused, AmiClient, AmiEvent, AmiSettings, Subscription, actions, events

AGENTS = {"1015": "8600115", "1016": "8600116"}
QUEUE = "default"
ENDINGS = ("00", "01", "03", "04", "06", "07", "09", "00")
ROUNDS = 12
TALK_SECONDS = 1.5


def settings(kind: str) -> AmiSettings:
    env = os.environ
    return AmiSettings(
        name=kind or "bridge",
        port=int(env["AMI_PORT"]),
        user=env[f"AMI_{kind}USER"],
        secret=env[f"AMI_{kind}SECRET"],
    )


async def seat(ami: AmiClient, phone: str, room: str) -> None:
    """Ring an agent's phone, seat it in its room, and make it a member of the queue."""
    call = actions.Originate(
        channel=f"PJSIP/{phone}", context="bridge-agent", exten=room, channel_id=f"agent-{phone}"
    )
    async with ami.subscribe(["ConfbridgeJoin"]) as joins:
        await ami.send(call)
        async with asyncio.timeout(10):
            async for item in joins:
                if isinstance(item, events.ConfbridgeJoin) and item.conference == room:
                    break
    member = actions.QueueAdd(queue=QUEUE, interface=f"Local/{room}@bridge-room/n", member_name=phone)
    with suppress(ActionRefused):  # left over from a run that was interrupted
        await ami.send(member)


async def customer(ami: AmiClient, room: str, number: str) -> None:
    """Dial a customer out of a room, as a manual call does; talk; hang up if he has not."""
    channel_id = f"call-{number}-{room}"
    call = actions.Originate(
        channel=f"Local/{room}@bridge-room/n",
        context="bridge-dial",
        exten="s",
        channel_id=channel_id,
        variables={
            "__BRIDGE_CALL_ID": channel_id,
            "BRIDGE_DIAL": f"PJSIP/{number}@carrier",
            "BRIDGE_TIMEOUT": "5",
            "BRIDGE_CALLER_ID": "12125550199",
        },
    )
    await ami.send(call)
    await asyncio.sleep(TALK_SECONDS + 1)
    await hang_up(ami, channel_id)


async def caller(ami: AmiClient, number: str) -> None:
    """A customer who waits in the queue and is given to an agent."""
    channel_id = f"queue-{number}"
    call = actions.Originate(
        channel=f"PJSIP/{number}@carrier", context="bridge-inbound", exten="5550100", channel_id=channel_id
    )
    await ami.send(call)
    await asyncio.sleep(TALK_SECONDS + 2)
    await hang_up(ami, channel_id)


async def hang_up(ami: AmiClient, channel_id: str) -> None:
    with suppress(ActionRefused):  # the far end was first
        await ami.send(actions.Hangup(channel_id, 16))


async def calls(ami: AmiClient) -> None:
    for phone, room in AGENTS.items():
        await seat(ami, phone, room)
    for turn in range(ROUNDS):
        ending = ENDINGS[turn % len(ENDINGS)]
        manual = [customer(ami, room, f"12125550{turn % 10}{ending}") for room in AGENTS.values()]
        await asyncio.gather(*manual, caller(ami, f"12125551{turn % 10}00"))
    for phone, room in AGENTS.items():
        await hang_up(ami, f"agent-{phone}")
        await ami.send(actions.QueueRemove(QUEUE, f"Local/{room}@bridge-room/n"))
    await asyncio.sleep(1)  # the last channels end


async def write(subscription: Subscription, file: Path) -> None:
    with gzip.open(file, "wb", 9) as out:
        async for item in subscription:
            if isinstance(item, AmiEvent):
                out.write(item.raw + b"\r\n\r\n")


async def record(file: Path) -> None:
    async with AmiClient(settings("")) as ami, AmiClient(settings("VIEW_")) as view:
        await ami.connected(5)
        await view.connected(5)
        subscription = view.subscribe(None, maxsize=1_000_000, policy="drop")
        writing = asyncio.create_task(write(subscription, file))
        await calls(ami)
        subscription.close()
        await writing


if __name__ == "__main__":
    asyncio.run(record(Path(sys.argv[1])))
