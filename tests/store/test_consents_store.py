"""Consents, on each database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from bridge.consent import queries
from bridge.consent.model import WAITS, Given
from bridge.consent.service import Consents
from bridge.events.log import EventLog
from bridge.leads.errors import InvalidLead
from bridge.leads.model import NewLead
from bridge.leads.service import Leads
from bridge.store.database import Database

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
GIVEN = Given(purpose="sales", given_at=NOW - timedelta(days=1), source="form /quote", shown="I agree")


@pytest.fixture
def leads(db: Database) -> Leads:
    return Leads(db)


@pytest.fixture
def consents(db: Database, leads: Leads) -> Consents:
    return Consents(db, leads, clock=lambda: NOW)


async def lead(leads: Leads, number: str = "7275550100", **more: Any) -> int:
    return await leads.add(NewLead(list_id=101, phone_number=number, **more))


def so(**fields: Any) -> Given:
    return msgspec.structs.replace(GIVEN, **fields)


async def test_a_consent_is_for_the_number_of_its_lead(
    db: Database, leads: Leads, consents: Consents
) -> None:
    first, second = await lead(leads), await lead(leads)
    made = await consents.add(first, GIVEN, "crm")
    assert made is not None
    assert (made.e164, made.lead_id, made.recorded_at, made.recorded_by) == (
        "+17275550100",
        first,
        NOW,
        "crm",
    )
    assert await consents.of_lead(first) == [made]
    assert await consents.of_lead(second) == []
    other = await consents.add(second, so(number="+4930123456", purpose="service"), "crm")
    assert other is not None
    assert other.e164 == "+4930123456"
    async with db.read() as conn:
        assert await queries.of_number(conn, "+17275550100") == [made]
    assert await consents.add(9999, GIVEN, "crm") is None


async def test_what_is_taken_back_is_taken_back_for_the_number(leads: Leads, consents: Consents) -> None:
    """Whichever lead it came with; what was given for something else stays."""
    first, second, other = await lead(leads), await lead(leads), await lead(leads, "8135550100")
    for one in (first, second, other):
        await consents.add(one, GIVEN, "crm")
        await consents.add(one, so(purpose="service"), "crm")
    assert await consents.revoke(first, purpose="sales", how="by letter", by="ann") == 2
    assert await consents.revoke(first, purpose="sales", how="by letter", by="ann") == 0
    for one in (first, second):
        service, sales = await consents.of_lead(one)
        assert (service.revoked_at, sales.revoked_at) == (None, NOW)
        assert (sales.revoked_how, sales.revoked_by) == ("by letter", "ann")
    assert all(one.revoked_at is None for one in await consents.of_lead(other))
    assert await consents.revoke(second, how="by telephone", by="ann") == 2
    assert await consents.revoke(9999, how="x", by="ann") is None


async def test_two_who_take_back_at_once(leads: Leads, consents: Consents) -> None:
    one = await lead(leads)
    await consents.add(one, GIVEN, "crm")
    await asyncio.gather(*(consents.revoke(one, how=f"way {n}", by="ann") for n in range(4)))
    (found,) = await consents.of_lead(one)
    assert found.revoked_at == NOW


async def test_a_lead_that_waited_for_it_may_be_called(leads: Leads, consents: Consents) -> None:
    waits = await lead(leads, status=WAITS, called_since_last_reset="Y")
    sold = await lead(leads, "7275550101", status="SALE")
    for one in (waits, sold):
        await consents.add(one, GIVEN, "crm")
    found = await leads.get(waits)
    assert found is not None
    assert (found.status, found.called_since_last_reset) == ("NEW", "N")
    other = await leads.get(sold)
    assert other is not None
    assert other.status == "SALE"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("purpose", ""),
        ("purpose", "Sales Calls"),
        ("given_at", NOW + timedelta(hours=1)),
        ("given_at", datetime(2026, 11, 1)),  # noqa: DTZ001  that is what is wrong with it
        ("source", " "),
        ("source", "x" * 201),
        ("shown", "a\0b"),
        ("number", "12"),
    ],
)
async def test_what_is_no_consent(leads: Leads, consents: Consents, field: str, value: Any) -> None:
    one = await lead(leads)
    with pytest.raises(InvalidLead) as wrong:
        await consents.add(one, so(**{field: value}), "crm")
    assert wrong.value.field == field
    assert await consents.of_lead(one) == []


async def test_a_lead_comes_with_its_consent(db: Database, leads: Leads, consents: Consents) -> None:
    new = NewLead(list_id=101, phone_number="7275550100")
    lead_id = await consents.add_lead(new, GIVEN, "crm", campaign="SALES", called_at=NOW)
    found = await leads.get(lead_id)
    assert found is not None
    assert (found.phone_number, found.last_local_call_time) == ("7275550100", NOW)
    (given,) = await consents.of_lead(lead_id)
    assert (given.e164, given.source, given.shown) == ("+17275550100", "form /quote", "I agree")
    page = await EventLog(db).read_after(0)
    assert [record.type for record in page.records] == ["lead.added", "lead.consent"]


@pytest.mark.parametrize("wrong", [{"number": "12"}, {"source": " "}])
async def test_neither_comes_without_the_other(
    db: Database, leads: Leads, consents: Consents, wrong: dict[str, str]
) -> None:
    new = NewLead(list_id=101, phone_number="7275550100")
    with pytest.raises(InvalidLead) as refused:
        await consents.add_lead(new, so(**wrong), "crm")
    assert refused.value.field in wrong
    assert await leads.get(1) is None
    async with db.read() as conn:
        assert await queries.of_number(conn, "+17275550100") == []
    assert (await EventLog(db).read_after(0)).records == []
