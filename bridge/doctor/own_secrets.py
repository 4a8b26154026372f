"""Checks of secrets: who can read their files, and whether they could be guessed."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from bridge.doctor.model import Check, fail, ok, warn
from bridge.secret import Secret
from bridge.settings import Settings
from bridge.tables import TableError, read_toml

__all__ = ["check_files", "check_secrets", "parts_of"]

KNOWN: Final = frozenset(
    {"change-me", "change-me-too", "changeme", "secret", "password"}
    | {"admin", "amp111", "asterisk", "bridge", "test"}
)
"""Of samples and of other systems' installations."""
SHORTEST: Final = 16
"""Characters; `agent-bridge conf plan` makes longer ones."""


def parts_of(url: Secret) -> SplitResult:
    """Those of a URL; none of one that cannot be read, as with a bracket in a password."""
    try:
        return urlsplit(url.reveal())
    except ValueError:
        return urlsplit("")


def check_files(settings: Settings, file: Path) -> Iterator[Check]:
    """Files with secrets, the database among them, are for root, the service and its group."""
    check = "bridge.files"
    there = [path for path in _files(settings, file) if path.is_file()]
    wide = [str(path) for path in dict.fromkeys(there) if _others_reach(path)]
    if wide:
        mend = f"chmod o= {' '.join(wide)}"
        yield fail(check, f"every user of this machine can read or write {', '.join(wide)}", mend)
    else:
        yield ok(check, f"none of {len(there)} files with secrets is open to other users of this machine")


def _files(settings: Settings, file: Path) -> Iterator[Path]:
    if _holds_secret(file):
        yield file
    base = file.parent
    sections = (settings.store, *settings.asterisk, settings.agi, settings.mqtt, settings.recordings)
    for section in sections:
        for field in section.__struct_fields__:
            if field.endswith("_file") and getattr(section, field):
                yield base / getattr(section, field)
    for tls in (settings.http, settings.agi, settings.mqtt):
        if tls.tls_cert:
            yield Path(tls.tls_key or tls.tls_cert)
    url = parts_of(settings.store.url)
    if url.scheme.startswith("sqlite"):
        database = url.path.removeprefix("/")
        yield from (Path(database), Path(f"{database}-wal"))


def _holds_secret(file: Path) -> bool:
    try:
        return _secret_in(read_toml(file.read_text(encoding="utf-8"), str(file)))
    except (OSError, ValueError, TableError):
        return False


def _secret_in(value: Any, key: str = "") -> bool:
    if isinstance(value, Mapping):
        return any(_secret_in(inner, name) for name, inner in value.items())
    if isinstance(value, list):
        return any(_secret_in(inner, key) for inner in value)
    if key == "url":
        return bool(parts_of(Secret(value)).password)
    return key in {"secret", "view_secret", "key"} and bool(value)


def _others_reach(path: Path) -> bool:
    """Whether the file is open to others, and every folder on the way to it."""
    real = path.resolve()
    if not real.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in real.parents)


def check_secrets(settings: Settings) -> Iterator[Check]:
    """Secrets that stand in a sample, repeat a name, or are short."""
    bad, short = [], []
    for what, name, secret in _secrets(settings):
        if secret.lower() in KNOWN or secret == name:
            bad.append(what)
        elif len(secret) < SHORTEST:
            short.append(what)
    mend = "make new ones: openssl rand -hex 16; AMI users' stand in bridge_access.conf, too"
    if bad:
        yield fail("bridge.secrets", f"anybody can guess {', '.join(bad)}", mend)
    if short:
        yield warn("bridge.secrets", f"shorter than {SHORTEST} characters: {', '.join(short)}", mend)
    if not bad and not short:
        yield ok("bridge.secrets", "no secret is short or of a sample")


def _secrets(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """What each is, the name that goes with it, and the secret itself."""
    for server in settings.asterisk:
        if server.secret:
            yield f"the secret of the AMI user {server.user}", server.user, server.secret.reveal()
        if server.view_secret:
            yield f"that of {server.view_user}", server.view_user, server.view_secret.reveal()
    if settings.agi.secret:
        yield "the relays' secret", "", settings.agi.secret.reveal()
    for what, url in (("broker", settings.mqtt.url), ("database", settings.store.url)):
        parts = parts_of(url)
        if parts.password:
            yield f"the {what}'s password", parts.username or "", parts.password
