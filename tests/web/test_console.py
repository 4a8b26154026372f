"""An agent's console in a browser, over the real service: what she sees, and what her hands do."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import log_in
from playwright.sync_api import Locator, Page, Route, expect
from web_bridge import Bridge

from bridge.agents.model import AgentState, Preview
from bridge.calls.model import CallState, StatusSource
from bridge.screens.model import Look, NewNotification, RecipientType, Timer, TimerAction

Open = Callable[..., Page]
HOSTILE = "<img src=x onerror=window.hurt=1>"
SHOWN_WITHIN = 3.0
"""Seconds of the page's clock after which a lost network must be on it."""


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def ready(bridge: Bridge) -> None:
    bridge.seat("1000", AgentState.READY, name="Ana Silva", state_since=ago(seconds=75))
    bridge.password("1000")


def in_call(bridge: Bridge, **lead: Any) -> None:
    """She talks with customer 1."""
    bridge.lead(1, **{"first_name": "Brenda", "last_name": "Brown", "email": "b@example.com", **lead})
    bridge.seat("1000", AgentState.INCALL, name="Ana Silva", call_id="talk", lead_id=1)
    talking(bridge)
    bridge.password("1000")


def talking(bridge: Bridge, state: CallState = CallState.BRIDGED, **more: Any) -> None:
    times = {"answered_at": ago(seconds=70), "bridged_at": ago(seconds=70)}
    known = {"user": "1000", "session_id": "session-1000", "number": "7275550111", "lead_id": 1}
    bridge.call("talk", state, **known | times | more)


def wrap_up(bridge: Bridge) -> None:
    """Her call is over; who is in it may just be asked for, and is refused then."""
    talking(bridge, CallState.ENDED, ended_at=ago())
    bridge.agent("1000", AgentState.WRAPUP, call_id="talk", lead_id=1)


def asked(page: Page, path: str, answer: Any = None, *, status: int = 200) -> list[Any]:
    """What the page sends to a part of her API, which a stand-in answers: method and body of each."""
    sent: list[Any] = []

    def take(route: Route) -> None:
        sent.append((route.request.method, route.request.post_data_json))
        route.fulfill(status=status, json=answer)

    page.route(re.compile(f"/v1/agents/1000/{path}$"), take)
    return sent


def until(page: Page, true: Callable[[], bool]) -> None:
    """Wait for something that happens in this process."""
    ends = time.monotonic() + 10
    while not true():
        assert time.monotonic() < ends
        page.wait_for_timeout(20)


def stop_clock(page: Page, seconds: float) -> None:
    """Let so many seconds pass on the page's clock at once, and no more: a busy machine makes it no later."""
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + seconds)


def field(page: Page, label: str) -> Locator:
    return page.locator("#lead").get_by_label(label, exact=True)


def notify(bridge: Bridge, text: str, *, confetti: bool = False) -> None:
    wanted = NewNotification(
        recipient="1000",
        recipient_type=RecipientType.USER,
        text=text,
        look=Look(confetti=confetti),
        due_at=datetime.now(UTC),
    )
    bridge.do(bridge.core.screen_commands.notify(wanted))


# -- login


def test_she_logs_in_with_her_password_and_stays_logged_in(bridge: Bridge, open_console: Open) -> None:
    bridge.hire("1000", name="Ana Silva")
    bridge.password("1000")
    page = open_console(quiet=False)  # once she leaves, what was on its way may be refused
    expect(page.locator("#me")).to_have_text("Ana Silva")
    expect(page.get_by_role("heading", name="Begin your shift")).to_be_visible()
    expect(page.get_by_label("Campaign")).to_have_value("SALES")
    page.reload()
    expect(page.get_by_role("heading", name="Begin your shift")).to_be_visible()
    assert page.evaluate("document.cookie") == "", "no script may read it"
    page.get_by_role("button", name="Leave this page").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Password")).to_be_visible()


