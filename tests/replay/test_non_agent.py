"""The non-agent API: who may not changes nothing, and whatever is sent has a clear answer."""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replaying import client
from replaying.cases import read
from replaying.running import serving
from replaying.scene import Stage
from replaying.world import HERE
from test_bad_values import BAD, LOGIN, check

from bridge.access.attempts import WRONG_BURST
from bridge.access.rights import ACTIONS
from bridge.api.vicidial.non_agent.parameters import FILTERS
from bridge.api.vicidial.non_agent.registry import FUNCTIONS

CASES: Final = read(HERE / "non_agent.jsonl")
PATH: Final = "/vicidial/non_agent_api.php"
GOOD: Final = {"source": "test", "user": "6666", "pass": "1234"}
OTHER_TYPES: Final = {"call_dispo_report": ("text/plain;charset=UTF-8", "application/octet-stream")}
WITHOUT_RIGHTS: Final = frozenset({"check_phone_number"})
"""Functions that ask for a level alone."""


def sound(function: str) -> tuple[Mapping[str, Any], dict[str, str]]:
    """Preconditions and parameters of the first recorded request of the function that was carried out."""
    for case in CASES:
        if case.function == function and case.body and not case.body.startswith("ERROR"):
            return case.preconditions, {**case.params, **GOOD}
    return {}, {**GOOD, "function": function}


