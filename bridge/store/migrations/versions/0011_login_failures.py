"""Wrong secrets by user and address, no longer by user alone.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0011"
down_revision = "0010"

_RULE = "CONSTRAINT ck_users_failed_logins CHECK (failed_logins >= 0)"


def upgrade() -> None:
    """Add the table and drop the two columns; who is locked now has new tries."""
    op.create_table(
        "login_failures",
        sa.Column("user", types.Line(), nullable=False),
        sa.Column("address", types.Line(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("failed_at", types.Utc(), nullable=False),
        sa.Column("locked_until", types.Utc()),
        sa.PrimaryKeyConstraint("user", "address", name=op.f("pk_login_failures")),
    )
    op.create_index("ix_login_failures_failed_at", "login_failures", ["failed_at"])
    _drop_rule()
    op.drop_column("users", "failed_logins")
    op.drop_column("users", "locked_until")


def _drop_rule() -> None:
    """SQLite cannot drop a rule: its text is changed, as in 0004."""
    conn = op.get_bind()
    if conn.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_users_failed_logins"), "users", type_="check")
        return
    version = conn.exec_driver_sql("PRAGMA schema_version").scalar_one()
    conn.exec_driver_sql("PRAGMA writable_schema=ON")
    conn.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, '') WHERE type = 'table' AND name = 'users'",
        (f"{_RULE}, ",),
    )
    conn.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    conn.exec_driver_sql("PRAGMA writable_schema=RESET")
