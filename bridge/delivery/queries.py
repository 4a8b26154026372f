"""SQL of the deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bridge.delivery.model import Delivery, DeliveryState, Due, NewDelivery
from bridge.ids import uuid7
from bridge.store.connection import Connection
from bridge.store.schema import deliveries as table

_COLUMNS: Final = [
    table.c.shown.label("url") if name == "url" else table.c[name] for name in Delivery.__struct_fields__
]
_before = table.alias("before")
_FIRST: Final = ~exists().where(
    _before.c.state == DeliveryState.PENDING.value,
    _before.c.subject == table.c.subject,
    _before.c.source == table.c.source,
    or_(
        _before.c.event_seq < table.c.event_seq,
        and_(_before.c.event_seq == table.c.event_seq, _before.c.id < table.c.id),
    ),
)
"""Nothing of its subject has to be told before it."""
_PENDING: Final = table.c.state == DeliveryState.PENDING.value
_DUE: Final = (
    select(*(table.c[name] for name in Due.__struct_fields__))
    .where(_PENDING, table.c.host == bindparam("to_host"), table.c.next_at <= bindparam("now"), _FIRST)
    .order_by(table.c.next_at, table.c.id)
    .limit(bindparam("at_most"))
)
_HOSTS: Final = select(table.c.host).where(_PENDING, table.c.next_at <= bindparam("now")).distinct()
_NEXT: Final = select(func.min(table.c.next_at)).where(_PENDING, table.c.next_at > bindparam("now"))


async def add(conn: Connection, source: str, new: NewDelivery, now: datetime, give_up_at: datetime) -> None:
    """A row, unless there is one of this mark."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    fields = ("kind", "once", "event_seq", "subject", "call_id", "lead_id", "host", "url", "shown", "error")
    values: dict[str, Any] = {name: getattr(new, name) for name in fields}
    values |= {"id": uuid7(), "source": source, "made_at": now, "give_up_at": give_up_at, "attempts": 0}
    if new.error:
        values |= {"state": DeliveryState.FAILED.value, "settled_at": now, "next_at": None}
    else:
        values |= {"state": DeliveryState.PENDING.value, "next_at": now}
    wish = dialect.insert(table).values(values)
    await conn.execute(wish.on_conflict_do_nothing(index_elements=["source", "once"]))


async def hosts_due(conn: Connection, now: datetime) -> list[str]:
    """To whom something may have to be told now."""
    return [row.host for row in await conn.execute(_HOSTS, {"now": now})]


async def due(conn: Connection, host: str, now: datetime, limit: int) -> list[Due]:
    """What is to be told to one host now, the first of each subject."""
    rows = await conn.execute(_DUE, {"to_host": host, "now": now, "at_most": limit})
    return [Due(**row._mapping) for row in rows]  # noqa: SLF001  public in spite of its name


async def next_at(conn: Connection, now: datetime) -> datetime | None:
    """When, after now, something is to be tried."""
    found: datetime | None = (await conn.execute(_NEXT, {"now": now})).scalar()
    return found


async def settle(conn: Connection, delivery_id: str, **values: Any) -> bool:
    """Write what came of an attempt; false if it does not wait any more."""
    wish = update(table).where(table.c.id == delivery_id, _PENDING)
    return (await conn.execute(wish.values(attempts=table.c.attempts + 1, **values))).rowcount == 1


async def retry(conn: Connection, delivery_id: str, now: datetime, give_up_at: datetime) -> bool:
    """Let a failed one be tried again; false if it is none."""
    wish = update(table).where(table.c.id == delivery_id, table.c.state == DeliveryState.FAILED.value)
    wish = wish.where(table.c.url != "")
    values = {"state": DeliveryState.PENDING.value, "next_at": now, "give_up_at": give_up_at}
    return (await conn.execute(wish.values(**values, settled_at=None))).rowcount == 1


async def get(conn: Connection, delivery_id: str) -> Delivery | None:
    """One of them."""
    row = (await conn.execute(select(*_COLUMNS).where(table.c.id == delivery_id))).first()
    return None if row is None else _delivery(row)


async def of_call(conn: Connection, call_id: str, limit: int) -> list[Delivery]:
    """Those of a call, the oldest first."""
    query = select(*_COLUMNS).where(table.c.call_id == call_id)
    rows = await conn.execute(query.order_by(table.c.event_seq, table.c.id).limit(limit))
    return [_delivery(row) for row in rows]


async def page(
    conn: Connection, states: Sequence[DeliveryState], call_id: str, before: str, limit: int
) -> list[Delivery]:
    """The newest first, from the one behind `before`."""
    query = select(*_COLUMNS).order_by(table.c.id.desc()).limit(limit)
    if states:
        query = query.where(table.c.state.in_([state.value for state in states]))
    if call_id:
        query = query.where(table.c.call_id == call_id)
    if before:
        query = query.where(table.c.id < before)
    return [_delivery(row) for row in await conn.execute(query)]


async def trim(conn: Connection, before: datetime, limit: int) -> int:
    """Delete the oldest that are settled; how many that were."""
    old = select(table.c.id).where(table.c.made_at < before, table.c.state != DeliveryState.PENDING.value)
    old = old.order_by(table.c.made_at).limit(limit)
    return (await conn.execute(delete(table).where(table.c.id.in_(old)))).rowcount


def _delivery(row: Row[Any]) -> Delivery:
    values = dict(row._mapping)  # noqa: SLF001  the same
    return Delivery(**values | {"state": DeliveryState(values["state"])})
