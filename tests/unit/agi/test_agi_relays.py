"""Which Asterisk has its relay, as the bridge's server knows it: `relays`, `gate`, `desk_server`."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator

import pytest
from agi_desk import TestDesk
from agi_peer import until

from bridge.agi import desk_server
from bridge.agi.desk_link import Address, DeskLink, open_link
from bridge.agi.errors import HandshakeFailed
from bridge.agi.server import FastAgiServer
from bridge.agi.session import AgiSession


async def nothing(_agi: AgiSession) -> None:
    """A script that nobody asks for here."""


@pytest.fixture
async def server() -> AsyncIterator[FastAgiServer]:
    main, east = TestDesk(), TestDesk()
    made = FastAgiServer(nothing, port=0, secret="s", desk=main, desks={"main": main, "east": east})
    await made.start()
    yield made
    await made.stop()


async def relay(server: FastAgiServer, asterisk: str, secret: str = "s") -> DeskLink:
    return await open_link(Address("127.0.0.1", server.port), secret, 2, asterisk=asterisk)


async def test_each_asterisk_has_its_own(server: FastAgiServer) -> None:
    link = await relay(server, "east")
    await until(lambda: server.relays.since("east"))
    assert server.relays.since("main") is None
    assert server.relays.why_not("main") == "none has connected yet"
    link.close()
    await until(lambda: server.relays.since("east") is None)
    assert server.relays.why_not("east").startswith("lost at 20")


async def test_a_relay_without_a_name_is_that_of_the_first(server: FastAgiServer) -> None:
    link = await relay(server, "")
    await until(lambda: server.relays.since("main"))
    assert server.relays.since("east") is None
    link.close()


async def test_one_that_connects_again_before_its_old_connection_is_given_up_stays(
    server: FastAgiServer, caplog: pytest.LogCaptureFixture
) -> None:
    old, new = await relay(server, "east"), await relay(server, "east")
    await until(lambda: len(server.relays) == 2)
    old.close()
    await until(lambda: len(server.relays) == 1)
    assert server.relays.since("east")
    assert "no relay of east" not in caplog.text
    new.close()
    await until(lambda: not server.relays)
    assert "no relay of east is connected" in caplog.text


async def test_why_one_was_lost_or_refused(server: FastAgiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk_server, "SILENT_AFTER", 0.1)
    link = await relay(server, "east")
    assert link._pulse is not None
    link._pulse.cancel()  # it is stopped: nothing comes any more
    await asyncio.wait_for(link.closed, 2)
    await until(lambda: server.relays.why_not("east").endswith(": silent for 0.1 s"))
    with pytest.raises(HandshakeFailed):
        await relay(server, "east", secret="other")  # the relay sees it first, and leaves
    await until(
        lambda: server.relays.why_not("east").endswith(": it left in mid handshake (another secret?)")
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"AGENT-BRIDGE/1 desk@east 00\nno proof\n")
    with contextlib.suppress(ConnectionError):
        await asyncio.wait_for(reader.read(), 2)
    writer.close()
    assert server.relays.why_not("east").endswith(": 127.0.0.1: the relay does not know the secret")
    assert server.relays.why_not("main") == "none has connected yet"


async def test_the_log_says_when_one_comes(server: FastAgiServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    link = await relay(server, "east")
    await until(lambda: "the relay of east has connected" in caplog.text)
    link.close()
