"""The files on the disk: how long one is says how much of it is here, whatever was interrupted when.

Everything here waits for the disk: call it in a thread.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_END = ".part"
_YOUNG = 60.0
"""Seconds: one that was made just now may be known only now."""


class Folder:
    """The folder that they are in, for its owner alone.

    Args:
        path: made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def file(self, upload_id: str) -> Path:
        """Where a file is."""
        return self._path / f"{upload_id}{_END}"

    def free(self) -> int:
        """Bytes that the disk has left."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        return shutil.disk_usage(self._path).free

    def make(self, upload_id: str) -> None:
        """Make an empty file (`OSError`)."""
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self.file(upload_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))

    def length(self, upload_id: str) -> int:
        """Bytes that are here; 0 if the file is gone."""
        try:
            return self.file(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def open(self, upload_id: str) -> int:
        """A descriptor to write behind what is there (`OSError`)."""
        return os.open(self.file(upload_id), os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def cut(self, upload_id: str, length: int) -> None:
        """Let a file be as short as it was (`OSError`)."""
        os.truncate(self.file(upload_id), length)

    def remove(self, upload_id: str) -> None:
        """Take a file away, if it is there."""
        self.file(upload_id).unlink(missing_ok=True)

    def sweep(self, kept: Collection[str]) -> int:
        """Remove the files that nobody knows, but for those of this minute; how many they were."""
        gone, before = 0, time.time() - _YOUNG
        for file in self._path.glob(f"*{_END}"):
            if file.name.removesuffix(_END) not in kept:
                with suppress(OSError):
                    if file.stat().st_mtime < before:
                        file.unlink()
                        gone += 1
        return gone


def write_all(descriptor: int, data: bytes) -> None:
    """Write all of it (`OSError`)."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def settle(descriptor: int) -> None:
    """Bring what was written to the disk, and close."""
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
