"""Whose new files are: as those beside them, and the one with the secrets for Asterisk's own group.

A file that Asterisk may not read keeps it from reading everything that includes it, so this has to be right.
"""

from __future__ import annotations

import grp
import pwd
import re
from dataclasses import replace
from pathlib import Path

from bridge.conf.disk import Found
from bridge.conf.errors import NoConfiguration

__all__ = ["Owner", "neighbour", "parse_owner", "secretive"]

SECRET_MODE = 0o640
USUAL = "asterisk"
_RUN = re.compile(r"^\s*run(user|group)\s*=>?\s*([^\s;]+)", re.MULTILINE)

Owner = tuple[int, int]
"""User and group, by number."""


def parse_owner(text: str) -> Owner:
    """Read `user:group`, by name or number.

    Raises:
        ValueError: it has another form, or there is no such user or group.
    """
    user, colon, group = text.partition(":")
    if not (user and colon and group):
        raise ValueError(f"--owner: {text!r} is not of the form user:group")
    try:
        uid = int(user) if user.isdecimal() else pwd.getpwnam(user).pw_uid
        gid = int(group) if group.isdecimal() else grp.getgrnam(group).gr_gid
    except KeyError as error:
        raise ValueError(f"--owner: {error.args[0]}") from None
    return uid, gid


def neighbour(folder: Path, owner: Owner | None) -> Found:
    """An empty file with the owner and mode of the files that are there.

    Raises:
        NoConfiguration: there is none.
    """
    for name in ("asterisk.conf", "extensions.conf", "manager.conf"):
        if (folder / name).is_file():
            status = (folder / name).stat()
            uid, gid = owner or (status.st_uid, status.st_gid)
            return Found(b"", status.st_mode & 0o664 | 0o600, uid, gid)
    raise NoConfiguration(f"{folder} holds no Asterisk configuration: --asterisk-dir names another")


def secretive(pattern: Found, folder: Path, owner: Owner | None) -> Found:
    """The same for a file that only Asterisk may read.

    Where the configuration is root's, as after an installation from source, Asterisk's group is looked for:
    the one in asterisk.conf, else that of the user it runs as, else the usual one.
    """
    gid = pattern.gid
    if owner is None and pattern.uid == 0:
        gid = _group_of_asterisk(folder / "asterisk.conf", pattern.gid)
    return replace(pattern, mode=SECRET_MODE, gid=gid)


def _group_of_asterisk(settings: Path, otherwise: int) -> int:
    text = settings.read_text(encoding="utf-8", errors="replace") if settings.is_file() else ""
    told = dict(_RUN.findall(text))
    try:
        if "group" in told:
            return grp.getgrnam(told["group"]).gr_gid
        return pwd.getpwnam(told.get("user", USUAL)).pw_gid
    except KeyError:
        return otherwise
