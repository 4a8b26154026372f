"""From a wish to call somebody to a call that may be dialled."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from core_bench import CUSTOMER, EAST, MAIN, Bench

from bridge.calls.intent import Intent
from bridge.calls.intents import Intents
from bridge.calls.model import Call, CallKind
from bridge.calls.refusals import forbidden
from bridge.campaigns.caller_id_group import CallerIdEntry, CallerIdGroup
from bridge.campaigns.model import Campaign, InGroup, Trunk
from bridge.campaigns.own_number import OwnNumber
from bridge.errors import InvalidInput, NoSuchLead
from bridge.leads.model import LeadList, NewLead
from bridge.rules import Permit, PermitMisused, Purpose, Refusal, Rule
from bridge.services import DialRequest
from bridge.turn import Turn, Turns


async def look(bench: Bench, campaign: str = "TEST", **wish: Any) -> Intent:
    """Look into a wish to call."""
    found = await bench.core.site.campaign(campaign)
    assert found is not None
    return await bench.core.intents.look_into(DialRequest(**({"number": CUSTOMER} | wish)), found)


async def make(bench: Bench, intent: Intent, kind: CallKind = CallKind.AUTO) -> Call:
    """The call of an intent; it is not written down."""

    async def work(turn: Turn) -> Call:
        return await bench.core.intents.call(turn, intent, kind)

    return await Turns(bench.core.db).run(work)


async def judge(bench: Bench, intent: Intent, intents: Intents | None = None) -> Permit | Refusal:
    asked = intents or bench.core.intents
    return await Turns(bench.core.db).run(lambda turn: asked.judge(turn, intent, Purpose.AUTO))


async def lead(bench: Bench, number: str = CUSTOMER, code: str = "1") -> int:
    return await bench.core.leads.add(NewLead(list_id=998, phone_number=number, phone_code=code))


async def test_call_has_all_that_it_is_dialled_with(bench: Bench) -> None:
    intent = await look(bench, asked_by="crm")
    call = await make(bench, intent)
    assert (call.number, call.e164) == (CUSTOMER, "+17275550100")
    assert call.dial == "PJSIP/7275550100@carrier"
    assert (call.trunk, call.asterisk, call.caller_id) == ("carrier", MAIN, "7275550000")
    assert (call.campaign, call.asked_by, call.kind) == ("TEST", "crm", CallKind.AUTO)
    permit = await judge(bench, intent)
    assert isinstance(permit, Permit)
    permit.check(call.dial)


async def test_call_keeps_what_the_campaign_says_now_of_its_end(bench: Bench) -> None:
    call = await make(bench, await look(bench, "WRAPUP"))
    assert (call.wrapup_seconds, call.default_status) == (40, "TALKED")


async def test_ids_of_the_line_format_are_in_the_sites_time(bench: Bench) -> None:
    call = await make(bench, await look(bench), CallKind.MANUAL)
    local = call.asked_at.astimezone(bench.core.settings.site.zone)
    assert call.legacy_id[:10] == f"M{local:%m%d%H%M%S}"[:1] + f"{local:%m%d%H%M%S}"[-9:]
    assert call.legacy_uniqueid.startswith(f"{int(call.asked_at.timestamp())}.")


async def test_call_has_the_id_that_its_request_was_given(bench: Bench) -> None:
    wanted = "019ab2c3-0000-7000-8000-000000000001"
    assert (await make(bench, await look(bench, call_id=wanted))).id == wanted


async def test_the_caller_may_choose_the_number_shown(bench: Bench) -> None:
    assert (await make(bench, await look(bench, caller_id="7275559876"))).caller_id == "7275559876"


class TestTheTrunk:
    async def test_says_which_asterisk(self, bench: Bench) -> None:
        intent = await look(bench, "EAST")
        assert intent.asterisk == EAST
        assert (await make(bench, intent)).asterisk == EAST

    async def test_must_be_there_and_active(self, bench: Bench) -> None:
        with pytest.raises(InvalidInput, match="GONE has no active trunk"):
            await look(bench, "GONE")
        await bench.core.site.put(Campaign(id="NONE"))
        with pytest.raises(InvalidInput, match="NONE has no active trunk"):
            await look(bench, "NONE")

    async def test_decides_how_the_number_is_dialled(self, bench: Bench) -> None:
        await bench.core.site.put(Trunk(name="carrier", template="Local/9{number}@from-internal/n"))
        intent = await look(bench)
        call, permit = await make(bench, intent), await judge(bench, intent)
        assert call.dial.startswith("Local/9")
        assert isinstance(permit, Permit)
        permit.check(call.dial)
        with pytest.raises(PermitMisused):
            permit.check("Local/7275550100@from-internal/n")

    @pytest.mark.parametrize(
        ("template", "number", "rule"),
        [
            ("PJSIP/{number}@carrier", "99123456", None),
            ("PJSIP/9{number}@carrier", "99123456", Rule.EMERGENCY),
            ("Local/9-{number}@from-internal/n", "99123456", Rule.EMERGENCY),
            ("PJSIP/9{number}@carrier", "22345678", None),
            ("SIP/999/{number}", "22345678", None),
        ],
    )
    async def test_makes_no_emergency_call_of_a_number(
        self, bench: Bench, template: str, number: str, rule: Rule | None
    ) -> None:
        """In Hong Kong 999 is the police, and mobile numbers begin with 9."""
        await bench.core.site.put(Trunk(name="carrier", template=template))
        there = replace(bench.core.intents._rules, country="HK", allowed_countries=frozenset({"HK"}))
        intents = Intents(bench.core.site, bench.core.leads, there, bench.core.intents._on_refusal)
        campaign = await bench.core.site.campaign("TEST")
        assert campaign is not None
        intent = await intents.look_into(DialRequest(number=number), campaign)
        verdict = await judge(bench, intent, intents)
        assert (verdict.rule if isinstance(verdict, Refusal) else None) == rule
        if isinstance(verdict, Permit):
            verdict.check(intent.trunk.dial(number))


class TestTheLead:
    async def test_of_the_request_gives_its_number(self, bench: Bench) -> None:
        lead_id = await lead(bench, "7275550123")
        call = await make(bench, await look(bench, number="", lead_id=lead_id))
        assert (call.number, call.lead_id) == ("7275550123", lead_id)
        assert call.legacy_id.endswith(f"{lead_id:010d}")

    async def test_of_the_request_may_be_called_on_another_number(self, bench: Bench) -> None:
        lead_id = await lead(bench, "7275550123")
        call = await make(bench, await look(bench, lead_id=lead_id))
        assert (call.number, call.lead_id) == (CUSTOMER, lead_id)

    @pytest.mark.parametrize("lead_id", [4711, 0, -1, 2**70])
    async def test_of_the_request_must_be_there(self, bench: Bench, lead_id: int) -> None:
        with pytest.raises(NoSuchLead, match=str(lead_id)):
            await look(bench, lead_id=lead_id)

    async def test_is_looked_for_by_number_if_asked(self, bench: Bench) -> None:
        lead_id = await lead(bench)
        assert (await look(bench, search=True)).lead_id == lead_id
        assert (await look(bench)).lead_id is None
        assert (await look(bench, search=True, number="7275550199")).lead_id is None

    async def test_is_made_where_the_campaign_has_a_list_for_it(self, bench: Bench) -> None:
        call = await make(bench, await look(bench, vendor_id="V-7", asked_by="crm"))
        assert call.lead_id is not None
        made = await bench.core.leads.get(call.lead_id)
        assert made is not None
        assert (made.list_id, made.phone_code, made.phone_number) == (998, "1", CUSTOMER)
        assert (made.vendor_lead_code, made.status) == ("V-7", "QUEUE")
        assert await bench.told(f"leads/{made.id}") == ["lead.added"]

    async def test_is_not_made_where_it_has_none(self, bench: Bench) -> None:
        call = await make(bench, await look(bench, "WRAPUP"))
        assert call.lead_id is None
        assert call.legacy_id[-10:] >= "9000000000"

    async def test_is_not_made_of_what_is_no_number(self, bench: Bench) -> None:
        assert (await make(bench, await look(bench, number="12"))).lead_id is None


class TestTheGate:
    async def test_knows_the_list_of_the_system_and_of_the_campaign(self, bench: Bench) -> None:
        await bench.core.leads.add_dnc("7275550111")
        await bench.core.leads.add_dnc("7275550112", campaign="TEST")
        rules = []
        for number in ("7275550111", "7275550112"):
            verdict = await judge(bench, await look(bench, number=number))
            assert isinstance(verdict, Refusal)
            rules.append(verdict.rule)
        assert rules == [Rule.DNC_SYSTEM, Rule.DNC_CAMPAIGN]
        assert isinstance(await judge(bench, await look(bench, "WRAPUP", number="7275550112")), Permit)

    @pytest.mark.parametrize(
        ("number", "code", "rule"),
        [
            ("911", "1", Rule.EMERGENCY),
            ("12", "1", Rule.NOT_A_NUMBER),
            ("3012345678", "49", Rule.COUNTRY),
            ("", "1", Rule.NOT_A_NUMBER),
        ],
    )
    async def test_refuses_and_there_is_nothing_to_dial(
        self, bench: Bench, number: str, code: str, rule: Rule
    ) -> None:
        intent = await look(bench, number=number, phone_code=code)
        verdict = await judge(bench, intent)
        assert isinstance(verdict, Refusal)
        assert verdict.rule is rule
        if isinstance(intent.number, Refusal):
            call = await make(bench, intent)
            assert (call.dial, call.e164) == ("", "")

    async def test_number_without_end_is_refused_and_shortened_on_record(self, bench: Bench) -> None:
        intent = await look(bench, number="7" * 500)
        assert isinstance(await judge(bench, intent), Refusal)
        assert (await make(bench, intent)).number == "7" * 40

    @pytest.mark.parametrize(
        ("rule", "status"),
        [
            (Rule.DNC_SYSTEM, "DNCL"),
            (Rule.DNC_CAMPAIGN, "DNCC"),
            (Rule.COUNTRY, "ADC"),
            (Rule.USER_COUNTRY, "LRERR"),
        ],
    )
    def test_refusal_says_the_status_of_the_call(self, rule: Rule, status: str) -> None:
        now = datetime.now(UTC)
        told = forbidden(Refusal(rule=rule, why="because", source="a law"), now)
        assert (told.network_status, told.rule, told.why, told.source) == (status, rule, "because", "a law")
        assert told.at == now


async def test_number_of_another_country_keeps_its_plus(bench: Bench) -> None:
    """Bare digits of it could be read as something else at home."""
    call = await make(bench, await look(bench, number="3012345678", phone_code="49"))
    assert call.dial == "PJSIP/+493012345678@carrier"


async def test_a_prefix_is_directly_before_the_number_and_permitted(bench: Bench) -> None:
    intent = await look(bench, dial_prefix="9")
    call = await make(bench, intent)
    assert (call.number, call.dial) == (CUSTOMER, f"PJSIP/9{CUSTOMER}@carrier")
    permit = await judge(bench, intent)
    assert isinstance(permit, Permit)
    permit.check(call.dial)
    with pytest.raises(PermitMisused):
        permit.check(f"PJSIP/{CUSTOMER}@carrier")


async def test_a_prefix_that_makes_another_number_is_refused(bench: Bench) -> None:
    for prefix in ("911", "011", "1900"):
        assert isinstance(await judge(bench, await look(bench, dial_prefix=prefix)), Refusal)


@pytest.mark.parametrize("prefix", ["9X", "+1", "9,1", "9@", "1" * 21])
async def test_a_prefix_is_digits(bench: Bench, prefix: str) -> None:
    with pytest.raises(InvalidInput):
        await look(bench, dial_prefix=prefix)


async def test_in_the_name_of_an_in_group_its_number_is_shown(bench: Bench) -> None:
    await bench.core.site.put(OwnNumber(number="+17275550077"))
    await bench.core.site.put(InGroup(name="SALES", caller_id="7275550077"))
    call = await make(bench, await look(bench, queue="SALES"))
    assert (call.queue, call.caller_id) == ("SALES", "7275550077")
    chosen = await make(bench, await look(bench, queue="SALES", caller_id="7275550088"))
    assert chosen.caller_id == "7275550088"
    await bench.core.site.put(InGroup(name="SALES"))
    assert (await make(bench, await look(bench, queue="SALES"))).caller_id == "7275550000"
    with pytest.raises(InvalidInput):
        await look(bench, queue="NOPE")


async def test_the_number_of_the_customers_area_is_shown(bench: Bench) -> None:
    site = bench.core.site
    entries = (CallerIdEntry(area="727", number="7275550077"), CallerIdEntry(area="TX", number="2145550088"))
    await site.put(CallerIdGroup(name="LOCAL", entries=entries), vouched=True)
    campaign = await site.campaign("TEST")
    assert campaign is not None
    await site.put(msgspec.structs.replace(campaign, caller_id_group="LOCAL"))
    assert (await make(bench, await look(bench))).caller_id == "7275550077"
    elsewhere = await bench.core.leads.add(NewLead(list_id=998, phone_number="2125550100", phone_code="1"))
    assert (await make(bench, await look(bench, number="", lead_id=elsewhere))).caller_id == "7275550000"
    texan = NewLead(list_id=998, phone_number="2125550101", phone_code="1", state="TX")
    there = await bench.core.leads.add(texan)
    assert (await make(bench, await look(bench, number="", lead_id=there))).caller_id == "2145550088"
    chosen = await make(bench, await look(bench, caller_id="7275559876"))
    assert chosen.caller_id == "7275559876", "who asks chooses before it"
    await site.put(LeadList(id=998, campaign="TEST", caller_id="7275550066"), vouched=True)
    of_list = await make(bench, await look(bench, number="", lead_id=there))
    assert of_list.caller_id == "7275550066", "and so does the list"
