"""The wallboard in a browser, over the real service: what people see."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect
from web_bridge import Bridge

from bridge.agents.model import AgentState
from bridge.calls import holds
from bridge.calls.model import CallState, StatusSource
from bridge.rules import Held

Open = Callable[..., Page]
HOSTILE = "<img src=x onerror=window.hurt=1>"


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def card(page: Page, user: str) -> Locator:
    return page.locator("#agents li").filter(has=page.locator(".user", has_text=re.compile(f"^{user}$")))


def tile(page: Page, name: str) -> Locator:
    return page.locator(f".tile.{name}")


def seconds(text: str) -> int:
    minutes, rest = text.split(":")
    return 60 * int(minutes) + int(rest)


def busy(bridge: Bridge) -> None:
    """Two agents, one in a call; a caller who waits, a call that rings, and an hour's work behind them."""
    bridge.seat("1000", AgentState.INCALL, name="Ann Lee", call_id="talk", state_since=ago(seconds=75))
    bridge.seat(
        "1001", AgentState.PAUSED, pause_reason="LUNCH", state_since=ago(minutes=20), queues=("SUPPORT",)
    )
    bridge.call("talk", CallState.BRIDGED, user="1000", session_id="session-1000", number="7275550111")
    bridge.call("wait", CallState.QUEUED, queue="SUPPORT", asked_at=ago(seconds=50))
    bridge.call("ring", CallState.RINGING)
    for name, status in {"a": "SALE", "b": "NA", "c": "DROP"}.items():
        over = {"status": status, "status_source": StatusSource.AGENT, "answered_at": ago(minutes=1)}
        times = {"asked_at": ago(minutes=1), "ended_at": ago(), "disposed_at": ago()}
        bridge.call(name, CallState.DISPOSED, **over, **times)


def test_agents_calls_queues_campaigns_systems_and_hours_are_shown(bridge: Bridge, open_board: Open) -> None:
    busy(bridge)
    page = open_board()
    expect(card(page, "1000").locator(".state")).to_have_text("in call")
    expect(card(page, "1000")).to_contain_text("Ann Lee")
    expect(card(page, "1000").locator(".what")).to_have_text("…0111")
    assert 75 <= seconds(card(page, "1000").locator(".age").inner_text()) < 95
    assert card(page, "1000").locator(".user").evaluate("node => node.scrollWidth <= node.clientWidth")
    expect(card(page, "1001")).to_contain_text("LUNCH")
    expect(card(page, "1001")).to_have_class(re.compile("alarm"))
    expect(page.locator("#calls tr.queue").locator("th, td")).to_have_text(
        ["in queue", "…0100", "SUPPORT", "", re.compile(r"^0:[56]\d$")]
    )
    expect(page.locator("#calls tr.ringing")).to_contain_text("ringing")
    expect(page.locator("#calls tr.talking")).to_contain_text("1000")
    expect(page.locator("#queues tr").locator("th, td")).to_have_text(
        ["SUPPORT", "1", re.compile(r"^0:[56]\d$"), "1", "0 / 1"]
    )
    expect(page.locator("#queues tr")).to_have_class("alarm")
    expect(page.locator("#campaigns tr").locator("th, td")).to_have_text(
        ["SALES", "RATIO", "1.5", "3", "0", "33.33 / 3 %"]
    )
    expect(tile(page, "waiting").locator("dd")).to_have_text("1")
    expect(tile(page, "longest")).to_have_class(re.compile("alarm"))
    expect(page.locator("#systems .good")).to_contain_text(["store", "dialling"])
    expect(page.locator("#systems .bad")).to_contain_text("Asterisk pbx")
    expect(page.locator("#alarms li")).to_contain_text(
        [
            "Asterisk pbx is down",
            "SUPPORT: a caller waits 0:",
            "SALES: drop rate 33.33 % of 3 %",
            "1001: paused 20:",
        ]
    )
    expect(page.locator(".chart").first.locator("figcaption span")).to_have_text(
        ["answered 1", "dropped 1", "not answered 1"]
    )
    expect(page.locator(".chart").first.locator("tbody td")).to_have_text(["1", "1", "1"])


