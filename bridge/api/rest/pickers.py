"""`/v1/sounds` and the like: what fields of a site's things may hold; and `/v1/site/refresh`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import msgspec
from litestar import get, post
from litestar.di import NamedDependency

from bridge.api.pickers import music_classes, voicemail_boxes
from bridge.api.rest.command import Asked
from bridge.api.rest.fields import Limit
from bridge.api.rest.paging import Cursor, linked
from bridge.api.sound_files import SoundFile, sound_files
from bridge.errors import InvalidInput, NotSetUp
from bridge.services import Services

T = TypeVar("T")


class SoundView(msgspec.Struct, frozen=True, kw_only=True):
    """A file in the site's folder of sounds."""

    name: str
    size: int
    """Bytes."""
    changed_at: datetime
    url: str = ""
    """Where it can be heard; empty without `[api] sounds_url`."""

    @classmethod
    def of(cls, file: SoundFile, base: str) -> SoundView:
        """The view of a file."""
        url = f"{base.rstrip('/')}/{quote(file.name)}" if base else ""
        changed = datetime.fromtimestamp(file.epoch, UTC)
        return cls(name=file.name, size=file.size, changed_at=changed, url=url)


class MusicClass(msgspec.Struct, frozen=True, kw_only=True):
    """A class of hold music."""

    name: str


class VoicemailBox(msgspec.Struct, frozen=True, kw_only=True):
    """A box that a phone has."""

    box: str
    name: str
    """Of the phone."""


@get("/sounds", opt={"right": "sounds_list"}, tags=["site"], summary="Sound files of the site")
async def sounds(
    request: Asked, services: NamedDependency[Services], cursor: Cursor = "", limit: Limit = 100
) -> list[SoundView]:
    """By name, 10,000 at most; 409 `not-set-up` if `[api] sounds_folder` is not set, or is not there."""
    folder = services.options.sounds_folder
    if not folder:
        raise NotSetUp("the site has no folder of sounds: [api] sounds_folder")
    try:
        files = sorted(await asyncio.to_thread(sound_files, Path(folder)))
    except OSError as error:
        raise NotSetUp(f"the folder of sounds cannot be read: {error.strerror}") from None
    base = services.options.sounds_url
    return _page(request, services, [SoundView.of(file, base) for file in files], cursor, limit)


def _page(request: Asked, services: Services, found: Sequence[T], cursor: str, limit: int) -> list[T]:
    """A page of what is read whole; the cursor is how many stand before it (`InvalidInput`)."""
    if cursor and not (cursor.isascii() and cursor.isdigit()):
        raise InvalidInput("a cursor comes from the `Link` of the page before", field="cursor")
    begin = int(cursor or 0)
    after = str(begin + limit) if len(found) > begin + limit else None
    return linked(request, services, list(found[begin : begin + limit]), after)


@get("/musicclasses", opt={"right": "moh_list"}, tags=["site"], summary="Classes of hold music")
async def music(
    request: Asked, services: NamedDependency[Services], cursor: Cursor = "", limit: Limit = 100
) -> list[MusicClass]:
    """Those that campaigns name, and `default`: the bridge may not ask Asterisk which others it has."""
    found = [MusicClass(name=name) for name in await music_classes(services.site)]
    return _page(request, services, found, cursor, limit)


@get("/voicemailboxes", opt={"right": "vm_list"}, tags=["site"], summary="Voicemail boxes")
async def boxes(
    request: Asked, services: NamedDependency[Services], cursor: Cursor = "", limit: Limit = 100
) -> list[VoicemailBox]:
    """Those that phones name."""
    boxes_of_phones = (await voicemail_boxes(services.site)).items()
    found = [VoicemailBox(box=box, name=name) for box, name in boxes_of_phones]
    return _page(request, services, found, cursor, limit)


@post(
    "/site/refresh", opt={"right": "server_refresh"}, tags=["site"], status_code=204, summary="Read it anew"
)
async def refresh(services: NamedDependency[Services]) -> None:
    """Every bridge on the store reads campaigns, phones and the rest of the site anew."""
    await services.site.refresh()
