"""Why nothing is dialled: each cause is provoked, and said first."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from core_bench import Bench, eventually, refused
from dialer_bench import Floor, dialling, furnished
from sqlalchemy import update

from bridge.ami.state import LinkState
from bridge.background import background
from bridge.calls import intents
from bridge.calls.model import CallKind
from bridge.campaigns.call_time import CallTime
from bridge.campaigns.model import DialMethod, Trunk
from bridge.campaigns.redial import Recycle
from bridge.dialer import trunks
from bridge.dialer.causes import Block
from bridge.dialer.model import Source
from bridge.errors import NoSuchCampaign, NoSuchLead
from bridge.leads import callbacks
from bridge.leads.callbacks import Callback
from bridge.leads.model import LeadList
from bridge.rules import Rule, Zones
from bridge.store.schema import agent_sessions, calls, lists
from bridge.why import counting, service
from bridge.why.model import CampaignWhy, Count, LeadWhy


@pytest.fixture
async def floor(bench: Bench) -> Floor:
    """A campaign that would dial, with the dialler not at work."""
    return await furnished(bench)


@pytest.fixture
async def ready(floor: Floor) -> Floor:
    """And an agent who waits."""
    await floor.ready()
    return floor


async def of_campaign(floor: Floor) -> CampaignWhy:
    return await floor.core.why.campaign("RATIO")


async def of_lead(floor: Floor, lead_id: int) -> LeadWhy:
    return await floor.core.why.lead(lead_id)


def causes(found: CampaignWhy | LeadWhy) -> list[str]:
    return [reason.cause for reason in found.reasons]


def count_of(found: CampaignWhy, cause: str) -> Count:
    (count,) = (count for count in found.counts if count.cause == cause)
    return count


async def says(floor: Floor, cause: str) -> CampaignWhy:
    """Wait until this is the campaign's first cause."""

    async def look() -> bool:
        return causes(await of_campaign(floor))[:1] == [cause]

    await eventually(look, within=20)
    return await of_campaign(floor)


async def test_asking_changes_nothing(ready: Floor) -> None:
    lead = await ready.lead()
    await ready.hop(lead)
    before, told = await ready.row(lead), await ready.bench.told()
    await of_campaign(ready)
    await of_lead(ready, lead)
    assert (await ready.row(lead), await ready.bench.told()) == (before, told)
    assert (await ready.get(lead)).status == "NEW"


async def test_many_who_ask_at_once_are_all_answered(ready: Floor) -> None:
    """No connection of the store is held while another is waited for."""
    for number in range(100, 110):
        await ready.lead(f"7275550{number}")
    ready.core.site.forget()
    async with asyncio.timeout(120):
        found = await asyncio.gather(
            asyncio.gather(*(of_campaign(ready) for _ in range(15))),
            asyncio.gather(*(of_lead(ready, 1) for _ in range(15))),
        )
    assert [one.reasons for one in found[0]] == [()] * 15
    assert [one.reasons for one in found[1]] == [()] * 15


