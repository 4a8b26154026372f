"""Views for those who report with SQL. They are made after the last migration, whichever that is.

Revision ID: 0045
Revises: 0044
"""

from __future__ import annotations

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    """Nothing by itself: see `bridge.store.views`."""
