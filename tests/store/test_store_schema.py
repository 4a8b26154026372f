"""Rules that the schema keeps whoever writes, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Table, insert, update

from bridge.store import schema
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreConflict

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


async def put(db: Database, table: Table, **values: Any) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(table).values(**values))

    await db.write(work)


async def change(db: Database, table: Table, key: str, **values: Any) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(update(table).where(table.c.id == key).values(**values))

    await db.write(work)


def a_session(name: str, **values: Any) -> dict[str, Any]:
    usual = {
        "id": name,
        "user": name,
        "phone": name,
        "room": name,
        "asterisk": "main",
        "state": "paused",
        "state_since": NOON,
    }
    return usual | values


def a_call(name: str, **values: Any) -> dict[str, Any]:
    usual = {"id": name, "legacy_id": name, "legacy_uniqueid": name, "kind": "M", "state": "planned"}
    return usual | {"asked_at": NOON} | values


OVER: dict[str, Any] = {"state": "logged_out", "logged_out_at": NOON}


@pytest.mark.parametrize(
    ("first", "second", "columns"),
    [
        ({"user": "1000"}, {"user": "1000"}, {"user"}),
        ({"room": "8600051"}, {"room": "8600051"}, {"asterisk", "room"}),
        ({"phone": "1000"}, {"phone": "1000"}, {"phone"}),
        ({"call_id": "c"}, {"call_id": "c"}, {"call_id"}),
    ],
    ids=["one session an agent", "one session a room", "one session a phone", "one agent a call"],
)
async def test_what_one_open_session_has_no_other_can(
    db: Database, first: dict[str, Any], second: dict[str, Any], columns: set[str]
) -> None:
    sessions = schema.agent_sessions
    await put(db, sessions, **a_session("old", **first, **OVER))
    await put(db, sessions, **a_session("a", **first))
    with pytest.raises(StoreConflict) as caught:
        await put(db, sessions, **a_session("b", **second))
    assert (caught.value.table, caught.value.columns) == ("agent_sessions", frozenset(columns))
    await change(db, sessions, "a", **OVER)
    await put(db, sessions, **a_session("b", **second))


async def test_the_same_room_on_another_asterisk_is_another_room(db: Database) -> None:
    await put(db, schema.agent_sessions, **a_session("a", room="8600051"))
    await put(db, schema.agent_sessions, **a_session("b", room="8600051", asterisk="second"))


async def test_sessions_without_a_call_do_not_stand_in_each_others_way(db: Database) -> None:
    for name in "ab":
        await put(db, schema.agent_sessions, **a_session(name, call_id=None))


@pytest.mark.parametrize(
    ("table", "values", "rule"),
    [
        (schema.agent_sessions, a_session("a", state="asleep"), "ck_agent_sessions_state"),
        (schema.agent_sessions, a_session("a", state="logged_out"), "ck_agent_sessions_logged_out"),
        (schema.agent_sessions, a_session("a", logged_out_at=NOON), "ck_agent_sessions_logged_out"),
        (schema.agent_sessions, a_session("a", after_call="incall"), "ck_agent_sessions_after_call"),
        (schema.calls, a_call("a", state="lost"), "ck_calls_state"),
        (schema.calls, a_call("a", kind="X"), "ck_calls_kind"),
        (schema.calls, a_call("a", state="disposed", status="NA"), "ck_calls_disposed"),
        (schema.calls, a_call("a", disposed_at=NOON, status="NA"), "ck_calls_disposed"),
        (schema.calls, a_call("a", state="disposed", disposed_at=NOON), "ck_calls_disposed_status"),
        (schema.calls, a_call("a", status_source="rumour"), "ck_calls_status_source"),
        (schema.users, {"user": "a", "kind": "robot"}, "ck_users_kind"),
        (schema.campaigns, {"id": "a", "api_manual_dial": "MAYBE"}, "ck_campaigns_api_manual_dial"),
        (schema.campaigns, {"id": "a", "drop_seconds": -1.0}, "ck_campaigns_seconds"),
        (schema.dnc, {"campaign": "", "number": "900", "kind": "planet"}, "ck_dnc_kind"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_cannot_be_is_refused(
    db: Database, table: Table, values: dict[str, Any], rule: str
) -> None:
    with pytest.raises(StoreConflict) as caught:
        await put(db, table, **values)
    assert (caught.value.table, caught.value.rule) == (table.name, rule)


@pytest.mark.parametrize("column", ["id", "legacy_id", "legacy_uniqueid"])
async def test_each_id_of_a_call_finds_one_call(db: Database, column: str) -> None:
    await put(db, schema.calls, **a_call("a"))
    with pytest.raises(StoreConflict) as caught:
        await put(db, schema.calls, **a_call("b", **{column: "a"}))
    assert caught.value.columns == {column}


async def test_a_lead_id_is_never_given_out_twice(db: Database) -> None:
    async def work(tx: Transaction) -> tuple[int, int]:
        ids = []
        for _ in range(2):
            made = await tx.conn.execute(insert(schema.leads).values(list_id=1).returning(schema.leads.c.id))
            ids.append(made.scalar_one())
            await tx.conn.execute(schema.leads.delete())
        return ids[0], ids[1]

    first, second = await db.write(work)
    assert second > first
