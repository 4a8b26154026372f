"""Keys of web forms in memory, as far as the APIs ask of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bridge.campaigns.errors import NoSuchItem
from bridge.intake.errors import NoSuchDoor
from bridge.intake.model import Entry, IntakeKey, Outcome, Post

if TYPE_CHECKING:
    from api_fakes.world import FakeSite


class FakeIntake:
    """Both sides of the keys: what comes in, and what administrators do."""

    def __init__(self, site: FakeSite) -> None:
        self.site = site
        self.opens: dict[str, str] = {}
        """Token → name of the key."""
        self.taken: list[Post] = []
        self.kept: list[Entry] = []
        self.fails: Exception | None = None

    async def key(self, token: str, now: datetime) -> IntakeKey:
        found = await self.site.get(IntakeKey, self.opens.get(token, ""))
        if found is None or not found.open(now):
            raise NoSuchDoor
        return found

    async def take(self, token: str, post: Post) -> IntakeKey:
        found = await self.key(token, post.at)
        if self.fails is not None:
            raise self.fails
        self.taken.append(post)
        return found

    async def known(self, name: str) -> IntakeKey:
        found = await self.site.get(IntakeKey, name)
        if found is None:
            raise NoSuchItem("intake", name)
        return found

    async def add(self, key: IntakeKey) -> str:
        await self.site.add(key)
        return await self.rotate(key.name)

    async def rotate(self, name: str, overlap: timedelta = timedelta(0)) -> str:
        if not overlap:
            self.opens = {token: key for token, key in self.opens.items() if key != name}
        token = f"abi_{name}{len(self.opens)}"
        self.opens[token] = name
        return token

    async def posts(
        self, name: str = "", *, outcomes: Sequence[Outcome] = (), before: int = 0, limit: int = 1000
    ) -> list[Entry]:
        found = (one for one in self.kept if one.key == name and (not outcomes or one.outcome in outcomes))
        return [one for one in found if not before or one.id < before][:limit]

    async def post(self, post_id: int) -> Entry | None:
        return next((one for one in self.kept if one.id == post_id), None)
