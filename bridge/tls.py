"""TLS from files, with errors that name the file; a server's certificate is read again when it is renewed."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

LOOK_EVERY: Final = 30.0
"""Seconds between looks whether the files of a certificate have changed."""

_log = structlog.get_logger(__name__)


class TlsMisconfigured(OSError):  # noqa: N818  the name says what happened
    """A file of the settings cannot be used for TLS."""


def check_pair(certificate: str, key: str) -> None:
    """See that a key is not given alone.

    Raises:
        ValueError: it is.
    """
    if key and not certificate:
        raise ValueError("tls_key: is the key of tls_cert, which is missing")


def client_context(
    ca: str = "", certificate: str = "", key: str = "", *, names: tuple[str, str] = ("tls_ca", "tls_cert")
) -> ssl.SSLContext:
    """For a client: the peer has to prove the name by which it was called.

    Args:
        ca: file with the authorities that are believed; empty: the system's.
        certificate: file of our own chain, for peers that ask for one; empty: none.
        key: file of its key; empty: in the same file.
        names: of the settings of `ca` and `certificate`, for what is said of a file that cannot be used.

    Raises:
        TlsMisconfigured: which file cannot be used, and why.
    """
    with _named(names[0]):
        context = _believing(ca)
    if certificate:
        with _named(names[1]):
            _load(context, certificate, key)
    return context


def _believing(ca: str) -> ssl.SSLContext:
    if ca:
        _readable(ca)
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except ssl.SSLError:
        raise TlsMisconfigured(f"{ca} holds no certificate (PEM) of an authority") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def server_certificate(section: str, certificate: str, key: str) -> ServerCertificate | None:
    """What the server of a section of the settings shows; nothing without a certificate.

    Raises:
        TlsMisconfigured: which file cannot be used, and why.
    """
    if not certificate:
        return None
    with _named(f"{section}.tls_cert"):
        return ServerCertificate(certificate, key)


@contextmanager
def _named(setting: str) -> Iterator[None]:
    try:
        yield
    except TlsMisconfigured as error:
        raise TlsMisconfigured(f"{setting}: {error}") from None


class ServerCertificate:
    """What a server shows, and its context: one for all its life, so that a renewal needs no restart.

    Args:
        certificate: file of the chain.
        key: file of its key; empty: in the same file.

    Raises:
        TlsMisconfigured: which file cannot be used, and why.
    """

    def __init__(self, certificate: str, key: str = "") -> None:
        self._certificate, self._key = certificate, key
        self._seen = self._changed_at()
        self.context = self._read()

    def _read(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        _load(context, self._certificate, self._key)
        return context

    def read_again(self) -> bool:
        """Show what the files hold now, from the next connection on; whether they could be used.

        What cannot be used changes nothing: a certificate of yesterday is better than none.
        """
        self._seen = self._changed_at()
        try:
            self._read()  # first into another context: half of a pair in the real one would be its end
            _load(self.context, self._certificate, self._key)
        except TlsMisconfigured as error:
            _log.error("the renewed certificate cannot be used, the old one stays", error=str(error))
            return False
        _log.info("certificate read again", file=self._certificate)
        return True

    async def follow(self) -> None:
        """Read the files again whenever they have changed, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if self._changed_at() != self._seen:
                self.read_again()

    def _changed_at(self) -> tuple[int, ...]:
        """Of links, as certbot makes them, what they lead to."""
        return tuple(_changed_at(Path(name)) for name in (self._certificate, self._key) if name)


def _changed_at(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0  # just being replaced


def _load(context: ssl.SSLContext, certificate: str, key: str) -> None:
    for file in (certificate, key):
        if file:
            _readable(file)
    try:
        context.load_cert_chain(certificate, key or None, password=_no_password)
    except ssl.SSLError as error:
        what = f"{certificate} and {key}" if key else certificate
        why = "they do not belong together" if "MISMATCH" in (error.reason or "") else "not PEM"
        raise TlsMisconfigured(
            f"{what}: no certificate with its key ({why if key else 'both in PEM are needed'})"
        ) from None


def _readable(file: str) -> None:
    try:
        Path(file).read_bytes()
    except OSError as error:
        raise TlsMisconfigured(f"cannot read {file}: {error.strerror}") from None


def _no_password() -> str:
    """OpenSSL would ask the terminal."""
    raise TlsMisconfigured("the key is encrypted: give one without a password, readable to the service alone")
