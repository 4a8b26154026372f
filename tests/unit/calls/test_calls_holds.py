"""Holds that stand in the store: refused to whoever asks, calls that go on are kept."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from core_bench import CUSTOMER, Bench

from bridge.calls import holds
from bridge.calls.holds import Standing
from bridge.calls.model import CallState
from bridge.campaigns.model import Phone
from bridge.errors import DialRefused
from bridge.rules import Held, Permit, Purpose, Refusal, Rule
from bridge.services import CallQuery, DialRequest
from bridge.turn import Turns


async def hold(bench: Bench, reason: Held = Held.DRAINING) -> bool:
    return await bench.core.db.write(lambda tx: holds.put(tx, reason))


async def let_go(bench: Bench, reason: Held = Held.DRAINING) -> bool:
    return await bench.core.db.write(lambda tx: holds.take_back(tx, reason))


async def standing(bench: Bench) -> list[Standing]:
    async with bench.core.db.read() as conn:
        return await holds.in_full(conn)


@pytest.mark.parametrize("reason", Held)
async def test_every_dial_is_refused_with_the_reason(any_bench: Bench, reason: Held) -> None:
    bench = any_bench
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    intent = await bench.core.intents.look_into(DialRequest(number=CUSTOMER), campaign)
    await hold(bench, reason)
    for purpose in (Purpose.AUTO, Purpose.MANUAL, Purpose.THREE_WAY, Purpose.TRANSFER):
        verdict = await Turns(bench.core.db).run(
            lambda turn, purpose=purpose: bench.core.intents.judge(turn, intent, purpose)  # type: ignore[misc]
        )
        assert isinstance(verdict, Refusal)
        assert verdict.rule is Rule.HELD
        async with bench.core.db.read() as conn:
            seen = await bench.core.intents.foresee(conn, intent, purpose, datetime.now(UTC))
        assert seen is not None
        assert seen.why == verdict.why
    await let_go(bench, reason)
    assert await bench.dial() is not None


async def test_whoever_asks_is_told_and_the_refusal_is_on_record(bench: Bench) -> None:
    await hold(bench)
    with pytest.raises(DialRefused, match="the bridge is being drained") as refused:
        await bench.dial()
    assert refused.value.rule == "held"
    (call,) = await bench.core.call_commands.list(CallQuery())
    assert call.state is CallState.DISPOSED
    assert bench.ami.named("Originate") == []


async def test_calls_that_go_on_are_kept(bench: Bench) -> None:
    call = await bench.dial()
    before = await bench.call(call.id)
    await hold(bench)
    assert await bench.call(call.id) == before
    assert bench.ami.named("Hangup") == []


async def test_an_agents_phone_with_a_number_is_rung_while_drained_only(bench: Bench) -> None:
    phone = Phone(login="7275550177", template="PJSIP/{phone}@carrier")
    for reason, kind in ((Held.DRAINING, Permit), (Held.RESTORED, Refusal)):
        await hold(bench, reason)
        verdict = await Turns(bench.core.db).run(lambda turn: bench.core.intents.judge_phone(turn, phone, ""))
        assert isinstance(verdict, kind)


async def test_a_hold_is_told_once_and_taken_back_once(any_bench: Bench) -> None:
    bench = any_bench
    assert await hold(bench)
    assert not await hold(bench)
    assert [one.reason for one in await standing(bench)] == [Held.DRAINING]
    assert await let_go(bench)
    assert not await let_go(bench)
    assert await standing(bench) == []
    assert await bench.told("hold/draining") == ["hold.changed", "hold.changed"]


async def test_each_reason_stands_alone(bench: Bench) -> None:
    await hold(bench, Held.RESTORED)
    await hold(bench, Held.DRAINING)
    await let_go(bench, Held.DRAINING)
    assert [one.reason for one in await standing(bench)] == [Held.RESTORED]
    with pytest.raises(DialRefused, match="restored from a copy"):
        await bench.dial()
