"""Who somebody is in the store: her leads, her calls, and whether she is in a call now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Table, or_, select

from bridge.agents.model import AgentState
from bridge.dialer.model import HopperStatus
from bridge.leads.errors import InvalidLead
from bridge.leads.numbers import forms
from bridge.persons.model import Person, Reach, Wish
from bridge.persons.words import whole_names
from bridge.rules import Refusal, normalise
from bridge.store.connection import Connection
from bridge.store.schema import (
    agent_sessions,
    alt_numbers,
    archived_leads,
    calls,
    hopper,
    leads,
    lists,
    recordings,
)

PARTS: Final = 500
"""Values in one statement."""


async def find(conn: Connection, wish: Wish, country: str) -> Person:
    """Who it is.

    A lead is hers if its own number is, or if it is named. One that has her number as another one may be
    somebody else's.

    Raises:
        InvalidLead: it is no number.
    """
    read = normalise(wish.number, "", country)
    if isinstance(read, Refusal):
        raise InvalidLead("number", read.why)
    own = tuple(dict.fromkeys((*forms(read.e164, country), *forms(wish.number, country), read.e164[1:])))
    rows = [row for table in (leads, archived_leads) for row in await _leads(conn, table, own, wish.leads)]
    ids = frozenset(int(row.id) for row in rows) | frozenset(wish.leads)
    return Person(
        e164=read.e164,
        forms=own,
        leads=ids,
        calls=frozenset(await _calls(conn, read.e164, own, ids)),
        words=tuple(sorted(whole_names(rows))),
        others=tuple(sorted(await _others(conn, rows, own, ids))),
    )


def number_is(table: Table, person: Person) -> ColumnElement[bool]:
    """Whether a row of `calls` is hers."""
    return _of(table, person.e164, person.forms, person.leads)


def _of(table: Table, e164: str, own: Sequence[str], ids: Iterable[int]) -> ColumnElement[bool]:
    numbers = [*own, *(f"+{form}" for form in own)]
    return or_(table.c.number.in_(numbers), table.c.e164 == e164, table.c.lead_id.in_(sorted(ids)))


async def _leads(
    conn: Connection, table: Table, own: Sequence[str], ids: Sequence[int]
) -> Sequence[Row[Any]]:
    query = select(table).where(or_(table.c.phone_number.in_(own), table.c.id.in_(ids)))
    return (await conn.execute(query)).all()


async def _calls(conn: Connection, e164: str, own: Sequence[str], ids: Iterable[int]) -> list[str]:
    return list((await conn.execute(select(calls.c.id).where(_of(calls, e164, own, ids)))).scalars())


async def _others(
    conn: Connection, rows: Iterable[Row[Any]], own: Sequence[str], ids: Iterable[int]
) -> set[str]:
    more = select(alt_numbers.c.number).where(alt_numbers.c.lead_id.in_(sorted(ids)))
    found = {*(await conn.execute(more)).scalars()}
    for row in rows:
        found |= {row.phone_number, row.alt_phone}
    return found - {"", *own}


async def reach(conn: Connection, person: Person) -> Reach:
    """The lists and campaigns in which she is."""
    found = set[int]()
    for table in (leads, archived_leads):
        query = select(table.c.list_id).where(
            or_(table.c.id.in_(sorted(person.leads)), table.c.alt_phone.in_(person.forms))
        )
        found |= {*(await conn.execute(query)).scalars()}
    of_lists = select(lists.c.campaign).where(lists.c.id.in_(sorted(found)))
    of_calls = select(calls.c.campaign).where(number_is(calls, person)).distinct()
    campaigns = {*(await conn.execute(of_lists)).scalars(), *(await conn.execute(of_calls)).scalars()}
    return Reach(lists=frozenset(found), campaigns=frozenset(campaigns - {""}))


async def in_call(conn: Connection, person: Person) -> bool:
    """Whether she is called, spoken with, looked at or recorded now, or a call of hers has no result yet."""
    ids = sorted(person.leads)
    open_call = select(calls.c.id).where(number_is(calls, person), calls.c.disposed_at.is_(None))
    taken = select(hopper.c.id).where(hopper.c.lead_id.in_(ids), hopper.c.status == HopperStatus.QUEUE.value)
    recorded = select(recordings.c.id).where(recordings.c.lead_id.in_(ids), recordings.c.ended_at.is_(None))
    for query in (open_call, taken, recorded):
        if (await conn.execute(query.limit(1))).first() is not None:
            return True
    return await _at_an_agent(conn, person)


async def _at_an_agent(conn: Connection, person: Person) -> bool:
    sessions = select(agent_sessions.c.lead_id, agent_sessions.c.call_id, agent_sessions.c.preview)
    for row in await conn.execute(sessions.where(agent_sessions.c.state != AgentState.LOGGED_OUT.value)):
        seen = row.preview or {}
        if person.owns(lead_id=row.lead_id, call_id=row.call_id) or person.owns(
            lead_id=seen.get("lead_id"), number=seen.get("number")
        ):
            return True
    return False
