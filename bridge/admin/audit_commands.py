"""Commands that read the audit trail."""

from __future__ import annotations

from bridge.access.model import PrincipalKind
from bridge.admin.command import Limit, Parts, Reading
from bridge.admin.user_commands import UserCommand
from bridge.audit.model import AuditQuery, AuditRow, Usage

PAGE = 1000
"""Most rows of one answer."""


class ReadAudit(Reading[list[AuditRow]], frozen=True, kw_only=True):
    """Rows of the trail, newest first; those of a moment ago too."""

    query: AuditQuery

    async def do(self, parts: Parts) -> list[AuditRow]:
        """See `Command`."""
        await parts.audit.flush()
        return await parts.audit.page(self.query)


class ListUsage(Reading[list[Usage]], frozen=True, kw_only=True):
    """What users of some kinds make of their functions, in the order of their names."""

    kinds: frozenset[PrincipalKind]
    after: str
    limit: Limit

    async def do(self, parts: Parts) -> list[Usage]:
        """See `Command`."""
        await parts.audit.flush()
        return await parts.audit.usage(
            await parts.access.users(self.kinds, after=self.after, limit=self.limit)
        )


class ShowUsage(UserCommand[Usage], frozen=True, kw_only=True):
    """What one user makes of its functions."""

    @property
    def reads(self) -> bool:
        """It changes nothing."""
        return True

    async def do(self, parts: Parts) -> Usage:
        """See `Command`."""
        await parts.audit.flush()
        return (await parts.audit.usage([await self.known(parts)]))[0]
