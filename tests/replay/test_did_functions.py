"""Functions about DIDs: where callers go afterwards, what is only kept, and who may not."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from test_non_agent import state
from test_non_agent_site import Ask, service, without, write

MAIN = "7275551234"

__all__ = ["service"]


def dids(file: Path) -> dict[str, dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        store.row_factory = sqlite3.Row
        rows = [dict(row) for row in store.execute("SELECT * FROM dids")]
    return {row.pop("number"): {**row, "line_settings": json.loads(row["line_settings"])} for row in rows}


async def test_a_did_is_added_for_an_in_group(service: tuple[Path, Ask]) -> None:
    file, asked = service
    told = await asked(
        "add_did",
        did_pattern="+17275559999",
        did_description="New DID line",
        did_route="IN_GROUP",
        group="SUPPORT",
        campaign_id="TESTCAMP",
        record_call="Y_QUEUESTOP",
        list_id="999",
        server_ip="10.10.10.15",
    )
    assert told == "SUCCESS: add_did DID HAS BEEN ADDED - 6666|+17275559999\n"
    assert dids(file)["+17275559999"] == {
        "name": "New DID line",
        "queue": "SUPPORT",
        "campaign": "TESTCAMP",
        "active": 1,
        "line_settings": {"record_call": "Y_QUEUESTOP", "list_id": "999", "server_ip": "10.10.10.15"},
        "opt_out": 0,
        "opt_out_key": "",
        "opt_out_sound": "",
    }


async def test_a_route_of_asterisks_own_is_kept_and_its_callers_wait_in_no_in_group(
    service: tuple[Path, Ask],
) -> None:
    file, asked = service
    route = {"did_route": "EXTEN", "extension": "8300", "exten_context": "default"}
    await asked("update_did", did_pattern=MAIN, **route)
    main = dids(file)[MAIN]
    assert (main["queue"], main["line_settings"]) == ("", {**route, "group": "SALESLINE"})
    await asked("update_did", did_pattern=MAIN, group="SUPPORT")
    main = dids(file)[MAIN]
    assert (main["queue"], main["line_settings"]) == ("", {**route, "group": "SUPPORT"})
    await asked("update_did", did_pattern=MAIN, did_route="IN_GROUP", extension="--BLANK--")
    main = dids(file)[MAIN]
    assert (main["queue"], main["line_settings"]) == ("SUPPORT", {"exten_context": "default"})


async def test_a_did_without_a_route_has_no_in_group(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await asked("add_did", did_pattern="7275559998", active="N")
    added = dids(file)["7275559998"]
    assert (added["queue"], added["active"], added["line_settings"]) == ("", 0, {})


async def test_a_did_is_switched_off_and_named(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await asked("update_did", did_pattern=MAIN, active="N", did_description="Old main line")
    main = dids(file)[MAIN]
    assert (main["name"], main["active"], main["queue"]) == ("Old main line", 0, "SALESLINE")


async def test_copies_are_what_their_source_is(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await asked("update_did", did_pattern=MAIN, record_call="Y")
    told = await asked(
        "copy_did", source_did_pattern=MAIN, new_dids=f"7275558881,{MAIN},7275558881,+491234567"
    )
    assert told == (
        "NOTICE: copy_did DID HAS BEEN ADDED - 6666|7275558881|7275551234|7275558881|1\n"
        "NOTICE: copy_did DID ALREADY EXISTS - 6666|7275551234\n"
        "NOTICE: copy_did DID ALREADY EXISTS - 6666|7275558881\n"
        "NOTICE: copy_did DID HAS BEEN ADDED - 6666|+491234567|7275551234|491234567|2\n"
        "SUCCESS: copy_did DIDS HAVE BEEN ADDED - 6666|7275551234|2|2\n"
    )
    there = dids(file)
    assert there["7275558881"] == there["+491234567"] == there[MAIN]
    described = "Second line"
    await asked("copy_did", source_did_pattern=MAIN, new_dids="7275558882", did_description=described)
    assert dids(file)["7275558882"] == {**there[MAIN], "name": described}


async def test_a_deleted_did_is_gone(service: tuple[Path, Ask]) -> None:
    file, asked = service
    told = await asked("update_did", did_pattern=MAIN, delete_did="Y")
    assert told == f"SUCCESS: update_did DID HAS BEEN DELETED - 6666|{MAIN}|{MAIN}\n"
    assert MAIN not in dids(file)
    told = await asked("update_did", did_pattern=MAIN, delete_did="Y")
    assert told == f"ERROR: update_did DID DOES NOT EXIST: |6666|{MAIN}\n"


async def test_who_may_not_delete_dids_is_told(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await without(file, "delete_inbound_dids")
    before = state(file)
    told = await asked("update_did", did_pattern=MAIN, delete_did="Y", active="N")
    assert told == "ERROR: update_did USER DOES NOT HAVE PERMISSION TO DELETE DIDS: |6666|1\n"
    assert state(file) == before


@pytest.mark.parametrize("function", ["add_did", "update_did"])
@pytest.mark.parametrize(
    ("params", "line"),
    [
        ({"did_route": "MOON"}, "DID ROUTE IS NOT VALID, "),
        ({"group": "NOPE"}, "GROUP ID MUST BE A VALID INBOUND GROUP IN THE SYSTEM, "),
        ({"list_id": "9-9"}, "LIST ID MUST BE FROM 3 TO 14 DIGITS, "),
        ({"campaign_id": "TESTCAMPS"}, "CAMPAIGN MUST BE FROM 1 TO 8 CHARACTERS, "),
        ({"campaign_id": "NOPE"}, "INVALID DATA: |6666|campaign_id there is no campaign 'NOPE'\n"),
        ({"active": "--BLANK--"}, "ACTIVE MUST BE Y OR N, "),
    ],
)
async def test_a_did_that_cannot_be_changes_nothing(
    service: tuple[Path, Ask], function: str, params: dict[str, str], line: str
) -> None:
    file, asked = service
    before = state(file)
    number = MAIN if function == "update_did" else "7275559999"
    told = await asked(function, did_pattern=number, record_call="Y", **params)
    assert told.startswith(f"ERROR: {function} {line}")
    assert state(file) == before


@pytest.mark.parametrize("number", ["did_system_filter", "1" * 21, "727*5"])
async def test_what_no_carrier_sends_is_no_did(service: tuple[Path, Ask], number: str) -> None:
    file, asked = service
    before = state(file)
    why = f"INVALID DATA: |6666|number {number!r}: 2 to 20 digits, as the carrier sends them\n"
    assert await asked("add_did", did_pattern=number) == f"ERROR: add_did {why}"
    told = await asked("copy_did", source_did_pattern=MAIN, new_dids=f"7275558881,{number}")
    assert told == f"ERROR: copy_did {why}"
    assert state(file) == before


async def test_dids_of_campaigns_beyond_the_callers_limits_are_not_there(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await asyncio.to_thread(write, file, "UPDATE dids SET campaign = 'TESTCAMP'")
    limits = """UPDATE users SET limits = '{"campaigns": ["OTHERCMP"]}' WHERE user = '6666'"""
    await asyncio.to_thread(write, file, limits)
    before = state(file)
    told = await asked("update_did", did_pattern=MAIN, delete_did="Y")
    assert told == f"ERROR: update_did DID DOES NOT EXIST: |6666|{MAIN}\n"
    told = await asked("copy_did", source_did_pattern=MAIN, new_dids="7275558881")
    assert told == f"ERROR: copy_did SOURCE DID DOES NOT EXIST: |6666|{MAIN}\n"
    told = await asked("add_did", did_pattern="7275559999", campaign_id="TESTCAMP")
    assert told.endswith("campaign_id there is no campaign 'TESTCAMP'\n")
    assert state(file) == before
