"""The hopper: leads that are dialled next."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, UniqueConstraint, and_, literal_column

from bridge.dialer.model import HopperStatus, Source
from bridge.store.columns import count, metadata, moment, one_of, text
from bridge.store.types import BigInt, Line

hopper = Table(
    "hopper",
    metadata,
    Column("id", BigInt, primary_key=True, autoincrement=True),
    Column("lead_id", BigInt, nullable=False),
    text("campaign"),
    Column("list_id", BigInt, nullable=False),
    Column("status", Line, nullable=False, server_default=HopperStatus.READY),
    text("user"),  # the bridge that has taken it
    count("priority"),
    Column("source", Line, nullable=False, server_default="S"),
    text("alt"),
    moment("due_at"),
    moment("created_at", needed=True),
    moment("taken_at"),
    UniqueConstraint("lead_id"),  # a lead is in it once, so that it is never dialled twice at a time
    one_of("status", HopperStatus),
    sqlite_autoincrement=True,
)
Index(
    "ix_hopper_next",  # of a campaign, the rows of a status in the order in which they are dialled
    hopper.c.campaign,
    hopper.c.status,
    hopper.c.priority.desc(),
    hopper.c.id,
)
_held = hopper.c.status == literal_column(f"'{HopperStatus.HOLD.value}'")
Index("ix_hopper_held", hopper.c.campaign, hopper.c.due_at, sqlite_where=_held, postgresql_where=_held)
_of_lists = and_(_held, hopper.c.source == literal_column(f"'{Source.STANDARD.value}'"))
Index("ix_hopper_held_of_lists", hopper.c.campaign, sqlite_where=_of_lists, postgresql_where=_of_lists)

dialer_words = Table(
    "dialer_words",
    metadata,
    text("asterisk", key=True),
    text("campaign", key=True),  # empty: all of them
    *(text(name) for name in ("bridge", "cause", "why")),
    moment("until"),
    moment("at", needed=True),
)
"""Why a campaign's calls are not placed, as its dialler has said last."""
