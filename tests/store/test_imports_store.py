"""Leads out of files, on each database: each row once, whatever happens in between."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bridge.campaigns.model import Campaign
from bridge.campaigns.service import Site
from bridge.events.log import EventLog
from bridge.imports.errors import OutOfPlace, Unusable
from bridge.imports.model import Batch, Import, Layout, Plan, Refusal, Row
from bridge.imports.service import Imports
from bridge.leads.errors import InvalidLead
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.store.database import Database
from bridge.store.schema import import_refusals, imports, leads

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LAYOUT = Layout(kind="csv", encoding="utf-8", delimiter=",")


@pytest.fixture
async def found(db: Database) -> Imports:
    site = Site(db)
    for campaign, lists in (("SALES", (101, 102)), ("OTHER", (201,))):
        await site.add(Campaign(id=campaign))
        for one in lists:
            await site.add(LeadList(id=one, campaign=campaign))
    return Imports(db, site, clock=lambda: NOW)


def new(duplicates: str = "", list_id: int = 101) -> Import:
    plan = Plan(
        layout=LAYOUT, list_id=list_id, country="US", columns=("phone_number",), duplicates=duplicates
    )
    return Import(
        id=plan.import_id("a" * 64), name="leads.csv", list_id=list_id, plan=plan, titles=("Phone",), total=9
    )


def lead(number: int, list_id: int = 101, **more: Any) -> NewLead:
    return NewLead(list_id=list_id, phone_number=f"727555{number:04}", **more)


def batch(start: int, *new_leads: NewLead, refused: tuple[Refusal, ...] = ()) -> Batch:
    rows = tuple(Row(row=start + place, lead=one) for place, one in enumerate(new_leads, start=1))
    return Batch(start=start, end=start + len(rows) + len(refused), rows=rows, refused=refused)


async def numbers(db: Database) -> list[str]:
    async with db.read() as conn:
        return list((await conn.execute(select(leads.c.phone_number).order_by(leads.c.id))).scalars())


async def test_a_stretch_is_taken_once(db: Database, found: Imports) -> None:
    begun = await found.begin(new())
    bad = Refusal(row=3, column="Phone", why="the number is empty", cells=("", "a\0b"))
    state = await found.take(begun.id, batch(0, lead(1), lead(2), refused=(bad,)))
    assert (state.position, state.added, state.refused, state.done) == (3, 2, 1, False)
    for start in (0, 2, 4):
        with pytest.raises(OutOfPlace, match=f"not at row {start}"):
            await found.take(begun.id, batch(start, lead(9)))
    assert await numbers(db) == ["7275550001", "7275550002"]
    assert (await found.begin(new())).position == 3
    (kept,) = await found.refusals(begun.id)
    assert (kept.row, kept.column, kept.cells) == (3, "Phone", ("", "a\N{REPLACEMENT CHARACTER}b"))
    assert await found.refusals(begun.id, after=3) == []
    page = await EventLog(db).read_after(0)
    (event,) = [json.loads(bytes(one.data)) for one in page.records if one.type == "import.advanced"]
    assert (event["added"], event["refused"], event["row"], event["of_rows"]) == (2, 1, 3, 9)


async def test_two_who_go_on_at_once_take_each_row_once(db: Database, found: Imports) -> None:
    begun = await found.begin(new())
    ends = await asyncio.gather(
        *(found.take(begun.id, batch(0, lead(1), lead(2))) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(one, Import) for one in ends) == 1
    assert sum(isinstance(one, OutOfPlace) for one in ends) == 7
    assert await numbers(db) == ["7275550001", "7275550002"]


async def test_an_import_into_no_list_or_with_no_mode_is_not_begun(db: Database, found: Imports) -> None:
    with pytest.raises(Unusable, match="there is no list 999"):
        await found.begin(new(list_id=999))
    with pytest.raises(InvalidLead, match="'DUPMOON' is no mode"):
        await found.begin(new("DUPMOON"))
    async with db.read() as conn:
        assert (await conn.execute(select(func.count()).select_from(imports))).scalar_one() == 0


@pytest.mark.parametrize(
    ("mode", "refused"),
    [
        ("", set()),
        ("DUPLIST", {"7275550001"}),
        ("DUPCAMP", {"7275550001", "7275550002"}),
        ("DUPSYS", {"7275550001", "7275550002", "7275550003"}),
        ("DUPSYS-7DAY", {"7275550001", "7275550002"}),
        ("DUPPHONEALTSYS", {"7275550001", "7275550002", "7275550003", "7275550004"}),
        ("DUPTITLEALTPHONELIST", {"7275550005"}),
        ("DUPNAMEPHONESYS", {"7275550002", "7275550003"}),
    ],
)
async def test_duplicates_in_the_modes_of_add_lead(
    db: Database, found: Imports, mode: str, refused: set[str]
) -> None:
    before = Leads(db, clock=lambda: NOW - timedelta(days=2))
    await before.add(lead(1))
    await before.add(lead(2, 102, first_name="Ann", last_name="Lee"))
    await before.add(lead(8, 101, alt_phone="7275550004", title="Dr"))
    await Leads(db, clock=lambda: NOW - timedelta(days=30)).add(lead(3, 201))
    begun = await found.begin(new(mode))
    rows = (
        lead(1, first_name="Bob"),
        lead(2, first_name="Ann", last_name="Lee"),
        lead(3),
        lead(4),
        lead(5, alt_phone="7275550004", title="Dr"),
    )
    state = await found.take(begun.id, batch(0, *rows))
    reasons = {one.row: one.why for one in await found.refusals(begun.id)}
    assert {f"727555{row:04}" for row in reasons} == refused
    assert all("duplicate of lead" in why for why in reasons.values())
    assert (state.added, state.refused) == (5 - len(refused), len(refused))


async def test_a_row_that_repeats_another_of_the_file(found: Imports) -> None:
    begun = await found.begin(new("DUPLIST"))
    await found.take(begun.id, batch(0, lead(1), lead(2), lead(1)))
    await found.take(begun.id, batch(3, lead(2)))
    first, second = await found.refusals(begun.id)
    assert (first.row, first.why) == (3, "duplicate of row 1 (DUPLIST)")
    assert (second.row, second.column) == (4, "phone_number")
    assert second.why.startswith("duplicate of lead ")


async def test_refused_rows_are_forgotten_in_time_and_the_import_is_not(db: Database, found: Imports) -> None:
    begun = await found.begin(new())
    bad = tuple(Refusal(row=row, column="", why="no", cells=("secret",)) for row in range(1, 6))
    await found.take(begun.id, batch(0, refused=bad))
    await found.trim(NOW)
    assert len(await found.refusals(begun.id)) == 5
    await found.trim(NOW + timedelta(seconds=1))
    async with db.read() as conn:
        assert (await conn.execute(select(func.count()).select_from(import_refusals))).scalar_one() == 0
    assert (await found.begin(new())).position == 5


async def test_killed_in_mid_import_and_begun_again_no_row_is_lost_or_twice(
    db: Database, found: Imports, url: str, tmp_path: Path
) -> None:
    del found
    file = tmp_path / "leads.csv"
    rows = (f"727{555_0000 + number},Ann{number}" for number in range(6000))
    file.write_text("Phone,First name\n" + "\n".join(rows) + "\nno number,Eve\n", encoding="utf-8")
    command = [sys.executable, "-m", "bridge", "lead", "import", str(file), "--list", "101", "--json"]
    environ = os.environ | {
        "AGENT_BRIDGE_STORE__URL": url,
        "AGENT_BRIDGE_ADMIN__SOCKET": str(tmp_path / "admin.sock"),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    for seen in (500, 1500):
        child = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE)  # noqa: ASYNC220
        await _until(db, seen, child)
        child.send_signal(signal.SIGKILL)
        child.wait()
    assert len(await numbers(db)) < 6000
    last = await asyncio.to_thread(subprocess.run, command, env=environ, capture_output=True, check=True)
    told = json.loads(last.stdout)
    assert (told["added"], told["refused"], told["already"]) == (6000, 1, False)
    assert sorted(await numbers(db)) == sorted(f"727{555_0000 + number}" for number in range(6000))
    assert "no number,Eve" in Path(told["report"]).read_text(encoding="utf-8")


async def _until(db: Database, seen: int, child: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(60):
        while len(await numbers(db)) < seen:
            assert child.poll() is None, "the command ended before that many leads were in"
            await asyncio.sleep(0.005)  # they come from another process
