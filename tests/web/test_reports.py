"""The page of reports in a browser, over the real service."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import delete, insert
from web_bridge import SECRET, USER, Bridge

from bridge.agents.model import AgentState
from bridge.calls.model import CallState, StatusSource
from bridge.store.database import Transaction
from bridge.store.schema import agent_spans

HOSTILE = "<img src=x onerror=window.hurt=1>"
Open = Callable[..., Page]
TODAY = "#report={report}&span=times&from={since:%Y-%m-%dT%H:%M}&to={until:%Y-%m-%dT%H:%M}"


@pytest.fixture
def open_reports(browser: Browser, bridge: Bridge) -> Iterator[Open]:
    """Opens the page with a report of the last hours; what goes wrong in it fails the test."""
    contexts, faults = [], []
    now = datetime.now(UTC)

    def opened(report: str, *, colours: str = "light", width: int = 1280, locale: str = "en-GB") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if colours == "dark" else "light",
            locale=locale,
            timezone_id="UTC",
            http_credentials={"username": USER, "password": SECRET},
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        asked = TODAY.format(report=report, since=now - timedelta(hours=12), until=now + timedelta(hours=1))
        page.goto(f"{bridge.address}/reports{asked}")
        expect(page.get_by_role("status")).not_to_be_empty()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def worked(bridge: Bridge) -> None:
    """Two agents with an hour behind them."""
    bridge.seat("1000", AgentState.READY, name=HOSTILE)
    bridge.seat("1001", AgentState.READY, name="Ann Lee")
    began = datetime.now(UTC) - timedelta(hours=1)

    def span(user: str, state: AgentState, seconds: int, reason: str = "") -> dict[str, object]:
        return {
            "session_id": f"shift of {user}",
            "user": user,
            "campaign": "SALES",
            "group": "",
            "state": state.value,
            "pause_reason": reason,
            "call_id": "",
            "began_at": began,
            "ended_at": began + timedelta(seconds=seconds),
            "milliseconds": seconds * 1000,
        }

    async def work(tx: Transaction) -> None:
        await tx.conn.execute(delete(agent_spans))
        for one in (
            span("1000", AgentState.PAUSED, 90, "LUNCH"),
            span("1000", AgentState.PAUSED, 30, "LUNCH"),
            span("1000", AgentState.READY, 3600),
            span("1001", AgentState.PAUSED, 45, "BRK"),
        ):
            await tx.conn.execute(insert(agent_spans).values(one))

    bridge.write(work)


def cells(page: Page, row: int, *, part: str = "tbody") -> list[str]:
    return page.locator(f"#table {part} tr").nth(row).locator("th, td").all_inner_texts()


def column(page: Page, name: str) -> Locator:
    return page.get_by_role("columnheader").filter(has=page.get_by_role("button", name=name, exact=True))


def test_agents_time_is_shown_with_its_sum_and_sorted_by_what_is_pressed(
    bridge: Bridge, open_reports: Open
) -> None:
    worked(bridge)
    page = open_reports("agents")
    expect(page.get_by_role("status")).to_have_text("2 rows")
    heads = page.locator("#head th").all_inner_texts()
    first = dict(zip(heads, cells(page, 0), strict=True))
    assert (first["Agent"], first["Name"], first["Pauses"]) == ("1000", HOSTILE, "2")
    assert (first["Paused"], first["Waiting"], first["Logged in"]) == ("2:00", "1:00:00", "1:02:00")
    total = dict(zip(heads, cells(page, 0, part="tfoot"), strict=True))
    assert (total["Agent"], total["Pauses"], total["Paused"], total["Ø pause"]) == ("Total", "3", "2:45", "")
    assert page.evaluate("window.hurt") is None
    paused = column(page, "Paused")
    paused.get_by_role("button").click()
    expect(paused).to_have_attribute("aria-sort", "ascending")
    assert cells(page, 0)[0] == "1001"
    page.keyboard.press("Enter")
    expect(paused).to_have_attribute("aria-sort", "descending")
    assert cells(page, 0)[0] == "1000"


def test_pauses_by_code_of_one_agent_and_the_file_of_them(bridge: Bridge, open_reports: Open) -> None:
    worked(bridge)
    page = open_reports("pauses")
    expect(page.get_by_role("status")).to_have_text("2 rows")
    page.get_by_role("textbox", name="Agent").fill("1000")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("status")).to_have_text("1 rows")
    assert cells(page, 0)[3:] == ["LUNCH", "2", "2:00", "1:00"]
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "pauses.csv"
    _, row = csv.reader(download.value.path().read_text(encoding="utf-8").splitlines())
    assert (row[0], row[3:]) == ("1000", ["LUNCH", "2", "120", "60"])
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_role("textbox", name="Agent")).to_have_value("1000")
    expect(page.get_by_role("status")).to_have_text("1 rows")


@pytest.mark.parametrize(
    ("report", "rows"),
    [
        ("dispositions", [["SALES", "NA", "1"], ["SALES", "SALE", "1"]]),
        ("campaigns", [["SALES", "RATIO", "1.5"]]),
        ("lists", [["101", "Web", "SALES", "yes", "0", "0", "", "", "0"]]),
    ],
)
def test_the_other_reports(bridge: Bridge, open_reports: Open, report: str, rows: list[list[str]]) -> None:
    ago = datetime.now(UTC) - timedelta(minutes=5)
    for name, status in {"a": "SALE", "b": "NA"}.items():
        over = {"status": status, "status_source": StatusSource.AGENT}
        bridge.call(name, CallState.DISPOSED, **over, asked_at=ago, ended_at=ago, disposed_at=ago)
    page = open_reports(report)
    expect(page.locator("#table tbody tr")).to_have_count(len(rows))
    assert [cells(page, place)[: len(row)] for place, row in enumerate(rows)] == rows


def test_what_cannot_be_asked_for_is_told(bridge: Bridge, open_reports: Open) -> None:
    worked(bridge)
    page = open_reports("agents")
    page.get_by_label("From", exact=True).fill("")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("status")).to_have_text("Not shown: “From” and “To” are needed.")
    page.get_by_label("From", exact=True).fill("2020-01-01T00:00")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("status")).to_contain_text("Not shown: at most 31 days")
    expect(page.get_by_role("link", name="CSV")).to_be_hidden()
    page.get_by_role("combobox", name="Report").select_option("statuses")
    assert page.get_by_role("combobox", name="Time").locator("option:disabled").all_inner_texts() == [
        "last 7 days",
        "this month",
    ]


@pytest.mark.parametrize(("width", "colours", "locale"), [(400, "dark", "de-DE"), (1280, "light", "en-GB")])
def test_no_fault_of_accessibility_is_found(
    bridge: Bridge, open_reports: Open, width: int, colours: str, locale: str
) -> None:
    worked(bridge)
    page = open_reports("agents", width=width, colours=colours, locale=locale)
    expect(page.locator("#table tbody tr")).to_have_count(2)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
