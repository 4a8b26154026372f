"""The files in the site's folder of sounds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

MOST_FILES: Final = 10_000
"""Files that one answer lists."""
_AUDIO: Final = frozenset({".wav", ".gsm", ".mp3", ".ulaw", ".alaw", ".sln", ".sln16", ".g722", ".wav49"})


class SoundFile(NamedTuple):
    """One of them."""

    name: str
    size: int
    """Bytes."""
    epoch: int
    """When it was written, in seconds."""


def sound_files(folder: Path) -> list[SoundFile]:
    """Those that hold sound, in no order; blocks.

    Raises:
        OSError: the folder is not there, or cannot be read.
    """
    return [file for _, file in zip(range(MOST_FILES), _audio(folder), strict=False)]


def _audio(folder: Path) -> Iterator[SoundFile]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if Path(entry.name).suffix.lower() in _AUDIO and entry.is_file():
                known = entry.stat()
                yield SoundFile(entry.name, known.st_size, int(known.st_mtime))
