"""A database in a file, and a real mosquitto that can be stopped, frozen and started again."""

from __future__ import annotations

from events_fixtures import (
    _nothing_is_left,
    broker,
    db,
    keeping_broker,
    log,
)

__all__ = [
    "_nothing_is_left",
    "broker",
    "db",
    "keeping_broker",
    "log",
]
