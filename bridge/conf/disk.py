"""Files as they are, with what belongs to them, and how they are replaced: wholly or not at all."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bridge.conf.errors import ConfError, NotAFile, NotPermitted

__all__ = ["Found", "locked", "look", "put", "sync", "take_away"]


@dataclass(frozen=True, slots=True)
class Found:
    """A file: its bytes and what else a restored one has to have.

    Attributes:
        data: the content.
        mode: permission bits.
        uid: the owner.
        gid: the group.
        attributes: extended attributes, access control lists among them.
    """

    data: bytes
    mode: int
    uid: int
    gid: int
    attributes: Mapping[str, bytes] = field(default_factory=dict)


def look(path: Path) -> Found | None:
    """Read a file; `None` if there is none.

    Raises:
        NotAFile: it is a symbolic link, has other names too, or is no ordinary file.
        NotPermitted: it may not be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refusal(path, error) from None
    try:
        return _read(path, handle)
    finally:
        os.close(handle)


def _read(path: Path, handle: int) -> Found:
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode):
        raise NotAFile(f"{path} is not an ordinary file")
    if status.st_nlink != 1:
        raise NotAFile(f"{path} has {status.st_nlink} names (hard links): replacing one would part them")
    with open(handle, "rb", closefd=False) as file:
        data = file.read()
    return Found(data, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, _attributes(handle))


def _refusal(path: Path, error: OSError) -> ConfError:
    if error.errno == errno.ELOOP:
        return NotAFile(f"{path} is a symbolic link, and what it leads to is not ours (FreePBX: --freepbx)")
    if isinstance(error, PermissionError):
        return NotPermitted(f"{path} may not be read by this user")
    return NotAFile(f"{path} cannot be read: {error.strerror}")


def _attributes(handle: int) -> dict[str, bytes]:
    with contextlib.suppress(OSError):  # a file system without any
        return {name: os.getxattr(handle, name) for name in os.listxattr(handle)}
    return {}


def put(path: Path, found: Found, scratch: Path) -> None:
    """Replace a file, or make it, in one step that a crash cannot halve.

    Args:
        path: the file.
        found: what it shall be.
        scratch: a directory of our own on the same file system.

    Raises:
        NotPermitted: this user may not give it that owner, or not write there.
    """
    temporary = scratch / f"{path.name}.new"
    try:
        temporary.unlink(missing_ok=True)
        handle = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        with os.fdopen(handle, "wb") as file:
            file.write(found.data)
            file.flush()
            _dress(handle, found)
            os.fsync(handle)
        temporary.replace(path)
    except PermissionError as error:
        raise NotPermitted(f"{path} cannot be written as it has to be: {error.strerror}") from error
    sync(path.parent)


def _dress(handle: int, found: Found) -> None:
    """Owner first: changing it clears bits of the mode; access lists last, since they hold the mode too."""
    status = os.fstat(handle)
    if (status.st_uid, status.st_gid) != (found.uid, found.gid):
        os.fchown(handle, found.uid, found.gid)
    os.fchmod(handle, found.mode)
    for name, value in found.attributes.items():
        try:
            os.setxattr(handle, name, value)
        except OSError:
            if not name.startswith("security."):  # labels that the kernel sets by its own rules
                raise


def take_away(path: Path) -> None:
    """Remove a file; nothing happens if there is none."""
    path.unlink(missing_ok=True)
    sync(path.parent)


def sync(folder: Path) -> None:
    """Make the names in a directory survive a crash."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep every other run of this command out of the directory.

    Raises:
        ConfError: one is at work.
    """
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConfError(f"another agent-bridge conf is at work in {folder}") from None
    finally:
        os.close(handle)
