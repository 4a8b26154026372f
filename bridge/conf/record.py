"""What was there before the bridge came, kept beside the configuration until it is put back."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from pathlib import Path

import msgspec

from bridge.conf.disk import Found, look, put, sync, take_away
from bridge.conf.errors import RecordUnusable

__all__ = ["Entry", "Record", "discard", "fingerprint", "load", "new_entry", "save", "scratch"]

FOLDER = ".agent-bridge"
FILE = "record.json"
VERSION = 1
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.conf")


class Old(msgspec.Struct, frozen=True):
    """A file as it was; its bytes are Base64 in the record."""

    data: bytes
    mode: int
    uid: int
    gid: int
    attributes: dict[str, bytes]


class Entry(msgspec.Struct, frozen=True):
    """One file that the bridge has changed or is about to.

    Attributes:
        name: within the directory.
        include: the file of ours that it includes; empty for a file of ours itself.
        old: what was there; `None` if nothing was.
        ours: SHA-256 of each content that the bridge has given it, the newest last.
    """

    name: str
    include: str
    old: Old | None
    ours: tuple[str, ...]

    def is_ours(self, found: Found | None) -> bool:
        """Whether a file is as the bridge wrote it."""
        return found is not None and fingerprint(found.data) in self.ours

    def is_old(self, found: Found | None) -> bool:
        """Whether a file is as it was before."""
        return (found.data if found else None) == (self.old.data if self.old else None)

    def before(self) -> Found | None:
        """The file as it was."""
        old = self.old
        return Found(old.data, old.mode, old.uid, old.gid, old.attributes) if old else None

    def written(self, data: bytes) -> Entry:
        """The same with one more content of ours."""
        return msgspec.structs.replace(self, ours=(*self.ours, fingerprint(data)))


class Record(msgspec.Struct, frozen=True):
    """All of them, in the order in which they are written; undone in the reverse one."""

    entries: tuple[Entry, ...] = ()
    version: int = VERSION

    def entry(self, name: str) -> Entry | None:
        """The entry of a file."""
        return next((entry for entry in self.entries if entry.name == name), None)

    def with_entry(self, entry: Entry) -> Record:
        """The same with an entry added or replaced."""
        others = [entry if old.name == entry.name else old for old in self.entries]
        return Record(tuple(others if entry in others else [*others, entry]))


def fingerprint(data: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def new_entry(name: str, include: str, before: Found | None) -> Entry:
    """Remember a file before it is changed for the first time."""
    old = Old(before.data, before.mode, before.uid, before.gid, dict(before.attributes)) if before else None
    return Entry(name, include, old, ())


def scratch(folder: Path) -> Path:
    """The directory of our own, made if it is not there.

    Raises:
        RecordUnusable: something else has that name, or others may write there.
    """
    ours = folder / FOLDER
    with contextlib.suppress(FileExistsError):
        ours.mkdir(mode=0o700)
    _check(ours)
    return ours


def load(folder: Path) -> Record | None:
    """Read the record; `None` if there is none.

    Raises:
        RecordUnusable: it is damaged, of another version, or others could have written it.
    """
    if not os.path.lexists(folder / FOLDER):
        return None
    _check(folder / FOLDER)
    found = look(folder / FOLDER / FILE)
    if found is None:
        return None
    try:
        record = msgspec.json.decode(found.data, type=Record)
    except msgspec.DecodeError as error:
        raise RecordUnusable(f"{folder / FOLDER / FILE} is damaged: {error}") from None
    wrong = [entry.name for entry in record.entries if not _NAME.fullmatch(entry.name)]
    if record.version != VERSION or wrong:
        raise RecordUnusable(f"{folder / FOLDER / FILE} is not of this version of the bridge")
    return record


def _check(ours: Path) -> None:
    status = ours.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise RecordUnusable(f"{ours} is not a directory")
    if status.st_uid not in {0, os.geteuid()} or status.st_mode & 0o022:
        raise RecordUnusable(f"{ours} can be written by others: what it holds is not put back")


def save(folder: Path, record: Record) -> None:
    """Write the record; once this returns it survives a crash."""
    ours = scratch(folder)
    put(ours / FILE, Found(msgspec.json.encode(record), 0o600, os.geteuid(), os.getegid()), ours)
    sync(folder)


def discard(folder: Path) -> None:
    """Remove the record and its directory, with what an interrupted run left in it."""
    ours = folder / FOLDER
    if os.path.lexists(ours):
        _check(ours)
        for file in (*(path for path in ours.iterdir() if path.name != FILE), ours / FILE):
            take_away(file)
        ours.rmdir()
