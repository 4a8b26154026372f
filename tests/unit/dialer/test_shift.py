"""How much of a shift is over, on the site's clock."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bridge.campaigns.model import Campaign, DialMethod
from bridge.dialer.figures import Way, read
from bridge.dialer.pacing import UNDERRATED, risk
from bridge.dialer.shift import share_over
from bridge.rules.history import Drops
from bridge.store.database import Database

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("shift", "utc", "share"),
    [
        ("09:00-21:00", "14:00", 0.0),
        ("09:00-21:00", "20:00", 0.5),
        ("09:00-21:00", "01:59", 719 / 720),
        ("09:00-21:00", "02:00", 1.0),
        ("09:00-21:00", "13:59", 1.0),
        ("22:00-06:00", "03:00", 0.0),
        ("22:00-06:00", "07:00", 0.5),
        ("22:00-06:00", "12:00", 1.0),
        ("00:00-00:00", "17:00", 0.5),
    ],
)
def test_the_share_of_a_shift_that_is_over(shift: str, utc: str, share: float) -> None:
    """In winter New York is five hours behind UTC."""
    now = datetime.fromisoformat(f"2026-11-27T{utc}:00").replace(tzinfo=UTC)
    assert share_over(shift, now, NEW_YORK) == pytest.approx(share)


@pytest.mark.parametrize(("hour", "risked"), [(9, 3.0), (15, 2.0), (21, 1.0)])
async def test_a_campaign_risks_less_towards_the_end_of_its_shift(
    db: Database, hour: int, risked: float
) -> None:
    """Three times the target at its beginning, the target at its end."""
    campaign = Campaign(id="SALES", dial_method=DialMethod.ADAPT_TAPERED)
    way = Way(asterisk="a", trunk="t", max_calls=0)
    now = datetime(2026, 11, 27, hour, tzinfo=NEW_YORK)
    drops = Drops(answered=10_000)
    async with db.read() as conn:
        figures = await read(conn, campaign, way, now, zone=NEW_YORK, drops=drops, may_start=5)
    assert risk(figures) == pytest.approx(risked * 0.03 / UNDERRATED)
