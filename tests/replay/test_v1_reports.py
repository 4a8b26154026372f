"""The reports of `/v1` over the real store: what the line format tells, within the limits."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from replaying import client
from replaying.cases import read
from replaying.running import serving
from replaying.scene import Stage
from replaying.world import HERE

GOOD: Final = {"source": "test", "user": "6666", "pass": "1234"}
DAY: Final = "since=2026-11-20T00:00:00-05:00&until=2026-11-21T00:00:00-05:00"


async def v1(port: int, path: str, user: str = "6666", secret: str = "1234") -> client.Reply:
    login = b64encode(f"{user}:{secret}".encode()).decode()
    lines = (f"GET /v1/{path} HTTP/1.1", "Host: bridge", f"Authorization: Basic {login}", "Connection: close")
    return await client.ask(port, "\r\n".join([*lines, "", ""]).encode())


async def told(port: int, path: str, **login: str) -> Any:
    reply = await v1(port, path, **login)
    assert (reply.status, reply.content_type) == (200, "application/json"), reply.text
    return json.loads(reply.text)


async def line(port: int, function: str, **asked: str) -> str:
    return (await client.get(port, "non_agent", {**GOOD, "function": function, **asked})).text


@pytest.fixture
def file(world: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(world, tmp_path / "bridge.db"))


async def test_an_agents_day_is_that_of_the_line_format(file: Path) -> None:
    async with serving(file, Stage(file).set({}).stand_in, {}) as port:
        asked = {"datetime_start": "2026-11-20 00:00:00", "datetime_end": "2026-11-20 23:59:59"}
        text = await line(port, "agent_stats_export", **asked, time_format="S", stage="json")
        rows = await told(port, f"reports/agents?{DAY}")
    was = json.loads(text)
    assert was
    for one, other in zip(rows, was, strict=True):
        assert (one["agent"], one["name"], one["group"]) == (
            other["user"],
            other["full_name"],
            other["user_group"],
        )
        pairs = {
            "calls": "calls",
            "login": "login_time",
            "talk": "total_talk_time",
            "wait": "wait_time",
            "pause": "pause_time",
            "wrapup": "dispo_time",
            "average_talk": "avg_talk_time",
            "sessions": "sessions",
            "pauses": "pauses",
        }
        assert {name: one[name] for name in pairs} == {
            name: int(other[column]) for name, column in pairs.items()
        }


async def test_statuses_of_a_day_are_those_of_the_line_format(file: Path) -> None:
    async with serving(file, Stage(file).set({}).stand_in, {}) as port:
        text = await line(port, "call_status_stats", campaigns="ALLCAMPAIGNS", query_date="2026-11-20")
        found = await told(port, f"reports/statuses?{DAY}")
        found += await told(port, f"reports/statuses?{DAY}&by=queue")
        ended = await told(port, f"reports/dispositions?{DAY}")
        sheet = (await v1(port, f"reports/dispositions?{DAY}&format=csv")).text
    was = {row[0]: row for row in (one.split("|") for one in text.splitlines()) if row[1] != "0"}
    assert {one["name"]: (str(one["calls"]), str(one["answered"])) for one in found} == {
        name: (row[1], row[2]) for name, row in was.items()
    }
    for one in found:
        told_before = dict(pair.rsplit("-", 1) for pair in was[one["name"]][4].split(",") if pair)
        assert {status: str(calls) for status, calls in one["statuses"].items()} == told_before
        assert sum(hour["calls"] for hour in one["hours"]) == one["calls"]
    assert {one["name"] for one in ended} <= was.keys()
    _, *rows = csv.reader(io.StringIO(sheet))
    assert [[one["name"], status, str(n)] for one in ended for status, n in one["statuses"].items()] == rows


@pytest.mark.parametrize(
    ("limits", "agents", "campaigns"),
    [
        ({"campaigns": ["NOWHERE"]}, 0, 0),
        ({"agents": ["1003"]}, 0, None),
        ({"lists": ["999"]}, None, 0),
    ],
    ids=["campaigns", "agents", "lists"],
)
async def test_the_callers_limits_hold(
    file: Path, limits: dict[str, list[str]], agents: int | None, campaigns: int | None
) -> None:
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("UPDATE users SET level = 9, limits = ? WHERE user = '7008'", (json.dumps(limits),))
    async with serving(file, Stage(file).set({}).stand_in, {}) as port:
        seven = {"user": "7008", "secret": "test7008"}
        rows = await told(port, f"reports/agents?{DAY}", **seven)
        found = await told(port, f"reports/statuses?{DAY}", **seven)
        found += await told(port, f"reports/dispositions?{DAY}", **seven)
        assert len(await told(port, f"reports/agents?{DAY}")) > 0
        assert len(await told(port, f"reports/statuses?{DAY}")) > 0
    assert agents is None or len(rows) == agents
    assert campaigns is None or len(found) == campaigns


async def test_calls_of_a_number_are_those_of_the_line_format_within_the_limits(file: Path) -> None:
    with closing(sqlite3.connect(file)) as store, store:
        store.execute("""UPDATE users SET limits = '{"lists": ["102"]}' WHERE user = '7008'""")
    seven = {"user": "7008", "secret": "test7008"}
    async with serving(file, Stage(file).set({}).stand_in, {}) as port:
        text = await line(port, "phone_number_log", phone_number="7275550207", type="ALL", stage="json")
        found = await told(port, "calls?number=7275550207")
        assert await told(port, "calls?number=7275550207", **seven) == []
        assert (await v1(port, f"calls/{found[0]['id']}", **seven)).status == 404
        assert len(await told(port, "calls?number=7275550203", **seven)) == 1
        assert await told(port, "recordings?lead_id=207", **seven) == []
        assert len(await told(port, "recordings?lead_id=207")) > 0
    was = [one["call_status"] for one in json.loads(text)]
    assert [one["status"] for one in reversed(found)] == was != []


async def test_what_is_going_on_is_what_the_line_format_tells(file: Path) -> None:
    preconditions = next(
        case.preconditions
        for case in read(HERE / "non_agent.jsonl")
        if case.function == "logged_in_agents" and case.body and not case.body.startswith("ERROR")
    )
    stage = Stage(file).set(preconditions)
    async with serving(file, stage.stand_in, {}) as port:
        was = json.loads(await line(port, "logged_in_agents", stage="json"))
        agents = await told(port, "reports/now")
        groups = await told(port, "reports/usergroups?name=AGENTS")
        row = (await line(port, "user_group_status", user_groups="AGENTS")).strip().split("|")
        queues = await told(port, "reports/queues?name=SALESLINE")
        of_queue = (await line(port, "in_group_status", in_groups="SALESLINE")).strip().split("|")
    assert was
    names = ("user", "campaign_id", "full_name", "user_group", "calls_today", "user_level")
    assert [[one[name] for name in names] for one in was] == [
        [
            one["agent"],
            one["campaign"],
            one["name"],
            one["group"],
            str(one["calls_today"]),
            str(one["level"]),
        ]
        for one in agents
    ]
    (group,), (queue,) = groups, queues
    heads = ("all", "call", "waiting", "paused", "dispo", "dialling")
    told_group = [str(group["agents"][head]) for head in heads]
    assert told_group == [*row[2:6], *row[7:9]]
    assert str(group["waiting"]) == row[1]
    assert [str(queue["calls"]), str(queue["waiting"])] == of_queue[1:3]
    assert [str(queue["agents"][head]) for head in heads] == of_queue[3:9]
