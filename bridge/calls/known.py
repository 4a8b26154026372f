"""What is on record of a number that is about to be dialled: do-not-call entries, lists and consents."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.campaigns.model import Campaign
from bridge.consent import queries
from bridge.dnc.model import Version
from bridge.leads.service import Leads
from bridge.rules import Agreed, DncHit, DncList, Number
from bridge.store.connection import Connection


async def dnc_hits(
    conn: Connection, leads: Leads, number: Number, campaign: Campaign, lists: Sequence[Version]
) -> tuple[DncHit, ...]:
    """The entries that forbid a number; `lists` are those of elsewhere that hold for the campaign."""
    hits = await leads.dnc_hits_in(conn, number.country_code, number.national, campaign.id, lists)
    return tuple(
        DncHit(campaign=hit.campaign, kind=hit.kind, entry=hit.number, list=hit.list, version=hit.version)
        for hit in hits
    )


def dnc_lists(versions: Sequence[Version]) -> tuple[DncList, ...]:
    """The lists that were looked into, as the gate knows them."""
    return tuple(
        DncList(name=one.name, version=one.version, dated=one.dated, campaign=one.campaign)
        for one in versions
    )


async def consents(conn: Connection, number: Number, campaign: Campaign) -> tuple[Agreed, ...]:
    """Those for the number, where its campaign asks for one."""
    if not campaign.consent:
        return ()
    return tuple(
        Agreed(
            id=one.id,
            purpose=one.purpose,
            given_at=one.given_at,
            revoked_at=one.revoked_at,
            source=one.source,
        )
        for one in await queries.of_number(conn, number.e164)
    )
