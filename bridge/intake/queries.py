"""SQL of intake: tokens, what came in, and how much of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ColumnElement, bindparam, delete, func, insert, or_, select, update

from bridge.intake.model import Entry, Outcome, TokenState
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.rows import to_row
from bridge.store.schema import intake_keys, intake_posts, intake_tokens

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)

_posts, _tokens = intake_posts.c, intake_tokens.c
_KEY_OF = Prepared(
    select(_tokens.key).where(
        _tokens.hash == bindparam("of_hash"),
        or_(
            _tokens.good_until.is_(None),
            _tokens.good_until > bindparam("at_moment", type_=_tokens.made_at.type),
        ),
    )
)
_LOCK = Prepared(
    select(intake_keys.c.name).where(intake_keys.c.name == bindparam("of_key")).with_for_update()
)
_USED = Prepared(
    update(intake_tokens)
    .where(_tokens.hash == bindparam("of_hash"))
    .values(last_used_at=bindparam("at_moment"))
)
_ADD = Prepared(
    insert(intake_posts).returning(_posts.id),
    [name for name in Entry.__struct_fields__ if name != "id"],
)


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How much came in by a key within the last hour and day."""

    hour: int
    day: int
    bytes: int
    """Of the bodies of a day."""
    address_hour: int
    address_day: int


def _since(name: str) -> ColumnElement[bool]:
    return (_posts.key == bindparam("of_key")) & (_posts.at > bindparam(name, type_=_posts.at.type))


def _count(*where: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(intake_posts).where(*where).scalar_subquery()


_MINE = _posts.subscriber == bindparam("of_subscriber")
_COUNTS = Prepared(
    select(
        _count(_since("hour_ago")).label("hour"),
        _count(_since("day_ago")).label("day"),
        select(func.coalesce(func.sum(_posts.size), 0))
        .where(_since("day_ago"))
        .scalar_subquery()
        .label("bytes"),
        _count(_since("hour_ago"), _MINE).label("address_hour"),
        _count(_since("day_ago"), _MINE).label("address_day"),
    )
)
_IS_LEAD = (_posts.number == bindparam("of_number")) & (_posts.outcome == Outcome.ADDED)
_NUMBERS = Prepared(
    select(
        _count(_since("hour_ago"), _IS_LEAD).label("hour"), _count(_since("day_ago"), _IS_LEAD).label("day")
    )
)
_AGAIN = Prepared(
    select(_posts.id)
    .where(
        _since("a_moment_ago"),
        _posts.fingerprint == bindparam("of_fingerprint"),
        or_(_posts.outcome == Outcome.ADDED, _posts.outcome == Outcome.DUPLICATE),
    )
    .limit(1)
)


async def key_of(conn: Connection, token_hash: str, now: datetime) -> str:
    """Name of the key that a token opens now; empty: none."""
    found: str | None = (await conn.execute(_KEY_OF, {"of_hash": token_hash, "at_moment": now})).scalar()
    return found or ""


async def lock(conn: Connection, key: str) -> None:
    """Let no other post of the key be counted until the transaction ends."""
    await conn.execute(_LOCK, {"of_key": key})


async def used(conn: Connection, token_hash: str, now: datetime) -> None:
    """A token was used."""
    await conn.execute(_USED, {"of_hash": token_hash, "at_moment": now})


async def counts(conn: Connection, key: str, subscriber: str, now: datetime) -> Counts:
    """How much came in by a key."""
    asked = {"of_key": key, "of_subscriber": subscriber, "hour_ago": now - HOUR, "day_ago": now - DAY}
    row = (await conn.execute(_COUNTS, asked)).one()
    return Counts(
        hour=row.hour,
        day=row.day,
        bytes=int(row.bytes),
        address_hour=row.address_hour,
        address_day=row.address_day,
    )


async def leads_of(conn: Connection, key: str, number: str, now: datetime) -> tuple[int, int]:
    """How many leads of a number were added within an hour and a day."""
    asked = {"of_key": key, "of_number": number, "hour_ago": now - HOUR, "day_ago": now - DAY}
    row = (await conn.execute(_NUMBERS, asked)).one()
    return row.hour, row.day


async def is_again(conn: Connection, key: str, fingerprint: str, since: datetime) -> bool:
    """Whether the same has come since, and was made a lead."""
    asked = {"of_key": key, "of_fingerprint": fingerprint, "a_moment_ago": since}
    return (await conn.execute(_AGAIN, asked)).first() is not None


async def add(conn: Connection, entry: Entry) -> int:
    """Keep what came; its id."""
    row = to_row(entry)
    del row["id"]
    return int((await conn.execute(_ADD, row)).scalar_one())


async def page(
    conn: Connection, *, key: str, outcomes: Sequence[Outcome], before: int, limit: int
) -> list[Entry]:
    """What came in, the newest first; of all keys if none is named."""
    query = select(intake_posts).order_by(_posts.id.desc()).limit(limit)
    if key:
        query = query.where(_posts.key == key)
    if outcomes:
        query = query.where(_posts.outcome.in_(outcomes))
    if before:
        query = query.where(_posts.id < before)
    return [_entry(row) for row in await conn.execute(query)]


async def one(conn: Connection, post_id: int) -> Entry | None:
    """One of them."""
    row = (await conn.execute(select(intake_posts).where(_posts.id == post_id))).first()
    return None if row is None else _entry(row)


async def trim(conn: Connection, before: datetime, limit: int) -> int:
    """Delete those of before a moment among the oldest `limit`; how many."""
    rows = await conn.execute(select(_posts.id, _posts.at).order_by(_posts.id).limit(limit))
    old = [row.id for row in rows if row.at < before]
    if old:
        await conn.execute(delete(intake_posts).where(_posts.id.in_(old)))
    return len(old)


async def add_token(conn: Connection, key: str, token_hash: str, now: datetime) -> None:
    """Another token of a key."""
    await conn.execute(insert(intake_tokens).values(hash=token_hash, key=key, made_at=now))


async def end_tokens(conn: Connection, key: str, until: datetime, now: datetime) -> None:
    """Let the tokens of a key end, at this time at the latest; those that have ended are forgotten."""
    await conn.execute(delete(intake_tokens).where(_tokens.key == key, _tokens.good_until <= now))
    later = or_(_tokens.good_until.is_(None), _tokens.good_until > until)
    await conn.execute(update(intake_tokens).where(_tokens.key == key, later).values(good_until=until))


async def tokens(conn: Connection, key: str) -> list[TokenState]:
    """Those of a key, the newest first."""
    query = select(_tokens.made_at, _tokens.good_until, _tokens.last_used_at)
    rows = await conn.execute(query.where(_tokens.key == key).order_by(_tokens.made_at.desc()))
    return [TokenState(**row._mapping) for row in rows]  # noqa: SLF001  public in spite of its name


def _entry(row: Any) -> Entry:
    values = {name: getattr(row, name) for name in Entry.__struct_fields__}
    return Entry(**(values | {"outcome": Outcome(row.outcome), "body": bytes(row.body)}))
