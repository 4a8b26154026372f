"""Whether there is such a lead already: the comparisons that callers may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, or_, select

from bridge.leads.model import NewLead
from bridge.store.connection import Connection
from bridge.store.exclusive import exclusive
from bridge.store.prepared import Prepared
from bridge.store.schema import leads, lists

WINDOWS: Final = (1, 2, 3, 7, 14, 15, 21, 28, 30, 60, 90, 180, 360)
"""Days that a comparison may be confined to."""


class What(StrEnum):
    """What is compared."""

    PHONE = "DUP"
    """The number."""
    PHONE_OR_ALT = "DUPPHONEALT"
    """The number with both numbers of leads."""
    TITLE_ALT = "DUPTITLEALTPHONE"
    """Title and other number."""
    NAME_PHONE = "DUPNAMEPHONE"
    """First and last name, and the number."""


class Where(StrEnum):
    """Among which leads."""

    LIST = "LIST"
    CAMPAIGN = "CAMP"
    """Of all lists of the list's campaign."""
    SYSTEM = "SYS"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison."""

    what: What
    where: Where
    days: int | None = None
    """Only with leads that were added within so many days."""


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """A lead that is like the new one."""

    check: Check
    lead_id: int
    list_id: int
    field: str
    """`PHONE` or `ALT`: which of its numbers is the new one's."""


def checks(mode: str) -> Sequence[Check]:
    """The comparisons that a text asks for, in the order in which they are made.

    Each is named by its letters anywhere in the text (`DUPLIST-DUPCAMP30DAY`); of several windows the
    longest holds for all.
    """
    text = mode.upper()
    days = max((window for window in WINDOWS if f"{window}DAY" in text), default=None)
    return [
        Check(what=what, where=where, days=days) for what in What for where in Where if what + where in text
    ]


async def find(conn: Connection, lead: NewLead, wanted: Sequence[Check], now: datetime) -> Duplicate | None:
    """The first lead that is like the new one, by the first comparison that finds any.

    In a transaction: two of the same, sent at once, see each other.
    """
    if wanted:
        await exclusive(conn, f"lead {lead.phone_number}")
    for check in wanted:
        since = None if check.days is None else now - timedelta(days=check.days)
        values = {name: getattr(lead, name) for name in _COMPARED} | {"in_list": lead.list_id, "since": since}
        query = _query(check.what, check.where, aged=since is not None)
        row = (await conn.execute(query, values)).first()
        if row is not None:
            field = "PHONE" if row.phone_number == lead.phone_number else "ALT"
            return Duplicate(check=check, lead_id=row.id, list_id=row.list_id, field=field)
    return None


_COMPARED: Final = ("phone_number", "alt_phone", "title", "first_name", "last_name")


@lru_cache(maxsize=64)
def _query(what: What, where: Where, *, aged: bool) -> Prepared:
    conditions = [_same(what), *_among(where)]
    if aged:
        conditions.append(leads.c.entry_date > bindparam("since", type_=leads.c.entry_date.type))
    columns = (leads.c.id, leads.c.list_id, leads.c.phone_number)
    return Prepared(select(*columns).where(*conditions).order_by(leads.c.id).limit(1))


def _same(what: What) -> ColumnElement[bool]:
    def equal(column: str, field: str = "") -> ColumnElement[bool]:
        return leads.c[column] == bindparam(field or column)

    match what:
        case What.PHONE:
            return equal("phone_number")
        case What.PHONE_OR_ALT:
            return or_(equal("phone_number"), equal("alt_phone", "phone_number"))
        case What.TITLE_ALT:
            return and_(equal("alt_phone"), equal("title"))
        case What.NAME_PHONE:
            return and_(equal("phone_number"), equal("first_name"), equal("last_name"))


def _among(where: Where) -> list[ColumnElement[bool]]:
    own: Any = bindparam("in_list")
    if where is Where.LIST:
        return [leads.c.list_id == own]
    if where is Where.CAMPAIGN:
        campaign = select(lists.c.campaign).where(lists.c.id == own).scalar_subquery()
        return [leads.c.list_id.in_(select(lists.c.id).where(lists.c.campaign == campaign))]
    return []
