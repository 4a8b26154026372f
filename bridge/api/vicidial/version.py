"""`version`, and the refusals to make coffee: what is answered without a login."""

from __future__ import annotations

from datetime import datetime

VERSION = "2.14-82"
"""Version of the format that is followed; callers test it. Not the bridge's own."""
BUILD = "250122-1010"
TEAPOTS = frozenset({"coffee", "start_coffee", "make_coffee", "brew_coffee"})


def version(now: datetime) -> str:
    """Version and build of the format, and the time at the site (`now` is aware, in its zone)."""
    return f"VERSION: {VERSION}|BUILD: {BUILD}|DATE: {now:%Y-%m-%d %H:%M:%S}|EPOCH: {int(now.timestamp())}\n"


def teapot(function: str) -> str:
    """The body of status 418; without a newline, as callers know it."""
    return f"Coffee: {function}|Error 418 I'm a teapot"
