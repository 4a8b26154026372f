"""A campaign that dials by itself, and its dialler at work on a real store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from core_bench import MAIN, Bench, ami_event, eventually

from bridge.ami.actions import Originate
from bridge.ami.events import Hangup
from bridge.background import background
from bridge.calls.model import Call
from bridge.campaigns.model import Campaign, DialMethod, Trunk
from bridge.dialer.model import Entry, HopperRow, Source
from bridge.leads.model import Lead, LeadList, NewLead
from bridge.service import Core
from bridge.services import CallQuery

FAST = Trunk(name="carrier", template="PJSIP/{number}@carrier", calls_per_second=1000)


class Floor:
    """The campaign, its leads and agents, and what Asterisk was asked to dial."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.core = bench.core

    async def campaign(self, **fields: Any) -> None:
        """Make the campaign so: RATIO with one line an agent, unless told otherwise."""
        usual: dict[str, Any] = {
            "id": "RATIO",
            "trunk": "carrier",
            "dial_method": DialMethod.RATIO,
            "dial_level": 1.0,
        }
        usual |= {"dial_statuses": ("NEW",), "wrapup_seconds": 0}
        await self.core.site.put(Campaign(**(usual | fields)))

    async def lead(self, number: str = "7275550100", **fields: Any) -> int:
        """A lead of the campaign's list."""
        lead = NewLead(phone_number=number, **({"list_id": 101} | fields))
        return await self.core.leads.add(lead)

    async def hop(self, lead_id: int, source: Source = Source.API, **fields: Any) -> None:
        """Put a lead into the hopper, as an API does."""
        entry = Entry(lead_id=lead_id, campaign="RATIO", list_id=101, source=source, **fields)
        await self.core.db.write(lambda tx: self.core.hopper.insert(tx, entry))

    async def ready(self, user: str = "1000") -> None:
        """An agent waits for calls."""
        await self.bench.ready(user, "RATIO")

    @property
    def dialled(self) -> list[str]:
        """The dial strings that Asterisk was given for customers, in their order."""
        return [
            action.channel
            for action in self.bench.ami.named("Originate")
            if isinstance(action, Originate) and action.channel.endswith("@carrier")
        ]

    async def dials(self, *numbers: str) -> None:
        """Wait until these numbers were dialled, no others, in any order."""
        wanted = sorted(f"PJSIP/{number}@carrier" for number in numbers)

        async def look() -> bool:
            return len(self.dialled) >= len(wanted)

        await eventually(look)
        await self.quiet()
        assert sorted(self.dialled) == wanted

    async def quiet(self) -> None:
        """Wait until the dialler has looked at all that has happened, and is at rest."""
        await asyncio.sleep(0.05)
        timers = self.core.dialer._timers

        async def look() -> bool:
            return not timers._running and not any("now" in str(key) for key in timers._handles)

        await eventually(look)

    async def row(self, lead_id: int) -> HopperRow | None:
        """Its row of the hopper."""
        return await self.core.hopper.get(lead_id)

    async def get(self, lead_id: int) -> Lead:
        """The lead as it is now."""
        found = await self.core.leads.get(lead_id)
        assert found is not None
        return found

    async def calls(self) -> list[Call]:
        """All calls, oldest first."""
        return list(reversed(await self.core.call_commands.list(CallQuery())))

    async def end(self, call: Call, cause: int = 17) -> None:
        """The network says that a call is over."""
        await self.bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=cause))


@asynccontextmanager
async def dialling(core: Core) -> AsyncIterator[None]:
    """The dialler of a core at work."""
    async with background(core.dialer.run):
        yield


async def furnished(bench: Bench) -> Floor:
    """A floor whose dialler may begin."""
    floor = Floor(bench)
    bench.core.dialer._in_step = lambda _: True  # nobody watches an Asterisk here that could differ
    bench.core.duties.duty(f"asterisk:{MAIN}").want()
    await bench.core.duties.start()
    await bench.core.site.put(FAST)
    await floor.campaign()
    await bench.core.site.put(LeadList(id=101, campaign="RATIO"))
    return floor
