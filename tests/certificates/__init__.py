"""Certificates made for a test, by openssl: an authority, and what it signs."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

__all__ = ["Authority", "Pair"]

_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Pair(NamedTuple):
    """Files of a certificate and its key."""

    certificate: Path
    key: Path

    def server(self) -> ssl.SSLContext:
        """Make the context of a server that shows it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self)
        return context


@dataclass
class Authority:
    """A certificate authority in a folder."""

    folder: Path
    name: str = "Test CA"

    def __post_init__(self) -> None:
        if not shutil.which("openssl"):
            pytest.skip("no openssl to make certificates with")
        self.run(
            *("req", "-x509", *_NEW_KEY, "-days", "2", "-subj", f"/CN={self.name}"),
            # Python 3.13 asks an authority for its key usage.
            *("-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key", "-out", "ca.pem"),
        )

    def run(self, *arguments: str) -> None:
        """Run openssl there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)

    @property
    def file(self) -> str:
        """The authority's own certificate."""
        return str(self.folder / "ca.pem")

    def issue(self, host: str, days: str = "1", name: str = "peer") -> Pair:
        """Sign a certificate for `IP:…` or `DNS:…`; with no days it has expired."""
        (self.folder / "ext").write_text(f"subjectAltName={host}\n")
        made = Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        self.run("req", *_NEW_KEY, "-subj", f"/CN={name}", "-keyout", made.key.name, "-out", "request.pem")
        self.run(
            *("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key"),
            *("-CAcreateserial", "-extfile", "ext", "-out", made.certificate.name, "-days", days),
        )
        return made

    def client(self) -> ssl.SSLContext:
        """Make a context that trusts this authority only."""
        return ssl.create_default_context(cafile=self.file)
