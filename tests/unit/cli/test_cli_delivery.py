"""`agent-bridge delivery`, and the addresses of a campaign."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bridge.delivery import queries
from bridge.delivery.model import NewDelivery
from bridge.store.database import Database, Transaction

Command = Callable[..., Any]

NOTHING = "01920b5d-e820-7c11-8a10-5f0e6c3b2a19"
URL = "https://crm.example/in?key=s3cr3t&lead=--A--lead_id--B--"


async def make(path: Path) -> None:
    """One that waits for an hour, and one that has failed."""
    now = datetime.now(UTC)

    async def work(tx: Transaction) -> None:
        for number in (1, 2):
            new = NewDelivery(
                kind="dispo_call",
                once=f"{number}",
                event_seq=number,
                subject=f"calls/{number}",
                call_id=f"call-{number}",
                lead_id=200 + number,
                host="crm.example",
                url=f"https://crm.example/in?key=s3cr3t&lead=20{number}",
                shown="https://crm.example/in?key=***&lead=--A--lead_id--B--",
            )
            await queries.add(tx.conn, "crm", new, now + timedelta(hours=1), now + timedelta(days=1))
        (row,) = await queries.page(tx.conn, (), "call-2", "", 1)
        await queries.settle(
            tx.conn, row.id, state="failed", settled_at=now, next_at=None, status=500, error="answered 500"
        )

    async with Database(f"sqlite:///{path / 'bridge.db'}") as db:
        await db.write(work)


def test_what_was_told_and_another_try(command: Command, tmp_path: Path) -> None:
    assert command("delivery", "list").status == 0  # makes the store
    asyncio.run(make(tmp_path))
    everything = command("delivery", "list", "--json").json
    assert sorted(each["call_id"] for each in everything) == ["call-1", "call-2"]
    table = command("delivery", "list").out
    assert "answered 500" in table
    assert "s3cr3t" not in f"{everything}{table}"
    (failed,) = command("delivery", "list", "--failed", "--json").json
    assert (failed["call_id"], failed["status"]) == ("call-2", 500)
    assert command("delivery", "list", "--call", "call-1", "--json").json[0]["state"] == "pending"
    assert command("delivery", "retry", failed["id"]).out == f"retried {failed['id']}\n"
    assert command("delivery", "list", "--failed", "--json").json == []
    (row,) = command("audit", "--function", "admin.RetryDelivery", "--json").json
    assert (row["target"], row["result"]) == (f"delivery={failed['id']}", "ok")


@pytest.mark.usefixtures("either_way")
def test_what_is_no_failed_delivery_is_not_tried(command: Command) -> None:
    for wrong in (NOTHING, "x\nkey=1"):
        refused = command("delivery", "retry", wrong)
        assert refused.status == 1
        assert "delivery list --failed" in refused.err
    assert command("delivery", "list", "--json").json == []


@pytest.mark.usefixtures("either_way")
def test_the_addresses_of_a_campaign_and_an_in_group(command: Command) -> None:
    assert command("campaign", "add", "SALES", "--dispo-call-url", URL).status == 0
    assert command("ingroup", "add", "LINE", "--no-agent-call-url", "DISABLED").status == 0
    assert command("campaign", "show", "SALES", "--json").json["dispo_call_url"] == URL
    assert command("ingroup", "show", "LINE", "--json").json["no_agent_call_url"] == "DISABLED"
    refused = command("campaign", "add", "B", "--add-lead-url", "https://user:s3cr3t@crm.example/")
    assert refused.status == 1
    assert "add_lead_url" in refused.err
    assert "s3cr3t" not in refused.err
