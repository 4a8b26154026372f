"""TLS to Asterisk, with certificates made for the test: only the right one is accepted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from certificates import Authority
from fake_ami import FakeAmi
from fake_ami.waiting import eventually

from bridge.ami import AmiClient, AmiConnectError, CertificateRefused, LinkState, actions
from bridge.ami.connection import AmiConnection


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.mark.usefixtures("nothing_left")
async def test_the_right_certificate_is_accepted(authority: Authority, settings: Any) -> None:
    async with FakeAmi(tls=authority.issue("IP:127.0.0.1").server()) as fake:
        async with AmiClient(settings(fake, tls=authority.client(), plain_login=True)) as client:
            await client.connected(5)
            assert await client.send(actions.Ping())
        assert fake.count("Login") == 1


@pytest.mark.usefixtures("nothing_left")
async def test_the_name_to_check_can_be_told(authority: Authority, settings: Any) -> None:
    async with FakeAmi(tls=authority.issue("DNS:pbx.example").server()) as fake:
        named = settings(fake, tls=authority.client(), tls_server_name="pbx.example")
        async with AmiClient(named) as client:
            await client.connected(5)


@dataclass(frozen=True)
class Wrong:
    """A certificate that must not be accepted."""

    why: str
    host: str = "IP:127.0.0.1"
    days: str = "1"
    known_issuer: bool = True


WRONG = {
    "other address": Wrong("not valid for '127.0.0.1'", host="IP:127.0.0.9"),
    "other name": Wrong("not valid for '127.0.0.1'", host="DNS:other.example"),
    "expired": Wrong("expired", days="0"),
    "unknown issuer": Wrong("unable to get local issuer", known_issuer=False),
}


@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
async def test_a_wrong_certificate_is_refused_before_anything_is_said(
    authority: Authority, tmp_path: Path, settings: Any, wrong: Wrong
) -> None:
    trusted = authority if wrong.known_issuer else Authority(tmp_path / "other", "Other CA")
    async with FakeAmi(tls=authority.issue(wrong.host, wrong.days).server()) as fake:
        with pytest.raises(CertificateRefused, match=wrong.why):
            await AmiConnection(settings(fake, tls=trusted.client())).open()
        assert not fake.raw


@pytest.mark.usefixtures("nothing_left")
async def test_a_refused_certificate_is_shown_and_tried_again(authority: Authority, settings: Any) -> None:
    async with (
        FakeAmi(tls=authority.issue("DNS:other.example").server()) as fake,
        AmiClient(settings(fake, tls=authority.client())) as client,
    ):
        await eventually(lambda: isinstance(client.last_error, CertificateRefused))
        await eventually(lambda: client.state is LinkState.BACKING_OFF)


async def test_tls_to_a_plain_port_is_an_error(fake: FakeAmi, authority: Authority, settings: Any) -> None:
    with pytest.raises(AmiConnectError):
        await AmiConnection(settings(fake, tls=authority.client(), connect_timeout=1)).open()
    assert fake.count("Login") == 0


@pytest.mark.usefixtures("nothing_left")
async def test_plain_to_a_tls_port_is_an_error(authority: Authority, settings: Any) -> None:
    async with FakeAmi(tls=authority.issue("IP:127.0.0.1").server()) as fake:
        with pytest.raises(AmiConnectError):
            await AmiConnection(settings(fake, connect_timeout=0.3)).open()
        assert not fake.raw
