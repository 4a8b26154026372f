"""A browser that is an agent's phone: Debian's Chromium with a microphone that hums, and ears."""

from __future__ import annotations

import math
import shutil
import wave
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright
from stack import until

from bridge.api.web import policy

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
PAGE = "<!doctype html><title>phone</title><body></body>"
RATE = 48_000
HUM, REST = 0.35, 0.15
"""Seconds that the microphone hums and is still: what never stops a browser takes for noise, and removes."""
EARS = """async () => {
  const audio = new AudioContext();
  const ear = audio.createAnalyser();
  ear.fftSize = 4096;
  audio.createMediaStreamSource(document.querySelector("audio").srcObject).connect(ear);
  window.loudest = () => {
    const found = new Float32Array(ear.frequencyBinCount);
    ear.getFloatFrequencyData(found);
    const at = found.indexOf(Math.max(...found));
    return found[at] < -60 ? 0 : at * audio.sampleRate / ear.fftSize;
  };
}"""


def write_hum(file: Path, frequency: int) -> None:
    """A tone with pauses, of two seconds, which the browser repeats."""
    samples = array("h")
    for at in range(2 * RATE):
        on = (at / RATE) % (HUM + REST) < HUM
        samples.append(round(16_000 * math.sin(2 * math.pi * frequency * at / RATE)) if on else 0)
    with wave.open(str(file), "wb") as made:
        made.setparams((1, 2, RATE, 0, "NONE", ""))
        made.writeframes(samples.tobytes())


class BrowserPhone:
    """`bridge/web/phone.js` on a page of the bridge, with the policy of the console."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def start(self, settings: dict[str, Any]) -> None:
        """Make the phone; what it says is kept."""
        await self.page.evaluate(
            """async (settings) => {
              const { Phone } = await import("/assets/phone.js");
              window.said = [];
              window.phone = new Phone(settings, {
                state: (name) => said.push(name), error: (text, name) => said.push(`${name}: ${text}`),
              });
              await phone.start();
            }""",
            settings,
        )

    async def said(self) -> list[str]:
        """States and errors so far."""
        found: list[str] = await self.page.evaluate("said")
        return found

    async def until(self, state: str) -> None:
        """Wait until the phone is in a state."""

        async def look() -> bool:
            return bool(await self.page.evaluate("phone.state") == state)

        try:
            await until(look, f"a phone that is {state}", seconds=25)
        except AssertionError as error:
            error.add_note(f"it said: {await self.said()}")
            raise

    async def do(self, what: str) -> None:
        """Call one of its methods, as `mute(true)`."""
        await self.page.evaluate(f"phone.{what}")


async def until_heard(page: Page, frequency: float) -> None:
    """Wait until a tone is the loudest that comes out of a page."""
    await page.evaluate(EARS)

    async def look() -> bool:
        return abs(float(await page.evaluate("loudest()")) - frequency) < 25

    await until(look, f"{frequency} Hz in the browser")


@asynccontextmanager
async def chromium(hum: Path) -> AsyncIterator[Browser]:
    """The browser, whose microphone is a file."""
    if not CHROMIUM:
        pytest.skip("no chromium is installed (Debian package `chromium`)")
    flags = (
        "--disable-features=LocalNetworkAccessChecks",  # a page that a test fulfils is of no network
        "--no-sandbox",  # in a container there is no user namespace for it; it sees nothing but our own pages
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={hum}",
        "--autoplay-policy=no-user-gesture-required",
    )
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        await browser.close()


@asynccontextmanager
async def phone_page(
    browser: Browser, address: str, websockets: Sequence[str], *, microphone: bool = True
) -> AsyncIterator[BrowserPhone]:
    """A page of the bridge's own origin; what goes wrong in it fails the test."""
    faults: list[str] = []
    context = await browser.new_context(permissions=["microphone"] if microphone else [])
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(str(error)))
    headers = {"content-security-policy": policy(connect=websockets), "content-type": "text/html"}
    await page.route("**/phone-of-a-test", lambda route: route.fulfill(headers=headers, body=PAGE))
    await page.goto(f"{address}/phone-of-a-test")
    yield BrowserPhone(page)
    await context.close()
    assert faults == []
