"""One connection: the login, and peers that are not Asterisk."""

from __future__ import annotations

import asyncio

import pytest
from ami_link import Link, Make, opened
from fake_ami import BANNER, FakeAmi, block, say_nothing
from fake_ami.waiting import eventually, never

from bridge.ami import actions
from bridge.ami.connection import AmiConnection
from bridge.ami.errors import AmiConnectError, AmiLoginRefused, NotAsterisk, NotConnected
from bridge.ami.state import ConnectionState


async def test_logs_in_by_challenge_and_never_sends_the_secret(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake)) as link:
        assert link.connection.state is ConnectionState.READY
        assert link.connection.ami_version == "9.0.0"
    assert [action.name for action in fake.actions] == ["Challenge", "Login", "Logoff"]
    assert b"s3cret" not in fake.raw


async def test_sends_the_secret_itself_only_if_asked_to(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake, plain_login=True)):
        assert [action.name for action in fake.actions] == ["Login"]
        assert fake.actions[0]["Secret"] == "s3cret"


async def test_chooses_the_classes_of_events(fake: FakeAmi, settings: Make) -> None:
    async with opened(settings(fake, events="call,user")):
        assert fake.actions[1]["Events"] == "call,user"


async def test_banner_answer_and_first_event_in_one_segment(fake: FakeAmi, settings: Make) -> None:
    fake.banner = b""
    link = Link(settings(fake, plain_login=True))
    opening = asyncio.create_task(link.connection.open())
    await eventually(lambda: fake.sessions)
    await never(lambda: fake.actions, during=0.05)  # nothing is said to somebody who has not greeted
    login = f"{link.connection.id}-1"
    answer = block([("Response", "Success"), ("ActionID", login)])
    fake.answers["Login"] = say_nothing
    fake.sessions[0].write(BANNER + block([("Event", "Early")]))
    await eventually(lambda: fake.count("Login"))
    fake.sessions[0].write(answer + block([("Event", "FullyBooted")]))
    await opening
    link.connection.go_live()
    assert link.names == ["Early", "FullyBooted"]
    await link.connection.close()


async def test_a_refused_login_is_one_clear_error(fake: FakeAmi, settings: Make) -> None:
    connection = AmiConnection(settings(fake, secret="wr0ng"))
    with pytest.raises(AmiLoginRefused, match="Authentication failed") as caught:
        await connection.open()
    assert "wr0ng" not in f"{caught.value!r} {caught.value.__cause__!r} {settings(fake, secret='wr0ng')}"
    assert connection.state is ConnectionState.CLOSED


@pytest.mark.parametrize("banner", [b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail ESMTP\r\n", b"x" * 500])
@pytest.mark.parametrize("plain", [True, False])
async def test_nothing_is_sent_to_a_peer_that_is_not_asterisk(
    fake: FakeAmi,
    settings: Make,
    banner: bytes,
    plain: bool,  # noqa: FBT001 - a parameter
) -> None:
    fake.banner = banner
    with pytest.raises(NotAsterisk):
        await AmiConnection(settings(fake, plain_login=plain)).open()
    assert not fake.raw


async def test_a_peer_that_never_greets_is_given_up(fake: FakeAmi, settings: Make) -> None:
    fake.banner = b""
    with pytest.raises(AmiConnectError, match="banner"):
        await AmiConnection(settings(fake, connect_timeout=0.05)).open()
    assert not fake.raw


async def test_a_login_that_is_never_answered_is_given_up(fake: FakeAmi, settings: Make) -> None:
    fake.answers["Login"] = say_nothing
    with pytest.raises(AmiConnectError, match="login"):
        await AmiConnection(settings(fake, connect_timeout=0.1)).open()


async def test_a_peer_that_closes_during_the_login(fake: FakeAmi, settings: Make) -> None:
    fake.answers["Challenge"] = lambda session, _: session.drop()
    with pytest.raises(AmiConnectError, match="login"):
        await AmiConnection(settings(fake)).open()


async def test_nobody_listens(fake: FakeAmi, settings: Make) -> None:
    await fake.down()
    with pytest.raises(AmiConnectError):
        await AmiConnection(settings(fake)).open()


async def test_cancelling_the_opening_leaves_nothing(fake: FakeAmi, settings: Make) -> None:
    fake.answers["Login"] = say_nothing
    connection = AmiConnection(settings(fake))
    opening = asyncio.create_task(connection.open())
    await eventually(lambda: fake.count("Login"))
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert connection.state is ConnectionState.CLOSED
    await connection.close()


async def test_no_action_goes_out_before_the_login(fake: FakeAmi, settings: Make) -> None:
    connection = AmiConnection(settings(fake))
    with pytest.raises(NotConnected):
        await connection.send(actions.Ping())
    await connection.close()
    assert connection.state is ConnectionState.CLOSED
