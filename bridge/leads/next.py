"""The next lead of a campaign that an agent dials by hand. Taken by one agent only, whichever bridge asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import bindparam, or_, select, update

from bridge.leads.dialled import CALLED
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import leads, lists

NOT_CALLED: Final = "N"
"""`called_since_last_reset` of a lead that may be dialled."""
PREVIEWED: Final = "QUEUE"
"""Status of a lead that an agent looks at before it is dialled."""
LOOKED_AT: Final = 10
"""Leads of one look: if others are quicker with the first of them, the next is at hand."""
HIGHEST: Final = 2**31 - 1
"""A rank above which none is."""

_LISTS = Prepared(
    select(lists.c.id).where(
        lists.c.campaign == bindparam("of_campaign"),
        lists.c.active.is_(True),
        or_(lists.c.expires_at.is_(None), lists.c.expires_at > bindparam("at")),
    )
)
_SAME_RANK: Final = (leads.c.rank == bindparam("after_rank"), leads.c.id > bindparam("after_id"))
_LOWER_RANK: Final = (leads.c.rank < bindparam("after_rank"),)
_BEHIND = [
    Prepared(
        select(leads.c.id, leads.c.status, leads.c.rank)
        .where(
            leads.c.list_id == bindparam("of_list"),
            leads.c.status == bindparam("with_status"),
            leads.c.called_since_last_reset == NOT_CALLED,
            *behind,
        )
        .order_by(leads.c.rank.desc(), leads.c.id)
        .limit(LOOKED_AT)
    )
    for behind in (_SAME_RANK, _LOWER_RANK)
]
"""Two ranges of the index: with an OR, all that was passed over would be read again."""
_TAKE = Prepared(
    update(leads)
    .where(
        leads.c.id == bindparam("of_lead"),
        leads.c.status == bindparam("had_status"),
        leads.c.called_since_last_reset == NOT_CALLED,
    )
    .values(
        status=PREVIEWED,
        called_since_last_reset=CALLED,
        user=bindparam("of_user"),
        modify_date=bindparam("at"),
    )
)
_GIVE_BACK = Prepared(
    update(leads)
    .where(leads.c.id == bindparam("of_lead"), leads.c.status == PREVIEWED)
    .values(
        status=bindparam("had_status"),
        called_since_last_reset=bindparam("called"),
        modify_date=bindparam("at"),
    )
)


class NextLead(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that may be the next."""

    id: int
    status: str
    """The status that it has before it is taken."""
    rank: int


FIRST: Final = NextLead(id=0, status="", rank=HIGHEST)
"""Before all of them."""


async def candidates(
    conn: Connection, campaign: str, statuses: Sequence[str], at: datetime, after: NextLead = FIRST
) -> list[NextLead]:
    """The next leads of the campaign's active lists: highest rank first, then the oldest.

    Args:
        conn: any.
        campaign: whose lists.
        statuses: those of the leads that may be dialled; leads that were called since the last reset of
            their list are not.
        at: the present time: leads of a list that has expired are none.
        after: the last one that was looked at.
    """
    found: list[Any] = []
    place = {"after_rank": after.rank, "after_id": after.id}
    for of_list in list((await conn.execute(_LISTS, {"of_campaign": campaign, "at": at})).scalars()):
        for status in dict.fromkeys(statuses):
            for query in _BEHIND:
                values = place | {"of_list": of_list, "with_status": status}
                found += list(await conn.execute(query, values))
    found.sort(key=lambda row: (-row.rank, row.id))
    return [NextLead(id=row.id, status=row.status, rank=row.rank) for row in found[:LOOKED_AT]]


async def take(conn: Connection, lead: NextLead, user: str, at: datetime) -> bool:
    """Take a candidate for an agent, in a transaction; false if somebody else was quicker."""
    values = {"of_lead": lead.id, "had_status": lead.status, "of_user": user, "at": at}
    return (await conn.execute(_TAKE, values)).rowcount == 1


async def give_back(conn: Connection, lead_id: int, status: str, at: datetime, *, passed_over: bool) -> None:
    """Give back a lead that was taken and is not dialled.

    Args:
        conn: in a transaction.
        lead_id: its id.
        status: what it had before.
        at: when.
        passed_over: the agent has looked at it and wants another: nobody is given it until its list is reset.
    """
    called = CALLED if passed_over else NOT_CALLED
    await conn.execute(_GIVE_BACK, {"of_lead": lead_id, "had_status": status, "called": called, "at": at})
