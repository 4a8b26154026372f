"""The wheel as `make wheel` makes it, and what `packaging/install` makes of it, once for all tests."""

from __future__ import annotations

from packaging_fixtures import (
    machine,
    wheel,
)

__all__ = [
    "machine",
    "wheel",
]
