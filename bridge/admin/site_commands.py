"""Commands about what the site consists of."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

import msgspec
from msgspec import Meta

from bridge.admin.command import Command, Limit, Parts, Reading
from bridge.audit.entry import Entry, Result
from bridge.campaigns.errors import NoSuchItem
from bridge.campaigns.item import SiteItem
from bridge.campaigns.load import Changes, load
from bridge.campaigns.queries import KINDS
from bridge.campaigns.site_file import SiteFile, User, dump

Fields = dict[str, Any]
Kind = Annotated[str, Meta(pattern=f"^({'|'.join(KINDS)})$")]


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing of the site, with the kind that says how to read it."""

    kind: Kind
    fields: Fields

    def __post_init__(self) -> None:
        """Refuse at once what is no such thing."""
        self.made()

    @classmethod
    def of(cls, item: SiteItem) -> Self:
        """As it travels."""
        return cls(item.kind, dump(item))

    def made(self) -> SiteItem:
        """As it is used."""
        return msgspec.convert(self.fields, KINDS[self.kind])


class AddItem(Command[str], frozen=True, kw_only=True):
    """Add a thing; says whether it was `added`, or with `replace` also `changed` or `unchanged`."""

    item: Item
    replace: bool

    def tell(self, entry: Entry) -> None:
        """Which, if it is there now."""
        if entry.result is Result.OK:
            entry.on(self.item.kind, self.item.made().key)

    async def do(self, parts: Parts) -> str:
        """See `Command`."""
        item = self.item.made()
        if not self.replace:
            await parts.site.add(item)
            return "added"
        fields = await parts.site.put(item)
        return "added" if fields is None else "changed" if fields else "unchanged"


class ListItems(Reading[list[Fields]], frozen=True, kw_only=True):
    """Things of a kind in the order of their keys."""

    kind: Kind
    after: str
    limit: Limit

    async def do(self, parts: Parts) -> list[Fields]:
        """See `Command`."""
        found = await parts.site.list(KINDS[self.kind], after=self.after, limit=self.limit)
        return [dump(item) for item in found]


class ShowItem(Reading[Fields], frozen=True, kw_only=True):
    """One thing."""

    kind: Kind
    key: str

    async def do(self, parts: Parts) -> Fields:
        """See `Command`."""
        found = await parts.site.get(KINDS[self.kind], self.key)
        if found is None:
            raise NoSuchItem(self.kind, self.key)
        return dump(found)


class RemoveItem(Command[None], frozen=True, kw_only=True):
    """Take a thing away."""

    kind: Kind
    key: str

    def tell(self, entry: Entry) -> None:
        """Which, if there was one."""
        if entry.result is Result.OK:
            entry.on(self.kind, self.key)

    async def do(self, parts: Parts) -> None:
        """See `Command`."""
        await parts.site.remove(KINDS[self.kind], self.key)


class LoadSite(Command[Changes], frozen=True, kw_only=True):
    """Bring the site to what a file says."""

    seconds: ClassVar[float] = 600.0
    """Each secret takes some 0.1 s of a core to hash."""

    items: list[Item]
    users: list[User]
    dry_run: bool

    @property
    def reads(self) -> bool:
        """It only says what would be changed."""
        return self.dry_run

    @classmethod
    def of(cls, file: SiteFile, *, dry_run: bool) -> Self:
        """As it travels."""
        return cls(items=[Item.of(item) for item in file.items], users=file.users, dry_run=dry_run)

    async def do(self, parts: Parts) -> Changes:
        """See `Command`."""
        file = SiteFile([item.made() for item in self.items], self.users)
        return await load(parts.db, parts.site, parts.access, file, dry_run=self.dry_run)
