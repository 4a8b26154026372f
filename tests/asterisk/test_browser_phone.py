"""The browser as an agent's phone, on the real Asterisk: both hear each other, through a lost network too."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browser_phone import BrowserPhone, chromium, phone_page, until_heard, write_hum
from playwright.async_api import Browser, expect
from service import Bridge
from stack import Carrier, Stack, until

from bridge.ami.settings import AmiSettings
from bridge.campaigns.browser_server import BrowserPhoneState
from bridge.doctor.browsers import check_browsers
from bridge.doctor.collect import Target, collect
from bridge.doctor.model import Status

sys.path.insert(0, str(Path(__file__).parents[1] / "faults"))

from proxy import Proxy

CUSTOMER, CUSTOMER_TONE = "7275550111", 1004
HUM = 620
PHONE = "1020"
PASSWORD = "correct horse battery"
SECONDS = 20
"""For what a page shows: a busy machine is slow."""


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    write_hum(tmp_path / "hum.wav", HUM)
    async with chromium(tmp_path / "hum.wav") as found:
        yield found


@pytest.fixture
async def line(stack: Stack) -> AsyncIterator[Proxy]:
    """Between the browser and Asterisk's WebSocket."""
    port = urlsplit(stack["WEBSOCKET_URL"]).port
    assert port is not None
    proxy = Proxy("127.0.0.1", port, end=b"")
    await proxy.start()
    yield proxy
    await proxy.stop()


@pytest.fixture
def settings(stack: Stack, line: Proxy) -> dict[str, Any]:
    return {
        "websocket": f"ws://127.0.0.1:{line.port}/ws",
        "uri": f"sip:{PHONE}@127.0.0.1",
        "user": PHONE,
        "password": stack["PHONE_SECRET"],
        "ice_servers": [],
    }


@pytest.fixture
async def phone(bridge: Bridge, browser: Browser, line: Proxy) -> AsyncIterator[BrowserPhone]:
    """On a page of the bridge, for agent and phone 1020."""
    await bridge.post("/site/phones", {"login": PHONE, "browser": True})
    await bridge.post("/site/agents", {"user": PHONE, "group": "ADMIN"})
    origins = [f"ws://127.0.0.1:{line.port}"]
    async with phone_page(browser, f"http://127.0.0.1:{bridge.port}", origins) as page:
        yield page


async def seated(bridge: Bridge, phone: BrowserPhone, settings: dict[str, Any]) -> None:
    """Registered, logged in, and in her room."""
    await phone.start(settings)
    await phone.until("registered")
    await bridge.log_in(PHONE)
    await phone.until("talking")


async def test_agent_and_customer_hear_each_other(
    bridge: Bridge, carrier: Carrier, phone: BrowserPhone, settings: dict[str, Any]
) -> None:
    await carrier.listen(CUSTOMER)
    await seated(bridge, phone, settings)
    call = await bridge.post("/calls", {"agent": PHONE, "number": CUSTOMER})
    await bridge.call_is(call["id"], "bridged")
    await until_heard(phone.page, CUSTOMER_TONE)
    await carrier.until_heard(CUSTOMER, "the agent's hum", lambda it: it.hears(HUM, seconds=1))
    await phone.do("mute(true)")
    await carrier.until_heard(CUSTOMER, "silence of hers", lambda it: it.silence(shortest=1.5))
    await bridge.post(f"/calls/{call['id']}/hangup")
    await bridge.post(f"/agents/{PHONE}/logout")
    await phone.until("registered")
    assert await phone.said() == ["connecting", "registered", "ringing", "talking", "registered"]


async def test_a_lost_network_is_noticed_and_the_call_goes_on(
    bridge: Bridge, phone: BrowserPhone, settings: dict[str, Any], line: Proxy
) -> None:
    await seated(bridge, phone, settings)
    call = await bridge.post("/calls", {"agent": PHONE, "number": CUSTOMER})
    await bridge.call_is(call["id"], "bridged")
    line.freeze()  # as a network does that is gone: nobody says so
    await phone.until("lost")
    line.cut()
    line.thaw()
    line.mend()
    await phone.until("talking")
    await until_heard(phone.page, CUSTOMER_TONE)
    assert (await bridge.agent(PHONE))["call_id"] == call["id"]
    await bridge.post(f"/calls/{call['id']}/hangup")
    await bridge.post(f"/agents/{PHONE}/logout")
    await phone.until("registered")  # Asterisk's word of it came over the new line


async def test_she_registers_again_after_the_line_was_cut(
    phone: BrowserPhone, settings: dict[str, Any], line: Proxy
) -> None:
    await phone.start(settings)
    await phone.until("registered")
    line.cut()
    await phone.until("lost")
    line.mend()
    await phone.until("registered")


