"""Whose word about the caller's address is taken."""

from __future__ import annotations

from typing import Any

import pytest
import uvicorn

from bridge.api.http_server import believing
from bridge.settings import HttpSettings
from bridge.settings_source import load
from bridge.tables import TableError, build

PROXIES = ("10.0.0.0/8", "192.0.2.1", "2001:db8:1::/48")


async def seen(peer: str, proxies: tuple[str, ...], *headers: tuple[str, str]) -> tuple[str, str]:
    """The caller's address and scheme as the application has them."""
    scopes: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        scopes.append(scope)

    config = uvicorn.Config(app, lifespan="off", log_config=None, **believing(proxies))
    config.load()
    raw = [(name.encode(), value.encode()) for name, value in headers]
    scope: Any = {"type": "http", "asgi": {"version": "3.0"}, "client": (peer, 4711), "scheme": "http"}
    nothing: Any = None
    await config.loaded_app(scope | {"headers": raw}, nothing, nothing)
    return scopes[0]["client"][0], scopes[0]["scheme"]


FOR = "x-forwarded-for"


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.1.2.3", "198.51.100.7", "198.51.100.7"),
        ("10.1.2.3", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # the caller has made the first one up
        ("10.1.2.3", "203.0.113.9, 198.51.100.7, 192.0.2.1, 10.9.9.9", "198.51.100.7"),
        ("192.0.2.1", "198.51.100.7:50123", "198.51.100.7"),
        ("192.0.2.1", "[2001:db8:2::7]:50123", "2001:db8:2::7"),
        ("2001:db8:1::1", "2001:DB8:2:0::7", "2001:DB8:2:0::7"),
        ("2001:db8:1::1", "2001:db8:2::7, 2001:db8:1:0::99", "2001:db8:2::7"),
        ("198.51.100.66", "192.0.2.1", "198.51.100.66"),  # a stranger who says whom he comes from
        ("127.0.0.1", "192.0.2.1", "127.0.0.1"),
        ("10.1.2.3", "", "10.1.2.3"),
    ],
)
async def test_the_rightmost_address_that_is_no_proxys_is_the_callers(
    peer: str, forwarded: str, address: str
) -> None:
    assert (await seen(peer, PROXIES, (FOR, forwarded)))[0] == address


async def test_a_header_that_comes_twice_is_one_list() -> None:
    assert (await seen("10.1.2.3", PROXIES, (FOR, "203.0.113.9"), (FOR, "198.51.100.7")))[0] == "198.51.100.7"


async def test_nobody_is_believed_unless_he_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")
    told = ((FOR, "198.51.100.7"), ("x-forwarded-proto", "https"))
    assert await seen("127.0.0.1", (), *told) == ("127.0.0.1", "http")
    assert await seen("127.0.0.1", PROXIES, *told) == ("127.0.0.1", "http")
    assert await seen("10.0.0.1", PROXIES, *told) == ("198.51.100.7", "https")


@pytest.mark.parametrize("entry", ["*", "proxy.example", "10.0.0.1/8", ""])
def test_a_setting_that_names_no_address_is_refused(entry: str) -> None:
    with pytest.raises(TableError, match="trusted_proxies"):
        build(HttpSettings, {"trusted_proxies": [entry]}, "http")


def test_by_default_there_is_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGENT_BRIDGE_CONFIG", raising=False)
    assert HttpSettings().trusted_proxies == ()
    found = load(environ={"AGENT_BRIDGE_HTTP__TRUSTED_PROXIES": "10.0.0.0/8, ::1"})
    assert found.http.trusted_proxies == ("10.0.0.0/8", "::1")
