"""A campaign's alternate addresses: each that fits is told, in the order of their ranks."""

from __future__ import annotations

from typing import Any

import pytest
from delivery_world import hook, settled
from test_crm_urls_store import NOON, add_lead, call, furnish, happen, telling

from bridge.calls.model import CallKind
from bridge.campaigns.alt_url import AltUrl, AltUrlType
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.delivery.service import Deliveries
from bridge.events.catalogue import CallDisposed
from bridge.store.database import Database


def alternate(number: int, address: str, **more: Any) -> AltUrl:
    known: dict[str, Any] = {"url_type": AltUrlType.DISPO, "active": True}
    return AltUrl(id=number, address=address, **known | more)


async def test_each_that_fits_is_told_in_the_order_of_the_ranks(db: Database) -> None:
    async with hook() as crm:
        alternates = (
            alternate(1, f"{crm.url}/third?lead=--A--lead_id--B--", rank=3),
            alternate(
                2, f"{crm.url}/second", rank=2, statuses=("SALE", "XFER"), lists=(101,), call_length=40
            ),
            alternate(3, f"{crm.url}/first"),
            alternate(4, f"{crm.url}/not-active", active=False),
            alternate(5, f"{crm.url}/another-status", statuses=("NI",)),
            alternate(6, f"{crm.url}/another-list", lists=(102,)),
            alternate(7, f"{crm.url}/too-short", call_length=41),
            alternate(8, f"{crm.url}/another-event", url_type=AltUrlType.NO_AGENT),
        )
        await furnish(db, campaign={"dispo_call_url": "ALT", "alt_urls": alternates})
        lead_id = await add_lead(db)
        async with telling(db):
            made = call(CallKind.AUTO, lead_id, user="1000", bridged_at=NOON)
            await happen(db, made, CallDisposed)
            found = await settled(db, 3)
    assert [request.target for request in crm.asked] == ["/first", "/second", f"/third?lead={lead_id}"]
    assert {each.kind for each in found} == {"dispo_call"}
    assert len(await Deliveries(db).of_call(made.id)) == 3


async def test_a_list_may_ask_for_those_of_the_campaign(db: Database) -> None:
    async with hook() as crm:
        added = alternate(1, f"{crm.url}/added", url_type=AltUrlType.ADD_LEAD, lists=(101,))
        await furnish(db, campaign={"alt_urls": (added,)}, list={"add_lead_url": "ALT"})
        async with telling(db):
            await add_lead(db)
            await settled(db, 1)
    assert [request.target for request in crm.asked] == ["/added"]


async def test_they_are_kept_with_the_campaign(db: Database) -> None:
    campaign = Campaign(
        id="SALES", alt_urls=(alternate(7, "https://crm.example/x", lists=(101,), description="one"),)
    )
    await Site(db).put(campaign)
    assert await Site(db).get(Campaign, "SALES") == campaign


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"address": "ALT"}, "address"),
        ({"address": "DISABLED"}, "address"),
        ({"address": "ftp://crm.example"}, "address"),
        ({"address": "https://crm.example/\r\nHost: other"}, "address"),
        ({"statuses": ("TOOLONG",)}, "status 'TOOLONG'"),
        ({"statuses": ("A'B",)}, "status"),
        ({"rank": 0}, "rank 0"),
        ({"call_length": -1}, "call_length -1"),
        ({"id": 0}, "id 0"),
        ({"lists": (0,)}, "lists"),
        ({"lists": tuple(range(1, 102))}, "at most 100"),
        ({"description": "a\nb"}, "description"),
        ({"description": "x" * 256}, "description"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], why: str) -> None:
    known: dict[str, Any] = {"id": 1, "url_type": AltUrlType.START, "address": "https://crm.example/x"}
    with pytest.raises(InvalidField, match=why):
        AltUrl(**known | fields)


def test_a_number_is_of_one() -> None:
    one = alternate(1, "https://crm.example/x")
    with pytest.raises(InvalidField, match="twice"):
        Campaign(id="SALES", alt_urls=(one, one))
    with pytest.raises(InvalidField, match="at most 100"):
        Campaign(id="SALES", alt_urls=tuple(alternate(n, "https://crm.example/x") for n in range(1, 102)))