async def test_a_wrong_secret_is_refused_and_not_tried_again(
    phone: BrowserPhone, settings: dict[str, Any]
) -> None:
    await phone.start(settings | {"password": "wrong-secret"})
    await phone.until("refused")
    said = await phone.said()
    assert (said[0], said[-1]) == ("connecting", "refused")
    assert any(each.startswith("secret-refused: ") for each in said)


async def test_without_a_microphone_she_is_no_phone(
    bridge: Bridge, browser: Browser, settings: dict[str, Any], line: Proxy
) -> None:
    address = f"http://127.0.0.1:{bridge.port}"
    async with phone_page(browser, address, [f"ws://127.0.0.1:{line.port}"], microphone=False) as page:
        await page.start(settings)
        await page.until("refused")
        assert (await page.said())[1].startswith("microphone-refused: ")


async def test_she_hangs_up_and_closing_the_page_leaves_nothing_registered(
    bridge: Bridge, phone: BrowserPhone, settings: dict[str, Any], stack: Stack
) -> None:
    await seated(bridge, phone, settings)
    await phone.do("hangup()")
    await phone.until("registered")
    await phone.page.goto("about:blank")

    async def gone() -> bool:
        said = await asyncio.to_thread(stack.run, "asterisk", "asterisk", "-rx", "pjsip show contacts")
        return f"{PHONE}/sip:" not in said

    await until(gone, "no contact of the closed page")


async def test_the_doctor_sees_what_browsers_need(stack: Stack) -> None:
    phones = [
        BrowserPhoneState(login=name, device=name, asterisk="", secret=True)
        for name in (PHONE, "1000", "nobody")
    ]
    ami = AmiSettings(
        name="pbx",
        host="127.0.0.1",
        port=int(stack["AMI_PORT"]),
        user=stack["AMI_USER"],
        secret=stack["AMI_SECRET"],
    )
    target = Target(ami=ami, view=None, contexts=(), websocket=stack["WEBSOCKET_URL"], browsers=phones)
    found = {check.id: check for check in check_browsers(await collect(target))}
    assert found["browser.websocket"].status == found["browser.tls"].status == Status.OK
    assert found["browser.phones"].text == (
        "phones that are browsers: 1000 has no webrtc; nobody is no endpoint of Asterisk's"
    )
    elsewhere = await collect(replace(target, websocket=stack["WEBSOCKET_URL"] + "/no", browsers=phones[:1]))
    found = {check.id: check for check in check_browsers(elsewhere)}
    assert "answers 404" in found["browser.websocket"].text
    assert found["browser.phones"].status is Status.OK


async def test_with_her_console_an_agent_needs_nothing_else(
    bridge: Bridge, carrier: Carrier, browser: Browser, stack: Stack, tmp_path: Path
) -> None:
    """From the login on the page to the end of her shift, over what an administrator has set up."""
    await bridge.post("/site/phones", {"login": PHONE, "browser": True})
    await bridge.post("/site/agents", {"user": PHONE, "group": "ADMIN", "phone": PHONE})
    await bridge.post(f"/site/agents/{PHONE}/password", {"password": PASSWORD})
    (tmp_path / "sip.secret").write_text(stack["PHONE_SECRET"])
    given = ("--secret-file", str(tmp_path / "sip.secret"))
    await asyncio.to_thread(bridge.command, "phone", "secret", PHONE, *given)
    await carrier.listen(CUSTOMER)
    context = await browser.new_context(permissions=["microphone"], locale="en-GB")
    page = await context.new_page()
    page.set_default_timeout(SECONDS * 1000)
    await page.goto(f"http://127.0.0.1:{bridge.port}/console")
    await page.locator("#login-user").fill(PHONE)
    await page.locator("#login-password").fill(PASSWORD)
    await page.locator("#login-form button").click()
    await expect(page.locator("#phone.good")).to_be_visible(timeout=SECONDS * 1000)
    await page.locator("#seat-campaign").select_option("TEST")
    await page.locator("#seat-form button").click()
    await bridge.agent_is(PHONE, "paused")
    await page.locator("#dial-number").fill(CUSTOMER)
    await page.locator("#dial-go").click()
    await carrier.until_heard(CUSTOMER, "the agent's hum", lambda it: it.hears(HUM, seconds=1))
    await until_heard(page, CUSTOMER_TONE)
    await page.locator("#hangup").click()
    await page.locator("#logout").click()
    await expect(page.locator("#login-form")).to_be_visible(timeout=SECONDS * 1000)  # her page ends with it
    assert (await bridge.agent(PHONE)).get("state", "logged_out") == "logged_out"
    await context.close()
