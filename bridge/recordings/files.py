"""Asterisk's folder of recordings, as the bridge sees it: what a recording names is read, or removed."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from bridge.recordings.model import EXTENSION, FILENAME

CHUNK: Final = 64 * 1024
"""Bytes that are read at once."""

_HEAD = 8
"""The first bytes of a WAV file: `RIFF`, and how many bytes follow."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that is open; close it."""

    stream: BinaryIO
    size: int
    complete: bool
    """Whether its header says how long it is: Asterisk fills that in when it closes the file."""

    def read(self, start: int, length: int) -> bytes:
        """Some bytes of it; fewer only at its end."""
        return os.pread(self.stream.fileno(), length, start)

    def close(self) -> None:
        """Let go of it."""
        self.stream.close()


class Folder:
    """Where the files are.

    Args:
        path: the folder; empty: the bridge has none.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path) if path else None

    @property
    def known(self) -> bool:
        """Whether there is a folder at all."""
        return self._path is not None

    def remove(self, filename: str) -> bool:
        """Remove a recording's file; whether it is known not to be there any more."""
        if self._path is None or not FILENAME.fullmatch(filename):
            return False
        try:
            (self._path / f"{filename}{EXTENSION}").unlink(missing_ok=True)
        except OSError:
            return False
        return self._path.is_dir()  # where there is no folder, nothing can be told of its files

    def open(self, filename: str) -> OpenFile | None:
        """Open a recording's file; `None` if it is not there, or is none that may be given to anybody.

        What a name stands for is looked for in the folder itself and nowhere else: it has neither dots nor
        slashes, and a link that somebody has put there is not followed.
        """
        if self._path is None or not FILENAME.fullmatch(filename):
            return None
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            number = os.open(self._path / f"{filename}{EXTENSION}", flags)
        except OSError:
            return None
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            os.close(number)
            return None
        head = os.pread(number, _HEAD, 0)
        follow = int.from_bytes(head[4:], "little")
        return OpenFile(os.fdopen(number, "rb"), found.st_size, follow + _HEAD == found.st_size)
