"""All things of a kind, where one answer of the site holds only so many."""

from __future__ import annotations

import pytest

from bridge.api.every import every
from bridge.campaigns import service
from bridge.campaigns.model import InGroup
from bridge.campaigns.service import Site
from bridge.store.database import Database


async def test_nothing_is_left_out_behind_the_first_page(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(db)
    monkeypatch.setattr(service, "PAGE", 2)
    names = [f"G{number}" for number in range(5)]
    for name in names:
        await site.add(InGroup(name=name))
    assert len(await site.list(InGroup)) == 2
    assert [one.name async for one in every(site, InGroup)] == names
