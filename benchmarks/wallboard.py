"""What the wallboard costs the browser: agents who change their state so many times a second.

The real service (of tests/web, without an Asterisk) in this process, Debian's Chromium beside it with a
page of 1920 by 1080. Each change is a transaction with its event, as in a day's work. Told are the
seconds of processor that all of the browser's processes, and the page's own, have taken per second.

Usage: `wallboard.py [--agents 300] [--changes 20] [--seconds 30] [--picture FILE]`. With `--picture`, a few
agents and calls are shown instead, and the page is kept as a PNG.
"""

from __future__ import annotations

import argparse
import logging
import random
import shutil
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from _bridge import ROOT
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(ROOT / "tests/web"))
from web_bridge import SECRET, USER, Bridge

from bridge.agents.model import AgentState
from bridge.calls.model import CallKind, CallState, StatusSource

AIM = 10.0
"""Per cent of a processor, at most."""
STATES = (AgentState.READY, AgentState.INCALL, AgentState.PAUSED, AgentState.WRAPUP, AgentState.INCALL)
NAMES = ("Ana Silva", "Jörg Müller", "Mehmet Demir", "فاطمة علي", "Li Wei")
SYSTEM = "SystemInfo.getProcessInfo"


def seat(bridge: Bridge, agents: int) -> None:
    for place in range(agents):
        since = datetime.now(UTC) - timedelta(seconds=7 * place % 400)
        state, user = STATES[place % len(STATES)], str(1000 + place)
        bridge.seat(
            user, state, name=NAMES[place % 5], state_since=since, queues=("SUPPORT",), call_id=f"call-{user}"
        )
        if state is AgentState.INCALL:
            number = f"727555{place:04}"
            bridge.call(
                f"call-{user}", CallState.BRIDGED, user=user, session_id="s", number=number, asked_at=since
            )


def fill(bridge: Bridge) -> None:
    """A morning's work, and callers who wait."""
    chance = random.Random(1)
    for place in range(2):
        bridge.call(
            f"wait-{place}",
            CallState.QUEUED,
            queue="SUPPORT",
            asked_at=datetime.now(UTC) - timedelta(seconds=14 * place),
        )
        bridge.call(f"ring-{place}", CallState.RINGING)
    for place in range(300):
        at = datetime.now(UTC) - timedelta(minutes=chance.randint(5, 600))
        status = chance.choices(("SALE", "NI", "NA", "B", "DROP"), (3, 7, 12, 2, 0.2))[0]
        kind = chance.choice((CallKind.AUTO, CallKind.AUTO, CallKind.INBOUND))
        over = {"answered_at": at, "ended_at": at, "disposed_at": at, "status_source": StatusSource.AGENT}
        bridge.call(
            f"over-{place}",
            CallState.DISPOSED,
            asked_at=at,
            status=status,
            kind=kind,
            queue="SUPPORT",
            **over,
        )


def opened(browser: Browser, bridge: Bridge) -> Page:
    context = browser.new_context(
        viewport={"width": 1920, "height": 1080},
        locale="en-GB",
        http_credentials={"username": USER, "password": SECRET},
    )
    page = context.new_page()
    page.goto(f"{bridge.address}/")
    page.locator("#agents li").first.wait_for()
    return page


def processor(browser: Browser) -> tuple[float, float]:
    """Seconds that all of the browser, and its pages, have taken."""
    session = browser.new_browser_cdp_session()
    found: list[dict[str, Any]] = session.send(SYSTEM)["processInfo"]
    session.detach()
    pages = sum(one["cpuTime"] for one in found if one["type"] == "renderer")
    return sum(one["cpuTime"] for one in found), pages


def measure(browser: Browser, bridge: Bridge, asked: argparse.Namespace) -> None:
    page = opened(browser, bridge)
    page.wait_for_timeout(5000)  # the first picture is not what is asked for
    chance, before, began, done = random.Random(2), processor(browser), time.monotonic(), 0
    while (spent := time.monotonic() - began) < asked.seconds:
        if done > spent * asked.changes:
            time.sleep(0.005)
            continue
        bridge.agent(str(1000 + chance.randrange(asked.agents)), chance.choice(STATES))
        done += 1
    took = [100 * (after - first) / spent for after, first in zip(processor(browser), before, strict=True)]
    print(f"{asked.agents} agents, {done / spent:.1f} changes a second, {spent:.0f} s")
    print(f"all of the browser   {took[0]:5.1f} % of a processor (aim: {AIM:g})")
    print(f"of it, the page      {took[1]:5.1f} %")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agents", type=int, default=300)
    parser.add_argument("--changes", type=float, default=20.0, help="a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--picture", type=Path)
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chromium = shutil.which("chromium") or sys.exit("error: no chromium. On Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        bridge = Bridge(Path(folder))
        bridge.start()
        seat(bridge, 18 if asked.picture else asked.agents)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        if asked.picture:
            fill(bridge)
            page = opened(browser, bridge)
            page.locator(".chart").first.wait_for()
            page.wait_for_timeout(1500)
            page.screenshot(path=asked.picture)
        else:
            measure(browser, bridge, asked)
        browser.close()
        bridge.close()


if __name__ == "__main__":
    main()
