"""SQL of users. Rows become principals here and nowhere else."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, delete, func, insert, select, update

from bridge.access import console_queries
from bridge.access.limits import limits_from_store, limits_to_store
from bridge.access.model import GroupScope, Principal, PrincipalKind, UserSpec
from bridge.access.names import names_from_list, names_to_list
from bridge.store.connection import Connection
from bridge.store.prepared import Prepared
from bridge.store.schema import agent_sessions, function_use, login_failures, user_groups, users


class Stored(NamedTuple):
    """A principal with its stored hash (empty: none), which goes no further than the check of a secret."""

    principal: Principal
    secret_hash: str


_of_user = login_failures.c.user == users.c.user
_COLUMNS: Select[Any] = select(
    users,
    select(func.coalesce(func.sum(login_failures.c["count"]), 0))
    .where(_of_user)
    .scalar_subquery()
    .label("failed_logins"),
    select(func.max(login_failures.c.locked_until)).where(_of_user).scalar_subquery().label("locked_until"),
    user_groups.c.name.label("group_name"),
    user_groups.c.campaigns.label("group_campaigns"),
    user_groups.c.sees_groups.label("group_sees"),
).select_from(users.outerjoin(user_groups, users.c.group == user_groups.c.name))
_CONVERTED = ("functions", "rights", "queues", "limits", "line_settings")
"""Fields that the store keeps in another form."""
_OPEN_SESSION = Prepared(
    select(agent_sessions.c.id).where(
        agent_sessions.c.user == bindparam("user_name"), agent_sessions.c.logged_out_at.is_(None)
    )
)
_NAMED = _COLUMNS.where(users.c.user == bindparam("user_name"))
_BY_NAME = Prepared(_NAMED)
_BY_NAME_LOCKED = Prepared(_NAMED.with_for_update(of=users))


async def stored(conn: Connection, user: str) -> Stored | None:
    """One user with its hash."""
    row = (await conn.execute(_BY_NAME, {"user_name": user})).first()
    return None if row is None else Stored(_principal(row), row.secret_hash)


async def locked(conn: Connection, user: str) -> Stored | None:
    """The same, kept from other writers until the transaction ends."""
    row = (await conn.execute(_BY_NAME_LOCKED, {"user_name": user})).first()
    return None if row is None else Stored(_principal(row), row.secret_hash)


async def by_crm_id(conn: Connection, crm_id: str) -> Principal | None:
    """The first user, in the order of names, with this id in the CRM."""
    query = _COLUMNS.where(users.c.crm_id == crm_id).order_by(users.c.user).limit(1)
    row = (await conn.execute(query)).first()
    return None if row is None else _principal(row)


async def page(
    conn: Connection, kinds: frozenset[PrincipalKind], after: str, limit: int, *, remote: bool = False
) -> list[Principal]:
    """Users, or remote agents alone, in the order of their names, from the one behind `after`."""
    query = _COLUMNS.where(users.c.user > after, users.c.kind.in_(sorted(kinds)))
    if remote:
        query = query.where(users.c.remote != "")
    rows = await conn.execute(query.order_by(users.c.user).limit(limit))
    return [_principal(row) for row in rows]


async def add(conn: Connection, spec: UserSpec, secret_hash: str, now: datetime) -> None:
    """A new row."""
    values = _values(spec) | {"secret_hash": secret_hash, "created_at": now, "updated_at": now}
    await conn.execute(insert(users).values(values))


async def change(conn: Connection, spec: UserSpec, now: datetime) -> bool:
    """Write all that an administrator decides; false if there is no such user. Inactive, her pages end."""
    query = update(users).where(users.c.user == spec.user).values(_values(spec) | {"updated_at": now})
    if not spec.active:
        await console_queries.end_all(conn, spec.user)
    return (await conn.execute(query)).rowcount == 1


async def set_hash(conn: Connection, user: str, secret_hash: str, now: datetime) -> bool:
    """A new secret, which also ends locks; false if there is no such user."""
    await conn.execute(delete(login_failures).where(login_failures.c.user == user))
    query = update(users).where(users.c.user == user).values(secret_hash=secret_hash, updated_at=now)
    return (await conn.execute(query)).rowcount == 1


async def set_queues(conn: Connection, user: str, queues: tuple[str, ...], now: datetime) -> None:
    """The in-groups that an agent serves from her next login on."""
    query = update(users).where(users.c.user == user)
    await conn.execute(query.values(queues=list(queues), updated_at=now))


async def stop(conn: Connection, user: str, why: str, now: datetime) -> bool:
    """Stop a user; false if there is none of this name, or it is stopped already."""
    query = update(users).where(users.c.user == user, users.c.stopped == "")
    return (await conn.execute(query.values(stopped=why, updated_at=now))).rowcount == 1


async def set_active(conn: Connection, user: str, now: datetime, *, active: bool) -> bool:
    """Switch a user on or off; on also ends a stop. False if there is no such user."""
    values: dict[str, Any] = {"active": active, "updated_at": now} | ({"stopped": ""} if active else {})
    if not active:
        await console_queries.end_all(conn, user)
    return (await conn.execute(update(users).where(users.c.user == user).values(values))).rowcount == 1


async def set_team(conn: Connection, user: str, team: str) -> bool:
    """Another team; false if there is no such user."""
    query = update(users).where(users.c.user == user).values(team=team)
    return (await conn.execute(query)).rowcount == 1


async def rehash(conn: Connection, user: str, old: str, new: str) -> None:
    """The same secret hashed at today's costs; only if it was not changed meanwhile."""
    query = update(users).where(users.c.user == user, users.c.secret_hash == old)
    await conn.execute(query.values(secret_hash=new))


async def remove(conn: Connection, user: str) -> bool:
    """Delete the row and what is kept of its use; false if there is none."""
    await conn.execute(delete(function_use).where(function_use.c.user == user))
    return (await conn.execute(delete(users).where(users.c.user == user))).rowcount == 1


async def has_session(conn: Connection, user: str) -> bool:
    """Whether she is logged in as an agent."""
    return (await conn.execute(_OPEN_SESSION, {"user_name": user})).first() is not None


def _values(spec: UserSpec) -> dict[str, Any]:
    fields = UserSpec.__struct_fields__
    plain = {name: getattr(spec, name) for name in fields if name not in _CONVERTED}
    queues = None if spec.queues is None else list(spec.queues)
    return plain | {
        "functions": names_to_list(spec.functions),
        "rights": dict(spec.rights),
        "queues": queues,
        "limits": limits_to_store(spec.limits),
        "line_settings": dict(spec.line_settings),
    }


def _principal(row: Row[Any]) -> Principal:
    scope, limits = None, limits_from_store(row.limits)
    if row.group_name is not None:
        group = GroupScope(
            campaigns=names_from_list(row.group_campaigns), groups=names_from_list(row.group_sees)
        )
        scope = group.within(limits)
    return Principal(
        user=row.user,
        kind=PrincipalKind(row.kind),
        name=row.name,
        group=row.group,
        level=row.level,
        active=row.active,
        api_access=row.api_access,
        functions=names_from_list(row.functions),
        rights=row.rights,
        crm_id=row.crm_id,
        manual_dial=row.manual_dial,
        phone=row.phone,
        team=row.team,
        queues=None if row.queues is None else tuple(row.queues),
        limits=limits,
        remote=row.remote,
        line_settings=row.line_settings,
        stopped=row.stopped,
        scope=scope,
        failed_logins=row.failed_logins,
        locked_until=row.locked_until,
        has_secret=bool(row.secret_hash),
        changed_at=row.updated_at,
    )
