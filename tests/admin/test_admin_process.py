"""The command line and a service that really runs: what is changed counts at once."""

from __future__ import annotations

import asyncio
import json
import signal
import stat

from admin_process import Bridge


async def test_what_is_added_is_used_at_once(bridge: Bridge) -> None:
    await bridge.start()
    missed = await bridge.log_in("1000", "1001")
    assert (missed.status_code, missed.json()["error_id"]) == (404, "no-such-phone")
    assert (await bridge.command("phone", "add", "1001")).out == "added phone 1001\n"
    added = await bridge.command("agent", "add", "1001", "--group", "ADMIN")
    assert (added.status, added.out) == (0, "added agent 1001\n")
    rung = await bridge.log_in("1001", "1001")
    assert (rung.status_code, rung.json()["state"]) == (202, "connecting"), rung.text
    assert bridge.asked == 2
    assert stat.S_IMODE(bridge.socket.stat().st_mode) == 0o600


async def test_what_is_changed_or_removed_is_so_at_once(bridge: Bridge) -> None:
    await bridge.start()
    await bridge.command("phone", "add", "1001")
    assert (await bridge.log_in("1000", "1001")).status_code == 202
    refused = await bridge.command("phone", "remove", "1001")
    assert (refused.status, refused.out) == (1, "")
    assert refused.err.startswith("error: phone '1001' is in use by the open agent session ")
    await bridge.command("agent", "add", "1001", "--group", "ADMIN")
    await bridge.command("phone", "add", "1002")
    await bridge.command("phone", "add", "1002", "--inactive", "--replace")
    assert (await bridge.log_in("1001", "1002")).status_code == 404
    await bridge.command("phone", "remove", "1002")
    assert (await bridge.log_in("1001", "1002")).status_code == 404


async def test_an_api_user_is_shut_off_by_its_very_next_request(bridge: Bridge) -> None:
    await bridge.start()
    assert (await bridge.api.get("/agents")).status_code == 200
    assert (await bridge.command("apiuser", "disable", "crm")).out == "disabled apiuser crm\n"
    assert (await bridge.api.get("/agents")).status_code == 401
    await bridge.command("apiuser", "enable", "crm")
    assert (await bridge.api.get("/agents")).status_code == 200
    secret = json.loads((await bridge.command("apiuser", "secret", "crm", "--json")).out)["secret"]
    assert (await bridge.api.get("/agents")).status_code == 401
    assert (await bridge.api.get("/agents", auth=("crm", secret))).status_code == 200
    assert bridge.asked == 3


async def test_killed_its_administrator_goes_on_and_so_does_the_next_one(bridge: Bridge) -> None:
    await bridge.start()
    await bridge.end(signal.SIGKILL)
    assert bridge.socket.is_socket()
    assert (await bridge.command("phone", "add", "1001")).out == "added phone 1001\n"
    assert bridge.asked == 0
    await bridge.start()
    assert (await bridge.log_in("1000", "1001")).status_code == 202
    assert (await bridge.command("phone", "show", "1001")).status == 0
    assert bridge.asked == 1
    await bridge.end(signal.SIGTERM)
    assert not bridge.socket.exists()
    assert (await bridge.command("phone", "remove", "1001")).err.startswith("error: phone '1001' is in use")


async def test_at_its_start_it_is_waited_for(bridge: Bridge) -> None:
    await bridge.begin()
    answers = [await bridge.command("phone", "add", str(phone)) for phone in range(1001, 1003)]
    assert [answer.status for answer in answers] == [0, 0], answers
    await bridge.end(signal.SIGTERM)
    listed = await bridge.command("phone", "list", "--json")
    assert [phone["login"] for phone in json.loads(listed.out)] == ["1001", "1002"]


async def test_many_commands_at_once_are_all_carried_out(bridge: Bridge) -> None:
    await bridge.start()
    phones = [str(phone) for phone in range(1001, 1006)]
    answers = await asyncio.gather(*(bridge.command("phone", "add", phone) for phone in phones))
    assert [answer.out for answer in answers] == [f"added phone {phone}\n" for phone in phones]
    assert bridge.asked == len(phones)


async def test_a_second_bridge_on_the_same_store_says_so_and_ends(bridge: Bridge) -> None:
    await bridge.start()
    second = await bridge.command("serve")
    assert second.status == 1
    assert f"another bridge has {bridge.socket}" in second.err
    assert (await bridge.command("phone", "list")).status == 0
    assert bridge.asked == 1
