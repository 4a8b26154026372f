"""Where the socket is, and who has it.

Beside it is a file that is locked, `<socket>.lock`: by a service for as long as it lives, in common by those
who write straight into the store. The system takes the lock back from a process that is killed. So who has
the lock alone may replace a socket that was left behind, and no service comes up, and remembers the site,
while somebody still writes past it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from bridge.admin.errors import AdminError
from bridge.settings import Settings
from bridge.store.url import parse

WITHOUT_FILE = Path("/var/lib/agent-bridge/admin.sock")
"""The socket of a bridge whose database is no file."""
LONGEST = 107
"""Bytes that the path of a Unix socket can have (`sun_path` of unix(7), without its NUL)."""
WRITERS_SECONDS = 15.0
"""How long a start waits for those who write into the store: a work may take 10 s there."""
BACKLOG = 128
"""Connections that may wait; as many as a usual kernel keeps at least."""


def socket_path(settings: Settings) -> Path:
    """The socket of the service with these settings.

    Raises:
        AdminError: its path is too long.
        StoreMisconfigured: the store's URL cannot be used.
    """
    url = parse(settings.store.url.reveal())
    file = url.database if url.get_backend_name() == "sqlite" else None
    path = Path(settings.admin.socket or (f"{file}.sock" if file else WITHOUT_FILE))
    if len(os.fsencode(path)) > LONGEST:
        raise AdminError(f"{path}: a socket's path has at most {LONGEST} bytes; set [admin] socket")
    return path


@asynccontextmanager
async def listening(path: Path) -> AsyncIterator[socket.socket]:
    """The socket, for its owner alone; nobody is answered before somebody accepts.

    Raises:
        AdminError: another service has it, or it cannot be made.
    """
    try:
        lock = _open_lock(path)
    except OSError as error:
        raise _cannot(path, error) from None
    try:
        await _lock(lock, path)
        with _bound(path) as listener:
            yield listener
    finally:
        os.close(lock)


@contextmanager
def no_service(path: Path) -> Iterator[bool]:
    """Whether there is no service now; if so, none comes up for as long as the context stands."""
    try:
        lock = _open_lock(path)
    except OSError:  # nor can a service have it, of this user's
        yield True
        return
    try:
        yield _try_lock(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Neither a service nor a command that writes into the store, for as long as the context stands.

    Raises:
        AdminError: there is one.
    """
    try:
        lock = _open_lock(path)
    except OSError as error:
        raise AdminError(f"cannot make {path}.lock: {error.strerror or error}") from None
    try:
        if not _try_lock(lock, fcntl.LOCK_EX):
            raise AdminError("a bridge, or a command, is at work on the store: stop the bridge first")
        yield
    finally:
        os.close(lock)


def _open_lock(path: Path) -> int:
    # A link that the service's user has put there must not make root give it somebody else's file.
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    if os.geteuid() == 0 and os.fstat(lock).st_nlink == 1:  # made by root, it still has to be the service's
        owner = path.parent.stat()
        with suppress(OSError):
            os.fchown(lock, owner.st_uid, owner.st_gid)
    return lock


def _try_lock(lock: int, how: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(lock, how | fcntl.LOCK_NB)
        return True
    return False


async def _lock(lock: int, path: Path) -> None:
    """Take the lock alone, after those who write into the store."""
    try:
        async with asyncio.timeout(WRITERS_SECONDS):
            while not _try_lock(lock, fcntl.LOCK_EX):
                _refuse_second(lock, path)
                await asyncio.sleep(0.05)
    except TimeoutError:
        why = f"a command has been writing into the store for {WRITERS_SECONDS:g} s ({path}.lock)"
        raise AdminError(why) from None


def _refuse_second(lock: int, path: Path) -> None:
    """Writers have the lock in common, a service alone."""
    if not _try_lock(lock, fcntl.LOCK_SH):
        raise AdminError(f"another bridge has {path}: each needs a store, or [admin] socket, of its own")
    fcntl.flock(lock, fcntl.LOCK_UN)


@contextmanager
def _bound(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            _remove(path)
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(BACKLOG)
        except OSError as error:
            raise _cannot(path, error) from None
        listener.settimeout(0)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _remove(path: Path) -> None:
    """Take away the socket of a service that was killed; nothing else that may be there."""
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise AdminError(f"{path} is there and is no socket: move it away, or set [admin] socket")
        path.unlink()


def _cannot(path: Path, error: OSError) -> AdminError:
    return AdminError(f"cannot make the socket {path}: {error.strerror or error}; see [admin] socket")
