"""`update_cid_group_entry`: what it sets is what is dialled with, and what it may not is not done."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from test_non_agent import state
from test_non_agent_site import Ask, service, without, write

FUNCTION = "update_cid_group_entry"
CHICAGO = {"cid_group_id": "CIDG1", "areacode": "312"}

__all__ = ["service"]


def entries(file: Path) -> set[tuple[str, str, str, int, str]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        return set(store.execute("SELECT * FROM caller_id_entries"))


async def test_entries_come_are_changed_told_and_go(service: tuple[Path, Ask]) -> None:
    file, asked = service
    second = {**CHICAGO, "outbound_cid": "3125550101"}
    told = await asked(FUNCTION, stage="ADD", cid_description="Chicago two", **second)
    assert told.endswith("CID GROUP ENTRY HAS BEEN ADDED - 6666|CIDG1|312|3125550101|1\n")
    await asked(FUNCTION, stage="ADD", cid_group_id="CIDG1", areacode="NONE", outbound_cid="7275550100")
    told = await asked(FUNCTION, stage="UPDATE", cid_group_id="CIDG1", areacode="---ALL---", active="N")
    assert told.endswith("CID GROUP ENTRIES HAVE BEEN UPDATED - 6666|CIDG1|---ALL---||3\n")
    await asked(FUNCTION, stage="UPDATE", active="Y", cid_description="Second line", **second)
    assert entries(file) == {
        ("CIDG1", "312", "3125550100", 0, "Chicago"),
        ("CIDG1", "312", "3125550101", 1, "Second line"),
        ("CIDG1", "NONE", "7275550100", 0, ""),
    }
    assert await asked(FUNCTION, stage="INFO", cid_group_id="CIDG1", areacode="---ALL---") == (
        "SUCCESS: update_cid_group_entry CID GROUP INFO AS FOLLOWS CIDG1|---ALL---||3\n"
        "1|312|3125550100|N|Chicago|0\n2|312|3125550101|Y|Second line|0\n3|NONE|7275550100|N||0\n"
    )
    told = await asked(FUNCTION, stage="DELETE", **CHICAGO)
    assert told.endswith("CID GROUP ENTRIES HAVE BEEN DELETED - 6666|CIDG1|312||2\n")
    assert {entry[1] for entry in entries(file)} == {"NONE"}


async def test_entries_of_a_campaign_are_a_group_of_its_name(service: tuple[Path, Ask]) -> None:
    file, asked = service
    own = {"cid_group_id": "TESTCAMP", "areacode": "FL", "outbound_cid": "7275550000"}
    await asked(FUNCTION, stage="ADD", **own)
    assert ("TESTCAMP", "FL", "7275550000", 1, "") in entries(file)


async def test_all_of_many_that_come_at_once_are_there(service: tuple[Path, Ask]) -> None:
    file, asked = service
    areas = [str(area) for area in range(700, 712)]
    asks = (
        asked(FUNCTION, stage="ADD", cid_group_id="CIDEMPTY", areacode=area, outbound_cid="7275550000")
        for area in areas
    )
    assert all(told.startswith("SUCCESS") for told in await asyncio.gather(*asks))
    assert sorted(entry[1] for entry in entries(file) if entry[0] == "CIDEMPTY") == areas


@pytest.mark.parametrize(
    ("params", "line"),
    [
        ({"stage": "SHOW"}, "YOU MUST USE ALL REQUIRED FIELDS: |6666|CIDG1|312|SHOW\n"),
        ({"stage": "INFO", "cid_group_id": "NOPE"}, "CID GROUP DOES NOT EXIST: |6666|NOPE\n"),
        ({"stage": "UPDATE"}, "NO UPDATES WERE DEFINED: |6666|CIDG1|312|||\n"),
        ({"stage": "UPDATE", "active": "Q"}, "INVALID DATA: |6666|active Y or N\n"),
        (
            {"stage": "UPDATE", "active": "N", "cid_description": "x"},
            "INVALID DATA: |6666|cid_description 6 to 50 characters\n",
        ),
        ({"stage": "ADD"}, "YOU MUST DEFINE A CID NUMBER WHEN ADDING AND ENTRY: |6666|CIDG1|\n"),
        (
            {"stage": "ADD", "outbound_cid": "312555010x"},
            "YOU MUST DEFINE A CID NUMBER WHEN ADDING AND ENTRY: |6666|CIDG1|312555010x\n",
        ),
        (
            {"stage": "ADD", "areacode": "Florida", "outbound_cid": "7275550000"},
            "INVALID DATA: |6666|entries area 'Florida': an area code, a state or NONE\n",
        ),
    ],
)
async def test_what_is_wrong_changes_nothing(
    service: tuple[Path, Ask], params: dict[str, str], line: str
) -> None:
    file, asked = service
    before = state(file)
    assert await asked(FUNCTION, **{**CHICAGO, **params}) == f"ERROR: {FUNCTION} {line}"
    assert state(file) == before


async def test_a_number_of_others_is_not_shown(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await without(file, "ast_admin_access")
    before = state(file)
    told = await asked(FUNCTION, stage="ADD", outbound_cid="3125550199", **CHICAGO)
    assert told.startswith(f"ERROR: {FUNCTION} INVALID DATA: |6666|entries '3125550199' is none of ")
    assert state(file) == before


async def test_a_group_of_campaigns_beyond_the_callers_limits_is_not_there(service: tuple[Path, Ask]) -> None:
    file, asked = service
    for sql in (
        "UPDATE campaigns SET caller_id_group = 'CIDG1' WHERE id = 'TESTCAMP'",
        """UPDATE users SET limits = '{"campaigns": ["OTHERCMP"]}' WHERE user = '6666'""",
    ):
        await asyncio.to_thread(write, file, sql)
    before = state(file)
    for group in ("CIDG1", "TESTCAMP"):
        told = await asked(FUNCTION, stage="DELETE", cid_group_id=group, areacode="---ALL---")
        assert told == f"ERROR: {FUNCTION} CID GROUP DOES NOT EXIST: |6666|{group}\n"
    assert state(file) == before
