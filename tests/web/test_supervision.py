"""What a supervisor does with an agent from the wallboard, in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect
from web_bridge import Bridge

from bridge.agents.model import AgentState

Open = Callable[..., Page]


def opened(bridge: Bridge, open_board: Open, **how: object) -> Page:
    bridge.seat("1000", AgentState.READY, name="Ann Lee")
    page = open_board(**how)
    page.get_by_role("button", name="1000").click()
    expect(page.get_by_role("dialog")).to_contain_text("Ann Lee · ready · SALES")
    return page


@pytest.mark.parametrize(
    ("button", "way"), [("Listen", "listen"), ("Speak to her alone", "whisper"), ("Speak to all", "barge")]
)
def test_the_supervisors_phone_rings_and_is_remembered(
    bridge: Bridge, open_board: Open, button: str, way: str
) -> None:
    page, asked = opened(bridge, open_board), []

    def rings(route: Route) -> None:
        asked.append((route.request.method, json.loads(route.request.post_data or "")))
        route.fulfill(status=202, json={"channel": "1"})

    page.route("**/v1/agents/1000/monitor", rings)
    page.get_by_label("Your phone").fill(" 2001 ")
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Phone 2001 rings.")
    assert asked == [("POST", {"phone": "2001", "way": way})]
    page.reload()
    page.get_by_role("button", name="1000").click()
    expect(page.get_by_label("Your phone")).to_have_value("2001")


def test_what_the_bridge_refuses_is_told_as_it_says_it(bridge: Bridge, open_board: Open) -> None:
    page = opened(bridge, open_board)
    said = page.get_by_role("dialog").get_by_role("status")
    page.get_by_role("button", name="Listen").click()
    expect(said).to_have_text("The login of your phone is needed: letters, digits, - or _.")
    page.get_by_label("Your phone").fill("9999")
    page.get_by_role("button", name="Listen").click()
    expect(said).to_contain_text("Not done: ")
    expect(said).to_contain_text("phone")


def test_who_is_logged_out_is_asked_about_twice(bridge: Bridge, open_board: Open) -> None:
    page, asked = opened(bridge, open_board), []

    def out(route: Route) -> None:
        asked.append(route.request.post_data)
        route.fulfill(status=200, json={})

    page.route("**/v1/agents/1000/logout", out)
    page.get_by_role("button", name="Log her out").click()
    assert asked == []
    page.get_by_role("button", name="Really log her out?").click()
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("She is logged out")
    assert len(asked) == 1
    bridge.agent("1000", AgentState.LOGGED_OUT, logged_out_at=datetime.now(UTC), logout_reason="asked")
    expect(page.get_by_role("dialog")).to_contain_text("not logged in any more")
    expect(page.get_by_role("button", name="Listen")).to_be_disabled()


def test_by_keyboard_and_without_a_fault_of_accessibility(bridge: Bridge, open_board: Open) -> None:
    bridge.seat("1000", AgentState.READY)
    page = open_board(width=400)
    page.get_by_role("button", name="1000").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="1000")).to_be_focused()
