"""Where the files are, and how much is taken, by the settings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from bridge.campaigns.service import Site
from bridge.settings import Settings
from bridge.store.database import Database
from bridge.store.url import parse
from bridge.uploads.desk import ImportDesk
from bridge.uploads.model import UploadLimits
from bridge.uploads.runner import ImportRunner

WITHOUT_FILE = "/var/lib/agent-bridge/imports"


def importing(db: Database, site: Site, bridge: str, settings: Settings) -> tuple[ImportRunner, ImportDesk]:
    """What takes files in, and what callers give them to.

    Args:
        db: the open store.
        site: where the lists are.
        bridge: name of this bridge.
        settings: of the site.
    """
    own, folder = settings.imports, folder_of(settings, bridge)
    runner = ImportRunner(
        db, site, bridge, folder, hours=own.unfinished_hours, days=max(own.retention_days, 1)
    )
    limits = UploadLimits(
        part_bytes=own.part_bytes,
        most_bytes=own.max_bytes,
        per_user=own.per_user,
        hours=own.unfinished_hours,
        free_bytes=own.free_bytes,
    )
    return runner, ImportDesk(db, site, bridge, folder, limits=limits, runner=runner)


def folder_of(settings: Settings, bridge: str) -> Path:
    """Each bridge has its own, also where the folder is on a disk that several see."""
    url = parse(settings.store.url.reveal())
    file = url.database if url.get_backend_name() == "sqlite" else None
    return Path(settings.imports.folder or (f"{file}.imports" if file else WITHOUT_FILE)) / quote(
        bridge, safe=""
    )