def state(file: Path) -> dict[str, list[Any]]:
    """All that the store holds, but for its logs and what the service keeps for itself as time goes by."""
    logs = {"audit", "function_use", "login_failures", "alembic_version", "sqlite_sequence", "counters"}
    logs |= {"duties", "sink_cursors"}
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as conn:
        names = [name for (name,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: conn.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
            for name in names
            if name not in logs
        }


@asynccontextmanager
async def place(world: Path, folder: Path, function: str = "") -> AsyncIterator[tuple[Path, int]]:
    """A service in which the function makes sense."""
    file = Path(shutil.copy(world, folder / "bridge.db"))
    scene = Stage(file).set(sound(function)[0])
    async with serving(file, scene.stand_in, {}) as port:
        yield file, port


async def ask(port: int, params: Mapping[str, str]) -> str:
    reply = await client.get(port, "non_agent", params)
    assert (reply.status, reply.content_type) == (200, "text/html; charset=utf-8")
    return reply.text


LOCKED: Final = "ERROR: Too many login attempts, try again in 15 minutes: |"
BAD_LOGIN: Final = "ERROR: Login incorrect, please try again: |"
MAY_NOT: Final[Mapping[str, tuple[Mapping[str, str], str]]] = {
    "wrong secret": ({"pass": "wrong"}, BAD_LOGIN),
    "nobody": ({"user": "nobody"}, BAD_LOGIN),
    "no user": ({"user": ""}, BAD_LOGIN),
    "inactive": ({"user": "7002", "pass": "test7002"}, BAD_LOGIN),
    "level 6": ({"user": "7004", "pass": "test7004"}, BAD_LOGIN),
    "an agent": ({"user": "1000", "pass": "test1000"}, BAD_LOGIN),
    "locked": ({"user": "7006", "pass": "test7006"}, LOCKED),
    "no group": ({"user": "7007", "pass": "test7007"}, "ERROR: user_group DOES NOT EXIST: |7007|NOGROUP|"),
    "no source": ({"source": "x"}, "ERROR: Invalid Source - x\nERROR: Invalid Source: |x|"),
    "another function": (
        {"user": "7000", "pass": "test7000"},
        "ERROR: auth USER DOES NOT HAVE PERMISSION TO USE THIS FUNCTION: |7000|",
    ),
    "no rights": ({"user": "7005", "pass": "test7005"}, "USER DOES NOT HAVE PERMISSION TO "),
    "no API right": ({"user": "7003", "pass": "test7003"}, "USER DOES NOT HAVE PERMISSION TO "),
}


def parts_of_all() -> Iterator[tuple[str, ...]]:
    """The functions in parts, one service each: no address may give a wrong secret for every one."""
    names = tuple(FUNCTIONS)
    for begin in range(0, len(names), WRONG_BURST):
        yield names[begin : begin + WRONG_BURST]


@pytest.mark.parametrize("why", MAY_NOT)
async def test_who_may_not_changes_nothing_and_has_a_row(world: Path, tmp_path: Path, why: str) -> None:
    change, line = MAY_NOT[why]
    for part in parts_of_all():
        folder = tmp_path / part[0]
        folder.mkdir()
        async with place(world, folder) as (file, port):
            before, asked = state(file), 0
            for function in part:
                if (why == "no source" and not FUNCTIONS[function].names_source) or (
                    why == "no rights" and (function in WITHOUT_RIGHTS or not ACTIONS[function].needs)
                ):
                    continue
                text = await ask(port, {**sound(function)[1], **change})
                asked += 1
                assert line in text or (line == BAD_LOGIN and LOCKED in text), (function, text)
                assert text.startswith("ERROR: "), (function, text)
                assert change.get("pass", "1234") not in text.replace(change.get("user", ""), ""), (
                    function,
                    text,
                )
            assert state(file) == before
        with closing(sqlite3.connect(file)) as conn:
            rows = conn.execute("SELECT result, reason FROM audit").fetchall()
        assert len(rows) == asked
        assert all(result != "ok" for result, _ in rows), rows


def test_every_function_has_its_rule_and_its_cases() -> None:
    assert set(FUNCTIONS) <= set(ACTIONS)
    assert set(FUNCTIONS) <= {case.function for case in CASES}
    assert len(FUNCTIONS) == 61, "and `version`: all that the original has"


async def test_version_needs_no_login(world: Path, tmp_path: Path) -> None:
    async with place(world, tmp_path) as (_, port):
        text = await ask(port, {"function": "version"})
        coffee = await client.get(port, "non_agent", {"function": "make_coffee"})
    assert text.startswith("VERSION: 2.14-202|BUILD: 250720-1841|DATE: 20")
    assert text.endswith(("|TZ: -5.00|TZNOW: -5.00|\n", "|TZ: -5.00|TZNOW: -4|\n"))
    assert (coffee.status, coffee.text) == (418, "Coffee: make_coffee|Error 418 I'm a teapot")


NAMES: Final = st.sampled_from(sorted(set(FILTERS) - set(LOGIN)))


@pytest.mark.parametrize("function", sorted(FUNCTIONS))
async def test_a_bad_value_gets_a_clear_answer(world: Path, tmp_path: Path, function: str) -> None:
    fine = {name: value.encode() for name, value in sound(function)[1].items()}
    asked: list[dict[str, bytes]] = []

    @given(st.lists(st.tuples(st.one_of(NAMES, st.sampled_from(sorted(fine))), BAD), min_size=1, max_size=4))
    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def wrong(spoilt: list[tuple[str, bytes]]) -> None:
        asked.append({**fine, **{name: value for name, value in spoilt if name not in LOGIN}})

    wrong()
    async with place(world, tmp_path, function) as (_, port):
        for pairs in asked:
            query = b"&".join(
                f"{name}={quote_from_bytes(value, safe='')}".encode() for name, value in pairs.items()
            )
            head = f"POST {PATH} HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: {len(query)}\r\n"
            form = b"Content-Type: application/x-www-form-urlencoded\r\n\r\n" + query
            check(await client.ask(port, head.encode() + form), pairs, *OTHER_TYPES.get(function, ()))


async def test_the_query_wins_over_the_form(world: Path, tmp_path: Path) -> None:
    async with place(world, tmp_path) as (_, port):
        query = urlencode(
            {**GOOD, "function": "lead_field_info", "lead_id": "205", "field_name": "first_name"}
        )
        form = urlencode({"lead_id": "203"})
        head = (
            f"POST {PATH}?{query} HTTP/1.1\r\nHost: b\r\nConnection: close\r\nContent-Length: {len(form)}\r\n"
        )
        kind = "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        assert (await client.ask(port, f"{head}{kind}{form}".encode())).text == "Pat"


def limit_to_list_102(file: Path) -> None:
    with closing(sqlite3.connect(file, timeout=30)) as store, store:
        store.execute("""UPDATE users SET limits = '{"lists": ["102"]}' WHERE user = '6666'""")


async def test_a_limit_on_lists_hides_the_leads_of_others(world: Path, tmp_path: Path) -> None:
    async with place(world, tmp_path) as (file, port):
        await asyncio.to_thread(limit_to_list_102, file)
        text = await ask(port, {**GOOD, "function": "lead_search", "phone_number": "7275550201"})
        assert text == "7275550201|1|210\n"
        for function in ("lead_all_info", "lead_field_info"):
            asked = {**GOOD, "function": function, "lead_id": "201", "field_name": "email"}
            assert "LEAD NOT FOUND" in await ask(port, asked)


async def test_who_is_limited_to_campaigns_changes_no_do_not_call_list_of_others(
    world: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(world, tmp_path / "bridge.db"))
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("""UPDATE users SET limits = '{"campaigns": ["TESTCAMP"]}' WHERE user = '6666'""")
        before = store.execute("SELECT campaign, number FROM dnc ORDER BY 1, 2").fetchall()
    ours = {**GOOD, "phone_number": "7275550177", "campaign_id": "TESTCAMP"}
    async with serving(file, Stage(file, reported=True).stand_in, {}) as port:
        for campaign in ("SYSTEM_INTERNAL", "OTHERCMP"):
            for function in ("add_dnc_phone", "delete_dnc_phone"):
                told = await ask(port, {**ours, "function": function, "campaign_id": campaign})
                assert told.startswith("ERROR: "), told
        assert (await ask(port, {**ours, "function": "add_dnc_phone"})).startswith("SUCCESS: ")
    with closing(sqlite3.connect(file)) as store:
        after = store.execute("SELECT campaign, number FROM dnc ORDER BY 1, 2").fetchall()
    assert after == sorted([*before, ("TESTCAMP", "7275550177")])


async def test_agents_beyond_the_callers_limits_are_not_there(world: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(world, tmp_path / "bridge.db"))
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("""UPDATE users SET limits = '{"agents": ["1001"]}' WHERE user = '6666'""")
        store.execute("""UPDATE users SET limits = '{"campaigns": ["OTHERCMP"]}' WHERE user = '7008'""")
    agents = [{"user": "1000", "status": "READY"}, {"user": "1001", "status": "READY"}]
    scene = Stage(file, reported=True).set({"agents": agents})
    async with serving(file, scene.stand_in, {}) as port:
        row = "1001|TESTCAMP|8600052|READY|0||3|Agent Two|AGENTS|1\n"
        assert await ask(port, {**GOOD, "function": "logged_in_agents"}) == row
        assert "agent_status failed" in await ask(
            port, {**GOOD, "function": "agent_status", "agent_user": "1000"}
        )
        counts = await ask(port, {**GOOD, "function": "in_group_status", "in_groups": "SALESLINE"})
        assert counts == "SALESLINE|0|0|1|0|1|0|0|0\n"
        other = {"source": "test", "user": "7008", "pass": "test7008"}
        asked = {**other, "function": "agent_status", "agent_user": "1000"}
        assert await ask(port, asked) == "ERROR: agent_status AGENT NOT LOGGED IN: 7008|1000\n"
        assert "NO LOGGED IN AGENTS" in await ask(port, {**other, "function": "logged_in_agents"})


def limit_and_fill(file: Path) -> None:
    """A user for one list, and more calls of lead 207 than a page has."""
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("""UPDATE users SET limits = '{"lists": ["102"]}' WHERE user = '7008'""")
        names = [row[1] for row in store.execute("PRAGMA table_info(calls)")]
        own = {"id": "'more-' || n", "legacy_id": "'more-' || n", "legacy_uniqueid": "'more-' || n"}
        columns = ", ".join(own.get(name, f'"{name}"') for name in names)
        store.execute(
            "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 1100) "  # noqa: S608
            f"INSERT INTO calls SELECT {columns} FROM calls, s WHERE legacy_id = 'V1120100000000000207'"
        )


async def test_reports_stream_and_keep_to_the_callers_limits(world: Path, tmp_path: Path) -> None:
    file = Path(shutil.copy(world, tmp_path / "bridge.db"))
    limit_and_fill(file)
    seven = {"source": "test", "user": "7008", "pass": "test7008"}
    async with serving(file, Stage(file).set({}).stand_in, {}) as port:
        number = {"function": "phone_number_log", "phone_number": "7275550207,7275550203", "type": "ALL"}
        lines = (await ask(port, {**GOOD, **number, "header": "YES"})).splitlines()
        assert len(lines) == 1 + 1101 + 1
        assert lines[-1].startswith("7275550203|2026-11-20 12:00:00|102|45|")
        told = json.loads(await ask(port, {**GOOD, **number, "stage": "json"}))
        assert len(told) == 1101 + 1
        assert told[-1]["call_status"] == "SALE"
        only = await ask(port, {**seven, **number})
        assert only.startswith(
            "NOTICE: phone_number_log NO RECORDS FOUND FOR THIS PHONE NUMBER - 7008|7275550207||"
        )
        assert only.count("|SALE|") == 1
        for function, asked in BEYOND.items():
            text = await ask(port, {**seven, "function": function, **asked})
            assert text.startswith((f"ERROR: {function} NO ", "ERROR: callid_info CALL NOT FOUND")), text


BEYOND: Final = {
    "callid_info": {"call_id": "V1120100000000000207"},
    "recording_lookup": {"lead_id": "207"},
}
"""What is of another list than 102."""


async def test_json_on_demand(world: Path, tmp_path: Path) -> None:
    async with place(world, tmp_path) as (_, port):
        text = await ask(port, {**GOOD, "function": "user_details", "agent_user": "1000", "stage": "json"})
    assert text == (
        '[{"user":"1000","full_name":"Agent One","user_group":"AGENTS","user_level":"1","active":"Y"}]\n'
    )