def test_a_wrong_password_is_refused_in_words(bridge: Bridge, open_console: Open) -> None:
    bridge.hire("1000")
    bridge.password("1000")
    page = open_console(login=False, quiet=False)
    log_in(page, "not the password")
    expect(page.locator("#alarm")).not_to_be_empty()
    expect(page.locator("#me")).to_be_empty()
    log_in(page)
    expect(page.locator("#me")).to_have_text("Agent 1000")
    expect(page.locator("#alarm")).to_be_empty()


def test_a_link_logs_her_in_once_and_is_out_of_the_address(bridge: Bridge, open_console: Open) -> None:
    bridge.hire("1000", name="Ana Silva")
    link = bridge.do(bridge.core.access.console.make_link("1000"))
    page = open_console(login=False, quiet=False)
    for told in ("Ana Silva", ""):
        page.goto("about:blank")
        page.goto(f"{bridge.address}/console#link={link.token}")
        expect(page.locator("#me")).to_have_text(told)
        assert page.evaluate("location.href") == f"{bridge.address}/console"
        page.context.clear_cookies()
    expect(page.locator("#alarm")).to_contain_text("used before")


def test_a_session_that_is_ended_hides_the_customer_and_keeps_what_was_typed(
    bridge: Bridge, open_console: Open
) -> None:
    in_call(bridge)
    page = open_console(quiet=False)
    field(page, "E-mail").fill("half a th")
    bridge.do(bridge.core.access.console.end_all("1000"))
    expect(page.get_by_label("Password")).to_be_visible()
    expect(page.locator("#work")).to_be_hidden()
    log_in(page)
    expect(field(page, "E-mail")).to_have_value("half a th")


# -- state


def test_her_state_and_the_time_in_it_follow_the_events(bridge: Bridge, open_console: Open) -> None:
    ready(bridge)
    page = open_console()
    expect(page.locator("#state")).to_have_text("ready")
    expect(page.locator("#age")).to_have_text(re.compile(r"^1:[1-4]\d$"))
    bridge.agent("1000", AgentState.PAUSED, pause_reason="LUNCH")
    expect(page.locator("#state")).to_have_text("paused")
    expect(page.locator("#state-more")).to_contain_text("Lunch")
    expect(page.locator("#age")).to_have_text(re.compile(r"^0:0\d$"))
    expect(page.get_by_role("button", name="Ready", exact=True)).to_be_visible()
    expect(page).to_have_title("paused · Console")


def test_a_pause_has_the_reason_that_she_chose(bridge: Bridge, open_console: Open) -> None:
    ready(bridge)
    page = open_console()
    page.get_by_label("Reason of the pause").select_option("Lunch")
    with page.expect_request(re.compile("/v1/agents/1000/pause$")) as sent:
        page.get_by_role("button", name="Pause").click()
    assert sent.value.post_data_json == {"reason": "LUNCH"}
    expect(page.locator("#state-more")).to_contain_text("Lunch")
    page.get_by_label("Reason of the pause").select_option("COACH")
    page.get_by_role("button", name="Other reason").click()
    expect(page.locator("#state-more")).to_contain_text("COACH")
    page.get_by_role("button", name="Ready", exact=True).click()
    expect(page.locator("#state")).to_have_text("ready")


def test_what_the_bridge_refuses_is_said_with_the_mend(bridge: Bridge, open_console: Open) -> None:
    bridge.hire("1000")
    bridge.password("1000")
    page = open_console(quiet=False)
    problem = {"error_id": "no-asterisk", "detail": "Asterisk is not there.", "mend": "Try again soon."}
    sent = asked(page, "login", problem, status=503)
    page.get_by_role("button", name="Begin").click()
    expect(page.locator("#alarm")).to_have_text(re.compile("Asterisk is not there.*Try again soon"))
    assert sent == [("POST", {"phone": "1000", "campaign": "SALES", "on_hook": False})]


# -- the customer


