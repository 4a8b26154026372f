"""How many leads of a campaign stand where, by the indexes of their lists: no list is read to its end.

The counts go along (list, status, called since the reset); each stops at `MOST`, all of them together at
`ALTOGETHER`, and say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BindParameter, Select, bindparam, func, select

from bridge.campaigns.model import Campaign
from bridge.dialer.causes import Block
from bridge.leads.callbacks import ACTIVE
from bridge.leads.next import NOT_CALLED
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import callbacks, leads, lists
from bridge.why.model import Count
from bridge.why.words import leads as leads_of

MOST: Final = 20_000
"""Leads of one list and status that are counted."""
ALTOGETHER: Final = 200_000
"""Leads that are counted for one answer."""
MOST_LISTS: Final = 1000
MOST_STATUSES: Final = 100
"""Of one list."""
COUNTED: Final = frozenset(
    {Block.LIST_INACTIVE, Block.LIST_EXPIRED, Block.STATUS, Block.CALLED, Block.CALLBACK}
)
"""Causes of which all leads are counted here: what the gate was asked about adds none."""

_LIMIT: Final[BindParameter[int]] = bindparam("at_most")


def _count(query: Select[Any]) -> Prepared:
    return Prepared(select(func.count()).select_from(query.limit(_LIMIT).subquery()))


_LISTS = Prepared(
    select(lists.c.id, lists.c.active, lists.c.expires_at)
    .where(lists.c.campaign == bindparam("of_campaign"))
    .order_by(lists.c.id)
    .limit(MOST_LISTS)
)
_IN_LIST = select(leads.c.id).where(leads.c.list_id == bindparam("of_list"))
_WITH_STATUS = _IN_LIST.where(leads.c.status == bindparam("with_status"))
_OF_LIST = _count(_IN_LIST)
_OF_STATUS = _count(_WITH_STATUS)
_NOT_CALLED = _count(_WITH_STATUS.where(leads.c.called_since_last_reset == NOT_CALLED))
_NEXT_STATUS = Prepared(
    select(leads.c.status)
    .where(leads.c.list_id == bindparam("of_list"), leads.c.status > bindparam("after_status"))
    .order_by(leads.c.status)
    .limit(1)
)
_WAITING = (
    callbacks.c.campaign == bindparam("of_campaign"),
    callbacks.c.due_at > bindparam("at"),
    callbacks.c.state == ACTIVE,
    callbacks.c.archived.is_(False),
)
_CALLBACKS = _count(select(callbacks.c.call_id).where(*_WAITING))
_FIRST_CALLBACK = Prepared(select(callbacks.c.due_at).where(*_WAITING).order_by(callbacks.c.due_at).limit(1))


class Stock:
    """What a campaign's lists hold."""

    def __init__(self) -> None:
        self.lists = 0
        self.active = 0
        self.expired = 0
        self.not_called = 0
        """Leads with a status that is dialled, not called since the reset."""
        self.counts: list[Count] = []


class _Counting:
    def __init__(self, conn: Connection, campaign: Campaign) -> None:
        self._conn = conn
        self._campaign = campaign
        self._left = ALTOGETHER
        self._found: Counter[tuple[str, str]] = Counter()
        self._cut: set[tuple[str, str]] = set()
        self.stock = Stock()

    async def run(self, now: datetime) -> Stock:
        for row in list(await self._conn.execute(_LISTS, {"of_campaign": self._campaign.id})):
            self.stock.lists += 1
            if row.active and row.expires_at is not None and row.expires_at <= now:
                self.stock.expired += 1
                await self._add((Block.LIST_EXPIRED, ""), _OF_LIST, {"of_list": row.id})
            elif row.active:
                self.stock.active += 1
                await self._active(row.id)
            else:
                await self._add((Block.LIST_INACTIVE, ""), _OF_LIST, {"of_list": row.id})
        for key, count in self._found.items():
            if count:
                self.stock.counts.append(self._told(key, count))
        return self.stock

    async def _active(self, of_list: int) -> None:
        async for status in self._statuses(of_list):
            of = {"of_list": of_list, "with_status": status}
            if status not in self._campaign.dial_statuses:
                await self._add((Block.STATUS, status), _OF_STATUS, of)
                continue
            free = await self._number(_NOT_CALLED, of)
            self.stock.not_called += free
            called = (Block.CALLED, "")
            all_of_them = await self._number(_OF_STATUS, of)
            self._found[called] += all_of_them - free
            if all_of_them >= MOST or not self._left:
                self._cut.add(called)

    async def _statuses(self, of_list: int) -> AsyncIterator[str]:
        """Those of a list's leads, each found by one look into the index."""
        after = ""
        for _ in range(MOST_STATUSES):
            values = {"of_list": of_list, "after_status": after}
            found = (await self._conn.execute(_NEXT_STATUS, values)).scalar()
            if found is None:
                return
            after = found
            yield found

    async def _add(self, key: tuple[str, str], query: Prepared, values: dict[str, Any]) -> None:
        found = await self._number(query, values)
        self._found[key] += found
        if found >= MOST or not self._left:
            self._cut.add(key)

    async def _number(self, query: Prepared, values: dict[str, Any]) -> int:
        most = min(MOST, self._left)
        found = int((await self._conn.execute(query, values | {"at_most": most})).scalar_one())
        self._left -= found
        return found

    def _told(self, key: tuple[str, str], count: int) -> Count:
        cause, status = key
        cut = key in self._cut
        said = {
            Block.STATUS: (
                f"has status {status}, which is not among dial_statuses",
                f"have status {status}, which is not among dial_statuses",
            ),
            Block.CALLED: (
                "was called since the reset of the list",
                "were called since the reset of the list",
            ),
            Block.LIST_EXPIRED: ("is in a list that has expired", "are in lists that have expired"),
            Block.LIST_INACTIVE: ("is in a list that is not active", "are in lists that are not active"),
        }[Block(cause)][count != 1 or cut]
        return Count(cause=cause, leads=count, at_least=cut, why=f"{leads_of(count, at_least=cut)} {said}")


async def stock_of(conn: Connection, campaign: Campaign, now: datetime) -> Stock:
    """What a campaign's lists hold, and why most of it is not dialled."""
    return await _Counting(conn, campaign).run(now)


async def waiting_callbacks(conn: Connection, campaign: str, now: datetime) -> Count | None:
    """Callbacks of a campaign whose time has not come."""
    values = {"of_campaign": campaign, "at": now}
    count = int((await conn.execute(_CALLBACKS, values | {"at_most": MOST})).scalar_one())
    if not count:
        return None
    first: datetime = (await conn.execute(_FIRST_CALLBACK, values)).scalar_one()
    cut = count >= MOST
    many = ("at least " if cut else "") + ("1 callback waits" if count == 1 else f"{count} callbacks wait")
    return Count(
        cause=Block.CALLBACK,
        leads=count,
        at_least=cut,
        why=f"{many} for the time that was promised, the first for {first:%Y-%m-%d %H:%MZ}",
        until=first,
    )
