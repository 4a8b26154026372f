"""Functions about users: what they keep, what they give, whom they refuse, and that no secret is told."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from replaying import client
from test_non_agent import GOOD, ask, place, state
from test_non_agent_site import Ask, service

__all__ = ["service"]

NEW: Final = {
    "agent_user": "2001",
    "agent_pass": "opensesame1",
    "agent_user_level": "1",
    "agent_full_name": "New Agent",
    "agent_user_group": "AGENTS",
}
COPY: Final = {"agent_user": "2002", "agent_pass": "opensesame2", "agent_full_name": "Copied"}


def row(file: Path, user: str) -> dict[str, Any]:
    with closing(sqlite3.connect(file)) as conn:
        conn.row_factory = sqlite3.Row
        found = conn.execute("SELECT * FROM users WHERE user = ?", (user,)).fetchone()
    return dict(found) if found else {}


def set_user(file: Path, user: str, **fields: object) -> None:
    """Past the bridge, for what a case needs."""
    with closing(sqlite3.connect(file, timeout=30)) as store, store:
        for name, value in fields.items():
            plain = json.dumps(value) if isinstance(value, dict | list) else value
            store.execute(f'UPDATE users SET "{name}" = ? WHERE user = ?', (plain, user))  # noqa: S608


async def change_user(file: Path, user: str, **fields: object) -> None:
    await asyncio.to_thread(lambda: set_user(file, user, **fields))


async def test_an_agent_is_added_with_all_that_was_sent_and_may_nothing(service: tuple[Path, Ask]) -> None:
    file, asked = service
    more = {
        "phone_login": "1001",
        "in_groups": "|SALESLINE|SUPPORT|",
        "custom_three": "CRM2001",
        "custom_four": "Blue",
        "custom_one": "one",
        "email": "new@example.com",
        "hotkeys_active": "1",
        "wrapup_seconds_override": "-1",
        "agent_choose_blended": "0",
    }
    told = await asked("add_user", **NEW, **more)
    assert told == "SUCCESS: add_user USER HAS BEEN ADDED - 6666|2001|****|1|New Agent|AGENTS\n"
    made = row(file, "2001")
    assert (made["kind"], made["level"], made["phone"]) == ("agent", 1, "1001")
    assert (made["crm_id"], made["team"]) == ("CRM2001", "Blue")
    assert json.loads(made["queues"]) == ["SALESLINE", "SUPPORT"]
    assert json.loads(made["line_settings"]) == {
        "custom_one": "one",
        "email": "new@example.com",
        "hotkeys_active": "1",
        "wrapup_seconds_override": "-1",
        "agent_choose_blended": "0",
    }
    assert (made["api_access"], made["functions"], made["rights"]) == (0, "[]", "{}")
    assert made["secret_hash"].startswith("$argon2id$")
    assert await asked("user_details", agent_user="2001") == "2001|New Agent|AGENTS|1|Y\n"


async def test_no_secret_is_told_or_kept(service: tuple[Path, Ask]) -> None:
    file, asked = service
    told = await asked("add_user", **NEW)
    told += await asked("copy_user", **COPY, source_user="1000")
    told += await asked("add_user", **{**NEW, "agent_full_name": ""})
    told += await asked("copy_user", **COPY, source_user="")
    told += await asked("update_user", agent_user="2001", agent_pass="opensesame3")
    told += await asked("update_user", agent_user="2001", phone_pass="opensesame" * 3)
    told += await asked("update_user", agent_user="nobody", agent_pass="opensesame4")
    assert "|2001||****|" not in told
    assert "YOU MUST USE ALL REQUIRED FIELDS: |6666|2001|****|1||AGENTS\n" in told
    assert "YOU MUST USE A VALID PHONE PASSWORD, THIS IS AN OPTIONAL FIELD: |6666|****\n" in told
    assert "opensesame" not in told
    with closing(sqlite3.connect(file)) as conn:
        assert "opensesame" not in "".join(conn.iterdump())


async def test_a_new_password_is_the_one_that_is_asked_for(service: tuple[Path, Ask]) -> None:
    """As the caller's own: the login of this API is the way in that there is for one."""
    _, asked = service
    told = await asked("update_user", agent_user="7008", agent_pass="newpw77")
    assert told == "SUCCESS: update_user USER HAS BEEN UPDATED - 6666|7008|\n"
    details = {"agent_user": "1000", "user": "7008"}
    assert "|7008|****|BAD|" in await asked("user_details", **details, **{"pass": "test7008"})
    assert await asked("user_details", **details, **{"pass": "newpw77"}) == "1000|Agent One|AGENTS|1|Y\n"


