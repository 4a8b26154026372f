"""The comparisons of `bridge.leads.duplicates` for some hundreds of leads at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select

from bridge.leads.duplicates import WINDOWS, Check, Duplicate, What, Where, checks
from bridge.leads.errors import InvalidLead
from bridge.leads.model import NewLead
from bridge.store.connection import Connection
from bridge.store.schema import leads, lists

Key = tuple[str, ...]

_FIELDS: Final[Mapping[What, Key]] = {
    What.PHONE: ("phone_number",),
    What.PHONE_OR_ALT: ("phone_number",),
    What.TITLE_ALT: ("alt_phone", "title"),
    What.NAME_PHONE: ("phone_number", "first_name", "last_name"),
}
"""What leads have in common; the first has an index, and a lead that lacks it is no duplicate."""
_MODES: Final = frozenset(what + where for what in What for where in Where)
_DAYS: Final = frozenset(f"{days}DAY" for days in WINDOWS)


def strict_checks(mode: str) -> Sequence[Check]:
    """The comparisons that a text asks for, made of nothing but modes and days, such as `DUPLIST-30DAY`.

    Raises:
        InvalidLead: something else is in it, or no mode.
    """
    for part in filter(None, mode.upper().split("-")):
        if part not in _MODES | _DAYS:
            why = f"{part[:40]!r} is no mode (DUPLIST, DUPCAMP, DUPSYS, with -30DAY, ...)"
            raise InvalidLead("duplicates", why)
    found = checks(mode)
    if mode and not found:
        raise InvalidLead("duplicates", "days alone are no mode: DUPLIST-30DAY")
    return found


def name_of(check: Check) -> str:
    """As callers write it."""
    return check.what + check.where


def field_of(check: Check) -> str:
    """The field that is looked at first."""
    return _FIELDS[check.what][0]


async def find(
    conn: Connection, wanted: Sequence[Check], new: Sequence[NewLead], now: datetime
) -> dict[int, Duplicate]:
    """Which of some leads of one list are there already.

    Args:
        conn: within the transaction that adds them, so that nobody else's come in between on SQLite.
        wanted: what is looked for.
        new: the leads.
        now: the time from which days are counted back.

    Returns:
        By the place in `new`, the first hit in the order of the comparisons.
    """
    found: dict[int, Duplicate] = {}
    for check in wanted:
        keys = {at: _key(check, lead) for at, lead in enumerate(new) if at not in found}
        keys = {at: key for at, key in keys.items() if key[0]}
        if keys:
            there = await _there(conn, check, set(keys.values()), _limits(check, new[0].list_id, now))
            found |= {at: there[key] for at, key in keys.items() if key in there}
    return found


def repeated(wanted: Sequence[Check], new: Sequence[NewLead]) -> Iterator[tuple[int, int, Check]]:
    """Which of some leads of one list repeat an earlier one of them: its place, the earlier's, the check."""
    seen: dict[tuple[What, Key], int] = {}
    for at, lead in enumerate(new):
        hit = next((check for check in wanted if (check.what, _key(check, lead)) in seen), None)
        if hit is not None:
            yield at, seen[hit.what, _key(hit, lead)], hit
            continue
        for check in wanted:
            seen |= {(check.what, key): at for key in _left_by(check, lead) if key[0]}


def _key(check: Check, lead: NewLead) -> Key:
    return tuple(getattr(lead, name) for name in _FIELDS[check.what])


def _left_by(check: Check, lead: NewLead) -> Iterable[Key]:
    """By what a later one is found to repeat it."""
    if check.what is What.PHONE_OR_ALT:
        return (lead.phone_number,), (lead.alt_phone,)
    return (_key(check, lead),)


def _limits(check: Check, list_id: int, now: datetime) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    if check.where is Where.LIST:
        limits.append(leads.c.list_id == list_id)
    elif check.where is Where.CAMPAIGN:
        campaign = select(lists.c.campaign).where(lists.c.id == list_id).scalar_subquery()
        limits.append(leads.c.list_id.in_(select(lists.c.id).where(lists.c.campaign == campaign)))
    if check.days is not None:
        limits.append(leads.c.entry_date > now - timedelta(days=check.days))
    return limits


async def _there(
    conn: Connection, check: Check, keys: Collection[Key], limits: Sequence[ColumnElement[bool]]
) -> dict[Key, Duplicate]:
    """The oldest lead with each of some keys, as `add_lead` finds it."""
    found: dict[Key, Duplicate] = {}
    ways = [_FIELDS[check.what]]
    if check.what is What.PHONE_OR_ALT:
        ways.insert(0, ("alt_phone",))  # the hit by the main number, which comes later, stays
    for fields in ways:
        columns = [leads.c[name] for name in fields]
        oldest = (
            select(func.min(leads.c.id))
            .where(columns[0].in_({key[0] for key in keys}), *limits)
            .group_by(*columns)
        )
        query = select(leads.c.id, leads.c.list_id, *columns).where(leads.c.id.in_(oldest))
        for row in await conn.execute(query):
            field = "ALT" if fields[0] == "alt_phone" else "PHONE"
            found[tuple(row[2:])] = Duplicate(check=check, lead_id=row.id, list_id=row.list_id, field=field)
    return found