class TestCampaign:
    async def test_nothing_keeps_it(self, ready: Floor) -> None:
        await ready.lead()
        found = await of_campaign(ready)
        assert found.reasons == ()
        assert found.why == "nothing keeps it: 1 lead may be called now"
        assert (found.dialable, found.asked, found.all_asked) == (1, 1, True)

    async def test_there_is_none(self, ready: Floor) -> None:
        with pytest.raises(NoSuchCampaign):
            await ready.core.why.campaign("NONE")

    @pytest.mark.parametrize(
        ("fields", "cause", "why"),
        [
            ({"active": False}, Block.CAMPAIGN_INACTIVE, "campaign RATIO is not active"),
            (
                {"dial_method": DialMethod.MANUAL},
                Block.DIAL_METHOD,
                "dial_method MANUAL of campaign RATIO dials nothing by itself",
            ),
            ({"dial_level": 0.0}, Block.DIAL_METHOD, "dial_level is 0: nothing is dialled by itself"),
            ({"trunk": "gone"}, Block.NO_TRUNK, "trunk gone of campaign RATIO is not active"),
            ({"trunk": ""}, Block.NO_TRUNK, "campaign RATIO has no trunk"),
            ({"trunk": "east"}, Block.NO_BRIDGE, None),
        ],
    )
    async def test_as_it_is_set_up(
        self, ready: Floor, fields: dict[str, Any], cause: str, why: str | None
    ) -> None:
        await ready.lead()
        await ready.campaign(**fields)
        found = await of_campaign(ready)
        assert causes(found)[0] == cause
        assert why is None or found.why == why

    async def test_all_causes_are_said_in_their_order(self, floor: Floor) -> None:
        await floor.campaign(active=False, dial_method=DialMethod.INBOUND_MAN, trunk="")
        found = await of_campaign(floor)
        assert causes(found) == [
            *(Block.CAMPAIGN_INACTIVE, Block.DIAL_METHOD, Block.NO_TRUNK, Block.NO_LEADS)
        ]

    async def test_a_trunk_on_an_asterisk_that_is_not_known(self, ready: Floor) -> None:
        trunk = Trunk(name="far", template="PJSIP/{number}@far", asterisk="far")
        await ready.core.site.put(trunk)
        await ready.lead()
        await ready.campaign(trunk="far")
        found = await of_campaign(ready)
        assert causes(found) == [Block.NO_TRUNK]
        assert "far" in found.why

    async def test_no_link(self, ready: Floor) -> None:
        await ready.lead()
        ready.bench.ami.state = LinkState.BACKING_OFF
        assert causes(await of_campaign(ready))[0] == Block.ASTERISK_DOWN

    async def test_not_in_step(self, ready: Floor) -> None:
        await ready.lead()
        ready.core.dialer._in_step = lambda _: False
        assert causes(await of_campaign(ready))[0] == Block.NOT_IN_STEP

    async def test_nobody_is_logged_in(self, floor: Floor) -> None:
        await floor.lead()
        found = await of_campaign(floor)
        assert causes(found) == [Block.NO_AGENT]
        assert found.why == "no agent is logged in to campaign RATIO"

    async def test_nobody_is_ready(self, floor: Floor) -> None:
        await floor.lead()
        await floor.bench.log_in("1000", "RATIO")
        found = await of_campaign(floor)
        assert causes(found) == [Block.NO_AGENT]
        assert found.why == "1 agent is logged in, and none waits for a call: 1 paused"

    async def test_who_is_ready_takes_inbound_calls_only(self, floor: Floor) -> None:
        await floor.lead()
        await floor.ready()
        await floor.core.db.write(lambda tx: tx.conn.execute(update(agent_sessions).values(blended=False)))
        found = await of_campaign(floor)
        assert causes(found) == [Block.NO_AGENT]
        assert found.why.endswith("none waits for a call: 1 ready for inbound calls only")

    async def test_who_waits_on_hook_is_somebody(self, floor: Floor) -> None:
        await floor.lead()
        commands = floor.core.agent_commands
        await commands.login("1000", "1000", "RATIO", on_hook=True, asked_by="")
        assert causes(await of_campaign(floor)) == [Block.NO_AGENT]
        await commands.resume("1000", asked_by="")
        assert causes(await of_campaign(floor)) == []
        await abandoned(floor, 3)
        assert causes(await of_campaign(floor))[0] == Block.DROP_LIMIT

    async def test_too_many_were_abandoned(self, ready: Floor) -> None:
        await ready.lead()
        await abandoned(ready, 3)
        found = await of_campaign(ready)
        assert causes(found)[0] == Block.DROP_LIMIT
        assert "3 of 3 answered calls were dropped" in found.why

    async def test_no_line_is_free(self, ready: Floor) -> None:
        trunk = Trunk(name="carrier", template="PJSIP/{number}@carrier", max_calls=1)
        await ready.core.site.put(trunk)
        await ready.lead()
        await ready.bench.dial("TEST", number="7275550199")
        found = await of_campaign(ready)
        assert causes(found) == [Block.TRUNK_FULL]
        assert found.why.startswith("0 lines are free")

    async def test_enough_calls_are_under_way(self, ready: Floor) -> None:
        await ready.lead()
        await ready.lead("7275550101")
        async with dialling(ready.core):
            await ready.dials("7275550100")
            found = await of_campaign(ready)
        assert causes(found) == [Block.PACING]
        assert "1 are dialled" in found.why


