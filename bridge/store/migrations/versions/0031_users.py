"""Remote agents, what the line format says of users, and who may change users of her own level.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bridge.store import types

revision = "0031"
down_revision = "0030"

_USERS = sa.table("users", sa.column("user", types.Line()), sa.column("rights", types.Json()))


def upgrade() -> None:
    """Add the columns; who may change users keeps those of her own level, as nobody was asked before."""
    op.add_column("users", sa.Column("remote", types.Line(), nullable=False, server_default=""))
    op.add_column("users", sa.Column("line_settings", types.Json(), nullable=False, server_default="{}"))
    conn = op.get_bind()
    for user, rights in conn.execute(sa.select(_USERS.c.user, _USERS.c.rights)).all():
        if rights.get("modify_users") == 1:
            own = sa.update(_USERS).where(_USERS.c.user == user)
            conn.execute(own.values(rights={**rights, "modify_same_user_level": 1}))
