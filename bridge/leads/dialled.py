"""What calls make of leads: on their way out, and by their disposition. SQL within a caller's transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, update

from bridge.leads.model import Lead
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import leads

IN_CALL: Final = "INCALL"
"""Status of a lead that is being called."""
CALLED: Final = "Y"
"""`called_since_last_reset` of a lead that was dialled, or passed over, since its list was reset."""

_ONE = leads.c.id == bindparam("of_lead")
_WENT_OUT = Prepared(
    update(leads)
    .where(_ONE)
    .values(
        status=IN_CALL,
        called_count=leads.c.called_count + 1,
        called_since_last_reset=CALLED,
        user=bindparam("of_user"),
        last_local_call_time=bindparam("at"),
        modify_date=bindparam("at"),
    )
)
_STATUS = Prepared(
    update(leads).where(_ONE).values(status=bindparam("new_status"), modify_date=bindparam("at"))
)

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


async def went_out(conn: Connection, lead_id: int, user: str, at: datetime) -> None:
    """A call to the lead is on its way.

    Args:
        conn: in a transaction.
        lead_id: of the lead; one that is gone meanwhile is no error.
        user: the agent for whom; empty for the dialler's.
        at: when.
    """
    await conn.execute(_WENT_OUT, {"of_lead": lead_id, "of_user": user, "at": at})


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


async def set_status(conn: Connection, lead_id: int, status: str, at: datetime) -> None:
    """Give the lead a status: what became of its call, or why it is not called."""
    await conn.execute(_STATUS, {"of_lead": lead_id, "new_status": status, "at": at})