class TestWhatTheDiallerSays:
    async def test_asterisk_has_refused(self, ready: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(trunks, "FIRST_PAUSE", 30.0)
        await ready.lead()
        ready.bench.ami.fails["Originate"] = refused()
        async with dialling(ready.core):
            found = await says(ready, Block.ASTERISK_REFUSES)
        until = found.reasons[0].until
        assert until is not None
        assert until > found.at
        assert found.why == "Asterisk has refused a call on trunk carrier"

    async def test_calls_a_second(self, ready: Floor) -> None:
        slow = Trunk(name="carrier", template="PJSIP/{number}@carrier", calls_per_second=0.1)
        await ready.core.site.put(slow)
        await ready.campaign(dial_level=3.0)
        for number in range(3):
            await ready.lead(f"727555010{number}")
        async with dialling(ready.core):
            await ready.dials("7275550100")
            found = await says(ready, Block.PER_SECOND)
        assert found.reasons[0].until is not None

    async def test_automatic_is_off(self, ready: Floor) -> None:
        await ready.lead()
        async with background(ready.core.dialer.rest):
            found = await says(ready, Block.AUTOMATIC_OFF)
        assert ready.dialled == []
        assert "automatic = false" in found.why

    async def test_whoever_asks_reads_it_in_the_store(
        self, ready: Floor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After the dialler has ended, too."""
        monkeypatch.setattr(trunks, "FIRST_PAUSE", 30.0)
        await ready.lead()
        ready.bench.ami.fails["Originate"] = refused()
        async with dialling(ready.core):
            await says(ready, Block.ASTERISK_REFUSES)
        ready.core.dialer._paces.clear()
        assert causes(await of_campaign(ready))[0] == Block.ASTERISK_REFUSES

    async def test_what_is_over_is_not_said_any_more(
        self, ready: Floor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(trunks, "FIRST_PAUSE", 0.2)
        await ready.lead()
        ready.bench.ami.fails["Originate"] = refused()
        async with dialling(ready.core):

            async def tried() -> bool:
                return bool(ready.dialled)

            await eventually(tried)
            ready.bench.ami.fails.clear()

            async def placed() -> bool:
                return any(call.sent_at and not call.ended_at for call in await ready.calls())

            await eventually(placed, within=20)

            async def gone() -> bool:
                return Block.ASTERISK_REFUSES not in causes(await of_campaign(ready))

            await eventually(gone, within=20)


class TestLeads:
    """Of each cause: what is said of the lead, and how the campaign counts it."""

    async def check(self, floor: Floor, lead_id: int, cause: str) -> CampaignWhy:
        found = await of_lead(floor, lead_id)
        assert causes(found) == [cause]
        campaign = await of_campaign(floor)
        assert causes(campaign) == [Block.NO_LEADS]
        assert count_of(campaign, cause).leads == 1
        assert campaign.dialable == 0
        return campaign

    async def test_nothing_keeps_it(self, ready: Floor) -> None:
        found = await of_lead(ready, await ready.lead())
        assert (found.reasons, found.why) == ((), service.NOTHING)
        assert (found.campaign, found.list_id) == ("RATIO", 101)

    async def test_there_is_none(self, ready: Floor) -> None:
        with pytest.raises(NoSuchLead):
            await of_lead(ready, 4711)

    async def test_a_list_of_no_campaign(self, ready: Floor) -> None:
        await ready.core.site.put(LeadList(id=104))
        found = await of_lead(ready, await ready.lead(list_id=104))
        assert causes(found) == [Block.NO_CAMPAIGN]
        assert found.campaign == ""

    async def test_the_campaigns_own_causes_come_behind(self, floor: Floor) -> None:
        lead = await floor.lead(status="SALE")
        assert causes(await of_lead(floor, lead)) == [Block.STATUS, Block.NO_AGENT]

    async def test_the_list_is_not_active(self, ready: Floor) -> None:
        lead = await ready.lead()
        await ready.core.site.put(LeadList(id=101, campaign="RATIO", active=False))
        found = await self.check(ready, lead, Block.LIST_INACTIVE)
        assert found.why == "no list of campaign RATIO is active"

    async def test_the_list_has_expired(self, ready: Floor) -> None:
        lead = await ready.lead()
        expired = datetime.now(UTC) - timedelta(hours=1)
        await ready.core.site.put(LeadList(id=101, campaign="RATIO", expires_at=expired))
        found = await self.check(ready, lead, Block.LIST_EXPIRED)
        assert found.why == "all lists of campaign RATIO have expired"

    async def test_its_status_is_not_dialled(self, ready: Floor) -> None:
        lead = await ready.lead(status="SALE")
        found = await self.check(ready, lead, Block.STATUS)
        assert found.why.endswith("1 lead has status SALE, which is not among dial_statuses")

    async def test_it_was_called(self, ready: Floor) -> None:
        await self.check(ready, await ready.lead(called_since_last_reset="Y"), Block.CALLED)

    async def test_it_was_called_as_often_as_may_be(self, ready: Floor) -> None:
        await ready.campaign(call_count_limit=2)
        await self.check(ready, await ready.lead(called_count=2), Block.CALL_COUNT)

    async def test_it_is_to_be_recycled_later(self, ready: Floor) -> None:
        await ready.campaign(recycle=(Recycle(status="NA", delay=3600, attempts=2),))
        lead = await ready.lead(status="NA", called_since_last_reset="Y")
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
        await ready.hop(lead, source=Source.RECYCLE, due_at=due)
        found = await of_lead(ready, lead)
        assert [(reason.cause, reason.until) for reason in found.reasons][:1] == [(Block.WAITS, due)]

    async def test_it_is_being_called(self, ready: Floor) -> None:
        lead = await ready.lead(status="SALE")
        await ready.bench.dial("TEST", lead_id=lead)
        found = await of_lead(ready, lead)
        assert causes(found)[0] == Block.IN_CALL

    async def test_it_is_about_to_be_dialled(self, ready: Floor) -> None:
        lead = await ready.lead()
        await ready.hop(lead)
        await ready.core.db.write(lambda tx: ready.core.hopper.pull(tx, "RATIO", 1, "other"))
        assert causes(await of_lead(ready, lead)) == [Block.BEING_DIALLED]

    async def test_it_waits_in_the_hopper(self, ready: Floor) -> None:
        lead = await ready.lead(status="SALE")
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=30)
        await ready.hop(lead, due_at=due)
        found = await self.check(ready, lead, Block.WAITS)
        assert count_of(found, Block.WAITS).until == due

    async def test_it_has_no_other_number(self, ready: Floor) -> None:
        lead = await ready.lead(status="SALE")
        await ready.hop(lead, alt="ALT")
        await self.check(ready, lead, Block.NO_SUCH_NUMBER)

    async def test_a_callback_waits(self, ready: Floor) -> None:
        lead = await ready.lead(status="CALLBK")
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
        await promise(ready, lead, due)
        found = await of_lead(ready, lead)
        assert causes(found) == [Block.CALLBACK, Block.STATUS]
        assert found.reasons[0].until == due
        count = count_of(await of_campaign(ready), Block.CALLBACK)
        assert (count.leads, count.until) == (1, due)

    async def test_on_the_do_not_call_list(self, ready: Floor) -> None:
        await ready.core.leads.add_dnc("7275550100")
        await self.check(ready, await ready.lead(), Rule.DNC_SYSTEM)

    async def test_on_the_campaigns_do_not_call_list(self, ready: Floor) -> None:
        await ready.core.leads.add_dnc("7275550100", campaign="RATIO")
        await self.check(ready, await ready.lead(), Rule.DNC_CAMPAIGN)

    @pytest.mark.parametrize(
        ("number", "code", "rule"),
        [
            ("12", "1", Rule.NOT_A_NUMBER),
            ("9005550100", "1", Rule.PREMIUM),
            ("301234567", "49", Rule.COUNTRY),
            ("612345678", "881", Rule.SATELLITE),
            ("911", "1", Rule.EMERGENCY),
        ],
    )
    async def test_its_number(self, ready: Floor, number: str, code: str, rule: str) -> None:
        await self.check(ready, await ready.lead(number, phone_code=code), rule)

    async def test_it_is_outside_the_laws_hours(self, ready: Floor) -> None:
        for name in ("law-US-NY", "law-US-CO"):
            await ready.core.site.put(CallTime(name=name, hours=in_hours(3), source="the test"))
        ids = [await ready.lead(f"3035550{number}") for number in range(100, 103)]
        ids += [await ready.lead("2125550100")]
        found = await of_lead(ready, ids[0])
        assert causes(found) == [Rule.LAW_HOURS]
        assert found.reasons[0].until is not None
        campaign = await of_campaign(ready)
        assert causes(campaign) == [Block.NO_LEADS]
        denver, new_york = campaign.counts
        assert (denver.leads, new_york.leads) == (3, 1)
        assert denver.why.startswith("3 leads wait for ")
        assert denver.why.endswith(" in Denver")
        assert new_york.why.startswith("1 lead waits for ")
        assert new_york.why.endswith(" in New York")
        assert campaign.reasons[0].until == min(count.until for count in campaign.counts if count.until)

    async def test_it_is_outside_the_lists_hours(self, ready: Floor) -> None:
        await ready.core.site.put(LeadList(id=101, campaign="RATIO", call_time="never"))
        await self.check(ready, await ready.lead(), Rule.CALL_TIME)

    async def test_it_is_a_holiday(self, ready: Floor) -> None:
        days = dict.fromkeys(near_days(), "")
        await ready.core.site.put(CallTime(name="office", holidays=days))
        await ready.campaign(call_time="office")
        await self.check(ready, await ready.lead(), Rule.CALL_TIME)

    async def test_nobody_knows_its_clock(self, ready: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
        await ready.core.site.put(CallTime(name="day", hours="00:00-23:59"))
        await ready.campaign(call_time="day")
        monkeypatch.setattr(intents, "zones_of", lambda *_: Zones(names=(), known_by="the number"))
        await self.check(ready, await ready.lead(), Rule.TIME_ZONE)

    async def test_its_hours_are_not_there(self, ready: Floor) -> None:
        lead = await ready.lead()
        await ready.core.db.write(lambda tx: tx.conn.execute(update(lists).values(call_time="gone")))
        ready.core.site.forget()
        await self.check(ready, lead, Rule.NO_CALL_TIME)

    @pytest.mark.parametrize("limit", ["attempts_per_day", "attempts_per_week"])
    async def test_it_was_called_often(self, ready: Floor, limit: str) -> None:
        await ready.campaign(**{limit: 1})
        lead = await ready.lead(status="SALE")
        await called(ready, lead)
        await ready.hop(lead)
        found = await self.check(ready, lead, limit)
        assert count_of(found, limit).until is not None

    async def test_it_was_abandoned(self, ready: Floor) -> None:
        lead = await ready.lead(status="SALE")
        await called(ready, lead, status="DROP")
        await ready.hop(lead)
        await self.check(ready, lead, Rule.DROP_LOCKOUT)


class TestCounting:
    async def test_no_list(self, ready: Floor) -> None:
        await ready.core.site.remove(LeadList, "101")
        assert (await of_campaign(ready)).why == "campaign RATIO has no list"

    async def test_an_empty_list(self, ready: Floor) -> None:
        assert (await of_campaign(ready)).why == "the active lists of campaign RATIO hold no lead"

    async def test_by_cause_the_most_first(self, ready: Floor) -> None:
        for number in range(100, 106):
            await ready.lead(f"7275550{number}", status="SALE" if number > 102 else "DNC")
        await ready.lead("7275550110", called_since_last_reset="Y")
        await ready.lead("7275550111")
        await ready.lead("7275550112", status="DNC")
        found = await of_campaign(ready)
        assert [(count.cause, count.leads, count.at_least) for count in found.counts] == [
            *((Block.STATUS, 4, False), (Block.STATUS, 3, False), (Block.CALLED, 1, False))
        ]
        assert found.counts[0].why == "4 leads have status DNC, which is not among dial_statuses"
        assert found.dialable == 1

    async def test_a_lead_of_the_hopper_is_not_counted_twice(self, ready: Floor) -> None:
        lead = await ready.lead(status="SALE")
        await ready.hop(lead, source=Source.STANDARD)
        found = await of_campaign(ready)
        assert [(count.cause, count.leads) for count in found.counts] == [(Block.STATUS, 1)]
        assert (found.asked, found.dialable) == (1, 0)

    async def test_a_large_list_is_not_counted_to_its_end(
        self, ready: Floor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(counting, "MOST", 3)
        monkeypatch.setattr(service, "ASKED", 2)
        for number in range(100, 105):
            await ready.lead(f"7275550{number}", status="SALE")
            await ready.lead(f"2125550{number}")
        found = await of_campaign(ready)
        count = count_of(found, Block.STATUS)
        assert (count.leads, count.at_least) == (3, True)
        assert count.why.startswith("at least 3 leads have status SALE")
        assert (found.asked, found.dialable, found.all_asked) == (2, 2, False)


async def called(floor: Floor, lead_id: int, status: str = "NA") -> None:
    """An automatic call to the lead that was, an hour ago."""
    call = await floor.bench.dial("TEST", number="", lead_id=lead_id)
    await floor.end(call)
    hour = datetime.now(UTC) - timedelta(hours=1)
    values = {"asked_at": hour, "sent_at": hour, "kind": CallKind.AUTO.value, "status": status}
    await floor.core.db.write(
        lambda tx: tx.conn.execute(update(calls).where(calls.c.id == call.id).values(values))
    )


async def abandoned(floor: Floor, count: int) -> None:
    """Answered calls of the campaign that found no agent."""
    for number in range(count):
        lead = await floor.lead(f"727555020{number}", status="SALE")
        await called(floor, lead, "DROP")
    values = {"answered_at": datetime.now(UTC), "campaign": "RATIO"}
    await floor.core.db.write(
        lambda tx: tx.conn.execute(update(calls).where(calls.c.status == "DROP").values(values))
    )


async def promise(floor: Floor, lead_id: int, due: datetime) -> None:
    callback = Callback(
        call_id="of-the-test",
        lead_id=lead_id,
        campaign="RATIO",
        user="1000",
        status="CALLBK",
        asked="",
        due_at=due,
        comments="",
        made_at=datetime.now(UTC),
    )
    await floor.core.db.write(lambda tx: callbacks.put(tx, callback))


def in_hours(hours: int) -> str:
    """Half an hour that is not now, whatever the zone of the North American plan."""
    zones = range(4, 11)
    now = datetime.now(UTC)
    taken = {(now - timedelta(hours=zone)).hour for zone in zones}
    free = next(hour for hour in range(hours, 24) if not {hour} & taken and not {hour - 1} & taken)
    return f"{free:02}:00-{free:02}:30"


def near_days() -> list[str]:
    """Yesterday, today and tomorrow."""
    return [(datetime.now(UTC) + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)]
