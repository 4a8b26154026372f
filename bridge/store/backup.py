"""A copy of the store's SQLite file, made while a bridge writes it.

The pages are copied by SQLite's own online backup (https://www.sqlite.org/backup.html), in steps, out of one
snapshot that is read: with a write-ahead log nobody who writes waits for who reads. They go into
`<file>.part`, and only what is whole and on the disk gets the name.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from bridge.store.errors import BackupFailed

STEP = 512
"""Pages that are copied at once: 2 MiB, some milliseconds."""
SYNCED = 16 * STEP
"""Pages after which the disk is given them: all at the end, a bridge's commits would wait behind them."""
BUSY_SECONDS = 10.0
"""How long a lock of another process is waited for, such as that of a bridge at its start."""
_OF_COPY = ("PRAGMA locking_mode=EXCLUSIVE", "PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF")
SIDES = ("-wal", "-shm", "-journal")
"""What SQLite has beside a database; those of one file must never be taken for another's."""


def reading(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, and makes no file beside one that nobody has open."""
    alone = "" if beside(path, "-wal").exists() else "&immutable=1"
    place = quote(str(path.absolute()))
    return sqlite3.connect(
        f"file:{place}?mode=ro{alone}", uri=True, isolation_level=None, timeout=BUSY_SECONDS
    )


def beside(path: Path, side: str) -> Path:
    """The file of SQLite's, or of ours, beside a database."""
    return path.with_name(path.name + side)


def pages(source: Path) -> int:
    """How many there are to be copied.

    Raises:
        BackupFailed: there is no store that can be read.
    """
    if not source.exists():
        raise BackupFailed(f"there is no store at {source}")
    with said(source), closing(reading(source)) as conn:
        found: int = conn.execute("PRAGMA page_count").fetchone()[0]
        return found


def back_up(
    source: Path, target: Path, *, replace: bool = False, progress: Callable[[int], object] = lambda _: None
) -> None:
    """Copy a store, running or not, to a file for its owner alone.

    Args:
        source: the store's file.
        target: the copy; whatever goes wrong, there is never a half one under this name.
        replace: whether a file of that name may be taken away for it.
        progress: is told how many pages more are done, after each step.

    Raises:
        BackupFailed: it cannot be made.
    """
    refuse_target(source, target, replace=replace)
    with said(target), part_of(target) as (part, file):
        with closing(_live(source)) as conn:
            copy_into(conn, part, file, progress)
        os.fsync(file)
        refuse_target(source, target, replace=replace)  # it may have come meanwhile
        part.replace(target)
        sync_folder(target.parent)


def refuse_target(source: Path, target: Path, *, replace: bool) -> None:
    """Make sure that a copy may have this name.

    Raises:
        BackupFailed: it is the store itself, or there is something else.
    """
    own = (source, *(beside(source, side) for side in (*SIDES, ".sock", ".sock.lock", ".serving")))
    if any(target.absolute() == one.absolute() or _same(target, one) for one in own):
        raise BackupFailed(f"{target} is the store itself: name another file")
    if target.is_symlink() or (target.exists() and not target.is_file()):
        raise BackupFailed(f"{target} is there and is no plain file: name another")
    if target.exists() and not replace:
        raise BackupFailed(f"{target} is there: name another file, or say --force to replace it")
    for side in SIDES:
        if beside(target, side).exists():
            raise BackupFailed(f"{beside(target, side)} is there: a program has {target} open, or was killed")


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _live(source: Path) -> sqlite3.Connection:
    """The store's own file may be written at any moment: never taken for one that stands still."""
    place = quote(str(source.absolute()))
    return sqlite3.connect(f"file:{place}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_SECONDS)


def copy_into(conn: sqlite3.Connection, part: Path, file: int, progress: Callable[[int], object]) -> None:
    """Copy what a connection reads, as of one moment.

    Args:
        conn: to the database; no transaction is open on it.
        part: the copy, empty.
        file: a descriptor of it.
        progress: is told how many pages more are done.

    Raises:
        BackupFailed: there is no room for it.
    """
    with closing(_empty(part)) as copy:
        conn.execute("BEGIN")  # one snapshot: else it would begin anew after each commit of a bridge
        left: int = conn.execute("PRAGMA page_count").fetchone()[0]
        _make_room(part.parent, left * conn.execute("PRAGMA page_size").fetchone()[0])

        def tell(_status: int, remaining: int, _total: int) -> None:
            nonlocal left
            if left // SYNCED != remaining // SYNCED:
                os.fdatasync(file)
            progress(left - remaining)
            left = remaining

        conn.backup(copy, pages=STEP, progress=tell)
        copy.execute("PRAGMA journal_mode=DELETE").close()  # one file, that can be read from a read-only disk


def _empty(part: Path) -> sqlite3.Connection:
    conn = sqlite3.connect(part, isolation_level=None)
    for pragma in _OF_COPY:
        conn.execute(pragma).close()
    return conn


def _make_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        why = f"it needs {needed:,} bytes, and {folder} has {free:,} left"
        raise BackupFailed(f"no room for the copy: {why}")


@contextmanager
def part_of(target: Path) -> Iterator[tuple[Path, int]]:
    """The file that becomes the copy, locked against a second one; what a killed one has left is emptied.

    Yields:
        Its name, and a descriptor. What has not been renamed at the end is taken away.
    """
    part = beside(target, ".part")
    file = os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        _lock(file, part)
        _remove_sides(part)
        os.ftruncate(file, 0)
        os.fchmod(file, 0o600)
        try:
            yield part, file
        finally:
            _remove_sides(part)
            if _same(part, file):
                part.unlink()
    finally:
        os.close(file)


def _lock(file: int, part: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupFailed(f"another backup is writing {part}") from None
    if not _same(part, file):
        raise BackupFailed(f"another backup has just ended on {part}: try again")


def _remove_sides(part: Path) -> None:
    for side in SIDES:
        beside(part, side).unlink(missing_ok=True)


def _same(one: Path, other: Path | int) -> bool:
    try:
        return os.path.samestat(one.stat(), os.stat(other))  # noqa: PTH116  of a path or a descriptor
    except OSError:
        return False


@contextmanager
def said(what: Path) -> Iterator[None]:
    """What the system or SQLite says, in one sentence."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            raise BackupFailed(f"no room for the copy on the disk of {what.parent}") from error
        raise BackupFailed(f"{what} cannot be made or read: {error}") from error
    except OSError as error:
        raise BackupFailed(f"{what} cannot be made: {error.strerror or error}") from error
