"""The non-agent API sets up lists, campaigns and caller ids: what was set is what is read and dialled by."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

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
