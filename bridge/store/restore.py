"""Putting a copy into the place of the store: what was there is kept beside it, and nobody is called.

The order is that of a disk that may fail at any moment: under the store's name is always one whole file, the
old one or the new one, and the new one holds from its first moment.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bridge.calls.holds import PREFIX, OpenCall, Restored
from bridge.rules import Held
from bridge.store.backup import SIDES, beside, copy_into, part_of, reading, said, sync_folder
from bridge.store.errors import BackupFailed
from bridge.store.verify import Copy

LISTED = 100
"""Open calls of a copy that are named."""

_OPEN = (
    "SELECT id, state, number, user, asked_at FROM calls WHERE disposed_at IS NULL"
    " ORDER BY asked_at DESC LIMIT ?"
)
_HOLD = "INSERT INTO settings (key, value, updated_at) VALUES (?, ?, ?)"


def restore(
    found: Copy, store: Path, *, now: datetime, progress: Callable[[int], object] = lambda _: None
) -> Path | None:
    """Put a copy into the place of a store on which no bridge runs.

    Args:
        found: the copy, looked through and without a fault.
        store: the file of the store; `place.alone` is held.
        now: the present time.
        progress: is told how many pages more are done.

    Returns:
        The name that the former file has now; `None`: there was none.

    Raises:
        BackupFailed: it cannot be done; the store is as it was.
    """
    copy = Path(found.file)
    if store.exists() and copy.samefile(store):
        raise BackupFailed(f"{copy} is the store itself")
    with said(store), nobody_serves(store), part_of(store) as (part, file):
        with closing(reading(copy)) as conn:
            copy_into(conn, part, file, progress)
        _hold(part, found, now)
        os.fsync(file)
        if os.geteuid() == 0:  # the service is another user
            owner = (store if store.exists() else store.parent.absolute()).stat()
            os.fchown(file, owner.st_uid, owner.st_gid)
        former = _keep(store, now)
        part.replace(store)
        sync_folder(store.parent)
        return former


def _hold(part: Path, found: Copy, now: datetime) -> None:
    """A hold that the copy may have is one of another day."""
    with closing(sqlite3.connect(part, isolation_level=None)) as conn:
        told = Restored(
            file=str(Path(found.file).absolute()),
            newest_event=found.newest_event,
            newest_event_at=found.newest_event_at,
            dnc=found.dnc,
            newest_dnc_at=found.newest_dnc_at,
            open_calls=found.open_calls,
            first_open=tuple(OpenCall(**_named(row)) for row in conn.execute(_OPEN, (LISTED,))),
        )
        at = now.astimezone(UTC).isoformat(timespec="microseconds")
        conn.execute("BEGIN")
        conn.executemany("DELETE FROM settings WHERE key = ?", [(PREFIX + reason,) for reason in Held])
        conn.execute(_HOLD, (PREFIX + Held.RESTORED, msgspec.json.encode(told).decode(), at))
        conn.execute("COMMIT")


def _named(row: tuple[str, ...]) -> dict[str, str]:
    return dict(zip(("id", "state", "number", "agent", "asked_at"), row, strict=True))


def _keep(store: Path, now: datetime) -> Path | None:
    """A second name for the file that is there, with all that was written; no log stays for the new one."""
    if not store.exists():
        _remove_sides(store)
        return None
    former = beside(store, f".before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    if any(beside(former, side).exists() for side in ("", *SIDES)):
        raise BackupFailed(f"{former} is there: try again")
    former.hardlink_to(store)
    log = beside(former, "-wal")
    try:
        with suppress(FileNotFoundError):
            log.hardlink_to(beside(store, "-wal"))
        _settle(store)
    except BaseException:
        former.unlink()
        log.unlink(missing_ok=True)
        raise
    if log.exists() and not log.stat().st_size:
        log.unlink()
    sync_folder(store.parent)
    _remove_sides(store)
    return former


def _settle(store: Path) -> None:
    """Bring what is in the log into the file. A damaged one, the reason for all this, keeps its log.

    Under the second name, that is: SQLite may take away the log of a file that it cannot read.
    """
    try:
        with closing(sqlite3.connect(store, isolation_level=None, timeout=1)) as conn:
            busy = bool(conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
    if busy:
        raise BackupFailed(f"another program has {store} open")


def _remove_sides(store: Path) -> None:
    for side in SIDES:
        beside(store, side).unlink(missing_ok=True)


@contextmanager
def nobody_serves(store: Path) -> Iterator[None]:
    """Also a bridge whose socket is elsewhere than these settings say; see `FileDuties`."""
    file = os.open(beside(store, ".serving"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        if os.geteuid() == 0:
            owner = store.parent.absolute().stat()
            os.fchown(file, owner.st_uid, owner.st_gid)
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BackupFailed(f"a bridge serves on {store}: stop it first") from None
    finally:
        os.close(file)
