"""Limits of an API user on every way to a number: what only refuses it, and what stops it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from agent_wishes import calls_of, talk
from core_bench import CUSTOMER, Bench
from hand_wishes import ask, ask_next, campaign, lead, stored

from bridge.access.limits import Limits
from bridge.access.model import Principal, PrincipalKind, UserSpec, spec_of
from bridge.calls.model import REFUSED
from bridge.calls.signals import Report
from bridge.campaigns.model import Phone
from bridge.errors import (
    BridgeError,
    DestinationNotAllowed,
    DialRefused,
    NoLeadLeft,
    TooManyCalls,
    UserLimited,
    UserShutOut,
)
from bridge.rules import Rule
from bridge.services import DialRequest
from bridge.store.errors import StoreUnavailable

BERLIN = "+493023125000"
OTHERS = ("7275550111", "7275550112", "7275550113", "7275550114")


async def widen(bench: Bench) -> Bench:
    """The site may call Germany too; whom it is home to is the US."""
    rules = bench.core.intents._rules
    bench.core.intents._rules = replace(rules, allowed_countries=frozenset({"US", "DE"}))
    await bench.core.access.create(UserSpec(user="other", kind=PrincipalKind.API, api_access=True))
    return bench


@pytest.fixture(name="bench")
async def wide(bench: Bench) -> Bench:
    return await widen(bench)


async def limit(bench: Bench, user: str = "crm", /, **limits: Any) -> None:
    await bench.core.access.set_limits(user, lambda _: Limits(**limits))


async def crm(bench: Bench) -> Principal:
    found = await bench.core.access.principal("crm", anew=True)
    assert found is not None
    return found


async def stop(bench: Bench) -> None:
    await bench.core.db.write(lambda tx: bench.core.access.stop(tx, "crm", "for a test"))


async def refusal_of(work: Awaitable[object]) -> BridgeError:
    with pytest.raises(UserLimited) as caught:
        await work
    return caught.value


def to(number: str = BERLIN, **more: Any) -> DialRequest:
    return DialRequest(number=number, asked_by="crm", **more)


# -- every way to a number


async def automatic(bench: Bench) -> object:
    return await bench.dial(number=BERLIN, asked_by="crm")


async def by_a_click(bench: Bench) -> object:
    return await bench.dial(number=BERLIN, asked_by="crm", extension="1000")


async def out_of_a_room(bench: Bench) -> object:
    await bench.log_in()
    return await bench.core.agent_commands.dial("1000", to())


async def by_hand(bench: Bench) -> object:
    await bench.log_in()
    return await ask(bench, number=BERLIN, asked_by="crm")


async def previewed(bench: Bench) -> object:
    await bench.log_in()
    return await ask(bench, number=BERLIN, asked_by="crm", preview=True)


async def alternate(bench: Bench) -> object:
    """An agent looks at a lead with a number abroad, and the CRM has that dialled."""
    await campaign(bench, alt_number_dialing=True)
    lead_id = await lead(bench, CUSTOMER, alt_phone="01149302312500")
    await bench.log_in()
    await ask(bench, number=CUSTOMER, lead_id=lead_id, preview=True, asked_by="crm")
    return await bench.core.manual.act("1000", "ALTDIAL", asked_by="crm")


async def third_party(bench: Bench) -> object:
    await talk(bench)
    await bench.core.conference.dial_third("1000", [to()])
    return None


async def transferred(bench: Bench) -> object:
    await talk(bench)
    return await bench.core.transfers.to_number("1000", to())


async def an_agents_phone(bench: Bench) -> object:
    await bench.core.site.put(Phone(login="01149302312500", template="PJSIP/{phone}@carrier"))
    return await bench.core.agent_commands.login("1000", "01149302312500", "TEST", asked_by="crm")


async def a_clicks_phone(bench: Bench) -> object:
    await bench.core.site.put(Phone(login="01149302312500", template="PJSIP/{phone}@carrier"))
    return await bench.dial(number=CUSTOMER, asked_by="crm", extension="01149302312500")


Way = Callable[[Bench], Awaitable[object]]
WAYS: tuple[Way, ...] = (
    automatic,
    by_a_click,
    out_of_a_room,
    by_hand,
    previewed,
    alternate,
    third_party,
    transferred,
    an_agents_phone,
    a_clicks_phone,
)


@pytest.mark.parametrize("way", WAYS)
async def test_no_way_leads_to_a_country_that_the_api_user_may_not_call(bench: Bench, way: Way) -> None:
    error = await refusal_of(way(bench))
    assert isinstance(error, DestinationNotAllowed)
    assert error.rule == Rule.USER_COUNTRY
    assert not [action for action in bench.ami.named("Originate") if "4930" in action.channel]
    assert not [action for action in bench.ami.named("Redirect") if "4930" in str(action)]


@pytest.mark.parametrize("way", WAYS)
async def test_each_way_is_open_to_an_api_user_that_may(bench: Bench, way: Way) -> None:
    await limit(bench, countries=("US", "DE"))
    await way(bench)


@pytest.mark.parametrize("way", WAYS)
async def test_no_way_is_open_to_who_was_stopped_meanwhile(bench: Bench, way: Way) -> None:
    """Its request had passed the login, or waited in a dial queue."""
    await limit(bench, countries=("US", "DE"))
    await stop(bench)
    assert isinstance(await refusal_of(way(bench)), UserShutOut)


@pytest.mark.parametrize("way", [automatic, by_hand])
@pytest.mark.parametrize(
    "off",
    [
        {"active": False},
        {"level": 0},
        {"api_access": False},
        {"limits": Limits(not_before=datetime(2100, 1, 1, tzinfo=UTC))},
        {"limits": Limits(expires_at=datetime(2000, 1, 1, tzinfo=UTC))},
    ],
    ids=lambda off: next(iter(off)),
)
async def test_nor_to_who_was_shut_out_otherwise(bench: Bench, way: Way, off: dict[str, Any]) -> None:
    await limit(bench, countries=("US", "DE"))
    await bench.core.access.change(msgspec.structs.replace(spec_of(await crm(bench)), **off))
    assert isinstance(await refusal_of(way(bench)), UserShutOut)


async def test_who_is_gone_has_nothing_dialled_any_more(bench: Bench) -> None:
    await bench.core.access.remove("crm")
    assert isinstance(await refusal_of(bench.dial(asked_by="crm")), UserShutOut)


async def test_a_type_of_number(bench: Bench) -> None:
    await limit(bench, number_types=("toll_free",))
    error = await refusal_of(bench.dial(asked_by="crm"))
    assert (type(error), error.details["rule"]) == (DestinationNotAllowed, Rule.USER_NUMBER_TYPE)
    assert (await bench.dial(number="8005551234", asked_by="crm")).number == "8005551234"


@pytest.mark.parametrize("asked_by", ["1000", "boss", ""])
async def test_people_call_what_the_site_allows(bench: Bench, asked_by: str) -> None:
    assert (await bench.dial(number=BERLIN, asked_by=asked_by)).e164 == BERLIN


# -- how many calls


@pytest.mark.parametrize("field", ["calls_per_hour", "calls_per_day"])
async def test_a_call_too_many_is_refused_and_stops_this_api_user_alone(bench: Bench, field: str) -> None:
    await limit(bench, **{field: 2})
    for number in OTHERS[:2]:
        await bench.dial(number=number, asked_by="crm")
    rung = len(bench.ami.named("Originate"))
    error = await refusal_of(bench.dial(number=OTHERS[2], asked_by="crm"))
    assert (type(error), error.status, error.details["rule"]) == (TooManyCalls, 429, f"user_{field}")
    assert len(bench.ami.named("Originate")) == rung, "nothing rings"
    assert (await calls_of(bench))[0].end_reason == REFUSED, "it is on record"
    assert (await crm(bench)).stopped
    assert await bench.told("apiuser/crm") == ["apiuser.stopped"]
    assert isinstance(await refusal_of(bench.dial(asked_by="crm")), UserShutOut)
    assert await bench.told("apiuser/crm") == ["apiuser.stopped"], "it is stopped once"
    assert (await bench.dial(number=OTHERS[3], asked_by="other")).asked_by == "other"


async def test_enabled_again_it_counts_anew(bench: Bench) -> None:
    await limit(bench, calls_per_hour=1)
    await bench.dial(number=OTHERS[0], asked_by="crm")
    await refusal_of(bench.dial(number=OTHERS[1], asked_by="crm"))
    await bench.core.access.set_active("crm", active=True)
    await bench.dial(number=OTHERS[1], asked_by="crm")
    await refusal_of(bench.dial(number=OTHERS[2], asked_by="crm"))
    assert (await crm(bench)).stopped


async def test_calls_at_once_only_wait_for_their_turn(bench: Bench) -> None:
    await limit(bench, calls_at_once=1)
    first = await bench.dial(number=OTHERS[0], asked_by="crm")
    for _ in range(5):
        error = await refusal_of(bench.dial(number=OTHERS[1], asked_by="crm"))
        assert (type(error), error.details["rule"]) == (TooManyCalls, Rule.USER_CALLS_AT_ONCE)
    assert not (await crm(bench)).stopped
    assert await bench.told("apiuser/crm") == []
    await bench.core.call_commands.hangup(first.id, asked_by="crm")
    await bench.core.calls.report(
        first.id, Report(at=datetime.now(UTC), cause=16, dial_status="ANSWER"), machine="", dropped=False
    )
    assert (await bench.dial(number=OTHERS[1], asked_by="crm")).state in ("sent", "planned")


async def test_third_parties_and_transfers_are_calls_too(bench: Bench) -> None:
    await talk(bench)
    await limit(bench, calls_per_hour=1)
    await bench.core.conference.dial_third("1000", [to(OTHERS[0])])
    await refusal_of(bench.core.transfers.to_number("1000", to(OTHERS[1])))
    assert (await crm(bench)).stopped


async def test_refused_calls_use_nothing_up(bench: Bench) -> None:
    await limit(bench, calls_per_hour=1)
    with pytest.raises(DialRefused):
        await bench.dial(number="12", asked_by="crm")
    await bench.dial(asked_by="crm")


@pytest.mark.parametrize("field", ["calls_per_hour", "calls_per_day", "calls_at_once"])
async def test_calls_at_the_same_moment_do_not_get_past_a_limit(any_bench: Bench, field: str) -> None:
    """On PostgreSQL the transactions run beside each other."""
    await widen(any_bench)
    await limit(any_bench, **{field: 3})
    await limit(any_bench, "other", **{field: 3})
    wishes = [(f"727555{number:04d}", user) for number in range(100, 110) for user in ("crm", "other")]
    asked = (any_bench.dial(number=number, asked_by=user) for number, user in wishes)
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    for user in ("crm", "other"):
        mine = [outcome for (_, of), outcome in zip(wishes, outcomes, strict=True) if of == user]
        dialled = [outcome for outcome in mine if not isinstance(outcome, UserLimited)]
        assert len(dialled) == 3, mine
    assert len(any_bench.ami.named("Originate")) == 6


# -- what stops, beside that


async def forbidden(bench: Bench, *numbers: str, **more: Any) -> None:
    for number in numbers:
        with pytest.raises((DialRefused, UserLimited)):
            await bench.dial(number=number, asked_by="crm", **more)


@pytest.mark.parametrize(
    "numbers",
    [
        ("+8816123456789", "+870773123456", "+8821612345678"),
        ("9005550100", "9005550101", "9005550102"),
        (BERLIN, "+493023125001", "+493023125002"),
        ("+8816123456789", "9005550100", BERLIN),
    ],
)
async def test_several_forbidden_numbers_stop(bench: Bench, numbers: tuple[str, ...]) -> None:
    await forbidden(bench, *numbers[:2])
    assert not (await crm(bench)).stopped
    await forbidden(bench, numbers[2])
    assert "3 different forbidden numbers within an hour" in (await crm(bench)).stopped
    assert await bench.told("apiuser/crm") == ["apiuser.stopped"]


async def test_one_slip_does_not_however_often_it_is_tried(bench: Bench) -> None:
    await forbidden(bench, *["9005550100"] * 6)
    assert not (await crm(bench)).stopped


@pytest.mark.parametrize("number", ["12", "911", "+447700900123", "0"])
async def test_typing_errors_and_other_countries_than_the_sites_do_not(bench: Bench, number: str) -> None:
    await forbidden(bench, *(f"{number}{digit}" if len(number) > 3 else number for digit in range(6)))
    assert not (await crm(bench)).stopped


async def test_numbers_of_leads_do_not(bench: Bench) -> None:
    """Anybody who fills in a form could have a caller stopped by them."""
    for number in ("9005550100", "9005550101", "9005550102", "9005550103"):
        await forbidden(bench, "", lead_id=await lead(bench, number))
    assert not (await crm(bench)).stopped


async def test_a_stop_that_cannot_be_written_is_no_success(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await limit(bench, calls_per_hour=0)

    async def gone(*_: object) -> bool:
        raise StoreUnavailable

    monkeypatch.setattr(bench.core.access, "stop", gone)
    with pytest.raises(StoreUnavailable):
        await bench.dial(asked_by="crm")
    assert bench.ami.named("Originate") == []


# -- the campaign's next lead


async def test_a_lead_that_this_api_user_may_not_call_is_passed_over_as_it_is(bench: Bench) -> None:
    await campaign(bench)
    abroad = await lead(bench, "3023125000", phone_code="49", rank=9)
    home = await lead(bench, "7275550123")
    await bench.log_in()
    done = await ask_next(bench, asked_by="crm")
    assert done.call is not None
    assert done.call.lead_id == home
    assert (await stored(bench, abroad)).status == "NEW", "another may call it"


async def test_over_its_limit_no_lead_is_touched(bench: Bench) -> None:
    await campaign(bench)
    lead_id = await lead(bench, "7275550123")
    await bench.log_in()
    await limit(bench, calls_per_hour=0)
    await refusal_of(ask_next(bench, asked_by="crm"))
    assert (await stored(bench, lead_id)).status == "NEW"
    assert (await crm(bench)).stopped


async def test_leads_that_it_may_not_call_are_no_leads_for_it(bench: Bench) -> None:
    await campaign(bench)
    await lead(bench, "3023125000", phone_code="49")
    await bench.log_in()
    with pytest.raises(NoLeadLeft):
        await ask_next(bench, asked_by="crm")
    assert not (await crm(bench)).stopped
