"""What our own files shall hold on this Asterisk."""

from __future__ import annotations

import ipaddress
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence

from bridge.conf.families import ACCESS, FILTERS
from bridge.conf.shipped import shipped
from bridge.doctor.versions import Version, parse

__all__ = ["access", "content", "installed_version", "networks", "read_permits", "read_secrets"]

NAME_FILTERS_SINCE = {20: Version(20, 12), 21: Version(21, 7), 22: Version(22, 2)}
"""Releases that know event filters by name (Asterisk's change log); older ones take regular expressions."""

LOOPBACK = "127.0.0.1/255.255.255.255"

NOBODY = "deny = 0.0.0.0/0.0.0.0\ndeny = ::/0\n"
"""Each for one family of addresses: an entry of the one says nothing about the other."""

ACCESS_HEAD = """\
; Who may use the AMI users of the agent bridge. Made by `agent-bridge conf plan --apply`; keep it secret.
; The bridge's settings take the secrets as secret and view_secret of [[asterisk]].
"""


def content(name: str, version: Version | None, permit: Sequence[str]) -> bytes:
    """The bytes of one of our files.

    Args:
        name: which.
        version: Asterisk's, if known; it decides the form of the event filters.
        permit: networks from which the AMI users may log in; loopback if there is none.

    Raises:
        NotShipped: it is missing from this installation.
    """
    if name == ACCESS:
        return access(permit).encode()
    if name == FILTERS and not _knows_names(version):
        return shipped("bridge_manager_filters_16.conf").encode()
    return shipped(name).encode()


def _knows_names(version: Version | None) -> bool:
    if version is None:
        return False  # the older form is understood by all
    since = NAME_FILTERS_SINCE.get(version.major)
    return version >= since if since else version.major > max(NAME_FILTERS_SINCE)


def access(permit: Sequence[str], kept: Mapping[str, str] | None = None) -> str:
    """Secrets for both users, and from where they may log in.

    Args:
        permit: networks; loopback if there is none.
        kept: secrets that are in use, by AMI user; fresh ones else.
    """
    allowed = "".join(f"permit = {network}\n" for network in permit or [LOOPBACK])
    users = [
        f"\n[{user}-access](!)\nsecret = {(kept or {}).get(user) or secrets.token_hex(24)}\n{NOBODY}{allowed}"
        for user in ("bridge", "bridge-view")
    ]
    return ACCESS_HEAD + "".join(users)


def read_secrets(data: bytes) -> dict[str, str]:
    """The secrets in a `bridge_access.conf`, by AMI user."""
    return {user: value for user, name, value in _settings(data) if name == "secret"}


def read_permits(data: bytes) -> dict[str, list[str]]:
    """The permitted networks in a `bridge_access.conf`, by AMI user."""
    found: dict[str, list[str]] = {}
    for user, name, value in _settings(data):
        if name == "permit":
            found.setdefault(user, []).append(value)
    return found


def _settings(data: bytes) -> Iterator[tuple[str, str, str]]:
    """Each setting of a `bridge_access.conf`: its AMI user, name and value."""
    user = ""
    for line in data.decode("utf-8", "replace").splitlines():
        text = line.partition(";")[0].strip()
        if text.startswith("["):
            user = text[1:].partition("]")[0].removesuffix("-access")
        name, equals, value = text.partition("=")
        if equals:
            yield user, name.strip().lower(), value.removeprefix(">").strip()


def networks(given: Sequence[str]) -> list[str]:
    """Networks as Asterisk writes them.

    Raises:
        ValueError: one is not an address or network.
    """
    found = [ipaddress.ip_network(text, strict=False) for text in given]
    return [
        f"{network.network_address}/{network.netmask}" if network.version == 4 else str(network)
        for network in found
    ]


def installed_version() -> Version | None:
    """The version of the Asterisk on this machine, if there is one."""
    program = shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        return None
    try:
        told = subprocess.run([program, "-V"], capture_output=True, text=True, timeout=10, check=True)  # noqa: S603 - a fixed program with a fixed argument
    except (OSError, subprocess.SubprocessError):
        return None
    return parse(told.stdout.removeprefix("Asterisk ").strip())
