"""Commands about leads out of files. The file is read by whoever asks: the service only writes the rows."""

from __future__ import annotations

from bridge.admin.command import Command, Limit, Parts, Reading
from bridge.audit.entry import Entry
from bridge.imports.model import Batch, Import, Refusal
from bridge.imports.service import Imports


class ShowListFields(Reading[list[str]], frozen=True, kw_only=True):
    """Names of a list's own fields."""

    list_id: int

    async def do(self, parts: Parts) -> list[str]:
        """See `Command`."""
        return list((await Imports(parts.db, parts.site).target(self.list_id)).custom_fields)


class BeginImport(Command[Import], frozen=True, kw_only=True):
    """Begin an import, or see how far it is."""

    new: Import

    def tell(self, entry: Entry) -> None:
        """Into which list; once for all of its rows."""
        entry.on("list", str(self.new.plan.list_id))

    async def do(self, parts: Parts) -> Import:
        """See `Command`."""
        return await Imports(parts.db, parts.site).begin(self.new)


class TakeRows(Command[Import], frozen=True, kw_only=True):
    """Take some rows in, all of them or none."""

    import_id: str
    batch: Batch

    @property
    def reads(self) -> bool:
        """It stands in the audit trail with its import's beginning: one row, not one for each 500 leads."""
        return True

    async def do(self, parts: Parts) -> Import:
        """See `Command`."""
        return await Imports(parts.db, parts.site).take(self.import_id, self.batch)


class ShowRefusals(Reading[list[Refusal]], frozen=True, kw_only=True):
    """Rows that were refused, in their order, from the one behind `after`."""

    import_id: str
    after: int
    limit: Limit

    async def do(self, parts: Parts) -> list[Refusal]:
        """See `Command`."""
        found = Imports(parts.db, parts.site)
        return await found.refusals(self.import_id, after=self.after, limit=self.limit)
