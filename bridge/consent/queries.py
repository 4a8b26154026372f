"""SQL of consents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, insert, select, update

from bridge.consent.model import Consent
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import consents

MOST = 1000
"""Consents of a number or a lead that are looked at: the newest."""
_OF_NUMBER = Prepared(
    select(consents).where(consents.c.e164 == bindparam("number")).order_by(consents.c.id.desc()).limit(MOST)
)
_OF_LEAD = Prepared(
    select(consents)
    .where(consents.c.lead_id == bindparam("of_lead"))
    .order_by(consents.c.id.desc())
    .limit(MOST)
)


async def add(conn: Connection, new: Consent) -> Consent:
    """A new row; the same with the id that it has got."""
    values = {name: getattr(new, name) for name in Consent.__struct_fields__ if name != "id"}
    made = (await conn.execute(insert(consents).values(values).returning(consents.c.id))).scalar_one()
    return msgspec.structs.replace(new, id=int(made))


async def of_number(conn: Connection, e164: str) -> list[Consent]:
    """All consents for a number, the newest first."""
    return [_consent(row) for row in await conn.execute(_OF_NUMBER, {"number": e164})]


async def of_lead(conn: Connection, lead_id: int) -> list[Consent]:
    """All consents that came with a lead, the newest first."""
    return [_consent(row) for row in await conn.execute(_OF_LEAD, {"of_lead": lead_id})]


async def revoke(conn: Connection, ids: Sequence[int], how: str, by: str, now: datetime) -> None:
    """Write that they were taken back."""
    await conn.execute(
        update(consents)
        .where(consents.c.id.in_(ids), consents.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_how=how, revoked_by=by)
    )


def _consent(row: Row[Any]) -> Consent:
    return Consent(**{name: getattr(row, name) for name in Consent.__struct_fields__})
