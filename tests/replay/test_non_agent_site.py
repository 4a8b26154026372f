"""The non-agent API sets up lists, campaigns and caller ids: what was set is what is read and dialled by."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from test_non_agent import GOOD, ask, place, state

Ask = Callable[..., Awaitable[str]]


@pytest.fixture
async def service(world: Path, tmp_path: Path) -> AsyncIterator[tuple[Path, Ask]]:
    """A service over the recorded world, and who asks it as the user with all rights."""
    async with place(world, tmp_path) as (file, port):

        async def asked(function: str, **params: str) -> str:
            return await ask(port, {**GOOD, "function": function, **params})

        yield file, asked


def write(file: Path, sql: str) -> None:
    with closing(sqlite3.connect(file, timeout=30)) as store, store:
        store.execute(sql)


async def without(file: Path, right: str) -> None:
    sql = f"UPDATE users SET rights = json_remove(rights, '$.{right}') WHERE user = '6666'"  # noqa: S608
    await asyncio.to_thread(write, file, sql)


async def test_a_list_is_added_changed_and_told(service: tuple[Path, Ask]) -> None:
    _, asked = service
    told = await asked(
        "add_list",
        list_id="110",
        list_name="Web leads",
        campaign_id="TESTCAMP",
        active="Y",
        expiration_date="2030-06-30",
        custom_fields_copy="101",
        reset_time="0900-1700",
    )
    assert told == "SUCCESS: add_list LIST HAS BEEN ADDED - 6666|110|Web leads|TESTCAMP\n"
    assert "|2030-06-30|0|" in await asked("list_info", list_id="110")
    assert (await asked("list_custom_fields", list_id="110")).endswith("|favcolor cnotes\n")
    told = await asked("update_list", list_id="110", list_name="Web leads two", expiration_date="2099-12-31")
    assert told == "SUCCESS: update_list LIST HAS BEEN UPDATED - 6666|110\n"
    text = await asked("list_info", list_id="110", stage="json", dialable_count="Y")
    assert '"list_name":"Web leads two"' in text
    assert '"expiration_date":"2099-12-31"' in text
    assert text.endswith('"dialable_count":"0"}]\n')


async def test_dialable_leads_are_counted(service: tuple[Path, Ask]) -> None:
    _, asked = service
    assert (await asked("list_info", list_id="101", dialable_count="Y")).endswith("|0|6\n")
    await asked("update_list", list_id="101", reset_list="Y")
    assert (await asked("list_info", list_id="101", dialable_count="Y")).endswith("|1|7\n")


async def test_custom_fields_are_added_changed_and_taken_away(service: tuple[Path, Ask]) -> None:
    _, asked = service
    field = {"field_label": "shoe", "field_name": "Shoe size", "field_size": "4", "field_type": "TEXT"}
    told = await asked("update_list", list_id="101", custom_fields_add="Y", field_rank="1", **field)
    assert told == (
        "NOTICE: update_list ADD CUSTOM FIELD COMMAND SENT - 6666|101|shoe|TEXT|SUCCESS|\n"
        "NOTICE: update_list NO UPDATES DEFINED: |6666|\n"
    )
    assert (await asked("list_custom_fields", list_id="101")).endswith("|shoe favcolor cnotes\n")
    down = await asked("list_custom_fields", list_id="101", custom_order="alpha_down")
    assert down.endswith("|shoe favcolor cnotes\n")
    await asked("update_list", list_id="101", custom_fields_update="Y", field_label="shoe", field_rank="3")
    assert (await asked("list_custom_fields", list_id="101")).endswith("|favcolor cnotes shoe\n")
    told = await asked("update_list", list_id="101", custom_fields_delete="Y", field_label="favcolor")
    assert "DELETE CUSTOM FIELD COMMAND SENT - 6666|101|favcolor|1|SUCCESS|\n" in told
    assert (await asked("list_custom_fields", list_id="101")).endswith("|cnotes shoe\n")


@pytest.mark.parametrize("label", ["phone_number", "9lives", "cnotes"])
async def test_a_custom_field_that_cannot_be_is_not_added(service: tuple[Path, Ask], label: str) -> None:
    file, asked = service
    before = state(file)
    field = {"field_label": label, "field_name": "x", "field_size": "4", "field_type": "TEXT"}
    told = await asked("update_list", list_id="101", custom_fields_add="Y", field_rank="1", **field)
    assert "FIELD NOT ADDED" in told
    assert state(file)["lists"] == before["lists"]


async def test_one_wrong_value_changes_nothing(service: tuple[Path, Ask]) -> None:
    file, asked = service
    before = state(file)
    told = await asked(
        "update_list",
        list_id="101",
        list_name="Renamed list",
        expiration_date="2026-02-30",
        reset_list="Y",
        custom_fields_delete="Y",
        field_label="cnotes",
    )
    why = "EXPIRATION DATE IS NOT VALID, THIS IS AN OPTIONAL FIELD"
    assert told == f"ERROR: update_list {why}: |6666|2026-02-30\n"
    assert state(file) == before


@pytest.mark.parametrize(
    ("right", "asks", "what"),
    [
        ("delete_lists", "delete_list", "LISTS"),
        ("delete_lists", "delete_leads", "LEADS"),
        ("modify_leads", "delete_leads", "LEADS"),
    ],
)
async def test_who_may_not_delete_is_told(
    service: tuple[Path, Ask], right: str, asks: str, what: str
) -> None:
    file, asked = service
    await without(file, right)
    before = state(file)
    told = await asked("update_list", list_id="102", **{asks: "Y"})
    assert f"USER DOES NOT HAVE PERMISSION TO DELETE {what}: |6666|0\n" in told
    assert state(file) == before


async def test_a_list_in_use_is_not_deleted(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await asyncio.to_thread(write, file, "INSERT INTO intake_keys (name, list_id) VALUES ('shop', 102)")
    told = await asked("update_list", list_id="102", delete_list="Y")
    assert "LIST HAS NOT BEEN DELETED, IT IS IN USE BY intake key shop: |6666|102\n" in told
    assert (await asked("list_info", list_id="102")).startswith("102|Test List Two|")


async def test_a_list_that_is_not_active_leaves_the_hopper(service: tuple[Path, Ask]) -> None:
    _, asked = service
    await asked("hopper_bulk_insert", lead_ids="201,203", campaign_id="TESTCAMP")
    assert "|203|" in await asked("hopper_list", campaign_id="TESTCAMP")
    await asked("update_list", list_id="101", active="N")
    text = await asked("hopper_list", campaign_id="TESTCAMP")
    assert "|203|" in text
    assert "|201|" not in text


async def test_a_number_is_shown_if_the_caller_may_say_so(service: tuple[Path, Ask]) -> None:
    file, asked = service
    told = await asked("update_list", list_id="101", outbound_cid="7275550188")
    assert told == "SUCCESS: update_list LIST HAS BEEN UPDATED - 6666|101\n"
    assert ("+17275550188", "list 101") in state(file)["own_numbers"]


async def test_a_number_of_others_is_not_shown(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await without(file, "ast_admin_access")
    told = await asked("update_list", list_id="101", outbound_cid="7275550199")
    assert told.startswith("ERROR: update_list INVALID DATA: |6666|caller_id '7275550199' is none of ")
    assert "+17275550199" not in str(state(file)["own_numbers"])


async def test_a_group_alias_is_there_once(service: tuple[Path, Ask]) -> None:
    _, asked = service
    front = {"caller_id_number": "7275550177", "group_alias_id": "FRONT", "group_alias_name": "Front desk"}
    told = "GROUP ALIAS HAS BEEN ADDED - 6666|FRONT|Front desk|7275550177\n"
    assert await asked("add_group_alias", **front) == f"SUCCESS: add_group_alias {told}"
    told = "GROUP ALIAS ALREADY EXISTS: |6666|FRONT|7275550177\n"
    assert await asked("add_group_alias", **front) == f"ERROR: add_group_alias {told}"


def campaign(file: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        store.row_factory = sqlite3.Row
        return dict(store.execute("SELECT * FROM campaigns WHERE id = 'TESTCAMP'").fetchone())


async def test_a_campaign_is_dialled_as_it_is_set(service: tuple[Path, Ask]) -> None:
    file, asked = service
    told = await asked(
        "update_campaign",
        campaign_id="TESTCAMP",
        auto_dial_level="2.5",
        adaptive_maximum_level="3.5",
        dial_method="ADAPT_TAPERED",
        hopper_level="50",
        dial_timeout="30",
        dial_status_add="B",
        dial_status_remove="NA",
        dispo_call_url="https://crm.example/?lead=--A--lead_id--B--",
        list_order="DOWN COUNT 2nd NEW",
        xferconf_two="7275550190",
    )
    assert told == "SUCCESS: update_campaign CAMPAIGN HAS BEEN UPDATED - 6666|TESTCAMP\n"
    row = campaign(file)
    assert (row["dial_level"], row["max_dial_level"], row["dial_method"]) == (2.5, 3.5, "ADAPT_TAPERED")
    assert (row["hopper_level"], row["dial_timeout"]) == (50, 30)
    assert json.loads(row["dial_statuses"]) == ["NEW", "A", "B"]
    assert row["dispo_call_url"] == "https://crm.example/?lead=--A--lead_id--B--"
    kept = {"list_order": "DOWN COUNT 2nd NEW", "xferconf_two": "7275550190"}
    assert json.loads(row["line_settings"]) == kept
    told = await asked("campaigns_list", campaign_id="TESTCAMP")
    assert "|ADAPT_TAPERED|2.5|" in told
    await asked(
        "update_campaign", campaign_id="TESTCAMP", dispo_call_url="--BLANK--", xferconf_two="--BLANK--"
    )
    row = campaign(file)
    assert row["dispo_call_url"] == ""
    assert json.loads(row["line_settings"]) == {"list_order": "DOWN COUNT 2nd NEW"}


@pytest.mark.parametrize(
    ("params", "line"),
    [
        ({"dial_method": "MOON"}, "DIAL METHOD IS NOT VALID, THIS IS AN OPTIONAL FIELD: |6666|MOON"),
        ({"dial_timeout": "5"}, "INVALID DATA: |6666|dial_timeout 5 is not in 15 to 600"),
        ({"list_order": "RANDOM"}, "LIST ORDER INCLUDING RANDOM ARE NOT ALLOWED, "),
        ({"list_order": "SIDEWAYS"}, "LIST ORDER IS NOT VALID, "),
        ({"lead_filter_id": "F1"}, "CAMPAIGN LEAD FILTER MUST BE A VALID FILTER IN THE SYSTEM, "),
        ({"dial_status_remove": "SALE"}, "DIAL STATUS REMOVE FAILURE, NOT AN EXISTING DIAL STATUS, "),
        ({"dispo_call_url": "ftp://crm.example"}, "DISPO CALL URL IS NOT VALID, "),
        ({"active": "Q"}, "ACTIVE MUST BE Y OR N, "),
    ],
)
async def test_a_campaign_that_cannot_be_stays_as_it_is(
    service: tuple[Path, Ask], params: dict[str, str], line: str
) -> None:
    file, asked = service
    before = state(file)
    named = {"campaign_id": "TESTCAMP", "campaign_name": "Renamed campaign", "reset_hopper": "Y"}
    assert (await asked("update_campaign", **named, **params)).startswith(f"ERROR: update_campaign {line}")
    assert state(file) == before


async def test_a_preset_comes_and_goes(service: tuple[Path, Ask]) -> None:
    _, asked = service
    back = {"campaign_id": "TESTCAMP", "preset_name": "Back Desk"}
    await asked("update_presets", action="NEW", preset_number="7275550111", **back)
    told = await asked("update_presets", action="NEW", preset_number="7275550111", **back)
    assert told == "ERROR: update_presets PRESET NAME ALREADY EXISTS: |6666|Back Desk|TESTCAMP\n"
    await asked("update_presets", preset_hide_number="Y", preset_dtmf="P12", **back)
    text = await asked("update_presets", campaign_id="TESTCAMP", action="LIST")
    assert text == "Back Desk|TESTCAMP|7275550111|Y|P12\nFront Desk|TESTCAMP|7275550110|N|\n"
    await asked("update_presets", action="DELETE", **back)
    await asked("update_presets", action="DELETE", campaign_id="TESTCAMP", preset_name="Front Desk")
    told = await asked("update_presets", campaign_id="TESTCAMP", action="LIST")
    assert told == "NOTICE: update_presets LIST, No Records Found - 6666|TESTCAMP|0\n"
    told = await asked(
        "update_presets", campaign_id="TESTCAMP", preset_name="Front Desk", preset_number="1234"
    )
    assert told == "ERROR: update_presets PRESET NAME DOES NOT EXIST: |6666|Front Desk|TESTCAMP|0\n"


async def test_another_disposition_is_put_on_record(service: tuple[Path, Ask]) -> None:
    file, asked = service
    entry = {"group": "TESTCAMP", "call_id": "1795190000.201", "status": "SALE"}
    told = await asked("update_log_entry", **entry)
    why = "RECORD HAS BEEN UPDATED - 6666|6666|TESTCAMP|1795190000201|SALE|NA|1795190000.201|1\n"
    assert told == f"SUCCESS: update_log_entry {why}"
    told = await asked("update_log_entry", **{**entry, "call_id": "V1120100000000000207", "status": "NI"})
    assert "|NI|SALE|1795190000.201|1\n" in told
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as store:
        statuses = store.execute("SELECT status FROM calls WHERE lead_id = 207").fetchall()
        events = store.execute("SELECT data FROM events WHERE type = 'call.status_corrected'").fetchall()
        lead = store.execute("SELECT status FROM leads WHERE id = 207").fetchone()
    assert (statuses, lead) == ([("NI",)], ("NA",))
    assert [(one["before"], one["status"]) for (data,) in events for one in [json.loads(data)]] == [
        ("NA", "SALE"),
        ("SALE", "NI"),
    ]


async def test_a_call_of_another_group_is_not_found(service: tuple[Path, Ask]) -> None:
    _, asked = service
    for group, call_id in (("SALESLINE", "1795190000.201"), ("TESTCAMP", "1795190200.203")):
        told = await asked("update_log_entry", group=group, call_id=call_id, status="NI")
        assert told.startswith("ERROR: update_log_entry NO RECORDS FOUND: ")
