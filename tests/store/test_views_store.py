"""The views for SQL: their columns are promised, on both databases."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, inspect, select, table, text

from bridge.store import migrations, views
from bridge.store.database import Database, Transaction
from bridge.store.schema import agent_spans, archived_leads, calls, leads, lists

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
GUIDE = Path(__file__).parents[2] / "docs" / "sql-views.md"
COLUMNS: Mapping[int, Mapping[str, str]] = {
    1: {
        "report_calls": "call_id direction kind state campaign in_group agent lead_id number e164 did"
        " caller_id trunk asterisk status status_source end_reason hangup_cause dial_status answered_by"
        " parent_call_id asked_at sent_at dialing_at ringing_at answered_at bridged_at ended_at disposed_at",
        "report_agent_time": "span_id session_id agent campaign user_group state pause_reason call_id"
        " began_at ended_at milliseconds",
        "report_leads": "lead_id list_id campaign archived status agent owner vendor_lead_code source_id"
        " phone_code phone_number country_code state postal_code rank called_count called_since_last_reset"
        " entered_at changed_at last_called_at",
    }
}
"""Version of the promise → its views → their columns. A later version is added here; none is changed."""


async def rows(db: Database, view: str) -> list[dict[str, Any]]:
    async with db.read() as conn:
        found = await conn.execute(select("*").select_from(table(view)).order_by(text("1")))
        return [dict(row._mapping) for row in found.all()]


async def put(db: Database, into: Table, **values: Any) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(insert(into).values(**values))

    await db.write(work)


async def columns(db: Database) -> Mapping[str, str]:
    async with db.read() as conn:
        return await conn.run_sync(
            lambda sync: {
                name: " ".join(column["name"] for column in inspect(sync).get_columns(name))
                for name in inspect(sync).get_view_names()
            }
        )


async def test_the_columns_are_those_of_the_promise(db: Database) -> None:
    assert await columns(db) == COLUMNS[views.VERSION]


def test_the_guide_tells_of_each_column() -> None:
    guide = GUIDE.read_text()
    assert f"This is version {views.VERSION}." in guide
    told = {
        section.partition("\n")[0]: " ".join(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))
        for section in guide.split("\n## ")
        if section.startswith("report_")
    }
    assert told == COLUMNS[views.VERSION]


async def test_a_call_is_shown(db: Database) -> None:
    for name, kind in (("a", "V"), ("b", "Y")):
        await put(
            db,
            calls,
            id=name,
            legacy_id=name,
            legacy_uniqueid=name,
            kind=kind,
            state="disposed",
            campaign="SALES",
            queue="HELP",
            user="1000",
            number="7275550100",
            status="SALE",
            asked_at=NOON,
            disposed_at=NOON + timedelta(minutes=5),
        )
    out, into = await rows(db, "report_calls")
    assert (out["direction"], into["direction"]) == ("out", "in")
    assert (out["call_id"], out["agent"], out["in_group"], out["status"]) == ("a", "1000", "HELP", "SALE")
    assert (out["lead_id"], out["answered_at"], out["trunk"]) == (None, None, "")
    assert str(out["asked_at"]).replace("T", " ").startswith("2026-11-24 12:00:00")


async def test_what_an_agent_did_is_shown(db: Database) -> None:
    await put(
        db,
        agent_spans,
        session_id="s",
        user="1000",
        campaign="SALES",
        group="TEAM",
        state="paused",
        pause_reason="LUNCH",
        began_at=NOON,
        ended_at=NOON + timedelta(minutes=30),
        milliseconds=1_800_000,
    )
    (found,) = await rows(db, "report_agent_time")
    assert (found["agent"], found["user_group"], found["pause_reason"]) == ("1000", "TEAM", "LUNCH")
    assert found["milliseconds"] == 1_800_000


async def test_leads_are_shown_those_of_the_archive_too(db: Database) -> None:
    await put(db, lists, id=101, campaign="SALES")
    await put(db, leads, id=1, list_id=101, phone_number="7275550100", comments="private")
    await put(db, archived_leads, id=2, list_id=102, phone_number="7275550101")
    found, archived = await rows(db, "report_leads")
    assert (found["lead_id"], found["campaign"], found["archived"]) == (1, "SALES", 0)
    assert (archived["lead_id"], archived["campaign"], archived["archived"]) == (2, "", 1)
    assert "private" not in found.values()


async def test_a_view_does_not_stand_in_the_way_of_a_migration(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a database that has the views and is told to be older: all of them are made anew."""
    with monkeypatch.context() as before:
        before.setattr(migrations, "HEAD", "0044")
        async with Database(empty_url) as db:
            assert await columns(db) == {}
            await _make_by_hand(db)
    async with Database(empty_url) as db:
        assert await columns(db) == COLUMNS[views.VERSION]


async def _make_by_hand(db: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(text("CREATE VIEW report_calls AS SELECT id FROM calls"))

    await db.write(work)


async def test_an_upgrade_keeps_who_may_read_them(
    postgres_empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def grant(tx: Transaction) -> None:
        await tx.conn.execute(text("CREATE VIEW report_calls AS SELECT id FROM calls"))
        await tx.conn.execute(text("GRANT SELECT ON report_calls TO PUBLIC"))
        await tx.conn.execute(text("GRANT SELECT ON report_calls TO pg_monitor"))

    with monkeypatch.context() as before:
        before.setattr(migrations, "HEAD", "0044")
        async with Database(postgres_empty_url) as db:
            await db.write(grant)
    async with Database(postgres_empty_url) as db, db.read() as conn:
        found = await conn.execute(
            text(
                "SELECT grantee FROM information_schema.role_table_grants"
                " WHERE table_name = 'report_calls' AND privilege_type = 'SELECT'"
                " AND grantee <> current_user"
            )
        )
        assert sorted(row.grantee for row in found.all()) == ["PUBLIC", "pg_monitor"]


async def test_they_can_be_read_and_not_written(db: Database) -> None:
    async def work(tx: Transaction) -> None:
        await tx.conn.execute(text("UPDATE report_leads SET status = 'X'"))

    with pytest.raises(Exception, match=r"(?i)view"):
        await db.write(work)
