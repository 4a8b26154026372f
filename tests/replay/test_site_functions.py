"""Functions about phones, and the lists for forms: what they keep, what they show, and what they do not."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from replaying.running import serving
from replaying.scene import Stage
from test_non_agent import GOOD, ask, place

PHONE: Final = {
    **GOOD,
    "function": "add_phone",
    "extension": "2001",
    "dialplan_number": "2001",
    "voicemail_id": "2001",
    "phone_login": "2001",
    "phone_pass": "opensesame1",
    "server_ip": "10.10.10.15",
    "protocol": "SIP",
    "registration_password": "opensesame2",
    "phone_full_name": "Phone 2001",
    "local_gmt": "-5.00",
    "outbound_cid": "7275550000",
}


@pytest.fixture
async def there(world: Path, tmp_path: Path) -> AsyncIterator[tuple[Path, int]]:
    async with place(world, tmp_path) as found:
        yield found


def phones(file: Path) -> dict[str, sqlite3.Row]:
    with closing(sqlite3.connect(file)) as conn:
        conn.row_factory = sqlite3.Row
        return {row["login"]: row for row in conn.execute("SELECT * FROM phones")}


async def test_a_phone_is_kept_with_all_that_was_sent(there: tuple[Path, int]) -> None:
    file, port = there
    text = await ask(port, {**PHONE, "phone_login": "desk7", "template_id": "SIP_generic"})
    assert text == "SUCCESS: add_phone PHONE HAS BEEN ADDED - 6666|2001|10.10.10.15|SIP|2001\n"
    phone = phones(file)["desk7"]
    assert (phone["extension"], phone["dial"], phone["voicemail"]) == ("2001", "PJSIP/{phone}", "2001")
    for name in ("local_gmt", "outbound_cid", "template_id", "dialplan_number"):
        assert name in phone["line_settings"]


async def test_passwords_of_a_phone_are_nowhere(there: tuple[Path, int]) -> None:
    file, port = there
    told = await ask(port, PHONE)
    told += await ask(port, {**PHONE, "extension": ""})
    spoilt = {**PHONE, "function": "update_phone", "extension": "1000", "phone_login": ""}
    told += await ask(port, {**spoilt, "phone_pass": "opensesame" * 3})
    assert "YOU MUST USE A VALID PHONE PASSWORD: |6666|****" in told
    assert "opensesame" not in told
    with closing(sqlite3.connect(file)) as conn:
        assert "opensesame" not in "".join(conn.iterdump())


async def test_a_phone_is_changed_renamed_and_deleted(there: tuple[Path, int]) -> None:
    file, port = there
    await ask(port, PHONE)
    where = {**GOOD, "function": "update_phone", "extension": "2001", "server_ip": "10.10.10.15"}
    changed = {
        "phone_login": "desk9",
        "active": "N",
        "phone_full_name": "Desk nine",
        "email": "--BLANK--",
    }
    assert "HAS BEEN UPDATED" in await ask(port, {**where, **changed})
    found = phones(file)
    assert "2001" not in found
    desk = found["desk9"]
    assert (desk["extension"], desk["name"], bool(desk["active"])) == ("2001", "Desk nine", False)
    assert "-5.00" in desk["line_settings"]
    text = await ask(port, {**where, "delete_phone": "Y"})
    assert text == "SUCCESS: update_phone PHONE HAS BEEN DELETED - 6666|2001|10.10.10.15|\n"
    assert "desk9" not in phones(file)


async def test_a_phone_of_an_alias_stays(there: tuple[Path, int]) -> None:
    file, port = there
    gone = {"function": "update_phone", "extension": "1000", "server_ip": "10.10.10.15", "delete_phone": "Y"}
    text = await ask(port, {**GOOD, **gone})
    assert text.startswith("ERROR: update_phone failed, ")
    assert "in use by phone alias 1000a" in text
    assert "1000" in phones(file)


async def test_an_external_phone_is_dialled_by_its_extension_alone(there: tuple[Path, int]) -> None:
    file, port = there
    outside = {**PHONE, "protocol": "EXTERNAL", "extension": "7275550777", "phone_context": "from-internal"}
    text = await ask(port, outside)
    assert "AN EXTERNAL PHONE IS DIALLED BY ITS EXTENSION" in text
    await ask(port, {**outside, "dialplan_number": "7275550777", "phone_context": "x,1)&PJSIP/911"})
    assert phones(file)["2001"]["dial"] == "Local/{phone}@x1PJSIP911"


async def test_a_picker_shows_text_as_text(world: Path, tmp_path: Path) -> None:
    file = tmp_path / "bridge.db"
    file.write_bytes(world.read_bytes())
    with closing(sqlite3.connect(file)) as conn, conn:
        conn.execute("UPDATE in_groups SET title = '<script>alert(1)</script> & co' WHERE name = 'SUPPORT'")
    async with serving(file, Stage(file).set({}).stand_in, {}) as port:
        page = await ask(port, {**GOOD, "function": "ingroup_list", "format": "selectframe"})
        rows = await ask(port, {**GOOD, "function": "ingroup_list", "stage": "json"})
    assert "<TD>SUPPORT</TD><TD>scriptalert(1)/script &amp; co</TD>" in page
    assert "script>" not in page
    assert "1234" not in page
    assert '{"group_id":"SALESLINE","group_name":"","active":"Y"}' in rows


async def test_boxes_are_those_of_phones(there: tuple[Path, int]) -> None:
    _, port = there
    await ask(port, PHONE)
    rows = await ask(port, {**GOOD, "function": "vm_list", "stage": "json"})
    assert '{"voicemail_id":"2001","fullname":"Phone 2001"}' in rows


async def test_a_folder_of_sounds_that_is_gone_is_told(there: tuple[Path, int]) -> None:
    file, port = there
    (file.parent / "sounds" / "hello.wav").unlink()
    (file.parent / "sounds").rmdir()
    text = await ask(port, {**GOOD, "function": "sounds_list", "format": "tab"})
    assert text == "ERROR: audio store web directory does not exist: |6666|sounds_list|sounds|\n"


def change_past_the_bridge(file: Path) -> None:
    """In a thread: the bridge in this loop may be writing, and must go on for its lock to be let go."""
    with closing(sqlite3.connect(file, timeout=30)) as conn, conn:
        conn.execute("UPDATE phone_aliases SET title = 'changed past the bridge' WHERE name = '1000a'")


async def test_a_refresh_has_the_site_read_anew(there: tuple[Path, int]) -> None:
    file, port = there
    asked = {**GOOD, "function": "update_phone_alias", "alias_id": "1000a", "phone_logins": "1000,1001"}
    assert "NO UPDATES DEFINED" in await ask(port, asked)
    await asyncio.to_thread(change_past_the_bridge, file)
    text = await ask(port, {**GOOD, "function": "server_refresh", "stage": "REFRESH"})
    assert text == "SUCCESS: server_refresh SERVER REFRESH HAS BEEN TRIGGERED - 6666|1\n"
    assert "HAS BEEN UPDATED" in await ask(port, {**asked, "alias_name": "Desks"})
    with closing(sqlite3.connect(file)) as conn:
        assert conn.execute("SELECT title FROM phone_aliases").fetchall() == [("Desks",)]
