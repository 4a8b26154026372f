"""What calls ask of Asterisk: over the wire, in the words that Asterisk reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from call_makers import a_call
from core_bench import FakeAmi, channel, refused

from bridge.ami.errors import ActionRefused, AmiError, NotConnected, OutcomeUnknown, PermissionDenied
from bridge.ami.message import Message
from bridge.ami.settings import AmiSettings
from bridge.ami.state import LinkState
from bridge.calls.asterisk import CallLink, Extension, Way
from bridge.calls.model import Call, CallKind, CallState
from bridge.rules import Facts, Number, Permit, PermitMisused, Purpose, may_dial, normalise

NUMBER = "7275550100"
DIAL = f"PJSIP/{NUMBER}@carrier"

MISSING_RIGHT = PermissionDenied("Permission denied", Message(b"Response: Error"))


@pytest.fixture
def ami() -> FakeAmi:
    return FakeAmi(AmiSettings(host="", user="", secret=""))


@pytest.fixture
def link(ami: FakeAmi) -> CallLink:
    return CallLink(ami)  # type: ignore[arg-type] # stands in for the client


def permit(number: str = NUMBER, now: datetime | None = None) -> Permit:
    """The gate's word."""
    read = normalise(number, "1", "US")
    assert isinstance(read, Number)
    facts = Facts(allowed_countries=frozenset({"US"}))
    found = may_dial(read, Purpose.MANUAL, now or datetime.now(UTC), facts)
    assert isinstance(found, Permit)
    return found


def call_of(kind: CallKind, **more: Any) -> Call:
    return a_call(CallState.SENT, kind=kind, dial=DIAL, caller_id="7275550000", **more)


async def originate(link: CallLink, ami: FakeAmi, call: Call) -> dict[str, list[str]]:
    """The headers of the Originate that goes out for a call."""
    await link.originate(call, permit(), 25)
    (action,) = ami.sent
    found: dict[str, list[str]] = {}
    for name, value in action.fields():
        found.setdefault(name, []).append(value)
    return found


async def test_manual_call_is_dialled_out_of_the_agents_room(link: CallLink, ami: FakeAmi) -> None:
    headers = await originate(link, ami, call_of(CallKind.MANUAL))
    assert headers["Channel"] == ["Local/8600051@bridge-room/n"]
    assert (headers["Context"], headers["Exten"]) == (["bridge-dial"], ["s"])
    assert headers["ChannelId"] == ["call-1"]
    assert sorted(headers["Variable"]) == [
        "BRIDGE_CALLER_ID=7275550000",
        f"BRIDGE_DIAL={DIAL}",
        "BRIDGE_TIMEOUT=25",
        "CDR(userfield)=call-1",
        "__BRIDGE_CALL_ID=call-1",
    ]
    assert ami.ids == ["call-1"], "OriginateResponse is known by it"


async def test_automatic_call_rings_alone_and_for_as_long_as_the_campaign_says(
    link: CallLink, ami: FakeAmi
) -> None:
    headers = await originate(link, ami, call_of(CallKind.AUTO))
    assert headers["Channel"] == [DIAL]
    assert (headers["Context"], headers["Exten"]) == (["bridge-answered"], ["s"])
    assert headers["Timeout"] == ["25000"]
    assert headers["CallerID"] == ["7275550000 <7275550000>"]
    assert sorted(headers["Variable"]) == ["CDR(userfield)=call-1", "__BRIDGE_CALL_ID=call-1"]


async def test_click_rings_the_extension_with_the_customers_number_and_dials_then(
    link: CallLink, ami: FakeAmi
) -> None:
    call = call_of(CallKind.CLICK, number="727-555-0100")
    await link.originate(call, permit(), 25, Extension("PJSIP/1000", 12))
    headers: dict[str, list[str]] = {}
    for name, value in ami.sent[0].fields():
        headers.setdefault(name, []).append(value)
    assert headers["Channel"] == ["PJSIP/1000"]
    assert (headers["Context"], headers["Exten"]) == (["bridge-click"], ["s"])
    assert (headers["Timeout"], headers["CallerID"]) == (["12000"], ["7275550100 <7275550100>"])
    assert (headers["ChannelId"], ami.ids) == (["call-1"], ["call-1"])
    assert sorted(headers["Variable"]) == [
        "BRIDGE_CALLER_ID=7275550000",
        f"BRIDGE_DIAL={DIAL}",
        "BRIDGE_TIMEOUT=25",
        "CDR(userfield)=call-1",
        "__BRIDGE_CALL_ID=call-1",
    ]


