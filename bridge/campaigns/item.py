"""What all things of a site have in common."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class SiteItem(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that an administrator sets up; found by its key."""

    kind: ClassVar[str]
    """What the command line, the files and `/v1` call it."""
    key_field: ClassVar[str] = "name"

    @property
    def key(self) -> str:
        """What it is found by."""
        return str(getattr(self, self.key_field))