def test_the_customers_fields_are_there_and_saved(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge, comments="Prefers afternoons.")
    page = open_console()
    expect(page.locator("#customer-name")).to_have_text("Brenda Brown")
    expect(page.locator("#customer-clock")).to_have_text(re.compile(r"\d\d:\d\d$"))
    expect(field(page, "Notes")).to_have_value("Prefers afternoons.")
    field(page, "Notes").fill("Prefers afternoons.\nCall the office.")
    expect(page.locator("#lead-told")).to_have_text("Not saved yet: 1")
    field(page, "E-mail").fill("new@example.com")
    with page.expect_request(re.compile("/screen/lead$")) as sent:
        page.keyboard.press("Control+s")
    assert sent.value.post_data_json == {
        "email": "new@example.com",
        "comments": "Prefers afternoons. Call the office.",
    }
    expect(page.locator("#lead-told")).to_contain_text("Saved.")
    page.reload()
    expect(field(page, "E-mail")).to_have_value("new@example.com")


def test_new_values_of_others_leave_alone_what_she_types(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge)
    page = open_console()
    field(page, "E-mail").fill("half a th")
    fields = {"email": "crm@example.com", "city": "Clearwater"}
    bridge.do(bridge.core.screen_commands.update_fields("1000", fields, ()))
    expect(field(page, "City")).to_have_value("Clearwater")
    expect(page.locator(".field.city")).to_have_class(re.compile("changed"))
    expect(field(page, "E-mail")).to_have_value("half a th")
    expect(page.locator("#lead-email-hint")).to_contain_text("crm@example.com")
    page.locator("#lead-email-hint").get_by_role("button", name="Take it").click()
    expect(field(page, "E-mail")).to_have_value("crm@example.com")
    expect(page.locator("#lead-told")).not_to_contain_text("Not saved")


def test_what_was_not_saved_of_the_one_before_is_put_aside(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge)
    bridge.lead(2, first_name="Carl")
    page = open_console()
    field(page, "Notes").fill("will move in May")
    bridge.agent("1000", AgentState.INCALL, call_id="talk", lead_id=2)
    expect(field(page, "First name")).to_have_value("Carl")
    expect(field(page, "Notes")).to_have_value("")
    expect(page.locator("#left")).to_contain_text("Brenda Brown, Notes: will move in May")


def test_a_field_that_is_refused_is_named(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge)
    page = open_console(quiet=False)
    field(page, "City").fill("a|b")
    page.get_by_role("button", name="Save").click()
    expect(field(page, "City")).to_have_attribute("aria-invalid", "true")
    expect(field(page, "City")).to_have_value("a|b")
    expect(page.locator("#alarm")).not_to_be_empty()


# -- the network


def test_a_lost_network_is_shown_at_once_and_mended_with_what_was_typed(
    bridge: Bridge, open_console: Open
) -> None:
    in_call(bridge)
    page = open_console(quiet=False)
    field(page, "Notes").fill("in the middle of a sen")
    stop_clock(page, 0.1)
    page.context.set_offline(True)
    expect(page.locator("#link")).to_contain_text("connection lost")
    page.clock.resume()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#alarm")).to_contain_text("cannot be reached")
    bridge.agent("1000", AgentState.WRAPUP, call_id="talk", lead_id=1)
    page.context.set_offline(False)
    expect(page.locator("#link.good")).to_be_visible()
    expect(page.locator("#state")).to_have_text("wrap-up")
    expect(field(page, "Notes")).to_have_value("in the middle of a sen")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#lead-told")).to_contain_text("Saved.")


def test_a_network_that_swallows_everything_is_shown_within_three_seconds(
    bridge: Bridge, open_console: Open
) -> None:
    ready(bridge)
    page = open_console()
    bridge.freeze(10)
    stop_clock(page, SHOWN_WITHIN)
    expect(page.locator("#link")).to_contain_text("connection lost")
    page.clock.resume()
    expect(page.locator("#link.good")).to_be_visible()


def test_a_bridge_that_is_started_anew_finds_her_as_she_was(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge)
    page = open_console(quiet=False)
    page.evaluate("window.same = 'page'")
    field(page, "Notes").fill("half a no")
    bridge.stop()
    expect(page.locator("#link")).to_contain_text("connection lost")
    bridge.start()
    expect(page.locator("#link.good")).to_be_visible()
    fields = {"city": "Tampa"}
    bridge.do(bridge.core.screen_commands.update_fields("1000", fields, ()))
    expect(field(page, "City")).to_have_value("Tampa")
    expect(field(page, "Notes")).to_have_value("half a no")
    assert page.evaluate("window.same") == "page"


