"""Who asks for a call, as the gate has to know it: an API user's limits, and what it has used of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select

from bridge.access import queries as users
from bridge.access.authorize import standing
from bridge.access.errors import Rule as Login
from bridge.access.limits import COSTLY_TYPES, NUMBER_TYPES
from bridge.access.model import Principal, PrincipalKind
from bridge.rules import Asker, Rule, Used
from bridge.store.connection import Connection
from bridge.store.exclusive import exclusive
from bridge.store.schema import calls

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
USUAL_TYPES: Final = NUMBER_TYPES - COSTLY_TYPES


async def asker(
    conn: Connection, user: str, home: str, at: datetime, *, counted: bool = True
) -> Asker | None:
    """The API user of this name, as the gate has to know it; `None`: a person, or the bridge itself.

    Within the transaction that writes the call no other one of the same user is written between the count and
    the commit, on any replica.

    Args:
        conn: of that transaction.
        user: who asks.
        home: the site's country, which is the only one for an API user that has none of its own.
        at: the time of the call.
        counted: whether a call is to be written: else only where it goes is judged.
    """
    if not user:
        return None
    found = await users.stored(conn, user)
    if found is None:
        return _nobody(user, "is not there any more")
    principal = found.principal
    if principal.kind is not PrincipalKind.API:
        return None
    why = _shut_out(principal, at)
    if why:
        return _nobody(user, why)
    limits = principal.limits
    types = USUAL_TYPES if limits.number_types is None else frozenset(limits.number_types)
    return Asker(
        user=user,
        countries=frozenset((home,) if limits.countries is None else limits.countries),
        number_types=types,
        used=tuple([used async for used in _used(conn, principal, at)]) if counted else (),
    )


def _nobody(user: str, why: str) -> Asker:
    return Asker(user=user, countries=frozenset(), number_types=frozenset(), shut_out=why)


def _shut_out(principal: Principal, at: datetime) -> str:
    """A wish may have waited for its agent: who has it dialled may be shut out by then."""
    match standing(principal, at):
        case Login.STOPPED:
            return f"was stopped: {principal.stopped}"
        case Login.EXPIRED:
            return "has expired"
        case Login.NOT_YET:
            return "may not call yet"
        case None:
            return "" if principal.api_access else "may not use the API any more"
    return "is switched off"


async def _used(conn: Connection, principal: Principal, at: datetime) -> AsyncIterator[Used]:
    """What is limited, the tightest first. An administrator's change of the user begins a new count."""
    limits = principal.limits
    if limits.calls_per_hour is limits.calls_per_day is limits.calls_at_once is None:
        return
    await exclusive(conn, f"calls of {principal.user}")
    since = principal.changed_at or at - DAY
    if limits.calls_at_once is not None:
        open_ones = calls.c.disposed_at.is_(None) & calls.c.ended_at.is_(None)
        count = await _count(conn, principal.user, open_ones, limits.calls_at_once)
        yield Used(rule=Rule.USER_CALLS_AT_ONCE, calls=count, most=limits.calls_at_once)
    for rule, span, most in (
        (Rule.USER_CALLS_PER_HOUR, HOUR, limits.calls_per_hour),
        (Rule.USER_CALLS_PER_DAY, DAY, limits.calls_per_day),
    ):
        if most is not None:
            made = calls.c.asked_at > max(at - span, since)
            yield Used(rule=rule, calls=await _count(conn, principal.user, made, most), most=most)


async def _count(conn: Connection, user: str, which: ColumnElement[bool], most: int) -> int:
    """Calls of this user that have left, counted no further than they matter."""
    left = (calls.c.asked_by == user) & calls.c.sent_at.is_not(None)
    some = select(calls.c.id).where(left, which).limit(most).subquery()
    return int((await conn.execute(select(func.count()).select_from(some))).scalar() or 0)
