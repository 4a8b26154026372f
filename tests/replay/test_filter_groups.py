"""Groups of filtered numbers are the same ones in both flavours, and the whole site's."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx
from test_non_agent import GOOD, ask, place
from test_non_agent_site import write

NUMBERS: Final = "/v1/filtergroups/FPGROUP/numbers"
NUMBER: Final = "7275556002"
ADD: Final = {**GOOD, "function": "add_fpg_phone", "group": "FPGROUP"}
DELETE: Final = {**ADD, "function": "delete_fpg_phone"}


def rest(port: int) -> httpx.AsyncClient:
    """The same caller under `/v1`."""
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", auth=(GOOD["user"], GOOD["pass"]))


def inside(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as store:
        return [row[0] for row in store.execute("SELECT number FROM filter_numbers ORDER BY 1")]


async def test_what_one_flavour_puts_in_the_other_finds_and_takes_out(world: Path, tmp_path: Path) -> None:
    async with place(world, tmp_path) as (_, port), rest(port) as v1:
        assert "HAS BEEN ADDED" in await ask(port, {**ADD, "phone_number": f"1{NUMBER}"})
        assert {"number": NUMBER} in (await v1.get(NUMBERS)).json()
        assert (await v1.post(NUMBERS, json={"number": NUMBER})).status_code == 409
        assert (await v1.delete(f"{NUMBERS}/+1{NUMBER}")).status_code == 204
        assert "DOES NOT EXIST" in await ask(port, {**DELETE, "phone_number": NUMBER})
        assert (await v1.post(NUMBERS, json={"number": f"+1{NUMBER}"})).status_code == 201
        assert "ALREADY EXISTS" in await ask(port, {**ADD, "phone_number": NUMBER})
        assert "HAS BEEN DELETED" in await ask(port, {**DELETE, "phone_number": NUMBER})


async def test_a_group_that_v1_makes_is_one_of_the_line_format(world: Path, tmp_path: Path) -> None:
    async with place(world, tmp_path) as (_, port), rest(port) as v1:
        new = {**ADD, "group": "NEW", "phone_number": NUMBER}
        assert "FILTER PHONE GROUP DOES NOT EXIST" in await ask(port, new)
        assert (await v1.post("/v1/filtergroups", json={"name": "NEW"})).status_code == 201
        assert "HAS BEEN ADDED" in await ask(port, new)
        assert (await v1.delete("/v1/filtergroups/NEW")).status_code == 204
        assert "FILTER PHONE GROUP DOES NOT EXIST" in await ask(port, new)


async def test_who_is_limited_to_campaigns_changes_no_group_of_the_site(world: Path, tmp_path: Path) -> None:
    async with place(world, tmp_path) as (file, port), rest(port) as v1:
        sql = """UPDATE users SET limits = '{"campaigns": ["TESTCAMP"]}' WHERE user = '6666'"""
        before = await asyncio.to_thread(inside, file)
        await asyncio.to_thread(write, file, sql)
        for request in (ADD, DELETE):
            told = await ask(port, {**request, "phone_number": before[0] if request is DELETE else NUMBER})
            assert told.startswith("ERROR: "), told
        for reply in (
            await v1.post(NUMBERS, json={"number": NUMBER}),
            await v1.delete(f"{NUMBERS}/{before[0]}"),
        ):
            assert reply.status_code == 403
        assert await asyncio.to_thread(inside, file) == before