@pytest.mark.parametrize("secret", ["x", "--BLANK--", "y" * 101])
async def test_a_password_that_cannot_be_changes_nothing(service: tuple[Path, Ask], secret: str) -> None:
    file, asked = service
    before = state(file)
    told = await asked("update_user", agent_user="1000", agent_full_name="Pat", agent_pass=secret)
    assert told.startswith("ERROR: update_user INVALID DATA: |6666|")
    assert secret not in told.split("|6666|")[1].split()
    assert state(file) == before


async def test_a_copy_may_what_its_source_may_but_has_its_own_name(service: tuple[Path, Ask]) -> None:
    file, asked = service
    settings = {"custom_three": "CRM9", "phone_login": "1001", "email": "one@example.com"}
    await asked("update_user", agent_user="1000", in_groups="|SUPPORT|", **settings)
    await asked("copy_user", **COPY, source_user="1000")
    source, copy = row(file, "1000"), row(file, "2002")
    same = ("kind", "group", "level", "functions", "rights", "limits", "queues", "phone", "line_settings")
    assert {name: copy[name] for name in same} == {name: source[name] for name in same}
    assert (copy["name"], copy["crm_id"], source["crm_id"]) == ("Copied", "", "CRM9")
    assert copy["secret_hash"] != source["secret_hash"]