# -- the call


def test_the_buttons_of_a_call_ask_for_what_they_say(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge)
    page = open_console()
    expect(page.locator("#call-stage")).to_have_text("talking")
    expect(page.locator("#call-number")).to_contain_text("7275550111")
    sent = {
        path: asked(page, path, []) for path in ("keys", "park", "recording", "parties", "transfer", "hangup")
    }
    button = page.locator("#call").get_by_role("button", exact=True, name="Hold")
    button.click()
    page.locator("#pad").get_by_role("button", name="5").click()
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_role("button", name="Stop recording")).to_have_attribute("aria-pressed", "true")
    page.get_by_text("Third party, transfer").click()
    page.get_by_label("Preset").select_option(label="Second level 7275550199")
    page.get_by_role("button", name="Hold, and call them in").click()
    until(page, lambda: bool([one for one in sent["parties"] if one[0] == "POST"]))
    page.locator("#call").get_by_label("Number").fill("727 555 0142")
    page.get_by_role("button", name="Pass the customer on").click()
    page.keyboard.press("Alt+h")
    until(page, lambda: all(sent.values()))
    assert sent["park"] == [("POST", {"party": "customer"})]
    assert sent["keys"] == [("POST", {"keys": "5"})]
    assert sent["recording"] == [("POST", None)]
    assert ("POST", {"numbers": ["7275550199"], "park": True}) in sent["parties"]
    assert sent["transfer"] == [("POST", {"number": "7275550142"})]
    assert sent["hangup"] == [("POST", {})]


def test_she_dials_by_hand_with_the_pad_and_the_keyboard(bridge: Bridge, open_console: Open) -> None:
    bridge.seat("1000", AgentState.PAUSED)
    bridge.password("1000")
    page = open_console()
    sent = asked(page, "dial", {})
    for key in "72":
        page.locator("#pad").get_by_role("button", name=key).click()
    number = page.locator("#dial").get_by_label("Number", exact=True)
    number.press("End")
    number.press_sequentially("75550100")
    page.get_by_label("Look before it is dialled").check()
    number.press("Enter")
    until(page, lambda: bool(sent))
    assert sent == [("POST", {"number": "7275550100", "search": True, "preview": True})]
    expect(number).to_have_value("")


def test_what_she_looks_at_is_dialled_or_skipped(bridge: Bridge, open_console: Open) -> None:
    bridge.lead(1, first_name="Brenda", alt_phone="7275550177")
    bridge.seat("1000", AgentState.PAUSED, preview=Preview(number="7275550111", phone_code="1", lead_id=1))
    bridge.password("1000")
    page = open_console()
    expect(page.locator("#customer-name")).to_have_text("Brenda")
    expect(page.locator("#preview-number")).to_have_text("+1 7275550111")
    sent = asked(page, "preview", {})
    for name in ("Skip", "Dial the other number"):
        page.locator("#preview").get_by_role("button", name=name, exact=True).click()
    until(page, lambda: len(sent) == 2)
    assert sent == [("POST", {"action": "skip"}), ("POST", {"action": "dial_alt"})]


# -- its end


def test_a_key_says_how_the_call_went_and_what_was_typed_is_saved_before(
    bridge: Bridge, open_console: Open
) -> None:
    in_call(bridge)
    page = open_console(quiet=False)
    field(page, "Notes").fill("wants the blue one")
    wrap_up(bridge)
    expect(page.get_by_role("heading", name="How did the call go?")).to_be_visible()
    expect(field(page, "Notes")).to_be_focused()
    sent = asked(page, "status", {})
    key = page.locator("#statuses button", has_text="Sale made").get_attribute("aria-keyshortcuts")
    assert key
    field(page, "Notes").press(key)
    assert sent == [], "in a field it is a letter as any other"
    field(page, "Notes").fill("wants the blue one")
    page.keyboard.press("F9")
    expect(page.get_by_role("heading", name="How did the call go?")).to_be_focused()
    with page.expect_request(re.compile("/screen/lead$")) as saved:
        page.keyboard.press(key)
    until(page, lambda: bool(sent))
    assert saved.value.post_data_json == {"comments": "wants the blue one"}
    assert sent == [("PUT", {"status": "SALE1"})]
    expect(page.locator("#done")).to_be_hidden()


