"""SQL of the site. Each kind of thing has one table; a campaign has three more below it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    Table,
    Text,
    and_,
    delete,
    insert,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)

from bridge.access.names import ALL, names_to_list
from bridge.campaigns import caller_id_entries
from bridge.campaigns.call_time import CallTime
from bridge.campaigns.caller_id_group import CallerIdGroup
from bridge.campaigns.item import SiteItem
from bridge.campaigns.model import (
    Campaign,
    Did,
    GroupAlias,
    InGroup,
    PauseCode,
    Phone,
    Status,
    Trunk,
    UserGroup,
)
from bridge.campaigns.own_number import OwnNumber
from bridge.campaigns.phone_alias import PhoneAlias
from bridge.campaigns.url_template import URL_FIELDS
from bridge.intake.model import IntakeKey
from bridge.leads.model import LeadList
from bridge.store import schema
from bridge.store.connection import Connection
from bridge.store.types import Json
from bridge.webhooks.model import Webhook

T = TypeVar("T", bound=SiteItem)


class _Place(NamedTuple):
    table: Table
    renamed: dict[str, str]
    """Columns by the field, where the two are not called the same."""


_PLACES: dict[type[SiteItem], _Place] = {
    Campaign: _Place(schema.campaigns, {}),
    Phone: _Place(schema.phones, {"template": "dial"}),
    PhoneAlias: _Place(schema.phone_aliases, {}),
    Trunk: _Place(schema.trunks, {}),
    Did: _Place(schema.dids, {}),
    InGroup: _Place(schema.in_groups, {}),
    GroupAlias: _Place(schema.group_aliases, {}),
    CallerIdGroup: _Place(schema.caller_id_groups, {}),
    OwnNumber: _Place(schema.own_numbers, {}),
    CallTime: _Place(schema.call_times, {}),
    UserGroup: _Place(schema.user_groups, {}),
    LeadList: _Place(schema.lists, {}),
    IntakeKey: _Place(schema.intake_keys, {}),
    Webhook: _Place(schema.webhooks, {}),
}
_ANY_URL = union_all(
    *(
        select(literal(1)).where(or_(*(table.c[field] != "" for field in URL_FIELDS)))
        for table in (schema.campaigns, schema.in_groups, schema.lists)
    )
).limit(1)
_MOST_OF_ONE_NAME = 100
"""Phones of one name, each at another server."""
_NO_LIST = -1
"""Id that no list has."""
_CHILDREN = {"pause_codes", "statuses", "presets", "entries"}
_NAMES = ("campaigns", "sees_groups")

KINDS: dict[str, type[SiteItem]] = {kind.kind: kind for kind in _PLACES}
"""Kinds of things by the name that the command line, the files and `/v1` use."""


async def get(conn: Connection, kind: type[T], key: str) -> T | None:
    """One thing."""
    found = await _fetch(conn, kind, [_key_column(kind) == _key_value(kind, key)], 1)
    return found[0] if found else None


async def page(conn: Connection, kind: type[T], after: str, limit: int) -> list[T]:
    """Things in the order of their keys, from the one behind `after`."""
    where = [_key_column(kind) > _key_value(kind, after)] if after else []
    return await _fetch(conn, kind, where, limit)


async def phones_of(conn: Connection, extension: str) -> list[Phone]:
    """Phones that Asterisk knows by this name, of whichever server."""
    phones = schema.phones.c
    own = or_(phones.extension == extension, and_(phones.extension == "", phones.login == extension))
    return await _fetch(conn, Phone, [own], _MOST_OF_ONE_NAME)


async def put(conn: Connection, item: SiteItem, *, new: bool, now: datetime) -> None:
    """Write a thing, as a new row or over the one of its key."""
    kind = type(item)
    values = _values(item)
    if isinstance(item, LeadList):
        values |= {"changed_at": now, **({"created_at": now} if new else {})}
    if new:
        await conn.execute(insert(_PLACES[kind].table).values(values))
    else:
        where = _key_column(kind) == _key_value(kind, item.key)
        await conn.execute(update(_PLACES[kind].table).where(where).values(values))
    if isinstance(item, Campaign):
        await _put_children(conn, item)
    if isinstance(item, CallerIdGroup):
        await caller_id_entries.put(conn, item)


async def remove(conn: Connection, kind: type[SiteItem], key: str) -> bool:
    """Delete a thing; false if there is none."""
    where = _key_column(kind) == _key_value(kind, key)
    gone = (await conn.execute(delete(_PLACES[kind].table).where(where))).rowcount == 1
    if kind is Campaign:
        await _delete_children(conn, key)
    if kind is CallerIdGroup:
        await caller_id_entries.remove(conn, key)
    if kind is Phone:
        await conn.execute(delete(schema.phone_secrets).where(schema.phone_secrets.c.login == key))
    if kind is IntakeKey:
        await conn.execute(delete(schema.intake_tokens).where(schema.intake_tokens.c.key == key))
    return gone


async def has_urls(conn: Connection) -> bool:
    """Whether any thing of the site has an address that a CRM is told at."""
    return (await conn.execute(_ANY_URL)).first() is not None


async def campaigns_by(conn: Connection, methods: Collection[str]) -> Sequence[str]:
    """Ids of the active campaigns with one of these dial methods, in their order."""
    campaigns = schema.campaigns
    wanted = campaigns.c.active.is_(True), campaigns.c.dial_method.in_(sorted(methods))
    found = await conn.execute(select(campaigns.c.id).where(*wanted).order_by(campaigns.c.id))
    return tuple(found.scalars())


async def user_of(conn: Connection, kind: type[SiteItem], key: str) -> str:
    """What refers to it, as a person would say it; empty if nothing does."""
    for what, column, *also in _REFERENCES.get(kind, ()):
        owner = column.table.c[0]
        found = (
            await conn.execute(select(owner).where(_names(column, _key_value(kind, key)), *also).limit(1))
        ).scalar()
        if found is not None:
            return f"{what} {found}"
    return ""


def _names(column: ColumnElement[Any], key: str | int) -> ColumnElement[bool]:
    """Whether a column holds a key, alone or in a list."""
    if not isinstance(column.type, Json):
        return column == key
    return type_coerce(column, Text).contains(f'"{key}"', autoescape=True)


_open_session = schema.agent_sessions.c.logged_out_at.is_(None)
_open_call = schema.calls.c.disposed_at.is_(None)
_REFERENCES: dict[type[SiteItem], tuple[tuple[Any, ...], ...]] = {
    Campaign: (
        ("DID", schema.dids.c.campaign),
        ("list", schema.lists.c.campaign),
        ("the open agent session", schema.agent_sessions.c.campaign, _open_session),
        ("the open call", schema.calls.c.campaign, _open_call),
    ),
    Phone: (
        ("phone alias", schema.phone_aliases.c.logins),
        ("the open agent session", schema.agent_sessions.c.phone, _open_session),
    ),
    Trunk: (("campaign", schema.campaigns.c.trunk),),
    InGroup: (
        ("DID", schema.dids.c.queue),
        ("campaign", schema.campaigns.c.queues),
        ("campaign", schema.campaigns.c.default_transfer_queue),
        ("agent", schema.users.c.queues),
        ("the open agent session", schema.agent_sessions.c.queues, _open_session),
    ),
    CallerIdGroup: (("campaign", schema.campaigns.c.caller_id_group),),
    CallTime: (
        ("campaign", schema.campaigns.c.call_time),
        ("list", schema.lists.c.call_time),
        ("call time", schema.call_times.c.states),
    ),
    UserGroup: (("user", schema.users.c.group),),
    LeadList: (("intake key", schema.intake_keys.c.list_id),),
}


async def _fetch(
    conn: Connection, kind: type[T], where: Sequence[ColumnElement[bool]], limit: int
) -> list[T]:
    query = select(_PLACES[kind].table).where(*where).order_by(_key_column(kind)).limit(limit)
    rows = (await conn.execute(query)).all()
    read = _READ_CHILDREN.get(kind)
    if read is None:
        return [_item(kind, row, {}) for row in rows]
    keys = [getattr(row, kind.key_field) for row in rows]
    children = await read(conn, keys)
    return [_item(kind, row, children[key]) for row, key in zip(rows, keys, strict=True)]


def _key_column(kind: type[SiteItem]) -> ColumnElement[Any]:
    return _PLACES[kind].table.c[kind.key_field]


def _key_value(kind: type[SiteItem], key: str) -> str | int:
    if kind is not LeadList:
        return key
    is_number = key.isascii() and key.isdigit() and len(key) <= 18
    return int(key) if is_number else _NO_LIST


def _values(item: SiteItem) -> dict[str, Any]:
    """Columns of an item's own row."""
    renamed = _PLACES[type(item)].renamed
    fields = {field: getattr(item, field) for field in item.__struct_fields__ if field not in _CHILDREN}
    if isinstance(item, UserGroup):
        fields |= {name: names_to_list(fields[name]) for name in _NAMES}
    if isinstance(item, Campaign):
        fields["preset_options"] = msgspec.to_builtins(item.preset_options)
    return {renamed.get(field, field): value for field, value in fields.items()}


