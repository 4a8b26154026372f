"""Files of the settings for TLS: what cannot be used is named, and a renewed certificate is shown."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Self

import pytest
from certificates import Authority, Pair

from bridge import tls
from bridge.secret import SecretUrl
from bridge.settings import AgiSettings, AsteriskSettings, HttpSettings, MqttSettings
from bridge.store.errors import StoreMisconfigured
from bridge.store.url import parse
from bridge.tls import ServerCertificate


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def pair(authority: Authority) -> Pair:
    return authority.issue("DNS:localhost")


def test_an_old_version_is_not_spoken(authority: Authority, pair: Pair) -> None:
    found = HttpSettings(tls_cert=str(pair.certificate), tls_key=str(pair.key)).certificate()
    assert found is not None
    assert found.context.minimum_version == ssl.TLSVersion.TLSv1_2
    client = AsteriskSettings(tls=True, tls_ca=authority.file).ami().tls
    assert client is not None
    assert (client.minimum_version, client.verify_mode) == (ssl.TLSVersion.TLSv1_2, ssl.CERT_REQUIRED)
    assert client.check_hostname


def test_certificate_and_key_may_be_one_file(pair: Pair, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(pair.certificate.read_bytes() + pair.key.read_bytes())
    assert AgiSettings(tls_cert=str(both)).certificate() is not None


def test_a_file_that_is_not_there_is_named(pair: Pair) -> None:
    with pytest.raises(OSError, match=r"http\.tls_cert: cannot read /none\.pem: No such file"):
        HttpSettings(tls_cert="/none.pem").certificate()
    with pytest.raises(OSError, match=r"agi\.tls_cert: cannot read /none\.key: No such file"):
        AgiSettings(tls_cert=str(pair.certificate), tls_key="/none.key").certificate()
    with pytest.raises(OSError, match=r"asterisk\.tls_ca: cannot read /none\.pem"):
        AsteriskSettings(tls=True, tls_ca="/none.pem").ami()
    with pytest.raises(OSError, match=r"mqtt\.tls_ca: cannot read /none\.pem"):
        MqttSettings(url=SecretUrl("mqtts://broker"), tls_ca="/none.pem").tls()


def test_what_is_no_certificate_is_said(pair: Pair, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other").issue("DNS:localhost")
    with pytest.raises(OSError, match="do not belong together"):
        HttpSettings(tls_cert=str(pair.certificate), tls_key=str(other.key)).certificate()
    with pytest.raises(OSError, match="both in PEM are needed"):
        HttpSettings(tls_cert=str(pair.certificate)).certificate()
    with pytest.raises(OSError, match="holds no certificate"):
        MqttSettings(url=SecretUrl("mqtts://broker"), tls_ca=str(pair.key)).tls()


def test_a_key_with_a_password_is_not_asked_for_at_the_terminal(authority: Authority, pair: Pair) -> None:
    locked = authority.folder / "locked.key"
    authority.run("ec", "-in", pair.key.name, "-aes256", "-passout", "pass:hidden", "-out", locked.name)
    with pytest.raises(OSError, match="the key is encrypted"):
        ServerCertificate(str(pair.certificate), str(locked))


def test_a_key_alone_is_refused() -> None:
    for section in (HttpSettings, AgiSettings, MqttSettings):
        with pytest.raises(ValueError, match="tls_key: is the key of tls_cert"):
            section(tls_key="/some.key")


def test_a_certificate_for_a_broker_in_clear_is_refused() -> None:
    with pytest.raises(ValueError, match="tls_ca: the url must begin with mqtts://"):
        MqttSettings(url=SecretUrl("mqtt://broker"), tls_ca="/ca.pem")


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("sslmode=verify", "sslmode: one of disable, allow, prefer, require, verify-ca, verify-full"),
        ("sslmode=verify-full&sslrootcert=/none.pem", "sslrootcert: cannot read /none.pem"),
        ("sslmode=require&sslrootcert=/ca.pem", "sslrootcert: is of no use without sslmode=verify-full"),
        ("sslrootcert=/ca.pem", "sslrootcert: is of no use without sslmode=verify-full"),
        ("sslmode=verify-full&sslkey=/some.key", "sslkey: is the key of sslcert, which is missing"),
        ("sslmode=verify-ca&sslrootcert=/a&sslrootcert=/b", "sslrootcert: may be given once"),
    ],
)
def test_what_a_database_url_says_of_tls_is_checked(query: str, why: str) -> None:
    with pytest.raises(StoreMisconfigured) as refused:
        parse(f"postgresql://u:hidden@h/name?{query}")
    assert str(refused.value).startswith(why)


class Shown:
    """A server whose certificate is looked at."""

    def __init__(self, certificate: ServerCertificate) -> None:
        self._certificate = certificate

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=self._certificate.context
        )
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def accepted(self, authority: Authority) -> bool:
        try:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", self._port, ssl=authority.client(), server_hostname="localhost"
            )
        except ssl.SSLCertVerificationError:
            return False
        writer.close()
        return True


@pytest.fixture
def installed(authority: Authority, tmp_path: Path) -> Pair:
    """A pair where the settings say."""
    made = authority.issue("DNS:localhost", "0", name="old")
    return Pair(*(Path(made[i]).replace(tmp_path / name) for i, name in enumerate(("cert.pem", "key.pem"))))


async def test_a_renewed_certificate_is_shown_without_a_restart(
    authority: Authority, installed: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "LOOK_EVERY", 0.02)
    certificate = ServerCertificate(*map(str, installed))
    following = asyncio.create_task(certificate.follow())
    async with Shown(certificate) as server, asyncio.timeout(10):
        assert not await server.accepted(authority)
        for new, place in zip(authority.issue("DNS:localhost", name="new"), installed, strict=True):
            new.replace(place)
        while not await server.accepted(authority):  # noqa: ASYNC110  it is asked each time anew
            await asyncio.sleep(0.02)
    following.cancel()


async def test_a_renewal_that_cannot_be_used_changes_nothing(authority: Authority) -> None:
    good = authority.issue("DNS:localhost", name="good")
    certificate = ServerCertificate(*map(str, good))
    good.key.write_bytes(authority.issue("DNS:localhost", name="another").key.read_bytes())
    assert certificate.read_again() is False
    async with Shown(certificate) as server:
        assert await server.accepted(authority)
    good.key.unlink()
    assert certificate.read_again() is False