async def test_without_a_caller_id_the_trunks_own_is_left(link: CallLink, ami: FakeAmi) -> None:
    await link.originate(a_call(CallState.SENT, kind=CallKind.AUTO, dial=DIAL), permit(), 25)
    assert "CallerID" not in dict(ami.sent[0].fields())


@pytest.mark.parametrize(
    "given",
    [
        permit("7275550101"),
        permit(now=datetime.now(UTC) - timedelta(minutes=1)),
    ],
    ids=["for another number", "run out"],
)
async def test_nothing_is_sent_without_a_permit_for_it(link: CallLink, ami: FakeAmi, given: Permit) -> None:
    with pytest.raises(PermitMisused):
        await link.originate(call_of(CallKind.AUTO), given, 25)
    assert ami.sent == []


@pytest.mark.parametrize("error", [NotConnected(), OutcomeUnknown(), refused("no such trunk")], ids=repr)
async def test_failure_of_an_originate_is_told(link: CallLink, ami: FakeAmi, error: Any) -> None:
    ami.fails["Originate"] = error
    with pytest.raises(type(error)):
        await link.originate(call_of(CallKind.AUTO), permit(), 25)
    assert len(ami.sent) == 1, "and is not sent again"


async def test_hangs_up_by_unique_id(link: CallLink, ami: FakeAmi) -> None:
    await link.hangup("1732420800.17")
    assert [dict(action.fields()) for action in ami.named("Hangup")] == [{"Channel": "1732420800.17"}]


async def test_channel_that_is_gone_already_is_no_error(link: CallLink, ami: FakeAmi) -> None:
    ami.fails["Hangup"] = refused()
    await link.hangup("1732420800.17")


@pytest.mark.parametrize("error", [NotConnected(), MISSING_RIGHT], ids=repr)
async def test_hangup_that_was_not_done_is_told(link: CallLink, ami: FakeAmi, error: AmiError) -> None:
    """A right that is missing is not taken for a channel that is gone."""
    ami.fails["Hangup"] = error
    with pytest.raises(type(error)):
        await link.hangup("1732420800.17")


async def test_lists_the_channels(link: CallLink, ami: FakeAmi) -> None:
    ami.rows = [channel("a"), channel("b")]
    assert [row.uniqueid for row in await link.channels()] == ["a", "b"]
    ami.fails["CoreShowChannels"] = refused("Permission denied")
    with pytest.raises(ActionRefused):
        await link.channels()


@pytest.mark.parametrize("state", LinkState)
def test_is_up_only_while_logged_in(link: CallLink, ami: FakeAmi, state: LinkState) -> None:
    ami.state = state
    assert link.up == (state is LinkState.UP)


async def test_a_customer_goes_on_to_the_permitted_number_and_no_other(link: CallLink, ami: FakeAmi) -> None:
    call = call_of(CallKind.BLIND, channel="customer")
    for other in (None, permit("7275550199")):
        with pytest.raises(PermitMisused):
            await link.pass_on(call, Way(exten="to-number", permit=other))
    assert ami.sent == []
    smuggled = {"BRIDGE_DIAL": "PJSIP/900@carrier", "BRIDGE_PASS": "to-queue"}
    await link.pass_on(call, Way(exten="to-number", variables=smuggled, permit=permit()))
    told = {action.variable: action.value for action in ami.named("Setvar")}
    assert (told["BRIDGE_DIAL"], told["BRIDGE_PASS"]) == (DIAL, "to-number")
    assert (told["BRIDGE_TIMEOUT"], told["BRIDGE_CALLER_ID"]) == ("60", "7275550000")