def test_a_callback_is_asked_for_on_the_customers_clock(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge)
    page = open_console(quiet=False)
    wrap_up(bridge)
    expect(page.get_by_role("heading", name="How did the call go?")).to_be_focused()
    sent = asked(page, "status", {})
    page.locator("#statuses button", has_text="CALLME").click()
    expect(page.locator("#callback-clock")).to_have_text(
        re.compile(r"The customer's clock: 20\d\d-\d\d-\d\d ")
    )
    page.get_by_label("Date and time").fill("2030-05-06T15:30")
    page.get_by_label("What for").fill("the blue one")
    page.locator("#callback").get_by_role("button", name="Save").click()
    until(page, lambda: bool(sent))
    callback = {"customer_time": "2030-05-06T15:30", "anyone": False, "comments": "the blue one"}
    assert sent == [("PUT", {"status": "CALLME", "callback": callback})]


def test_a_disposition_that_is_refused_can_be_given_again(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge)
    page = open_console(quiet=False)
    wrap_up(bridge)
    page.route(re.compile("/status$"), lambda route: route.abort())
    page.locator("#statuses button", has_text="Sale made").click()
    expect(page.locator("#alarm")).to_contain_text("cannot be reached")
    expect(page.locator("#done")).to_be_visible()


# -- beside the customer


def test_script_and_form_are_filled_in_and_follow_the_fields(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge, last_name=HOSTILE)
    page = open_console()
    expect(page.locator("#script")).to_have_text(f"Am I speaking with Brenda {HOSTILE}?")
    link = page.get_by_role("link", name="Open in a new tab")
    expect(link).to_have_attribute("href", "https://crm.example/form?phone=7275550111&city=")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    fields = {"last_name": "Brown", "city": "Tampa & Bay"}
    bridge.do(bridge.core.screen_commands.update_fields("1000", fields, ()))
    expect(page.locator("#script")).to_have_text("Am I speaking with Brenda Brown?")
    expect(link).to_have_attribute("href", re.compile("&city=Tampa(%20|[+])%26(%20|[+])Bay$"))
    assert page.evaluate("window.hurt") is None


def test_her_calls_of_the_day_are_there_and_can_be_dialled_again(bridge: Bridge, open_console: Open) -> None:
    bridge.seat("1000", AgentState.PAUSED)
    bridge.password("1000")
    over = {"status": "SALE1", "status_source": StatusSource.AGENT, "ended_at": ago(), "disposed_at": ago()}
    talking(bridge, CallState.DISPOSED, **over)
    page = open_console()
    cells = page.locator("#calls tr").locator("th, td")
    expect(cells).to_have_text([re.compile(":"), "7275550111", "dialled", "SALE1", re.compile(r"^1:1\d$")])
    page.locator("#calls").get_by_role("button", name="7275550111").click()
    expect(page.locator("#dial-number")).to_have_value("7275550111")


# -- what she is told


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_notification_is_read_and_put_away_and_confetti_is_for_those_who_like_it(
    bridge: Bridge, open_console: Open, motion: str
) -> None:
    ready(bridge)
    page = open_console(motion=motion)
    page.evaluate(
        """() => { window.pieces = 0; const kind = CanvasRenderingContext2D.prototype, fill = kind.fillRect;
        kind.fillRect = function (...of) { window.pieces += 1; fill.apply(this, of); }; }"""
    )
    notify(bridge, "Ten sales today!", confetti=True)
    expect(page.locator("#told li")).to_contain_text("Ten sales today!")
    expect(page.locator("#said")).to_have_text("Ten sales today!")
    if motion == "reduce":
        assert page.evaluate("window.pieces") == 0
    else:
        until(page, lambda: page.evaluate("window.pieces") > 1000)
    page.get_by_role("button", name="Put away").click()
    expect(page.locator("#told li")).to_have_count(0)
    page.reload()
    expect(page.locator("#state")).to_have_text("ready")
    expect(page.locator("#told li")).to_have_count(0)


