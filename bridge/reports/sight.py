"""What a caller of the reports sees."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Table, exists, or_, select

from bridge.access.model import Principal
from bridge.access.names import All, Names
from bridge.store.schema import leads, users


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """The limits of a caller and of its group; `None` is no limit."""

    campaigns: frozenset[str] | None = None
    groups: frozenset[str] | None = None
    """Groups of users."""
    agents: frozenset[str] | None = None
    lists: frozenset[int] | None = None
    """Of leads: what has none is not seen then."""
    asked_by: str = ""
    """What this API user has asked for itself is seen, whatever list it is of."""

    @classmethod
    def of(cls, principal: Principal, *, own: bool = False) -> Sight:
        """What a caller sees; one whose group is not defined sees nothing.

        Args:
            principal: the caller.
            own: what it has asked for itself too, if its leads are of other lists than its own.
        """
        scope, limits = principal.scope, principal.limits
        lists = _finite(limits.lists)
        return cls(
            campaigns=_finite(scope.campaigns if scope else frozenset()),
            groups=_finite(scope.groups if scope else frozenset()),
            agents=_finite(limits.agents),
            lists=None if lists is None else frozenset(map(int, lists)),
            asked_by=principal.user if own else "",
        )

    def conditions(self, table: Table) -> list[ColumnElement[bool]]:
        """What rows of calls or recordings must fulfil."""
        rows: Any = table.c
        found: list[ColumnElement[bool]] = []
        if self.campaigns is not None:
            found.append(rows.campaign.in_(self.campaigns))
        if self.groups is not None:
            found.append(rows.user.not_in(select(users.c.user).where(users.c.group.not_in(self.groups))))
        if self.agents is not None:
            found.append(rows.user.in_({"", *self.agents}))
        if self.lists is not None:
            own = leads.alias("seen")  # the query may have its leads joined already
            listed = exists().where(own.c.id == rows.lead_id, own.c.list_id.in_(self.lists))
            found.append(or_(listed, rows.asked_by == self.asked_by) if self.asked_by else listed)
        return found


def _finite(names: Names) -> frozenset[str] | None:
    return None if isinstance(names, All) else names
