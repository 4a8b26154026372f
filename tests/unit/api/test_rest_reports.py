"""`/v1/reports`: what is asked for, the pages, and CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import httpx
import pytest
from api_fakes import World, crm

from bridge.access.limits import Limits
from bridge.campaigns.model import Campaign, Did
from bridge.leads.model import LeadList
from bridge.reports.agent_time import AgentTime, OfAgents
from bridge.reports.counts import by_span
from bridge.reports.model import Counting, Tally
from bridge.reports.pauses import PauseTime
from bridge.reports.sight import Sight

DAY = "since=2026-11-24T00:00:00Z&until=2026-11-25T00:00:00Z"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def worked(world: World) -> World:
    """Three agents, the second in two campaigns."""
    world.reports.times = [
        AgentTime(user="1000", name="=cmd", calls=2, sessions=1, pauses=1, talk=61_400, pause=5_000),
        AgentTime(user="1001", campaign="A", calls=1),
        AgentTime(user="1001", campaign="B", calls=1),
        AgentTime(user="1002"),
    ]
    return world


@pytest.fixture
def counted(world: World) -> World:
    """Calls of one campaign in two hours of the day."""
    world.reports.tallies = [
        (NOON, Tally("TESTCAMP", "SALE", 3)),
        (NOON, Tally("TESTCAMP", "NA", 5)),
        (NOON.replace(hour=13), Tally("TESTCAMP", "", 1)),
    ]
    return world


@pytest.mark.usefixtures("worked")
async def test_an_agents_time_is_in_seconds_with_averages(admin: httpx.AsyncClient) -> None:
    first = (await admin.get(f"/v1/reports/agents?{DAY}")).json()[0]
    assert (first["talk"], first["pause"], first["login"]) == (61, 5, 66)
    assert (first["average_talk"], first["average_pause"], first["share"]) == (30, 5, 50.0)


async def test_moments_have_an_offset_and_are_asked_for_as_they_are(
    worked: World, admin: httpx.AsyncClient
) -> None:
    times = "since=2026-11-24T00:00:00-05:00&until=2026-11-25T00:00:00%2B01:00"
    more = "agent=1000&campaign=A&by_campaign=true"
    assert (await admin.get(f"/v1/reports/agents?{times}&{more}")).status_code == 200
    begin, end = datetime(2026, 11, 24, 5, tzinfo=UTC), datetime(2026, 11, 24, 23, tzinfo=UTC)
    wanted = OfAgents(begin=begin, end=end, user="1000", campaign="A", by_campaign=True)
    assert worked.reports.asked == [(wanted, Sight())]


@pytest.mark.usefixtures("worked")
async def test_a_page_holds_agents_with_all_their_campaigns(admin: httpx.AsyncClient) -> None:
    first = await admin.get(f"/v1/reports/agents?{DAY}&by_campaign=true&limit=2")
    assert [one["agent"] for one in first.json()] == ["1000", "1001", "1001"]
    rest = await admin.get(first.links["next"]["url"])
    assert ([one["agent"] for one in rest.json()], rest.links) == (["1002"], {})


@pytest.mark.usefixtures("worked")
@pytest.mark.parametrize("by", ["parameter", "header"])
async def test_csv_is_all_of_it_and_nothing_in_it_is_calculated(admin: httpx.AsyncClient, by: str) -> None:
    asked = ("&format=csv", {}) if by == "parameter" else ("", {"Accept": "text/csv"})
    reply = await admin.get(f"/v1/reports/agents?{DAY}{asked[0]}", headers=asked[1])
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.headers["content-disposition"] == 'attachment; filename="agents.csv"'
    header, *rows = csv.reader(io.StringIO(reply.text))
    assert header[:6] == ["agent", "name", "group", "campaign", "calls", "share"]
    assert [row[0] for row in rows] == ["1000", "1001", "1001", "1002"]
    assert rows[0][1] == "'=cmd"


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", "text/csv;q=0.1, application/json", "text/html"]
)
@pytest.mark.usefixtures("worked")
async def test_others_get_json(admin: httpx.AsyncClient, accept: str) -> None:
    reply = await admin.get(f"/v1/reports/agents?{DAY}", headers={"Accept": accept})
    assert reply.headers["content-type"] == "application/json"


@pytest.fixture
def paused(world: World) -> World:
    world.reports.paused = [
        PauseTime(user="1000", name="=cmd", code="", pauses=1, milliseconds=1400),
        PauseTime(user="1000", name="=cmd", code="LUNCH", pauses=2, milliseconds=5000),
        PauseTime(user="1001", code="BRK", pauses=1, milliseconds=600),
    ]
    return world


@pytest.mark.usefixtures("paused")
async def test_pauses_by_agent_and_code(admin: httpx.AsyncClient) -> None:
    first = await admin.get(f"/v1/reports/pauses?{DAY}&limit=1")
    assert [(one["code"], one["pauses"], one["pause"], one["average_pause"]) for one in first.json()] == [
        ("", 1, 1, 1),
        ("LUNCH", 2, 5, 2),
    ]
    rest = await admin.get(first.links["next"]["url"])
    assert [one["agent"] for one in rest.json()] == ["1001"]
    text = (await admin.get(f"/v1/reports/pauses?{DAY}&format=csv")).text
    assert text.splitlines()[:2] == ["agent,name,group,code,pauses,pause,average_pause", "1000,'=cmd,,,1,1,1"]


async def test_lists_with_their_leads_by_status(world: World, admin: httpx.AsyncClient) -> None:
    for number, campaign in ((9001, "TESTCAMP"), (10002, ""), (10003, "TESTCAMP")):
        await world.site.put(LeadList(id=number, name=f"List {number}", campaign=campaign))
    found = (await admin.get("/v1/reports/lists?campaign=TESTCAMP")).json()
    assert {9001, 10003} <= {one["list_id"] for one in found}
    assert {one["campaign"] for one in found} == {"TESTCAMP"}
    first = await admin.get("/v1/reports/lists?limit=2")
    rest = await admin.get(first.links["next"]["url"])
    numbers = [one["list_id"] for one in first.json() + rest.json()]
    assert (len(first.json()), numbers) == (2, sorted(set(numbers)))
    header = (await admin.get("/v1/reports/lists?format=csv")).text.splitlines()[0]
    assert header == "list_id,name,campaign,active,leads,dialable,called_at,status,status_leads"


async def test_lists_that_the_caller_may_not_see_are_left_out(world: World) -> None:
    for number in (9001, 9002):
        await world.site.put(LeadList(id=number, name="", campaign="TESTCAMP"))
    async with await crm(world, limits=Limits(lists=frozenset({"9002"}))) as http:
        assert [one["list_id"] for one in (await http.get("/v1/reports/lists")).json()] == [9002]


@pytest.mark.usefixtures("counted")
async def test_statuses_by_hour(admin: httpx.AsyncClient) -> None:
    (found,) = (await admin.get(f"/v1/reports/statuses?{DAY}")).json()
    assert found == {
        "name": "TESTCAMP",
        "calls": 9,
        "answered": 3,
        "statuses": {"INCALL": 1, "NA": 5, "SALE": 3},
        "hours": [
            {"since": "2026-11-24T12:00:00Z", "calls": 8, "answered": 3, "statuses": {"NA": 5, "SALE": 3}},
            {"since": "2026-11-24T13:00:00Z", "calls": 1, "answered": 0, "statuses": {"INCALL": 1}},
        ],
    }
    text = (await admin.get(f"/v1/reports/statuses?{DAY}&status=SALE&format=csv")).text
    assert text == "name,since,status,calls\r\nTESTCAMP,2026-11-24T12:00:00Z,SALE,3\r\n"


async def test_the_last_hour_ends_with_the_time(counted: World, admin: httpx.AsyncClient) -> None:
    times = "since=2026-11-24T11:30:00Z&until=2026-11-24T13:00:00Z"
    (found,) = (await admin.get(f"/v1/reports/statuses?{times}")).json()
    assert [hour["since"] for hour in found["hours"]] == ["2026-11-24T11:30:00Z"]
    spans = [(one.begin, one.end) for one, _ in counted.reports.asked if isinstance(one, Counting)]
    half = NOON.replace(hour=11, minute=30), NOON.replace(hour=12, minute=30)
    assert spans == [half, (half[1], NOON.replace(hour=13))]


async def test_dispositions_of_agents(counted: World, admin: httpx.AsyncClient) -> None:
    reply = await admin.get(f"/v1/reports/dispositions?{DAY}&agent=1000&agent=1001&status=NA&status=SALE")
    assert reply.json() == [{"name": "TESTCAMP", "calls": 8, "statuses": {"NA": 5, "SALE": 3}}]
    ((wanted, _),) = counted.reports.asked
    assert isinstance(wanted, Counting)
    assert (wanted.by, wanted.users) == ("campaign", ["1000", "1001"])
    text = (await admin.get(f"/v1/reports/dispositions?{DAY}&format=csv")).text
    assert text.splitlines() == ["name,status,calls", "TESTCAMP,INCALL,1", "TESTCAMP,NA,5", "TESTCAMP,SALE,3"]


async def test_names_come_in_pages(counted: World, admin: httpx.AsyncClient) -> None:
    await counted.site.add(Did(number="7275551234", queue="SALESLINE"))
    counted.reports.tallies += [(NOON, Tally("7275551234", "SALE", 1)), (NOON, Tally("AAA", "SALE", 1))]
    await counted.site.add(Campaign(id="AAA"))
    first = await admin.get(f"/v1/reports/dispositions?{DAY}&limit=1")
    assert [one["name"] for one in first.json()] == ["AAA"]
    second = await admin.get(first.links["next"]["url"])
    assert ([one["name"] for one in second.json()], second.links) == (["TESTCAMP"], {})
    dids = (await admin.get(f"/v1/reports/dispositions?{DAY}&by=did")).json()
    assert [one["name"] for one in dids] == ["7275551234"]
    named = (await admin.get(f"/v1/reports/dispositions?{DAY}&name=TESTCAMP&name=NONE")).json()
    assert [one["name"] for one in named] == ["TESTCAMP"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("agents?until=2026-11-25T00:00:00Z", ""),
        ("agents?since=2026-11-24T00:00:00&until=2026-11-25T00:00:00Z", "since"),
        ("agents?since=2026-11-24T00:00:00Z&until=2026-13-25T00:00:00Z", "until"),
        ("agents?since=2026-11-24T00:00:00Z&until=2026-11-24T00:00:00Z", "until"),
        ("agents?since=2026-11-24T00:00:00Z&until=2026-12-25T00:00:01Z", "until"),
        ("statuses?since=2026-11-24T00:00:00Z&until=2026-11-26T00:00:01Z", "until"),
        ("dispositions?since=2026-11-24T00:00:00Z&until=2026-12-25T00:00:01Z", "until"),
        (f"agents?{DAY}&agents=1000", "agents"),
        (f"agents?{DAY}&agent=1%0d%0a0", "agent"),
        (f"agents?{DAY}&by_campaign=perhaps", "by_campaign"),
        (f"agents?{DAY}&format=xml", "format"),
        (f"agents?{DAY}&format=csv&cursor=1000", "cursor"),
        (f"dispositions?{DAY}&format=csv&limit=7", "limit"),
        (f"dispositions?{DAY}&by=agent", "by"),
        (f"dispositions?{DAY}&name=%00", "name"),
        (f"dispositions?{DAY}&name=a'%3B--", "name"),
        (f"statuses?{DAY}&limit=501", "limit"),
    ],
)
async def test_what_cannot_be_is_refused(
    world: World, admin: httpx.AsyncClient, query: str, field: str
) -> None:
    reply = await admin.get(f"/v1/reports/{query}")
    assert (reply.status_code, reply.json()["error_id"]) == (400, "invalid-input")
    assert reply.json().get("field", "") == field
    assert world.reports.asked == []


@pytest.mark.parametrize("report", ["agents", "statuses", "dispositions"])
async def test_the_callers_limits_are_told_to_each_report(counted: World, report: str) -> None:
    limits = Limits(campaigns=frozenset({"TESTCAMP"}), agents=frozenset({"1000"}), lists=frozenset({"101"}))
    async with await crm(counted, limits=limits) as http:
        assert (await http.get(f"/v1/reports/{report}?{DAY}")).status_code == 200
    sights = {sight for _, sight in counted.reports.asked}
    assert sights == {
        Sight(campaigns=frozenset({"TESTCAMP"}), agents=frozenset({"1000"}), lists=frozenset({101}))
    }


async def test_nothing_is_counted_where_there_is_no_name(world: World) -> None:
    wanted = Counting(by="queue", names=(), begin=NOON, end=NOON)
    assert await by_span(world.reports, wanted, [(NOON, NOON)], Sight()) == {}
    assert world.reports.asked == []
