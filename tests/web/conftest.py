"""A browser and a bridge, only while these tests run: the browser has an event loop of its own."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))

from web_bridge import PASSWORD, SECRET, USER, Bridge

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
expect.set_options(timeout=20_000)
"""ms: a busy machine is slow, and a lost line is tried again only so often."""
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if not CHROMIUM:
        pytest.skip("no chromium is installed (Debian package `chromium`)")
    with sync_playwright() as playwright:
        # In a container there is no user namespace for its sandbox; it sees nothing but our own pages.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def _bridge(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    del browser  # without one, none is started
    made = Bridge(tmp_path_factory.mktemp("bridge"))
    made.start()
    yield made
    made.close()


@pytest.fixture
def bridge(_bridge: Bridge) -> Bridge:
    """One that serves and has nothing to show."""
    _bridge.clear()
    return _bridge


@pytest.fixture
def open_board(browser: Browser, bridge: Bridge) -> Iterator[Open]:
    """Opens the wallboard as a viewer who has logged in; what goes wrong in the page fails the test."""
    contexts, faults = [], []

    def opened(
        *, width: int = 1280, height: int = 800, locale: str = "en-GB", colours: str = "light"
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if colours == "dark" else "light",
            locale=locale,
            http_credentials={"username": USER, "password": SECRET},
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{bridge.address}/")
        page.locator("#link.good").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def open_console(browser: Browser, bridge: Bridge) -> Iterator[Open]:
    """Opens the console, logged in as agent 1000; what goes wrong in the page fails the test.

    `quiet=False`: refused and failed requests, which the browser tells in its console, are part of the test.
    """
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def opened(
        *,
        width: int = 1280,
        height: int = 720,
        locale: str = "en-GB",
        colours: str = "light",
        motion: str = "no-preference",
        quiet: bool = True,
        login: bool = True,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if colours == "dark" else "light",
            reduced_motion="reduce" if motion == "reduce" else "no-preference",
            locale=locale,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if quiet or _is_fault(said.text) else None)
        page.goto(f"{bridge.address}/console")
        if login:
            log_in(page)
            page.locator("#link.good").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []


def _is_fault(said: str) -> bool:
    return "Failed to load resource" not in said and "net::ERR" not in said


def log_in(page: Page, password: str = PASSWORD) -> None:
    """Fill the form of the console and send it."""
    page.get_by_label("User").fill("1000")
    page.locator("#login-password").fill(password)
    page.locator("#login-form button").click()
