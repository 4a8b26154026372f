"""The audit trail is not emptied as a whole, nor a row of it replaced: no trigger for each row hears of that.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

_ON_SQLITE = """
    CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
    BEGIN SELECT RAISE(IGNORE); END
"""
"""`INSERT OR REPLACE` deletes without the triggers of `DELETE`. What is there stays, and nothing is said: a
row that is written twice, because nobody knew whether it had been, is no fault."""

_ON_POSTGRESQL = """
    CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()
"""


def upgrade() -> None:
    """Add the trigger that is missing on this database."""
    op.execute(_ON_SQLITE if op.get_bind().dialect.name == "sqlite" else _ON_POSTGRESQL)
