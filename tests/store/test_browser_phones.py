"""Phones that are browsers, on each database: what their page is told, and that nobody else is."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from bridge.campaigns.browser_phone import BrowserPhones, set_secret, states
from bridge.campaigns.browser_server import BrowserPhone, BrowserPhoneState, BrowserServer
from bridge.campaigns.errors import InvalidField, NoSuchItem
from bridge.campaigns.model import Phone
from bridge.campaigns.service import Site
from bridge.campaigns.site_file import dump
from bridge.errors import NoBrowserPhone
from bridge.store.database import Database
from bridge.store.schema import phone_secrets

SECRET = "sip-secret-of-1020"
PBX = BrowserServer("wss://pbx.example/ws", "pbx.example", ("stun:stun.example:3478",))


@pytest.fixture
def site(db: Database) -> Site:
    return Site(db)


@pytest.fixture
def phones(db: Database, site: Site) -> BrowserPhones:
    return BrowserPhones(db, site, {"pbx": PBX}, "pbx")


async def why_not(phones: BrowserPhones, login: str) -> str:
    with pytest.raises(NoBrowserPhone) as caught:
        await phones.of(login)
    assert caught.value.status == 404
    assert caught.value.details["phone"] == login
    return str(caught.value)


async def test_a_page_is_told_all_that_it_registers_with(
    db: Database, site: Site, phones: BrowserPhones
) -> None:
    await site.put(Phone(login="ann", extension="1020", browser=True))
    await set_secret(db, "ann", SECRET)
    assert await phones.is_one("ann")
    told = await phones.of("ann")
    assert msgspec.to_builtins(told) == {
        "websocket": "wss://pbx.example/ws",
        "uri": "sip:1020@pbx.example",
        "user": "1020",
        "password": SECRET,
        "ice_servers": ("stun:stun.example:3478",),
    }
    assert SECRET not in repr(told)


async def test_what_is_missing_is_said(db: Database, site: Site, phones: BrowserPhones) -> None:
    await site.put(Phone(login="1000"))
    await set_secret(db, "1000", SECRET)
    for login in ("1000", "none"):
        assert await why_not(phones, login) == "This phone is no browser."
        assert not await phones.is_one(login)
    await site.put(Phone(login="1020", browser=True))
    assert await why_not(phones, "1020") == "phone 1020 has no secret yet"
    await set_secret(db, "1020", SECRET)
    await site.put(Phone(login="1020", browser=True, asterisk="west"))
    assert "cannot register at west: it has no websocket_url" in await why_not(phones, "1020")
    await site.put(Phone(login="1020", browser=True, active=False))
    assert await why_not(phones, "1020") == "This phone is no browser."


async def test_another_secret_takes_the_place_and_goes_with_the_phone(
    db: Database, site: Site, phones: BrowserPhones
) -> None:
    await site.put(Phone(login="1020", browser=True))
    for secret in (SECRET, SECRET + "-2"):
        await set_secret(db, "1020", secret)
        assert (await phones.of("1020")).password == secret
    await site.remove(Phone, "1020")
    await site.put(Phone(login="1020", browser=True))
    assert await why_not(phones, "1020") == "phone 1020 has no secret yet"


@pytest.mark.parametrize(
    "secret", ["short", "x" * 129, "with\r\nline", " begins with one", "tab\tinside", ""]
)
async def test_what_no_phone_could_have_is_refused(
    db: Database, site: Site, phones: BrowserPhones, secret: str
) -> None:
    await site.put(Phone(login="1020", browser=True))
    await set_secret(db, "1020", SECRET)
    with pytest.raises(InvalidField, match=r"^secret: "):
        await set_secret(db, "1020", secret)
    assert (await phones.of("1020")).password == SECRET


async def test_a_phone_that_is_not_there_gets_none(db: Database, site: Site) -> None:
    await site.put(Phone(login="1020"))
    with pytest.raises(NoSuchItem, match="did you mean '1020'"):
        await set_secret(db, "102O", SECRET)
    async with db.read() as conn:
        assert (await conn.execute(select(phone_secrets))).first() is None


async def test_the_doctor_is_told_which_there_are_and_which_lack_a_secret(db: Database, site: Site) -> None:
    for one in (
        Phone(login="1000"),
        Phone(login="ann", extension="1020", asterisk="west", browser=True),
        Phone(login="bea", browser=True),
        Phone(login="cleo", browser=True, active=False),
    ):
        await site.put(one)
    await set_secret(db, "ann", SECRET)
    assert await states(db) == [
        BrowserPhoneState(login="ann", device="1020", asterisk="west", secret=True),
        BrowserPhoneState(login="bea", device="bea", asterisk="", secret=False),
    ]


async def test_nothing_that_shows_phones_shows_it(db: Database, site: Site) -> None:
    await site.put(Phone(login="1020", browser=True))
    await set_secret(db, "1020", SECRET)
    shown = [await site.get(Phone, "1020"), *await site.list(Phone)]
    assert all(item is not None and SECRET not in str(dump(item)) for item in shown)


def test_a_content_security_policy_names_scheme_host_and_port() -> None:
    assert PBX.origin == "wss://pbx.example"
    assert BrowserServer("ws://127.0.0.1:8088/ws", "pbx").origin == "ws://127.0.0.1:8088"


def test_what_is_logged_of_one_is_its_address() -> None:
    one = BrowserPhone(websocket="wss://x", uri="sip:1@x", user="1", password=SECRET)
    assert repr(one) == "BrowserPhone('sip:1@x')"
