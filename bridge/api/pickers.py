"""What fields of a site's things may hold, as far as the bridge can know."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.api.every import every
from bridge.campaigns.model import Campaign, Phone
from bridge.services import Site

_USUAL_MUSIC = "default"
"""Class that Asterisk plays where none is named."""


async def music_classes(site: Site) -> list[str]:
    """Classes of music that campaigns name: Asterisk tells its own to nobody who may not run commands."""
    classes = {_USUAL_MUSIC} | {one.park_music async for one in every(site, Campaign)}
    return sorted(classes - {""})


async def voicemail_boxes(site: Site) -> Mapping[str, str]:
    """Boxes of phones, by their number, and whose they are."""
    boxes = {one.voicemail: one.name async for one in every(site, Phone) if one.voicemail}
    return dict(sorted(boxes.items()))
