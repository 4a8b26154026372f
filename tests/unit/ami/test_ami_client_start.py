"""The client comes up: login, refusal, back-off."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from ami_waits import take
from fake_ami import FakeAmi, Received, Session, block
from fake_ami.waiting import eventually, never

from bridge.ami import AmiClient, LinkState, LinkUp, actions
from bridge.ami.errors import AmiLoginRefused, NotConnected


async def test_start_returns_at_once_and_the_link_comes_up(fake: FakeAmi, settings: Any) -> None:
    client = AmiClient(settings(fake))
    states = [client.state]
    await client.start()
    states.append(client.state)
    await client.connected(5)
    states.append(client.state)
    assert client.asterisk_version == "22.10.1"
    assert client.started_at == "2026-11-24 01:00:00"
    assert client.up_since is not None
    assert client.last_error is None
    await client.stop()
    states.append(client.state)
    assert states == [LinkState.NEW, LinkState.CONNECTING, LinkState.UP, LinkState.STOPPED]
    assert not client.up_since
    assert fake.count("Logoff") == 1


async def test_a_client_is_used_once(fake: FakeAmi, settings: Any) -> None:
    client = AmiClient(settings(fake))
    await client.start()
    with pytest.raises(RuntimeError):
        await client.start()
    await client.stop()
    await client.stop()
    with pytest.raises(RuntimeError):
        await client.start()
    with pytest.raises(NotConnected, match="stopped"):
        await client.connected()
    with pytest.raises(NotConnected, match="stopped"):
        await client.send(actions.Ping())


async def test_stopping_before_starting(fake: FakeAmi, settings: Any) -> None:
    await AmiClient(settings(fake)).stop()
    assert fake.connections == 0


async def test_works_without_fully_booted_and_without_any_rights(fake: FakeAmi, up: Any) -> None:
    denied: Callable[[Session, Received], None] = lambda s, a: s.respond(  # noqa: E731 - used twice
        a, "Error", [("Message", "Permission denied")]
    )
    fake.answers.update({"CoreStatus": denied, "CoreSettings": denied})
    async with up(fake) as client:
        assert (client.asterisk_version, client.started_at, client.fully_booted) == ("", "", None)


async def test_fully_booted_is_used_when_it_comes(fake: FakeAmi, up: Any) -> None:
    fake.after_login = block([("Event", "FullyBooted"), ("Uptime", "5"), ("Status", "Fully Booted")])
    async with up(fake) as client, client.subscribe(["FullyBooted"]) as subscription:
        assert isinstance((await take(subscription, 1))[0], LinkUp)
        assert client.fully_booted is not None


async def test_a_refused_login_is_one_clear_state_and_no_storm(
    fake: FakeAmi, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    fake.refuse_login = True
    with caplog.at_level(logging.DEBUG):
        async with AmiClient(settings(fake)) as client:
            with pytest.raises(AmiLoginRefused, match="Authentication failed"):
                await client.connected(5)
            assert client.state is LinkState.LOGIN_REFUSED
            assert isinstance(client.last_error, AmiLoginRefused)
            with pytest.raises(AmiLoginRefused):
                await client.send(actions.Ping(), wait_for_link=True)
            with pytest.raises(NotConnected, match="refused"):
                await client.send(actions.Ping())
            await never(lambda: fake.connections > 1)
    told = [record for record in caplog.records if record.levelno > logging.DEBUG]
    assert [record.levelname for record in told if "refused" in record.message] == ["ERROR"]
    assert "s3cret" not in caplog.text


async def test_a_refused_login_is_tried_again_slowly_and_mends_itself(fake: FakeAmi, settings: Any) -> None:
    fake.refuse_login = True
    async with AmiClient(settings(fake, refused_retry=0.2)) as client:
        with pytest.raises(AmiLoginRefused):
            await client.connected(5)
        fake.refuse_login = False
        await eventually(lambda: client.state is LinkState.UP)
    assert fake.connections == 2


async def test_a_peer_that_is_not_asterisk_is_called_again_but_told_nothing(
    fake: FakeAmi, settings: Any
) -> None:
    fake.banner = b"HTTP/1.1 400 Bad Request\r\n"
    async with AmiClient(settings(fake)) as client:
        await eventually(lambda: fake.connections >= 3)
        assert "greeted" in str(client.last_error)
        assert not fake.raw


async def test_waiting_for_a_link_has_a_limit_and_says_why(fake: FakeAmi, settings: Any) -> None:
    await fake.down()
    async with AmiClient(settings(fake)) as client:
        with pytest.raises(NotConnected, match="ConnectionRefusedError"):
            await client.connected(0.1)


async def test_back_off_grows_and_is_jittered(
    fake: FakeAmi, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    await fake.down()
    with caplog.at_level(logging.INFO):
        async with AmiClient(settings(fake, backoff_min=0.1, backoff_max=0.8)):
            await eventually(lambda: caplog.text.count("next connection in") >= 5)
    found = (re.search(r"next connection in ([0-9.]+) s", record.message) for record in caplog.records)
    pauses = [float(match[1]) for match in found if match]
    ceilings = [0.1, 0.2, 0.4, 0.8, 0.8]
    shares = [pause / ceiling for pause, ceiling in zip(pauses, ceilings, strict=False)]
    assert all(0.45 <= share <= 1.05 for share in shares)
    assert len(set(shares)) > 1