def test_that_nobody_is_called_is_an_alarm(bridge: Bridge, open_board: Open) -> None:
    page = open_board()
    alarm = page.locator("#alarms li", has_text="Nobody is called: dialling is held")
    try:
        bridge.write(partial(holds.put, reason=Held.DRAINING))
        expect(alarm).to_be_visible()
        expect(page.locator("#systems .bad", has_text="dialling")).to_be_visible()
    finally:
        bridge.write(partial(holds.take_back, reason=Held.DRAINING))
    expect(alarm).to_have_count(0)


def test_of_many_agents_times_are_rough_and_each_is_whole_on_its_card(
    bridge: Bridge, open_board: Open
) -> None:
    for place, span in enumerate((8, 130, 3900, *range(60))):
        bridge.seat(str(1000 + place), AgentState.READY, state_since=ago(seconds=span))
    page = open_board()
    expect(card(page, "1000").locator(".age")).to_have_text(re.compile(r"^0:[1-5][05]$"))
    expect(card(page, "1001").locator(".age")).to_have_text(re.compile(r"^[2-3] min$"))
    expect(card(page, "1002").locator(".age")).to_have_text(re.compile(r"^1:0[5-6] h$"))
    for part in (card(page, "1002"), card(page, "1002").locator(".user")):
        assert part.evaluate("node => node.scrollWidth <= node.clientWidth")


def test_a_change_arrives_by_itself_and_only_its_row_is_touched(bridge: Bridge, open_board: Open) -> None:
    for user in ("1000", "1001"):
        bridge.seat(user, AgentState.READY)
    page = open_board()
    expect(tile(page, "ready").locator("dd")).to_have_text("2")
    page.evaluate("for (const one of document.querySelectorAll('#agents li')) one.dataset.kept = 'yes'")
    bridge.agent("1000", AgentState.PAUSED, pause_reason="BRK")
    expect(card(page, "1000").locator(".state")).to_have_text("paused")
    expect(card(page, "1000")).to_contain_text("BRK")
    assert seconds(card(page, "1000").locator(".age").inner_text()) < 5
    assert page.locator("#agents li[data-kept=yes]").count() == 2, "the elements are the same as before"
    bridge.call("new", CallState.QUEUED, queue="SUPPORT")
    expect(tile(page, "waiting").locator("dd")).to_have_text("1")
    bridge.seat("1002", AgentState.READY, name="Newly Come")
    expect(card(page, "1002")).to_contain_text("Newly Come")
    bridge.agent("1001", AgentState.LOGGED_OUT, logged_out_at=ago(), logout_reason="asked")
    expect(card(page, "1001")).to_have_count(0)
    bridge.call("new", CallState.ENDED, ended_at=ago())
    expect(tile(page, "waiting").locator("dd")).to_have_text("0")


def test_it_is_live_again_by_itself_when_the_bridge_comes_back(bridge: Bridge, open_board: Open) -> None:
    bridge.seat("1000", AgentState.READY)
    page = open_board()
    expect(card(page, "1000")).to_be_visible()
    page.evaluate("window.same = 'page'")
    bridge.stop()
    expect(page.locator("#link")).to_have_text("connection lost, trying again …")
    bridge.start()
    expect(page.locator("#link.good")).to_be_visible()
    bridge.agent("1000", AgentState.WRAPUP)
    expect(card(page, "1000").locator(".state")).to_have_text("wrap-up")
    assert page.evaluate("window.same") == "page"


def test_after_a_sleep_of_the_viewers_machine_the_times_are_right(bridge: Bridge, open_board: Open) -> None:
    bridge.seat("1000", AgentState.READY, state_since=ago(minutes=3))
    page = open_board()
    expect(card(page, "1000")).to_be_visible()
    # A clock that jumps an hour ahead is how a sleep, and a clock that was set, look to a page.
    page.evaluate("(() => { const real = Date.now; Date.now = () => real() + 3600000; })()")
    bridge.agent("1000", AgentState.PAUSED)
    expect(card(page, "1000").locator(".state")).to_have_text("paused")
    expect(card(page, "1000").locator(".age")).to_have_text(re.compile(r"^0:0\d$"))
    expect(page.locator("#link.good")).to_be_visible()


