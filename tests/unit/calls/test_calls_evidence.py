"""What is kept of each dial, and what can be shown of a number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from core_bench import CUSTOMER, Bench
from sqlalchemy import func, select

from bridge.calls import verdicts
from bridge.calls.model import Call
from bridge.calls.verdicts import Verdict
from bridge.consent.model import Given
from bridge.consent.service import Consents
from bridge.dnc.model import Entry, Stretch, Version
from bridge.dnc.service import DncLists
from bridge.errors import DialRefused
from bridge.evidence.collect import collect, whole_days
from bridge.evidence.folder import write
from bridge.evidence.model import Evidence
from bridge.leads.errors import InvalidLead
from bridge.leads.model import DncKind, NewLead
from bridge.rules import Rule
from bridge.services import CallQuery, DialRequest
from bridge.store.schema import calls
from bridge.store.schema import verdicts as table

E164 = "+17275550100"
NOW = datetime.now(UTC)


async def said(bench: Bench, call: Call) -> Verdict:
    async with bench.core.db.read() as conn:
        found = await verdicts.of_call(conn, call.id)
    assert found is not None
    return found


async def demands(bench: Bench, **fields: object) -> None:
    campaign = await bench.core.site.campaign("TEST")
    assert campaign is not None
    await bench.core.site.put(msgspec.structs.replace(campaign, **fields))


async def agree(bench: Bench) -> int:
    lead = await bench.core.leads.add(NewLead(list_id=998, phone_number=CUSTOMER))
    given = Given(
        purpose="sales", given_at=NOW - timedelta(days=1), source="form /quote", shown="<b>I agree</b>"
    )
    await Consents(bench.core.db, bench.core.leads).add(lead, given, "crm")
    return lead


async def shown(bench: Bench, number: str = CUSTOMER) -> Evidence:
    return await collect(bench.core.db, "US", number, NOW - timedelta(days=1), NOW + timedelta(days=1))


async def take_list(bench: Bench) -> None:
    version = Version(key="k", name="US", source="FTC", version="11a", dated=NOW.date(), total=1)
    await DncLists(bench.core.db).begin(version)
    entry = Entry(number="3125550100", kind=DncKind.NUMBER)
    await DncLists(bench.core.db).take("k", Stretch(start=0, end=1, entries=(entry,)))


async def test_each_dial_has_the_rules_that_allowed_it(bench: Bench) -> None:
    await take_list(bench)
    await agree(bench)
    await demands(bench, consent="sales", dnc_lists=("US",), attempts_per_day=3)
    verdict = await said(bench, await bench.dial())
    assert (verdict.allowed, verdict.purpose, verdict.e164, verdict.campaign) == (True, "auto", E164, "TEST")
    found = {ground.rule: ground.found for ground in verdict.grounds}
    assert found[Rule.DNC_SYSTEM].startswith("not on the site's own lists; list US version 11a of 20")
    assert found[Rule.CONSENT].startswith("consent 1 for sales, given 20")
    assert found[Rule.ATTEMPTS_PER_DAY] == "called 0 times within 24 hours before, of 3"
    assert found[Rule.DROP_LIMIT] == "0 of 0 answered calls within 30 days were abandoned, limit 3 %"
    assert {Rule.COUNTRY, Rule.LAW_HOURS, Rule.CALL_TIME} <= set(found)


async def test_a_dial_by_hand_has_them_too(bench: Bench) -> None:
    await bench.log_in()
    call = await bench.core.agent_commands.dial("1000", DialRequest(number=CUSTOMER))
    assert (await said(bench, call)).purpose == "manual"


async def test_a_refused_wish_is_a_call_with_the_rule_that_refused_it(bench: Bench) -> None:
    with pytest.raises(DialRefused):
        await bench.dial(number="9005550100")
    (call,) = await bench.core.call_commands.list(CallQuery())
    found = await bench.core.call_commands.verdict(call.id)
    assert found is not None
    assert (found.allowed, found.rule) == (False, Rule.PREMIUM)
    assert await bench.core.call_commands.verdict("nothing") is None


async def test_evidence_has_what_was_dialled_refused_agreed_and_taken_back(bench: Bench) -> None:
    await take_list(bench)
    held = await DncLists(bench.core.db).holding("TEST")
    assert [(one.name, one.version, one.in_force) for one in held] == [("US", "11a", True)]
    lead = await agree(bench)
    await demands(bench, consent="sales")
    dialled = await bench.dial()
    await Consents(bench.core.db, bench.core.leads).revoke(lead, how="said so", by="1000")
    with pytest.raises(DialRefused):
        await bench.dial()
    await bench.core.leads.add_dnc("1727*", by="boss")
    found = await shown(bench, "(727) 555-0100")
    assert found.number == E164
    first, second = found.attempts
    assert (first.call_id, first.verdict and first.verdict.allowed) == (dialled.id, True)
    assert (second.sent_at, second.verdict and second.verdict.rule) == (None, "consent")
    assert [one.revoked_how for one in found.consents] == ["said so"]
    assert [(one.kind, one.added_by) for one in found.entries] == [(DncKind.PREFIX, "boss")]
    assert [(one.name, one.version) for one in found.versions] == [("US", "11a")]
    assert [(one.campaign, one.answered) for one in found.drops] == [("TEST", 0)]
    assert (await shown(bench, "8135550100")).attempts == []
    with pytest.raises(InvalidLead, match="number"):
        await shown(bench, "12")


async def test_the_folder_is_read_by_people_and_programs(bench: Bench, tmp_path: Path) -> None:
    await agree(bench)
    await bench.dial()
    found = await shown(bench)
    folder = tmp_path / "evidence"
    files = write(found, folder)
    assert files == sorted(path.name for path in folder.iterdir())
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    assert msgspec.json.decode((folder / "evidence.json").read_bytes(), type=Evidence) == found
    page = (folder / "summary.html").read_text()
    assert "Evidence for +17275550100" in page
    assert "1 calls dialled, 0 refused; 1 consents" in page
    assert "&lt;b&gt;I agree" in page
    assert "<b>I agree" not in page
    assert "dnc_system,not on the site's own lists" in (folder / "rules.csv").read_text()
    assert "form /quote" in (folder / "consents.csv").read_text()
    with pytest.raises(FileExistsError, match="is not empty"):
        write(found, folder)


async def test_calls_go_after_their_years_with_what_the_gate_has_said(bench: Bench) -> None:
    with pytest.raises(DialRefused):
        await bench.dial(number="9005550100")
    await bench.dial()  # not over: it stays
    await verdicts.trim(bench.core.db, NOW - timedelta(days=1))
    assert await rows(bench) == (2, 2)
    await verdicts.trim(bench.core.db, datetime.now(UTC) + timedelta(days=1))
    assert await rows(bench) == (1, 1)


async def rows(bench: Bench) -> tuple[int, int]:
    async with bench.core.db.read() as conn:
        found = [
            (await conn.execute(select(func.count()).select_from(one))).scalar_one() for one in (calls, table)
        ]
    return found[0], found[1]


def test_whole_days_are_those_of_utc() -> None:
    begin, end = whole_days(datetime(2026, 11, 1), datetime(2026, 11, 1))  # noqa: DTZ001  as typer gives them
    assert (begin, end) == (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC))
