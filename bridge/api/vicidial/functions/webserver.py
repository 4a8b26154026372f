"""`webserver`: what answers, and how it is."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Final

from bridge.api.vicidial.call import FunctionCall

NONE: Final = "none"
"""For what the original has and the bridge has not: PHP, Apache and their settings."""
_PHP: Final = (
    "maximum execution time",
    "maximum input time",
    "memory limit",
    "post maximum size",
    "upload maximum filesize",
    "default socket timeout",
)


async def webserver(call: FunctionCall) -> str:
    """The lines that the original prints, in its order; nothing that would help to break in."""
    call.check_permission()
    free = await asyncio.to_thread(shutil.disk_usage, "/")  # a file system may be slow to answer
    told = lines(call.services.options.timezone, call.epoch, free.free)
    return "<PRE>\nWebserver Data:\n" + "".join(f"{name}: {value}\n" for name, value in told) + "</PRE>\n"


def lines(zone: tzinfo, epoch: int, free_bytes: int) -> Iterable[tuple[str, object]]:
    """Names and values.

    Args:
        zone: the site's time zone.
        epoch: Unix time of the request.
        free_bytes: what is free on the disk.
    """
    now = datetime.fromtimestamp(epoch, zone)
    node = platform.node()
    yield "set.timezone", zone
    yield "abbr.timezone", now.tzname()
    yield "dst.timezone", int(bool(now.dst()))
    yield "uname", f"{platform.system()} {platform.machine()}"
    yield "host name", node
    yield "server name", node
    yield "php version", NONE
    yield "apache version", NONE
    yield "apache processes", 0
    yield "system load average", f"{os.getloadavg()[0]:.2f}"
    yield "disk free space", free_bytes
    yield "date.timezone", zone
    for name in _PHP:
        yield name, NONE