def _item(kind: type[T], row: Row[Any], children: dict[str, Any]) -> T:
    renamed = _PLACES[kind].renamed
    own = (field for field in kind.__struct_fields__ if field not in _CHILDREN)
    values = {field: getattr(row, renamed.get(field, field)) for field in own}
    if kind is UserGroup:
        values |= {name: ALL.value for name in _NAMES if values[name] is None}
    return msgspec.convert(values | children, kind)


async def _children(conn: Connection, campaigns: Sequence[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        campaign: {"pause_codes": [], "statuses": [], "presets": {}} for campaign in campaigns
    }
    codes, statuses, presets = schema.pause_codes, schema.statuses, schema.presets
    for row in await conn.execute(
        select(codes).where(codes.c.campaign.in_(campaigns)).order_by(codes.c.code)
    ):
        entry = PauseCode(code=row.code, name=row.name, billable=row.billable)
        found[row.campaign]["pause_codes"].append(entry)
    own = select(statuses).where(statuses.c.campaign.in_(campaigns)).order_by(statuses.c.status)
    for row in await conn.execute(own):
        status = Status(status=row.status, name=row.name, selectable=row.selectable, callback=row.callback)
        found[row.campaign]["statuses"].append(status)
    for row in await conn.execute(select(presets).where(presets.c.campaign.in_(campaigns))):
        found[row.campaign]["presets"][row.name] = row.number
    return found


_READ_CHILDREN: Mapping[
    type[SiteItem], Callable[[Connection, Sequence[str]], Awaitable[Mapping[str, dict[str, Any]]]]
] = {Campaign: _children, CallerIdGroup: caller_id_entries.of}


async def _put_children(conn: Connection, campaign: Campaign) -> None:
    await _delete_children(conn, campaign.id)
    presets = [{"name": name, "number": number} for name, number in campaign.presets.items()]
    for table, rows in (
        (schema.pause_codes, [msgspec.structs.asdict(code) for code in campaign.pause_codes]),
        (schema.statuses, [msgspec.structs.asdict(status) for status in campaign.statuses]),
        (schema.presets, presets),
    ):
        if rows:
            await conn.execute(insert(table), [row | {"campaign": campaign.id} for row in rows])


async def _delete_children(conn: Connection, campaign: str) -> None:
    for table in (schema.pause_codes, schema.statuses, schema.presets):
        await conn.execute(delete(table).where(table.c.campaign == campaign))
