"""What is to be told to other systems, and what became of it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint, literal_column

from bridge.delivery.model import DeliveryState
from bridge.store.columns import count, metadata, moment, one_of, text
from bridge.store.types import BigInt, Line

deliveries = Table(
    "deliveries",
    metadata,
    text("id", key=True),
    *(text(name) for name in ("source", "kind", "once")),
    Column("event_seq", BigInt, nullable=False),
    *(text(name) for name in ("subject", "call_id")),
    Column("lead_id", BigInt),
    *(text(name) for name in ("host", "url", "shown")),  # url: with its values, until it is delivered
    Column("state", Line, nullable=False, server_default=DeliveryState.PENDING),
    count("attempts"),
    moment("made_at", needed=True),
    moment("next_at"),
    moment("give_up_at", needed=True),
    moment("tried_at"),
    moment("settled_at"),
    Column("status", Integer),
    text("error"),
    UniqueConstraint("source", "once"),  # an event that is read again makes no second one
    one_of("state", DeliveryState),
    Index("ix_deliveries_call_id", "call_id"),
    Index("ix_deliveries_made_at", "made_at"),
    Index("ix_deliveries_state", "state", "id"),
)
_pending = deliveries.c.state == literal_column(f"'{DeliveryState.PENDING.value}'")
Index(
    "ix_deliveries_due",
    deliveries.c.next_at,
    deliveries.c.host,
    sqlite_where=_pending,
    postgresql_where=_pending,
)
Index(
    "ix_deliveries_order",  # what is told of one subject, in its order
    deliveries.c.subject,
    deliveries.c.event_seq,
    deliveries.c.id,
    sqlite_where=_pending,
    postgresql_where=_pending,
)