def test_a_timed_action_is_done_once_at_its_time(bridge: Bridge, open_console: Open) -> None:
    in_call(bridge)
    page = open_console()
    sent = asked(page, "parties", [])
    minutes, seconds = page.locator("#call-age").inner_text().split(":")
    soon = 60 * int(minutes) + int(seconds) + 2
    timer = Timer(action=TimerAction.D1_DIAL, message="Call the second level", seconds=soon)
    bridge.do(bridge.core.screen_commands.set_timer("1000", timer))
    expect(page.locator("#told li")).to_contain_text("Call the second level")
    until(page, lambda: ("POST", {"numbers": ["7275550199"]}) in sent)
    page.reload()
    expect(page.locator("#call-stage")).to_have_text("talking")
    loaded = page.locator("#call-age").inner_text()
    expect(page.locator("#call-age")).not_to_have_text(loaded)
    assert sent.count(("POST", {"numbers": ["7275550199"]})) == 1


# -- hostile texts, accessibility, languages


def test_what_others_have_written_runs_nowhere(bridge: Bridge, open_console: Open) -> None:
    fields = {"first_name": HOSTILE, "last_name": "\u202eevil", "city": "\u05d0\u05d1 12"}
    in_call(bridge, comments="y" * 60_000, **fields)
    page = open_console(width=400)
    expect(page.locator("#customer-name")).to_have_text(f"{HOSTILE} evil")
    expect(field(page, "First name")).to_have_value(HOSTILE)
    expect(field(page, "City")).to_have_attribute("dir", "auto")
    notify(bridge, HOSTILE + "z" * 1900)
    expect(page.locator("#told li")).to_contain_text(HOSTILE)
    bridge.agent("1000", AgentState.PAUSED, pause_reason=HOSTILE + "y" * 100_000)
    expect(page.locator("#state-more")).to_contain_text("<img src=x")
    assert len(page.locator("#state-more").inner_text()) < 200
    assert page.evaluate("window.hurt") is None
    assert page.locator("main img, main script, main b:not(#pad b)").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_no_fault_of_accessibility_is_found(
    bridge: Bridge, open_console: Open, width: int, colours: str
) -> None:
    in_call(bridge)
    page = open_console(width=width, colours=colours, quiet=False)
    notify(bridge, "Team meeting at four.")
    expect(page.locator("#told li")).to_be_visible()
    page.get_by_text("Third party, transfer").click()
    field(page, "City").fill("x")
    faults(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wrap_up(bridge)
    expect(page.locator("#statuses button").first).to_be_visible()
    faults(page)
    page.locator("#statuses button", has_text="CALLME").click()
    faults(page)
    bridge.do(bridge.core.access.console.end_all("1000"))


def test_the_login_has_no_fault_of_accessibility(bridge: Bridge, open_console: Open) -> None:
    bridge.hire("1000")
    bridge.password("1000")
    page = open_console(login=False)
    faults(page)
    log_in(page)
    expect(page.get_by_role("heading", name="Begin your shift")).to_be_visible()
    faults(page)


def faults(page: Page) -> None:
    """None of axe's rules is broken."""
    page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
    found: dict[str, Any] = Axe().run(page).response
    told = [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
    assert told == []
    assert len(found["passes"]) > 10


def test_the_texts_are_in_her_language(bridge: Bridge, open_console: Open) -> None:
    ready(bridge)
    page = open_console(locale="de-AT", login=False)
    page.get_by_label("Benutzer").fill("1000")
    page.locator("#login-password").fill("correct horse battery")
    page.locator("#login-form button").click()
    expect(page.locator("#state")).to_have_text("bereit")
    assert page.evaluate("document.documentElement.lang") == "de"
    names = page.evaluate(
        """async () => { const [one, other] = await Promise.all(
        ["en", "de"].map((name) => import(`/assets/console_texts_${name}.js`)));
        return [one, other].map((texts) => Object.keys(texts.default).sort()); }"""
    )
    assert names[0] == names[1], "each text is there in each language"
