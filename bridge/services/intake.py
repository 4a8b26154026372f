"""What the APIs need of the keys of web forms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bridge.intake.model import Entry, IntakeKey, Outcome, Post


class Intake(Protocol):
    """What comes in: `bridge.intake.service.Intake`."""

    async def key(self, token: str, now: datetime) -> IntakeKey:
        """The key that a token opens now (`NoSuchDoor`)."""

    async def take(self, token: str, post: Post) -> IntakeKey:
        """Take what was posted; it is on the disk then.

        Raises:
            NoSuchDoor, OverLimit, Unreadable: nothing was taken.
        """


class IntakeKeys(Protocol):
    """The keys, for administrators: `bridge.intake.keys.IntakeKeys`."""

    async def known(self, name: str) -> IntakeKey:
        """A key (`NoSuchItem`)."""

    async def add(self, key: IntakeKey) -> str:
        """Make a key; its token (`ItemExists`, `InvalidField`)."""

    async def rotate(self, name: str, overlap: timedelta = timedelta(0)) -> str:
        """Another token; the old ones are good for the overlap (`NoSuchItem`)."""

    async def posts(
        self, name: str = "", *, outcomes: Sequence[Outcome] = (), before: int = 0, limit: int = 1000
    ) -> list[Entry]:
        """What came in, the newest first."""

    async def post(self, post_id: int) -> Entry | None:
        """One of them."""
