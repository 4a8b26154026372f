"""The service itself behind TLS: who it proves to be, and a renewal while it runs."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from certificates import Authority, Pair

ROOT = Path(__file__).parents[2]
SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Service:
    """`agent-bridge serve` with a certificate, called as `localhost`."""

    def __init__(self, folder: Path, authority: Authority) -> None:
        self.port = free_port()
        self.log = folder / "log"
        self._authority = authority
        self._shown = Pair(folder / "cert.pem", folder / "key.pem")
        self._environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        self._settings = folder / "bridge.toml"
        self._settings.write_text(
            f"[http]\nport = {self.port}\ntls_cert = '{self._shown.certificate}'\n"
            f"tls_key = '{self._shown.key}'\n[agi]\nport = {free_port()}\n"
            f"[store]\nurl = 'sqlite:///{folder}/bridge.db'\n[asterisk]\nport = {free_port()}\n"
        )

    def install(self, host: str = "DNS:localhost", days: str = "1") -> None:
        """Put another certificate where the settings say."""
        for made, place in zip(self._authority.issue(host, days), self._shown, strict=True):
            shutil.copy(made, place)

    async def start(self) -> None:
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bridge", "serve", "--config", str(self._settings)),
                env=self._environment,
                cwd=ROOT,
                stderr=log,
            )
        async with asyncio.timeout(SECONDS):
            while not await self._listens():
                assert self._process.returncode is None, self.log.read_text()
                await asyncio.sleep(0.05)

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def renew(self, host: str, days: str) -> None:
        """Install another certificate, and say so as systemd's reload does."""
        told = self.log.read_text().count("certificate read again")
        self.install(host, days)
        self._process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(SECONDS):
            while self.log.read_text().count("certificate read again") == told:  # noqa: ASYNC110  a file
                await asyncio.sleep(0.02)

    async def ask(self, context: ssl.SSLContext | None) -> bytes:
        """Ask for its health."""
        async with asyncio.timeout(SECONDS):
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", self.port, ssl=context, server_hostname="localhost" if context else None
            )
            try:
                writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return await reader.read()
            finally:
                writer.transport.abort()

    async def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(self._process.wait(), SECONDS) == 0, self.log.read_text()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca")


@pytest.fixture
async def service(tmp_path: Path, authority: Authority) -> AsyncIterator[Service]:
    made = Service(tmp_path, authority)
    made.install()
    await made.start()
    yield made
    await made.stop()


async def test_only_the_right_certificate_is_believed_and_a_renewal_needs_no_restart(
    service: Service, authority: Authority, tmp_path: Path
) -> None:
    assert (await service.ask(authority.client())).startswith(b"HTTP/1.1 200 ")
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer"):
        await service.ask(Authority(tmp_path / "other", "Other CA").client())
    await service.renew("DNS:other.example", "1")
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        await service.ask(authority.client())
    await service.renew("DNS:localhost", "0")
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate has expired"):
        await service.ask(authority.client())
    await service.renew("DNS:localhost", "1")
    assert (await service.ask(authority.client())).startswith(b"HTTP/1.1 200 ")


async def test_old_versions_and_clear_text_get_no_answer(service: Service, authority: Authority) -> None:
    old = authority.client()
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await service.ask(old)
    try:
        answer = await service.ask(None)
    except ConnectionError:
        answer = b""
    assert b"HTTP" not in answer