def test_what_others_have_written_is_shown_as_text_and_runs_nowhere(bridge: Bridge, open_board: Open) -> None:
    bridge.seat("1000", AgentState.PAUSED, name=HOSTILE, pause_reason="\u202eLUNCH\x07\r\n")
    bridge.seat("1001", AgentState.INCALL, name="\u05d0\u05d1" + "x" * 48, call_id="long")
    bridge.call("long", CallState.BRIDGED, number="<b>" + "9" * 100, user=HOSTILE, session_id="session-1001")
    page = open_board(width=400)
    expect(card(page, "1000").locator(".name")).to_have_text(HOSTILE)
    expect(card(page, "1000").locator(".what")).to_have_text("LUNCH")
    bridge.agent("1001", AgentState.PAUSED, pause_reason=HOSTILE + "y" * 100_000)
    expect(card(page, "1001").locator(".what")).to_have_text("<img src=x onerror=…")
    expect(card(page, "1001").locator(".name")).to_have_text("\u05d0\u05d1" + "x" * 37 + "…")
    expect(page.locator("#calls tr.talking")).to_contain_text("<img src=x onerror=…")
    assert page.evaluate("window.hurt") is None
    assert page.locator("main img, main script, main b").count() == 0
    assert page.evaluate("getComputedStyle(document.querySelector('#agents bdi')).unicodeBidi") == "isolate"
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize(("width", "colours"), [(400, "dark"), (1920, "light")])
def test_no_fault_of_accessibility_is_found(
    bridge: Bridge, open_board: Open, width: int, colours: str
) -> None:
    busy(bridge)
    page = open_board(width=width, colours=colours)
    expect(page.locator(".chart").first).to_be_visible()
    expect(card(page, "1001")).to_have_class(re.compile("alarm"))
    expect(page.locator("#systems .bad")).to_be_visible()
    faults(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(246, 247, 249)", "dark": "rgb(18, 22, 28)"}[colours]
    page.get_by_role("button", name="Settings").click()
    faults(page)


def faults(page: Page) -> None:
    """None of axe's rules is broken."""
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    found: dict[str, Any] = Axe().run(page).response
    told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 10


def test_the_viewers_choices_hold_beyond_the_page(bridge: Bridge, open_board: Open) -> None:
    bridge.seat("1000", AgentState.PAUSED, state_since=ago(minutes=3))
    page = open_board(colours="light")
    for _ in range(2):
        page.get_by_role("button", name="Colours").press("Enter")
    page.get_by_role("button", name="Sound").press("Enter")
    page.get_by_role("button", name="Settings").press("Enter")
    field = page.get_by_label("A pause longer than (minutes)")
    field.fill("2")
    field.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(card(page, "1000")).to_have_class(re.compile("alarm"))
    page.get_by_label("Order").select_option("since")
    page.reload()
    expect(card(page, "1000")).to_have_class(re.compile("alarm"))
    expect(page.get_by_role("button", name="Sound")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 22, 28)"
    assert page.get_by_label("Order").input_value() == "since"


def test_an_alarm_sounds_once_the_viewer_has_asked_for_it(bridge: Bridge, open_board: Open) -> None:
    page = open_board()
    page.evaluate(
        """() => { window.tones = 0; const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (at) { window.tones += 1; start.call(this, at); }; }"""
    )
    expect(page.locator("#alarms")).to_contain_text("Asterisk pbx is down")
    assert page.evaluate("window.tones") == 0
    page.get_by_role("button", name="Sound").click()
    bridge.seat("1000", AgentState.PAUSED, state_since=ago(hours=1, minutes=5, seconds=30))
    expect(page.locator("#said")).to_contain_text("1000: paused 1:05:")
    assert page.evaluate("window.tones") >= 2


def test_the_texts_are_in_the_viewers_language(bridge: Bridge, open_board: Open) -> None:
    bridge.seat("1000", AgentState.READY)
    page = open_board(locale="de-AT")
    expect(page.get_by_role("heading", name="Agenten")).to_be_visible()
    expect(card(page, "1000").locator(".state")).to_have_text("bereit")
    assert page.evaluate("document.documentElement.lang") == "de"
    names = page.evaluate(
        """async () => { const [one, other] = await Promise.all(
        ["en", "de"].map((name) => import(`/assets/texts_${name}.js`)));
        return [one, other].map((texts) => Object.keys(texts.default).sort()); }"""
    )
    assert names[0] == names[1], "each text is there in each language"
