"""What calls make of leads: on their way out, and by their disposition. SQL within a caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, case, or_, select, update

from bridge.leads.model import Lead
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import leads, lists

IN_CALL: Final = "INCALL"
"""Status of a lead that is being called."""
CALLED: Final = "Y"
"""`called_since_last_reset` of a lead that was dialled, or passed over, since its list was reset.

One that was recycled meanwhile has the number of times behind it.
"""

_ONE = leads.c.id == bindparam("of_lead")
_CALLED_NOW = case((leads.c.called_since_last_reset == "N", CALLED), else_=leads.c.called_since_last_reset)
_WENT_OUT = Prepared(
    update(leads)
    .where(_ONE)
    .values(
        status=IN_CALL,
        called_count=leads.c.called_count + 1,
        called_since_last_reset=_CALLED_NOW,
        user=bindparam("of_user"),
        last_local_call_time=bindparam("at"),
        modify_date=bindparam("at"),
    )
)
_LIST_CALLED = Prepared(
    update(lists)
    .where(
        lists.c.id == select(leads.c.list_id).where(_ONE).scalar_subquery(),
        or_(lists.c.called_at.is_(None), lists.c.called_at < bindparam("before")),
    )
    .values(called_at=bindparam("at"))
)
_TO_THE_MINUTE: Final = timedelta(minutes=1)
"""How exact a list's last call is: each call that wrote it would wait for the one before."""
_STATUS = Prepared(
    update(leads).where(_ONE).values(status=bindparam("new_status"), modify_date=bindparam("at"))
)
_MARK = Prepared(update(leads).where(_ONE).values(called_since_last_reset=bindparam("mark")))
_DID_NOT_GO_OUT = Prepared(
    update(leads)
    .where(_ONE, leads.c.called_count == bindparam("counted") + 1)
    .values(
        status=bindparam("had_status"),
        called_count=bindparam("counted"),
        called_since_last_reset=bindparam("called"),
        user=bindparam("of_user"),
        last_local_call_time=bindparam("called_at"),
        modify_date=bindparam("at"),
    )
)


_NOT_COUNTED = Prepared(
    update(leads)
    .where(_ONE, leads.c.called_count > 0)
    .values(called_count=leads.c.called_count - 1, modify_date=bindparam("at"))
)


async def went_out(conn: Connection, lead_id: int, user: str, at: datetime) -> None:
    """A call to the lead is on its way.

    Args:
        conn: in a transaction.
        lead_id: of the lead; one that is gone meanwhile is no error.
        user: the agent for whom; empty for the dialler's.
        at: when.
    """
    await conn.execute(_WENT_OUT, {"of_lead": lead_id, "of_user": user, "at": at})
    await conn.execute(_LIST_CALLED, {"of_lead": lead_id, "at": at, "before": at - _TO_THE_MINUTE})


async def did_not_go_out(conn: Connection, lead: Lead, at: datetime) -> None:
    """A call that was counted was never sent: nobody was called.

    Args:
        conn: in a transaction.
        lead: as it was before; it stays what it is if it was called once more meanwhile.
        at: when.
    """
    had = {"of_lead": lead.id, "counted": lead.called_count, "had_status": lead.status}
    had |= {"called": lead.called_since_last_reset, "called_at": lead.last_local_call_time}
    await conn.execute(_DID_NOT_GO_OUT, had | {"of_user": lead.user, "at": at})


async def nobody_called(conn: Connection, lead_id: int, at: datetime) -> None:
    """A call that was counted ended at the agent's own phone: it does not count."""
    await conn.execute(_NOT_COUNTED, {"of_lead": lead_id, "at": at})


async def set_status(conn: Connection, lead_id: int, status: str, at: datetime) -> None:
    """Give the lead a status: what became of its call, or why it is not called."""
    await conn.execute(_STATUS, {"of_lead": lead_id, "new_status": status, "at": at})


def recycled(called_since_last_reset: str) -> int:
    """How often a lead was recycled since the reset of its list."""
    times = called_since_last_reset.removeprefix(CALLED)
    return int(times) if times.isascii() and times.isdecimal() else 0


async def recycle(conn: Connection, lead: Lead) -> None:
    """A lead that was called since the reset of its list is being called again: it is counted."""
    if lead.called_since_last_reset.startswith(CALLED):
        mark = f"{CALLED}{recycled(lead.called_since_last_reset) + 1}"
        await conn.execute(_MARK, {"of_lead": lead.id, "mark": mark})


async def pass_over(conn: Connection, lead_ids: Sequence[int]) -> None:
    """Leads that are not dialled until their list is reset."""
    if lead_ids:
        await conn.execute(_MARK, [{"of_lead": lead_id, "mark": CALLED} for lead_id in lead_ids])
