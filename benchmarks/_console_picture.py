"""Takes `docs/console.png`: an agent in a call, on the real service of tests/web, in Debian's Chromium."""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from _bridge import ROOT
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(ROOT / "tests/web"))
from web_bridge import PASSWORD, Bridge

from bridge.agents.model import AgentState
from bridge.calls.model import CallState, StatusSource
from bridge.screens.model import NewNotification, RecipientType

CUSTOMER = {
    "title": "Mrs",
    "first_name": "Brenda",
    "last_name": "Brown",
    "address1": "12 Ocean Drive",
    "postal_code": "33755",
    "city": "Clearwater",
    "state": "FL",
    "country_code": "US",
    "email": "brenda.brown@example.com",
    "vendor_lead_code": "CRM-4711",
    "comments": "Prefers afternoons. Has asked for the blue one.",
}


def fill(bridge: Bridge) -> None:
    """A morning's calls, one that goes on, and a message."""
    begun = datetime.now(UTC) - timedelta(seconds=132)
    hers = {"user": "1000", "session_id": "session-1000", "lead_id": 1}
    bridge.lead(1, **CUSTOMER)
    bridge.seat("1000", AgentState.INCALL, name="Ana Silva", call_id="now", lead_id=1, state_since=begun)
    bridge.call("now", CallState.BRIDGED, number="7275550111", answered_at=begun, bridged_at=begun, **hers)
    for place, status in enumerate(("SALE1", "A", "NI", "CALLME", "NI")):
        at = begun - timedelta(minutes=7 + 6 * place)
        times = {"asked_at": at, "answered_at": at, "bridged_at": at, "ended_at": at + timedelta(minutes=4)}
        over = {
            "status": status,
            "status_source": StatusSource.AGENT,
            "disposed_at": at,
        }
        bridge.call(f"over-{place}", CallState.DISPOSED, number=f"727555012{place}", **hers, **times, **over)
    bridge.password("1000")
    told = NewNotification(
        recipient="1000",
        recipient_type=RecipientType.USER,
        text="Team meeting at four in room 2.",
        due_at=datetime.now(UTC),
    )
    bridge.do(bridge.core.screen_commands.notify(told))


def take(page: Page, bridge: Bridge) -> None:
    page.goto(f"{bridge.address}/console")
    page.locator("#login-user").fill("1000")
    page.locator("#login-password").fill(PASSWORD)
    page.locator("#login-form button").click()
    page.locator("#told li").wait_for()
    page.wait_for_timeout(1500)
    page.screenshot(path=ROOT / "docs/console.png")


def main() -> None:
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chromium = shutil.which("chromium") or sys.exit("error: no chromium. On Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bridge = Bridge(Path(folder))
        bridge.start()
        fill(bridge)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take(browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB"), bridge)
        browser.close()
        bridge.close()


if __name__ == "__main__":
    main()