async def test_a_copy_of_an_api_user_is_one(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await asked("copy_user", **COPY, source_user="7000")
    copy = row(file, "2002")
    assert (copy["kind"], copy["level"], json.loads(copy["functions"])) == ("api", 8, ["version"])


async def test_names_that_are_made_up_are_free_ones(service: tuple[Path, Ask]) -> None:
    file, asked = service
    made = [asked("add_user", **{**NEW, "agent_user": "AUTOGENERATED"}) for _ in range(8)]
    told = await asyncio.gather(*made)
    names = {line.split("|")[1] for line in told}
    assert len(names) == 8
    assert all(name.isdecimal() and row(file, name)["name"] == "New Agent" for name in names)


@pytest.mark.parametrize(
    ("lacks", "function", "params"),
    [
        ({"functions": ["add_user", "copy_user"]}, "copy_user", {**COPY, "source_user": "7000"}),
        ({"rights": {"modify_users": 1}}, "copy_user", {**COPY, "source_user": "7000"}),
        ({"limits": {"agents": ["1000"]}}, "add_user", NEW),
        ({"limits": {"rate": 50}}, "copy_user", {**COPY, "source_user": "7000"}),
        ({"group": "LIMITED"}, "add_user", NEW),
        ({"level": 8}, "copy_user", {**COPY, "source_user": "6666"}),
    ],
)
async def test_nobody_gives_what_she_has_not(
    service: tuple[Path, Ask], lacks: dict[str, Any], function: str, params: dict[str, str]
) -> None:
    file, asked = service
    await change_user(file, "7008", **lacks)
    before = await asyncio.to_thread(state, file)
    told = await asked(function, **params, user="7008", **{"pass": "test7008"})
    assert told.startswith(f"ERROR: {function} "), told
    assert state(file)["users"] == before["users"]


@pytest.mark.parametrize(
    "change",
    [{"agent_pass": "taken1"}, {"agent_full_name": "x"}, {"active": "N"}, {"delete_user": "Y"}],
)
async def test_nobody_takes_over_who_may_more(service: tuple[Path, Ask], change: dict[str, str]) -> None:
    file, asked = service
    own = {"modify_users": 1, "delete_users": 1, "modify_same_user_level": 1}
    await change_user(file, "7008", functions=["update_user"], rights=own)
    before = await asyncio.to_thread(state, file)
    login = {"user": "7008", "pass": "test7008"}
    told = await asked("update_user", agent_user="7001", **login, **change)
    line = "USER DOES NOT HAVE PERMISSION TO UPDATE THIS USER: |7008|7001|<=|8\n\n"
    assert told == f"ERROR: update_user {line}"
    assert state(file)["users"] == before["users"]


async def test_her_own_level_takes_a_right_of_its_own(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await change_user(file, "7008", rights={"modify_users": 1})
    login = {"user": "7008", "pass": "test7008"}
    told = await asked("update_user", agent_user="7005", agent_full_name="x", **login)
    assert told.endswith("UPDATE THIS USER: |7008|7005|<|8\n\n")
    told = await asked("update_user", agent_user="1000", agent_user_level="8", **login)
    assert told.endswith("YOU MUST USE A VALID USER LEVEL, THIS IS AN OPTIONAL FIELD: |7008|8|8|0\n")
    told = await asked("update_user", agent_user="1000", agent_user_level="7", **login)
    assert told == "SUCCESS: update_user USER HAS BEEN UPDATED - 7008|1000|\n"
    assert row(file, "1000")["level"] == 7


async def test_one_wrong_value_changes_nothing(service: tuple[Path, Ask]) -> None:
    file, asked = service
    before = state(file)
    told = await asked(
        "update_user",
        agent_user="1000",
        agent_full_name="Renamed",
        agent_pass="newpw1",
        campaign_rank="5",
        ingroup_grade="11",
    )
    assert told.endswith("YOU MUST USE A VALID IN-GROUP GRADE, THIS IS AN OPTIONAL FIELD: |6666|11\n")
    for wrong in ({"in_groups": "|NOPE|"}, {"custom_three": "A-B"}, {"phone_login": "9999"}):
        assert (await asked("update_user", agent_user="1000", agent_full_name="x", **wrong)).startswith(
            "ERROR: update_user "
        )
    assert state(file) == before


async def test_ranks_are_kept_for_all_and_for_one(service: tuple[Path, Ask]) -> None:
    file, asked = service
    one = {"camp_rg_only": "1", "campaign_id": "TESTCAMP"}
    await asked("update_user", agent_user="1000", campaign_rank="5", ingroup_grade="9")
    await asked("update_user", agent_user="1000", campaign_rank="-7", **one)
    await asked("update_user", agent_user="1000", campaign_rank="8", **one)
    kept = {"campaign_rank": "5 TESTCAMP=8", "ingroup_grade": "9"}
    assert json.loads(row(file, "1000")["line_settings"]) == kept
    one["campaign_id"] = "NOPE"
    told = await asked("update_user", agent_user="1000", campaign_rank="1", **one)
    assert told.endswith("YOU MUST USE A VALID CAMPAIGN ID, THIS IS AN OPTIONAL FIELD: |6666|NOPE\n")


async def test_a_user_is_emptied_switched_off_and_deleted(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await asked("update_user", agent_user="1000", email="one@example.com", in_groups="|SUPPORT|")
    blank = dict.fromkeys(("email", "in_groups", "custom_three"), "--BLANK--")
    await asked("update_user", agent_user="1000", active="N", **blank)
    found = row(file, "1000")
    assert (found["active"], found["queues"], found["crm_id"]) == (0, None, "")
    assert found["line_settings"] == "{}"
    told = await asked("update_user", agent_user="1000", delete_user="Y")
    assert told == "SUCCESS: update_user USER HAS BEEN DELETED - 6666|1000|\n"
    assert row(file, "1000") == {}
    assert "USER DOES NOT EXIST: |6666|\n" in await asked("update_user", agent_user="1000", active="Y")


async def test_a_user_who_was_stopped_is_switched_on_again(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await change_user(file, "7008", stopped="61 calls within an hour")
    assert (await asked("user_details", agent_user="7008")).endswith("|N\n")
    await asked("update_user", agent_user="7008", active="Y")
    assert (await asked("user_details", agent_user="7008")).endswith("|Y\n")


async def test_users_of_groups_that_are_not_seen_are_not_there(service: tuple[Path, Ask]) -> None:
    file, asked = service
    before = await asyncio.to_thread(state, file)
    login = {"user": "7001", "pass": "test7001"}
    told = await asked("update_user", agent_user="1000", agent_full_name="x", **login)
    assert told == "ERROR: update_user USER DOES NOT EXIST: |7001|\n"
    told = await asked("copy_user", **COPY, source_user="1000", **login)
    assert told == "ERROR: copy_user USER GROUP DOES NOT EXIST: |7001|\n"
    assert state(file)["users"] == before["users"]


async def test_a_reset_of_a_password_leaves_it(service: tuple[Path, Ask]) -> None:
    """There is no e-mail in which the new one could go out."""
    file, asked = service
    before = row(file, "1000")["secret_hash"]
    told = await asked("update_user", agent_user="1000", reset_password="10", email="one@example.com")
    line = "EMAIL FAILURE - 6666|1000|one@example.com|this server sends no e-mail\n"
    assert told.startswith(f"NOTICE: update_user USER PASSWORD RESET FAILED: {line}")
    assert row(file, "1000")["secret_hash"] == before


async def test_the_audit_says_who_was_made_and_who_was_refused(world: Path, tmp_path: Path) -> None:
    async with place(world, tmp_path) as (file, port):
        weak = {"functions": ["update_user"], "rights": {"modify_users": 1, "modify_same_user_level": 1}}
        await change_user(file, "7008", **weak)
        await ask(port, {**GOOD, **NEW, "function": "add_user", "agent_user": "AUTOGENERATED"})
        taken = {"function": "update_user", "agent_user": "7001", "agent_pass": "opensesame5"}
        await ask(port, {**GOOD, **taken, "user": "7008", "pass": "test7008"})
    with closing(sqlite3.connect(file)) as conn:
        rows = conn.execute("SELECT result, reason FROM audit ORDER BY id").fetchall()
        told = "".join(conn.iterdump())
    assert rows == [("ok", ""), ("refused", "function")]
    assert "opensesame" not in told


def sessions(file: Path) -> list[tuple[str, str, str, bool, str]]:
    with closing(sqlite3.connect(file)) as conn:
        found = conn.execute(
            "SELECT user, phone, campaign, on_hook, state FROM agent_sessions "
            "WHERE logged_out_at IS NULL AND state != 'logged_out'"
        )
        return [(*row[:3], bool(row[3]), row[4]) for row in found]


UPDATED: Final = "SUCCESS: update_remote_agent REMOTE AGENT HAS BEEN UPDATED - 6666|5001|\n"
ALREADY: Final = "NOTICE: update_remote_agent REMOTE AGENT IS ALREADY ACTIVE: |6666|5001\n"


async def test_a_remote_agent_waits_for_calls_as_soon_as_she_is_active(service: tuple[Path, Ask]) -> None:
    file, asked = service
    assert await asked("update_remote_agent", agent_user="5001", status="ACTIVE") == UPDATED
    assert sessions(file) == [("5001", "5001", "TESTCAMP", True, "ready")]
    assert "5001|TESTCAMP|" in await asked("logged_in_agents")
    told = await asked("update_remote_agent", agent_user="5001", status="ACTIVE")
    assert told == f"{ALREADY}ERROR: update_remote_agent NO UPDATES DEFINED: |6666|\n"
    told = await asked("update_remote_agent", agent_user="5001", status="ACTIVE", number_of_lines="3")
    assert told == ALREADY + UPDATED
    assert json.loads(row(file, "5001")["line_settings"]) == {"number_of_lines": "3"}
    assert await asked("update_remote_agent", agent_user="5001", status="INACTIVE") == UPDATED
    assert sessions(file) == []


async def test_a_remote_agent_is_moved(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await asked("update_remote_agent", agent_user="5001", status="ACTIVE")
    assert await asked("update_remote_agent", agent_user="5001", campaign_id="OTHERCMP") == UPDATED
    assert sessions(file) == [("5001", "5001", "OTHERCMP", True, "ready")]
    await asked("update_remote_agent", agent_user="5001", status="INACTIVE", campaign_id="QUEUECMP")
    assert sessions(file) == []
    assert row(file, "5001")["remote"] == "QUEUECMP"
    await asked("update_remote_agent", agent_user="5001", status="ACTIVE")
    assert sessions(file) == [("5001", "5001", "QUEUECMP", True, "ready")]


async def test_a_remote_agent_who_was_paused_is_active_again(world: Path, tmp_path: Path) -> None:
    """As she is when she did not answer."""
    active = {**GOOD, "function": "update_remote_agent", "agent_user": "5001", "status": "ACTIVE"}
    async with place(world, tmp_path) as (file, port):
        await ask(port, active)
        paused = {**GOOD, "function": "external_pause", "agent_user": "5001", "value": "PAUSE"}
        assert "SUCCESS" in (await client.get(port, "agent", paused)).text
        assert sessions(file)[0][-1] == "paused"
        assert await ask(port, active) == UPDATED
        assert sessions(file)[0][-1] == "ready"


@pytest.mark.parametrize(
    ("params", "told"),
    [
        ({"agent_user": "1000"}, "REMOTE AGENT DOES NOT EXIST: |6666|"),
        ({"agent_user": ""}, "YOU MUST USE ALL REQUIRED FIELDS: |6666||"),
        (
            {"campaign_id": "NOPE"},
            "YOU MUST USE A VALID CAMPAIGN ID, THIS IS AN OPTIONAL FIELD: |6666|NOPE|0",
        ),
        ({"status": "ON"}, "STATUS MUST BE ACTIVE OR INACTIVE, THIS IS AN OPTIONAL FIELD: |6666|ON"),
        ({"number_of_lines": "2", "status": ""}, ""),
    ],
)
async def test_a_wrong_value_switches_no_remote_agent(
    service: tuple[Path, Ask], params: dict[str, str], told: str
) -> None:
    file, asked = service
    text = await asked("update_remote_agent", **{"agent_user": "5001", "status": "ACTIVE", **params})
    assert text == (f"ERROR: update_remote_agent {told}\n" if told else UPDATED)
    assert sessions(file) == []


async def test_a_remote_agent_without_a_phone_that_rings_stays_off(service: tuple[Path, Ask]) -> None:
    file, asked = service
    await change_user(file, "5001", phone="nowhere")
    told = await asked("update_remote_agent", agent_user="5001", status="ACTIVE", number_of_lines="4")
    assert told.startswith("ERROR: update_remote_agent failed, there is no active phone 'nowhere'")
    await asked("update_user", agent_user="5001", phone_login="--BLANK--")
    told = await asked("update_remote_agent", agent_user="5001", status="ACTIVE", number_of_lines="4")
    assert told == "ERROR: update_remote_agent REMOTE AGENT HAS NO PHONE LOGIN: |6666|5001\n"
    assert sessions(file) == []
    assert row(file, "5001")["line_settings"] == "{}"


async def test_both_flavours_switch_the_same_remote_agent(world: Path, tmp_path: Path) -> None:
    active = {**GOOD, "function": "update_remote_agent", "agent_user": "5001", "status": "ACTIVE"}
    login = (GOOD["user"], GOOD["pass"])
    async with (
        place(world, tmp_path) as (file, port),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}/v1/remoteagents", auth=login) as v1,
    ):
        assert [(one["user"], one["active"]) for one in (await v1.get("")).json()] == [("5001", False)]
        assert await ask(port, active) == UPDATED
        assert (await v1.get("/5001")).json()["active"] is True
        moved = await v1.patch("/5001", json={"campaign": "OTHERCMP"})
        assert moved.status_code == 200, moved.text
        assert sessions(file) == [("5001", "5001", "OTHERCMP", True, "ready")]
        assert row(file, "5001")["remote"] == "OTHERCMP"
        assert "ALREADY ACTIVE" in await ask(port, active)
        assert (await v1.patch("/5001", json={"active": False})).json()["session"] is None
        assert "ALREADY INACTIVE" in await ask(port, {**active, "status": "INACTIVE"})
        assert sessions(file) == []


async def test_a_remote_agent_of_another_campaign_is_not_there(world: Path, tmp_path: Path) -> None:
    async with place(world, tmp_path) as (file, port):
        await change_user(file, "6666", limits={"campaigns": ["OTHERCMP"]})
        wish = {**GOOD, "function": "update_remote_agent", "agent_user": "5001", "status": "ACTIVE"}
        told = await ask(port, {**wish, "campaign_id": "OTHERCMP"})
        assert told == "ERROR: update_remote_agent REMOTE AGENT DOES NOT EXIST: |6666|\n"
        assert (sessions(file), row(file, "5001")["remote"]) == ([], "TESTCAMP")
