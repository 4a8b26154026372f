"""TLS to Asterisk, with certificates made for the test: only the right one is accepted."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fake_ami import FakeAmi
from fake_ami.waiting import eventually

from bridge.ami import AmiClient, AmiConnectError, CertificateRefused, LinkState, actions
from bridge.ami.connection import AmiConnection


@dataclass
class Authority:
    """A certificate authority in a folder."""

    folder: Path
    name: str = "Test CA"

    def __post_init__(self) -> None:
        self.run(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={self.name}"),
            # Python 3.13 asks an authority for its key usage.
            *("-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key", "-out", "ca.pem"),
        )

    def run(self, *arguments: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    def server(self, host: str, days: str = "1") -> ssl.SSLContext:
        """Make a server's context with a certificate for a host."""
        (self.folder / "ext").write_text(f"subjectAltName={host}\n")
        self.run(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=pbx", "-keyout", "key.pem"),
            *("-out", "request.pem"),
        )
        self.run(
            *("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-extfile", "ext", "-out", "cert.pem", "-days", days),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "cert.pem", self.folder / "key.pem")
        return context

    def client(self) -> ssl.SSLContext:
        """Make a context that trusts this authority only."""
        return ssl.create_default_context(cafile=str(self.folder / "ca.pem"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.mark.usefixtures("nothing_left")
async def test_the_right_certificate_is_accepted(authority: Authority, settings: Any) -> None:
    async with FakeAmi(tls=authority.server("IP:127.0.0.1")) as fake:
        async with AmiClient(settings(fake, tls=authority.client(), plain_login=True)) as client:
            await client.connected(5)
            assert await client.send(actions.Ping())
        assert fake.count("Login") == 1


@pytest.mark.usefixtures("nothing_left")
async def test_the_name_to_check_can_be_told(authority: Authority, settings: Any) -> None:
    async with FakeAmi(tls=authority.server("DNS:pbx.example")) as fake:
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
    async with FakeAmi(tls=authority.server(wrong.host, wrong.days)) as fake:
        with pytest.raises(CertificateRefused, match=wrong.why):
            await AmiConnection(settings(fake, tls=trusted.client())).open()
        assert not fake.raw


@pytest.mark.usefixtures("nothing_left")
async def test_a_refused_certificate_is_shown_and_tried_again(authority: Authority, settings: Any) -> None:
    async with (
        FakeAmi(tls=authority.server("DNS:other.example")) as fake,
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
    async with FakeAmi(tls=authority.server("IP:127.0.0.1")) as fake:
        with pytest.raises(AmiConnectError):
            await AmiConnection(settings(fake, connect_timeout=0.3)).open()
        assert not fake.raw
