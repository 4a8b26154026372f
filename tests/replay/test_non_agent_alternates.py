"""The non-agent API sets a campaign's alternate addresses: what was set is what is listed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from test_non_agent import GOOD, ask, place, state
from test_non_agent_site import Ask, write


@pytest.fixture
async def service(world: Path, tmp_path: Path) -> AsyncIterator[tuple[Path, Ask]]:
    """A service whose campaign has alternates for dispositions, and who asks it for them."""
    async with place(world, tmp_path) as (file, port):
        await asyncio.to_thread(write, file, "UPDATE campaigns SET dispo_call_url = 'ALT'")

        async def asked(alt_url_id: str, **params: str) -> str:
            where = {"campaign_id": "TESTCAMP", "entry_type": "campaign", "url_type": "dispo"}
            named = {**GOOD, "function": "update_alt_url", "alt_url_id": alt_url_id}
            return await ask(port, {**named, **where, **params})

        yield file, asked


ALL = {
    "active": "Y",
    "url_rank": "2",
    "url_statuses": "SALE NI",
    "url_description": "sales",
    "url_lists": "101 102",
    "url_call_length": "30",
    "url_address": "https://crm.example/x?lead=--A--lead_id--B--",
}


async def test_one_is_added_changed_and_listed(service: tuple[Path, Ask]) -> None:
    _, asked = service
    assert (await asked("LIST")).startswith("NOTICE: update_alt_url LIST, No Records Found - 6666|dispo|")
    told = await asked("NEW", **ALL)
    assert told == (
        "SUCCESS: update_alt_url ALT URL HAS BEEN ADDED - 6666|NEW URL ID: 1|dispo|campaign|TESTCAMP\n"
    )
    row = "1|TESTCAMP|campaign|Y|dispo|2|SALE NI|sales|101 102|30|https://crm.example/x?lead=--A--lead_id--B--\n"
    assert await asked("LIST") == row
    assert "UPDATED - 6666|1|" in await asked("1", active="N", url_statuses="---ALL---", url_rank="1")
    assert (await asked("LIST")).startswith("1|TESTCAMP|campaign|N|dispo|1|---ALL---|sales|")
    assert "NEW URL ID: 2" in await asked("NEW")
    assert [one["url_id"] for one in json.loads(await asked("LIST", stage="json"))] == ["1", "2"]


@pytest.mark.parametrize(
    ("params", "line"),
    [
        ({"active": "Q"}, "ACTIVE MUST BE Y OR N, THIS IS AN OPTIONAL FIELD: |6666|Q"),
        ({"url_rank": "0"}, "URL RANK IS NOT VALID"),
        ({"url_call_length": "999999"}, "URL CAL LENGTH IS NOT VALID"),
        ({"url_statuses": "TOOLONG"}, "URL STATUSES IS NOT VALID"),
        ({"url_lists": "0"}, "URL LISTS IS NOT VALID"),
        ({"url_description": "x" * 256}, "URL DESCRIPTION IS NOT VALID"),
        ({"url_address": "ftp://crm.example/x"}, "URL ADDRESS IS NOT VALID"),
        ({"url_address": "ALT"}, "URL ADDRESS IS NOT VALID"),
        ({"url_address": "https://user:secret@crm.example/x"}, "URL ADDRESS IS NOT VALID"),
        ({"url_type": "start"}, "CAMPAIGNS start URL IS NOT SET TO ALT"),
        ({"campaign_id": "NOPE"}, "CAMPAIGN DOES NOT EXIST"),
    ],
    ids=str,
)
async def test_what_is_wrong_changes_nothing(
    service: tuple[Path, Ask], params: dict[str, str], line: str
) -> None:
    file, asked = service
    before = await asyncio.to_thread(state, file)
    assert f"ERROR: update_alt_url {line}" in await asked("NEW", **{**ALL, **params})
    assert await asyncio.to_thread(state, file) == before
