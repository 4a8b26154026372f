"""Click to dial: an extension is rung, then the customer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from call_makers import LATER, NOW, a_call
from call_scenes import deadline, rewrite, seen_by
from call_story import Story
from core_bench import CUSTOMER, EAST, Bench, ami_event, channel

from bridge.ami.events import (
    DialBegin,
    DialEnd,
    DialState,
    Hangup,
    Newchannel,
    Newstate,
    OriginateResponse,
)
from bridge.calls import clicks, signals
from bridge.calls.clicks import ExtensionEnd
from bridge.calls.model import Call, CallKind, CallState, StatusSource
from bridge.calls.service import Calls
from bridge.calls.translate import RINGING, UP
from bridge.campaigns.model import Phone
from bridge.errors import DialRefused, InvalidState, NoSuchPhone


def click(state: CallState = CallState.DIALING, **more: Any) -> Story:
    nobody = {"user": "", "session_id": "", "room": ""}
    return Story(state, **nobody, kind=CallKind.CLICK, extension="1000", **more)


@pytest.mark.parametrize(
    ("end", "what"),
    [
        (signals.HangupSeen(at=LATER, cause=17), ExtensionEnd.BUSY),
        (signals.HangupSeen(at=LATER, cause=0, dial_status="BUSY"), ExtensionEnd.BUSY),
        (signals.HangupSeen(at=LATER, cause=21), ExtensionEnd.DECLINED),
        (signals.HangupSeen(at=LATER, cause=0), ExtensionEnd.UNANSWERED),
        (signals.HangupSeen(at=LATER, cause=19), ExtensionEnd.UNANSWERED),
        (signals.HangupSeen(at=LATER, cause=16), ExtensionEnd.UNANSWERED),
        (signals.HangupSeen(at=LATER, cause=20), ExtensionEnd.UNREACHABLE),
        (signals.HangupSeen(at=LATER, cause=38), ExtensionEnd.UNREACHABLE),
        (signals.OriginateFailed(at=LATER, reason="originate_0"), ExtensionEnd.UNREACHABLE),
    ],
)
def test_an_extension_that_does_not_answer_has_a_reason_of_its_own(
    end: signals.Ending, what: ExtensionEnd
) -> None:
    assert clicks.failure(click().call, end) is what


def test_where_the_extension_has_answered_it_is_not_to_blame() -> None:
    busy = signals.HangupSeen(at=LATER, cause=17)
    assert clicks.failure(click(extension_answered_at=NOW).call, busy) is None
    assert clicks.failure(a_call(CallState.DIALING), busy) is None
    report = signals.Report(at=LATER, cause=17)
    assert clicks.failure(click().call, report) is None, "only an answered extension gets into the dialplan"


def test_the_phone_of_an_agent_on_hook_is_one_too() -> None:
    busy = signals.HangupSeen(at=LATER, cause=17)
    hers = Story(CallState.DIALING, extension="1000")
    assert clicks.failure(hers.call, busy) is ExtensionEnd.BUSY
    assert clicks.failure(hers(signals.ExtensionAnswered(at=NOW)).call, busy) is None
    assert hers.events == ["call.extension_answered"]
    callers = Story(CallState.QUEUED, kind=CallKind.INBOUND, extension="1000")
    assert clicks.failure(callers.call, busy) is None, "a caller whose agent is rung has called us"


def test_hung_up_by_us_while_it_rings_is_no_failure_of_the_extension() -> None:
    story = click()(signals.HangupAsked(at=NOW))
    assert clicks.failure(story.call, signals.HangupSeen(at=LATER, cause=0)) is None


def test_the_extensions_answer_is_told_once() -> None:
    story = click()(signals.ExtensionAnswered(at=NOW), signals.ExtensionAnswered(at=LATER))
    assert story.events == ["call.extension_answered"]
    assert story.call.extension_answered_at == NOW
    assert story.call.state is CallState.DIALING


def test_both_speak_and_the_disposition_is_waited_for_without_an_agent() -> None:
    story = click(wrapup_seconds=30)(
        signals.ExtensionAnswered(at=NOW),
        signals.Answered(at=NOW, channel="cust"),
        signals.AgentBridged(at=NOW),
        signals.HangupSeen(at=LATER, cause=16),
    )
    assert story.call.state is CallState.ENDED
    assert story(signals.AgentStatus(at=LATER, status="SALE")).disposition == ("SALE", StatusSource.AGENT)


def test_its_default_comes_when_nobody_disposes_it_in_time() -> None:
    story = click(wrapup_seconds=30)(
        signals.AgentBridged(at=NOW), signals.HangupSeen(at=LATER), signals.WrapupOver(at=LATER)
    )
    assert story.disposition == ("NP", StatusSource.CAMPAIGN)


def test_a_snapshot_finds_an_extension_that_has_answered() -> None:
    seen = signals.SnapshotPresent(at=NOW, seen=CallState.BRIDGED, extension_up=True)
    story = click(CallState.UNKNOWN)(seen)
    assert story.events == ["call.extension_answered", "call.dialing", "call.bridged"]


# -- in the core


async def dialled(bench: Bench, campaign: str = "WRAPUP") -> Call:
    call = await bench.dial(campaign, extension="1000", extension_seconds=12)
    await bench.happens(
        ami_event(Newchannel, Uniqueid=call.id), ami_event(Newstate, Uniqueid=call.id, ChannelState=RINGING)
    )
    return await bench.call(call.id)


def customers(call: Call, kind: Any, **more: object) -> Any:
    return ami_event(kind, Uniqueid=call.id, DestUniqueid="cust", **more)


async def test_from_the_extensions_ringing_to_the_disposition(bench: Bench) -> None:
    call = await dialled(bench)
    assert (call.kind, call.state, call.extension) == (CallKind.CLICK, CallState.DIALING, "1000")
    (action,) = bench.ami.named("Originate")
    assert (action.channel, action.context, action.timeout_ms) == ("PJSIP/1000", "bridge-click", 12_000)
    await bench.happens(
        ami_event(Newstate, Uniqueid=call.id, ChannelState=UP),
        customers(call, DialBegin),
        customers(call, DialState, DialStatus="RINGING"),
    )
    now = await bench.call(call.id)
    assert (now.state, now.channel) == (CallState.RINGING, "cust")
    await bench.happens(customers(call, DialEnd, DialStatus="ANSWER"))
    assert (await bench.call(call.id)).state is CallState.BRIDGED
    await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=16))
    assert (await bench.call(call.id)).state is CallState.ENDED
    disposed = await bench.core.call_commands.dispose(call.id, "SALE", asked_by="crm")
    assert (disposed.state, disposed.status) == (CallState.DISPOSED, "SALE")
    assert await bench.told(f"calls/{call.id}") == [
        "call.planned",
        "call.dialing",
        "call.extension_answered",
        "call.ringing",
        "call.answered",
        "call.bridged",
        "call.ended",
        "call.disposed",
    ]


@pytest.mark.parametrize(
    ("cause", "reason"),
    [(17, "extension_busy"), (21, "extension_declined"), (0, "extension_unanswered")],
)
async def test_nobody_is_called_when_the_extension_does_not_answer(
    bench: Bench, cause: int, reason: str
) -> None:
    call = await dialled(bench)
    await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=cause))
    now = await bench.call(call.id)
    assert (now.state, now.end_reason, now.status) == (CallState.DISPOSED, reason, "LRERR")
    assert now.answered_at is None


async def test_an_extension_without_a_channel_is_unreachable(bench: Bench) -> None:
    call = await bench.dial("WRAPUP", extension="1000")
    await bench.happens(ami_event(OriginateResponse, ActionID=call.id, Response="Failure", Reason=0))
    now = await bench.call(call.id)
    assert (now.state, now.end_reason) == (CallState.DISPOSED, "extension_unreachable")


async def test_a_busy_customer_is_no_fault_of_the_extension(bench: Bench, calls: Calls) -> None:
    call = await dialled(bench)
    await bench.happens(
        ami_event(Newstate, Uniqueid=call.id, ChannelState=UP),
        customers(call, DialBegin),
        customers(call, DialEnd, DialStatus="BUSY"),
        ami_event(Hangup, Uniqueid=call.id, Cause=17),
    )
    now = await bench.call(call.id)
    assert (now.state, now.end_reason, now.dial_status) == (CallState.ENDED, "hangup", "BUSY")
    await deadline(calls, "disposition", now)
    assert (await bench.call(call.id)).status == "AB"


async def test_to_hang_up_is_to_hang_up_the_extension(bench: Bench) -> None:
    call = await dialled(bench)
    await bench.core.call_commands.hangup(call.id, asked_by="crm")
    assert [action.channel for action in bench.ami.named("Hangup")] == [call.id]


async def test_a_forbidden_number_rings_nobody(bench: Bench) -> None:
    with pytest.raises(DialRefused):
        await bench.dial("WRAPUP", number="911", extension="1000")
    assert bench.ami.named("Originate") == []
    assert "call.refused" in await bench.told()


@pytest.mark.parametrize("phone", ["9999", "3000"])
async def test_a_phone_that_is_not_there_or_not_active(bench: Bench, phone: str) -> None:
    with pytest.raises(NoSuchPhone):
        await bench.dial("WRAPUP", extension=phone)
    assert await bench.told() == []


@pytest.mark.parametrize(
    ("login", "template"),
    [("911", "Local/{phone}@from-internal/n"), ("19005550100", "PJSIP/{phone}@carrier")],
)
async def test_a_phone_that_is_dialled_by_a_number_asks_the_gate(
    bench: Bench, login: str, template: str
) -> None:
    """Else a phone of the site would be a way around it, for whoever may set phones up."""
    await bench.core.site.put(Phone(login=login, template=template))
    with pytest.raises(DialRefused):
        await bench.dial("WRAPUP", extension=login)
    assert bench.ami.named("Originate") == []


async def test_a_phone_on_another_asterisk_than_the_trunk(bench: Bench) -> None:
    with pytest.raises(InvalidState, match="trunk carrier"):
        await bench.dial("WRAPUP", extension="2000")
    call = await bench.dial("EAST", extension="2000")
    assert call.asterisk == EAST


async def test_after_a_lost_link_it_is_adopted_or_given_up(bench: Bench, calls: Calls) -> None:
    call = await bench.dial("WRAPUP", extension="1000")
    await calls.link_lost("main")
    assert (await bench.call(call.id)).state is CallState.UNKNOWN
    await seen_by(calls, channel(call.id, state=UP))
    now = await bench.call(call.id)
    assert (now.state, now.extension_answered_at is not None) == (CallState.DIALING, True)
    await seen_by(calls, channel(call.id, bridge="b1"), channel("cust", bridge="b1"))
    now = await bench.call(call.id)
    assert (now.state, now.channel) == (CallState.BRIDGED, "cust")


async def test_one_that_was_planned_and_never_sent_is_cancelled_by_the_resync(
    bench: Bench, calls: Calls
) -> None:
    call = await rewrite(bench, await dialled(bench), state=CallState.PLANNED)
    await seen_by(calls)
    assert (await bench.call(call.id)).end_reason == "cancelled"


# -- waiting for it


async def test_whoever_waits_hears_of_the_answer_at_once(bench: Bench) -> None:
    call = await dialled(bench)
    waiting = asyncio.create_task(bench.core.call_commands.wait(call.id, 30))
    await asyncio.sleep(0)
    await bench.happens(
        ami_event(Newstate, Uniqueid=call.id, ChannelState=UP),
        customers(call, DialEnd, DialStatus="ANSWER"),
    )
    async with asyncio.timeout(5):
        assert (await waiting).answered_at is not None


@pytest.mark.parametrize("seconds", [0, 0.01])
async def test_whoever_waits_in_vain_gets_the_call_as_it_is(bench: Bench, seconds: float) -> None:
    call = await bench.dial("WRAPUP", number=CUSTOMER, extension="1000")
    assert (await bench.core.call_commands.wait(call.legacy_id, seconds)).state is CallState.SENT


async def test_nobody_waits_for_a_call_that_is_over(bench: Bench) -> None:
    call = await dialled(bench)
    await bench.happens(ami_event(Hangup, Uniqueid=call.id, Cause=17))
    assert (await bench.core.call_commands.wait(call.id, 3600)).end_reason == "extension_busy"
