"""Dials by hand through the agent API: prefixes, what number is shown, previews, the next lead, the queue."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import Any

import pytest
from service import Bridge
from stack import Carrier, until

SITE = """
[[groupalias]]
name = "OURS"
caller_id = "7275550077"

[[ingroup]]
name = "SALESLINE"
caller_id = "7275550088"

[[campaign]]
id = "NEXT"
trunk = "carrier"
caller_id = "7275550000"
dial_timeout = 20
wrapup_seconds = 0
default_status = "TALKED"
dial_statuses = ["NEW"]
preview = "PREVIEW_AND_SKIP"
alt_number_dialing = true

[[campaign]]
id = "WAITS"
trunk = "carrier"
caller_id = "7275550000"
dial_timeout = 20
wrapup_seconds = 0
default_status = "TALKED"
api_manual_dial = "QUEUE"

[[list]]
id = 999
campaign = "NEXT"
"""
OPTIONS = {"phone_code": "1", "search": "NO", "preview": "NO", "focus": "NO"}


@pytest.fixture(autouse=True)
def site(bridge: Bridge) -> None:
    """More of a site than other tests need."""
    file = bridge.folder / "more.toml"
    file.write_text(SITE)
    bridge.command("load", str(file))


def add_lead(bridge: Bridge, number: str, alt_phone: str = "", rank: int = 0) -> int:
    """A lead of the campaign NEXT."""
    with contextlib.closing(sqlite3.connect(bridge.folder / "bridge.db", timeout=30)) as conn, conn:
        row = (999, "1", number, alt_phone, rank)
        query = (
            "INSERT INTO leads (list_id, phone_code, phone_number, alt_phone, rank) VALUES (?, ?, ?, ?, ?)"
        )
        return int(conn.execute(query, row).lastrowid or 0)


def lead(bridge: Bridge, lead_id: int) -> tuple[str, int, str]:
    """Status, calls, and whether it was called since the last reset."""
    query = "SELECT status, called_count, called_since_last_reset FROM leads WHERE id = ?"
    with contextlib.closing(sqlite3.connect(bridge.folder / "bridge.db", timeout=30)) as conn:
        status, calls, called = conn.execute(query, (lead_id,)).fetchone()
        return status, calls, called


async def dial(bridge: Bridge, value: str, **more: str) -> str:
    return await bridge.agc("external_dial", agent_user="1000", value=value, **{**OPTIONS, **more})


async def act(bridge: Bridge, value: str) -> None:
    reply = await bridge.agc("preview_dial_action", agent_user="1000", value=value)
    assert reply == f"SUCCESS: preview_dial_action function set - {value}|1000|{value}\n"


async def hang_up(bridge: Bridge, call: dict[str, Any]) -> None:
    await bridge.agc("external_hangup", agent_user="1000", value="1")
    await bridge.call_is(call["id"], "disposed")


async def talking(bridge: Bridge) -> dict[str, Any]:
    """Her newest call, once she talks."""
    return await bridge.call_is((await bridge.last_call())["id"], "bridged")


async def test_a_prefix_is_dialled(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    reply = await dial(bridge, "7275550100", dial_prefix="9")
    assert reply.startswith("SUCCESS: external_dial function set - 7275550100|1000|1|NO|NO|NO||")
    assert reply.endswith("|9|||\n")
    call = await talking(bridge)
    assert carrier.called == ["97275550100"]
    await hang_up(bridge, call)


@pytest.mark.parametrize("prefix", ["911", "011", "1900"])
async def test_a_prefix_that_makes_another_number_dials_nothing(
    bridge: Bridge, carrier: Carrier, prefix: str
) -> None:
    await bridge.log_in("1000")
    reply = await dial(bridge, "7275550100", dial_prefix=prefix)
    assert reply == "ERROR: phone number is not valid - 1000|7275550100||\n"
    assert (await bridge.agent("1000"))["state"] == "paused"
    assert carrier.called == []


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, "7275550000"),
        ({"group_alias": "OURS"}, "7275550077"),
        ({"dial_ingroup": "SALESLINE"}, "7275550088"),
        ({"dial_ingroup": "SALESLINE", "group_alias": "OURS"}, "7275550077"),
    ],
)
async def test_the_number_that_is_shown(
    bridge: Bridge, carrier: Carrier, asked: dict[str, str], shown: str
) -> None:
    await bridge.log_in("1000")
    assert (await dial(bridge, "7275550100", **asked)).startswith("SUCCESS")
    call = await talking(bridge)
    assert carrier.shown == [shown]
    await hang_up(bridge, call)


async def test_a_preview_is_dialled_on_her_word(bridge: Bridge, carrier: Carrier) -> None:
    lead_id = add_lead(bridge, "7275550100", alt_phone="7275550200")
    await bridge.log_in("1000", "NEXT")
    assert (await dial(bridge, "", lead_id=str(lead_id), preview="YES")).startswith("SUCCESS")
    assert carrier.called == []
    assert lead(bridge, lead_id) == ("NEW", 0, "N")
    await act(bridge, "DIALONLY")
    call = await talking(bridge)
    assert carrier.called == ["7275550100"]
    await hang_up(bridge, call)
    await bridge.agent_is("1000", "paused")

    await dial(bridge, "", lead_id=str(lead_id), preview="YES")
    await act(bridge, "ALTDIAL")
    call = await talking(bridge)
    assert carrier.called == ["7275550100", "7275550200"]
    await hang_up(bridge, call)
    assert lead(bridge, lead_id) == ("TALKED", 2, "Y")
    told = [event["type"].rpartition(".")[2] for event in await bridge.events("agents/1000")]
    assert [kind for kind in told if "preview" in kind] == ["previewing", "preview_dropped"] * 2


async def test_the_next_lead_one_after_the_other(bridge: Bridge, carrier: Carrier) -> None:
    second, first = add_lead(bridge, "7275550300"), add_lead(bridge, "7275550400", rank=5)
    await bridge.log_in("1000", "NEXT")
    for number, lead_id in (("7275550400", first), ("7275550300", second)):
        reply = await dial(bridge, "MANUALNEXT")
        assert reply.startswith("SUCCESS: external_dial function set - MANUALNEXT|1000|"), reply
        call = await talking(bridge)
        assert (call["lead_id"], carrier.called[-1]) == (lead_id, number)
        assert lead(bridge, lead_id) == ("INCALL", 1, "Y")
        await bridge.agc("external_status", agent_user="1000", value="SALE")
        await hang_up(bridge, call)
        assert lead(bridge, lead_id) == ("SALE", 1, "Y")
        await bridge.agent_is("1000", "paused")
    assert await dial(bridge, "MANUALNEXT") == "ERROR: no lead is left to dial - 1000|NEXT\n"


async def test_the_next_lead_looked_at_and_skipped(bridge: Bridge, carrier: Carrier) -> None:
    first, second = add_lead(bridge, "7275550300"), add_lead(bridge, "7275550400")
    await bridge.log_in("1000", "NEXT")
    await dial(bridge, "MANUALNEXT", preview="YES")
    await act(bridge, "SKIP")
    await act(bridge, "DIALONLY")
    call = await talking(bridge)
    assert (call["lead_id"], carrier.called) == (second, ["7275550400"])
    assert lead(bridge, first) == ("NEW", 0, "Y")
    await hang_up(bridge, call)


async def test_a_call_that_waits_is_dialled_after_the_one_in_hand(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000", "WAITS")
    await dial(bridge, "7275550100")
    first = await talking(bridge)
    assert (await dial(bridge, "7275550200")).startswith("SUCCESS")
    again = await dial(bridge, "7275550200")
    assert again == "ERROR: phone_number is already in this agents manual dial queue - 1000|7275550200\n"
    assert carrier.called == ["7275550100"]
    await hang_up(bridge, first)

    async def second() -> dict[str, Any] | None:
        call = await bridge.last_call()
        return call if call["id"] != first["id"] and call["state"] == "bridged" else None

    call = await until(second, "the call that has waited")
    assert carrier.called == ["7275550100", "7275550200"]
    await hang_up(bridge, call)


async def test_a_double_click_rings_once(bridge: Bridge, carrier: Carrier) -> None:
    await bridge.log_in("1000")
    for _ in range(2):
        assert (await dial(bridge, "7275550102")).startswith(
            "SUCCESS: external_dial function set - 7275550102"
        )
    call = await bridge.call_is((await bridge.last_call())["id"], "ringing")
    assert carrier.called == ["7275550102"]
    await hang_up(bridge, call)
    await bridge.agent_is("1000", "paused")
    assert carrier.called == ["7275550102"]
