"""When a campaign calls a lead again by itself: after a while, or at once by another of her numbers."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from bridge.campaigns.errors import InvalidField

_STATUS: Final = re.compile(r"[A-Za-z0-9_-]{1,6}")
DELAY: Final = (60, 604_800)
"""Seconds that a lead may wait to be recycled, least and most."""
ATTEMPTS: Final = (1, 10)
"""How often she may be recycled."""
UNREACHED: Final = ("AB", "ADC", "B", "DC", "N", "NA")
"""Statuses after which the next number is dialled, unless a campaign says otherwise: nobody was reached."""


def _between(limits: tuple[int, int]) -> msgspec.Meta:
    return msgspec.Meta(extra_json_schema={"minimum": limits[0], "maximum": limits[1]})


class AutoAltDial(StrEnum):
    """Which other numbers of a lead are dialled by themselves.

    In this order: `alt_phone`, `address3`, the extended ones by their rank.
    """

    NONE = "NONE"
    ALT_ONLY = "ALT_ONLY"
    ADDR3_ONLY = "ADDR3_ONLY"
    ALT_AND_ADDR3 = "ALT_AND_ADDR3"
    EXTENDED_ONLY = "EXTENDED_ONLY"
    ALT_AND_EXTENDED = "ALT_AND_EXTENDED"
    ALT_AND_ADDR3_AND_EXTENDED = "ALT_AND_ADDR3_AND_EXTENDED"

    @property
    def alt(self) -> bool:
        """Whether `alt_phone` is."""
        return "ALT" in self.split("_")

    @property
    def addr3(self) -> bool:
        """Whether `address3` is."""
        return "ADDR3" in self.split("_")

    @property
    def extended(self) -> bool:
        """Whether the extended numbers are."""
        return "EXTENDED" in self.split("_")


class Recycle(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A status with which a lead is called again."""

    status: Annotated[str, msgspec.Meta(extra_json_schema={"pattern": rf"^{_STATUS.pattern}$(?!\n)"})]
    """1 to 6 characters."""
    delay: Annotated[int, _between(DELAY)] = 3600
    """Seconds from the disposition to the next call."""
    attempts: Annotated[int, _between(ATTEMPTS)] = 1
    """How often, until her list is reset; all statuses count together."""

    def __post_init__(self) -> None:
        """Check the fields."""
        if not _STATUS.fullmatch(self.status):
            raise InvalidField("recycle", f"status {self.status[:60]!r}: 1 to 6 letters, digits, '-' or '_'")
        for field, (least, most) in (("delay", DELAY), ("attempts", ATTEMPTS)):
            if not least <= getattr(self, field) <= most:
                raise InvalidField(
                    "recycle", f"{field} {getattr(self, field)} of {self.status} is not in {least} to {most}"
                )
