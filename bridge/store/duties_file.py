"""Duties on SQLite: all of them belong to the one bridge that the file may have."""

from __future__ import annotations

import fcntl
import math
import os
from pathlib import Path

from bridge.store.connection import Connection
from bridge.store.duties import Duty
from bridge.store.errors import StoreLocked, StoreMisconfigured


class FileDuties:
    """Held as long as this process holds a lock beside the database file.

    The command line takes no duties; a lock of its own (`bridge.admin.place`) keeps it and a service apart.

    Args:
        path: The database file.
    """

    def __init__(self, path: Path) -> None:
        # A file of its own: closing the database's would take away SQLite's locks on it.
        self._path = path.with_name(f"{path.name}.serving")
        self._file = -1
        self._duties: dict[str, Duty] = {}

    def duty(self, name: str) -> Duty:
        """See `Duties`."""
        if name not in self._duties:
            self._duties[name] = Duty(name, self._settle)
        return self._duties[name]

    @property
    def held(self) -> list[str]:
        """See `Duties`."""
        return sorted(name for name, duty in self._duties.items() if duty.held)

    async def start(self) -> None:
        """See `Duties`."""
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreMisconfigured(f"cannot make the lock file {self._path}: {error.strerror}") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            await self.close()
            raise StoreLocked(
                f"another bridge serves on {self._path.with_suffix('')}: an SQLite file bears one,"
                " several bridges need PostgreSQL"
            ) from None
        self._settle()

    async def alone(self, conn: Connection) -> bool:
        """See `Duties`."""
        del conn
        return True

    async def is_held(self, conn: Connection, name: str) -> bool:
        """See `Duties`: nobody else can have one."""
        del conn
        return name in self._duties and self._duties[name].held

    async def close(self) -> None:
        """See `Duties`."""
        for duty in self._duties.values():
            duty.lose()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _settle(self) -> None:
        for duty in self._duties.values():
            if duty.wanted and not duty.held and self._file >= 0:
                duty.take(math.inf, 0)
