"""What a file is that is sent to us, and how it is to be taken in. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType

from bridge.imports.model import ConsentOfAll, Plan


class UploadState(StrEnum):
    """How far it is."""

    UPLOADING = "uploading"
    """Bytes are missing."""
    UPLOADED = "uploaded"
    """All of it is here; nothing of it was taken in."""
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


OPEN = (UploadState.UPLOADING, UploadState.UPLOADED, UploadState.RUNNING)
"""States in which its file is kept."""


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is sent to us."""

    id: str
    name: str
    """Of the file, as its owner calls it."""
    by: str
    """API user who sends it."""
    bridge: str
    """Name of the bridge that has it: parts, preview and start are its business."""
    size: int
    """Bytes that it will have."""
    received: int = 0
    """Bytes that are here."""
    state: UploadState = UploadState.UPLOADING
    why: str = ""
    """Why it has failed."""
    list_id: int = 0
    """List that its leads go to; 0 until it is started."""
    plan: Plan | None = None
    titles: tuple[str, ...] = ()
    import_id: str = ""
    """Of the import that it has become."""
    again: bool = False
    """Whether the same file was taken in the same way before: nothing was added a second time."""
    created_at: datetime
    changed_at: datetime


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is to be read; what is not said is guessed."""

    columns: Mapping[str, str] = {}
    """Field by the title of a column, or by its number from 1; empty: it is passed over."""
    country: str
    """ISO 3166: how a number without a country's code is read."""
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header: bool | None = None
    consent: ConsentOfAll | UnsetType = UNSET


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """Where its leads go."""

    list_id: int
    custom: tuple[str, ...] = ()
    """Names of the list's own fields."""
    duplicates: str = ""


class UploadLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken from whoever sends files."""

    part_bytes: int = 8 << 20
    most_bytes: int = 1 << 30
    """Of one file."""
    per_user: int = 5
    """Files that a user may have here that are not taken in, nor given up."""
    hours: float = 24
    """After which a file is removed that nobody goes on with."""
    free_bytes: int = 256 << 20
    """Of the disk, which are kept for everything else."""
