"""`version`: what is answered without a login."""

from __future__ import annotations

from datetime import datetime, timedelta

VERSION = "2.14-202"
"""Version of the format that is followed; callers test it. Not the bridge's own."""
BUILD = "250720-1841"


def version(now: datetime) -> str:
    """Version and build of the format, and the time at the site (`now` is aware, in its zone)."""
    summer = now.dst() or timedelta()
    standard = ((now.utcoffset() or timedelta()) - summer) / timedelta(hours=1)
    hours = f"{standard + 1:g}" if summer else f"{standard:.2f}"
    fields = (
        f"VERSION: {VERSION}",
        f"BUILD: {BUILD}",
        f"DATE: {now:%Y-%m-%d %H:%M:%S}",
        f"EPOCH: {int(now.timestamp())}",
        f"DST: {int(bool(summer))}",
        f"TZ: {standard:.2f}",
        f"TZNOW: {hours}",
    )
    return f"{'|'.join(fields)}|\n"
