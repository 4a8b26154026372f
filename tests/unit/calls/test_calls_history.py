"""Attempts and abandoned calls, as they are read from the calls that were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from call_scenes import reached
from core_bench import CUSTOMER, Bench
from sqlalchemy import insert

from bridge.calls import history
from bridge.calls.model import Call, CallKind, CallState
from bridge.calls.signals import Report
from bridge.campaigns.model import Campaign
from bridge.rules import Permit, Purpose, Refusal, Rule
from bridge.rules.history import Drops
from bridge.services import DialRequest
from bridge.store.database import Transaction
from bridge.store.rows import to_row
from bridge.store.schema import calls
from bridge.turn import Turns

E164 = "+17275550100"


async def past(bench: Bench, count: int = 1, *, hours_ago: float = 1.0, **fields: Any) -> None:
    """Calls that were made, without an Asterisk."""
    at = datetime.now(UTC) - timedelta(hours=hours_ago)
    status = fields.pop("status", "NA")

    async def work(tx: Transaction) -> None:
        for _ in range(count):
            mark = f"{fields.get('campaign', 'TEST')}-{status}-{hours_ago}-{_}-{len(fields)}"
            known: dict[str, Any] = {
                "kind": CallKind.AUTO,
                "campaign": "TEST",
                "asterisk": "main",
                "number": CUSTOMER,
                "e164": E164,
                "state": CallState.DISPOSED,
                "asked_at": at,
                "sent_at": at,
                "disposed_at": at,
                "status": status,
            }
            call = Call(id=mark, legacy_id=mark, legacy_uniqueid=mark, **(known | fields))
            await tx.conn.execute(insert(calls).values(to_row(call)))

    await bench.core.db.write(work)


async def judge(bench: Bench, purpose: Purpose = Purpose.AUTO, number: str = CUSTOMER) -> Permit | Refusal:
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    intent = await bench.core.intents.look_into(DialRequest(number=number), campaign)
    return await Turns(bench.core.db).run(lambda turn: bench.core.intents.judge(turn, intent, purpose))


async def allow(bench: Bench, **limits: Any) -> None:
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    await bench.core.site.put(msgspec.structs.replace(campaign, **limits))


def rule(verdict: Permit | Refusal) -> Rule | None:
    return verdict.rule if isinstance(verdict, Refusal) else None


async def test_attempts_of_all_campaigns_count_and_third_parties_do_not(bench: Bench) -> None:
    await allow(bench, attempts_per_day=2)
    await past(bench, campaign="WRAPUP")
    await past(bench, kind=CallKind.THREE_WAY, hours_ago=2)
    await past(bench, hours_ago=25)
    await past(bench, sent_at=None, hours_ago=3)
    for purpose in (Purpose.MANUAL, Purpose.AUTO):
        assert rule(await judge(bench, purpose)) is None
    await past(bench, kind=CallKind.MANUAL, hours_ago=4)
    for purpose in (Purpose.MANUAL, Purpose.AUTO):
        assert rule(await judge(bench, purpose)) is Rule.ATTEMPTS_PER_DAY
    assert rule(await judge(bench, Purpose.THREE_WAY)) is None
    assert rule(await judge(bench, number="7275550101")) is None


async def test_an_abandoned_number_is_left_alone(bench: Bench) -> None:
    await past(bench, status="DROP", hours_ago=71)
    assert rule(await judge(bench)) is Rule.DROP_LOCKOUT
    assert rule(await judge(bench, Purpose.MANUAL)) is None
    await allow(bench, drop_lockout_hours=24)
    assert rule(await judge(bench)) is None


async def test_what_is_forbidden_after_the_look_is_not_dialled(bench: Bench) -> None:
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    intent = await bench.core.intents.look_into(DialRequest(number=CUSTOMER), campaign)
    await bench.core.leads.add_dnc("727")
    verdict = await Turns(bench.core.db).run(
        lambda turn: bench.core.intents.judge(turn, intent, Purpose.MANUAL)
    )
    assert rule(verdict) is Rule.DNC_SYSTEM


async def test_machines_are_no_people_and_the_month_has_thirty_days(bench: Bench) -> None:
    answered: dict[str, Any] = {"answered_at": datetime.now(UTC), "e164": "+17275550199"}
    await past(bench, 4, status="SALE", **answered)
    await past(bench, 2, status="DROP", **answered)
    await past(bench, 3, status="AA", **answered)
    await past(bench, 5, status="DROP", hours_ago=31 * 24, **answered)
    await past(bench, 5, status="DROP", campaign="WRAPUP", **answered)
    await past(bench, 5, status="NA")
    async with bench.core.db.read() as conn:
        assert await history.drops(conn, "TEST", datetime.now(UTC)) == Drops(answered=6, abandoned=2)


async def test_a_campaign_stops_by_itself_and_says_so(bench: Bench) -> None:
    """Its third abandoned call is the one too many; who dials by hand goes on."""
    old: dict[str, Any] = {"answered_at": datetime.now(UTC), "e164": "+17275550199"}
    await past(bench, 2, status="DROP", **old)
    await judge(bench)  # its counts are remembered now
    call = await reached(bench, await bench.dial("TEST"), CallState.ANSWERED)
    ended = Report(at=datetime.now(UTC), cause=16, dial_status="ANSWER")
    await bench.core.calls.report(call.id, ended, machine="", dropped=True)
    assert (await bench.call(call.id)).status == "DROP"
    assert await bench.told("campaign/TEST") == ["campaign.drop_limit"]
    assert rule(await judge(bench, number="7275550124")) is Rule.DROP_LIMIT
    assert rule(await judge(bench, Purpose.MANUAL, number="7275550124")) is None


async def test_the_limit_is_the_campaigns(bench: Bench) -> None:
    old: dict[str, Any] = {"answered_at": datetime.now(UTC), "e164": "+17275550199"}
    await past(bench, 3, status="DROP", **old)
    assert rule(await judge(bench)) is Rule.DROP_LIMIT
    await allow(bench, drop_limit=5)
    assert rule(await judge(bench)) is None
    assert isinstance(await bench.core.site.campaign("TEST"), Campaign)
