"""The site as the services read it and as an administrator changes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

from bridge.access.model import changed_fields
from bridge.access.names import All
from bridge.campaigns import caller_ids, queries
from bridge.campaigns.call_time import LAW, CallTime
from bridge.campaigns.caller_id_group import CallerIdGroup
from bridge.campaigns.errors import InvalidField, ItemExists, ItemInUse, NoSuchItem
from bridge.campaigns.item import SiteItem
from bridge.campaigns.law import BUILT_IN
from bridge.campaigns.messages import STATED
from bridge.campaigns.model import Campaign, Did, Phone, Trunk, UserGroup
from bridge.campaigns.own_number import OwnNumber, readings
from bridge.campaigns.phone_alias import PhoneAlias
from bridge.campaigns.queries import T
from bridge.errors import MessageNotAllowed
from bridge.intake.model import IntakeKey
from bridge.leads.model import LeadList
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction
from bridge.store.exclusive import exclusive
from bridge.tables import near
from bridge.webhooks.model import Webhook

R = TypeVar("R")

PAGE = 1000
"""Most things that one answer lists."""
CACHE_ENTRIES = 10_000
"""Things that are remembered."""
TOPIC = "site"
"""Of the notices by which other bridges learn of a change."""


class Site:
    """The configuration in one store. What was read is remembered until something is changed.

    On SQLite nobody else changes it while a service runs (`bridge.admin`). On PostgreSQL others tell of it,
    and who cannot hear them remembers nothing.

    Args:
        db: the store.
        country: ISO 3166 code of the place from which is dialled: so caller ids without `+` are read.
    """

    def __init__(self, db: Database, country: str = "US") -> None:
        self._db = db
        self._country = country
        self._cache: dict[tuple[str, str], Any] = {}
        self._generation = 0
        self._listeners: list[Callable[[], object]] = []
        db.notices.hear(TOPIC, lambda _: self.forget(), own=True)
        db.notices.when_missed(self.forget)

    def on_change(self, listener: Callable[[], object]) -> None:
        """Call it whenever something may have been changed, by whichever bridge."""
        self._listeners.append(listener)

    async def campaign(self, campaign: str) -> Campaign | None:
        """One campaign."""
        return await self.get(Campaign, campaign)

    async def speaking(self, campaign: str) -> Campaign:
        """A campaign in whose calls recorded messages may be played.

        Raises:
            MessageNotAllowed: it is not there, or has not stated what the law asks for.
        """
        found = await self.campaign(campaign)
        missing = found.unstated if found else STATED
        if found is None or missing:
            why = f"campaign {campaign} has not stated {', '.join(missing)}: it plays no recorded message"
            raise MessageNotAllowed(why, campaign=campaign, missing=",".join(missing))
        return found

    async def phone(self, login: str) -> Phone | None:
        """One phone."""
        return await self.get(Phone, login)

    async def phone_at(self, extension: str, asterisk: str, first: str) -> Phone | None:
        """The phone that a server knows by this name.

        Args:
            extension: what Asterisk calls it.
            asterisk: the server.
            first: the server of phones that name none.
        """
        async with self._db.read() as conn:
            found = await queries.phones_of(conn, extension)
        return next((phone for phone in found if (phone.asterisk or first) == asterisk), None)

    async def trunk(self, name: str) -> Trunk | None:
        """One trunk."""
        return await self.get(Trunk, name)

    async def did(self, number: str) -> Did | None:
        """One DID, as the carrier sends it: with or without `+`."""
        plain = number.removeprefix("+")
        return await self.get(Did, number) or await self.get(Did, plain) or await self.get(Did, f"+{plain}")

    async def call_time(self, name: str) -> CallTime | None:
        """One call time: the site's own, or the one of this name that every site has."""
        return await self.get(CallTime, name)

    async def user_group(self, name: str) -> UserGroup | None:
        """One group of users."""
        return await self.get(UserGroup, name)

    async def is_own(self, caller_id: str) -> bool:
        """Whether this caller id is one of the site's own numbers."""
        return any([await self.get(OwnNumber, e164) for e164 in readings(caller_id, self._country)])

    async def get(self, kind: type[T], key: str) -> T | None:
        """One thing of a kind."""
        if not key.isprintable():
            return None
        if self._told and (kind.kind, key) in self._cache:
            known: T | None = self._cache[kind.kind, key]
            return known
        generation = self._generation
        async with self._db.read() as conn:
            found = await queries.get(conn, kind, key) or _built_in(kind, key)
        self._remember(generation, (kind.kind, key), found)
        return found

    async def tells_anything(self) -> bool:
        """Whether any campaign, in-group or list has an address that is called because of its calls."""
        return await self._known("urls", queries.has_urls)

    async def webhooks(self) -> Sequence[Webhook]:
        """The addresses that are told of events."""

        async def read(conn: Connection) -> Sequence[Webhook]:
            found: list[Webhook] = []
            while page := await queries.page(conn, Webhook, found[-1].key if found else "", PAGE):
                found += page
            return found

        return await self._known("webhooks", read)

    async def campaigns_by(self, methods: frozenset[str]) -> Sequence[str]:
        """Ids of the active campaigns with one of these dial methods."""

        async def read(conn: Connection) -> Sequence[str]:
            return await queries.campaigns_by(conn, methods)

        return await self._known(f"campaigns by {sorted(methods)}", read)

    async def _known(self, what: str, read: Callable[[Connection], Awaitable[R]]) -> R:
        """Something that is read of the whole site, once until anything is changed."""
        key = ("", what)
        if self._told and key in self._cache:
            known: R = self._cache[key]
            return known
        generation = self._generation
        async with self._db.read() as conn:
            found = await read(conn)
        self._remember(generation, key, found)
        return found

    async def list(self, kind: type[T], *, after: str = "", limit: int = PAGE) -> list[T]:
        """Things of a kind in the order of their keys, at most `PAGE`; `after` is the last key before."""
        async with self._db.read() as conn:
            found = await queries.page(conn, kind, after, min(limit, PAGE))
        return _with_built_in(kind, found, after, min(limit, PAGE))

    async def add(self, item: SiteItem, *, vouched: bool = False) -> None:
        """Add a thing; `vouched`: as in `put`.

        Raises:
            ItemExists: there is one of this key.
            InvalidField: it refers to something that is not there, or shows a number that is not the site's.
        """

        async def work(tx: Transaction) -> None:
            if await queries.get(tx.conn, type(item), item.key) is not None:
                raise ItemExists(item.kind, item.key)
            await self.put_in(tx, item, vouched=vouched)

        await self._db.write(work)

    async def put(self, item: SiteItem, *, vouched: bool = False) -> tuple[str, ...] | None:
        """Add a thing, or make the one of its key equal to it.

        Args:
            item: as it is to be.
            vouched: who asks may say which numbers are the site's own, and says so of those that it shows.

        Returns:
            Names of the fields that were changed; `None` if the thing is new.

        Raises:
            InvalidField: it refers to something that is not there, or shows a number that is not the site's.
        """
        return await self._db.write(lambda tx: self.put_in(tx, item, vouched=vouched))

    async def edit(
        self, kind: type[T], key: str, change: Callable[[T | None], T], *, vouched: bool = False
    ) -> None:
        """Make of a thing what `change` makes of it, without another's change in between.

        Args:
            kind: of the thing.
            key: of the thing.
            change: is given the thing as it is, `None` if there is none; what it raises ends the work.
            vouched: as in `put`.

        Raises:
            InvalidField: as in `put`.
        """

        async def work(tx: Transaction) -> None:
            await exclusive(tx.conn, f"site {kind.kind} {key}")
            found = await queries.get(tx.conn, kind, key)
            await self.put_in(tx, change(found), vouched=vouched)

        await self._db.write(work)

    async def put_in(
        self, tx: Transaction, item: SiteItem, *, vouched: bool = False
    ) -> tuple[str, ...] | None:
        """The same within a transaction of the caller's."""
        await _check_references(tx, item)
        found = await queries.get(tx.conn, type(item), item.key)
        if vouched:
            await caller_ids.take(tx, item, self._country)
        await caller_ids.check_shown(tx.conn, item, found, self._country)
        changed = None if found is None else _changed(found, item)
        if changed is None or changed:
            await queries.put(tx.conn, item, new=found is None, now=tx.now)
            self._announce(tx)
        return changed

    async def replace(self, key: str, item: SiteItem) -> None:
        """Make the thing of this key what `item` is, whose key may be another one.

        Raises:
            NoSuchItem: there is none of this key.
            ItemExists: there is another one of the new key.
            ItemInUse: something refers to the old key, and the new one is another.
            InvalidField: it refers to something that is not there.
        """

        async def work(tx: Transaction) -> None:
            if item.key == key:
                if await queries.get(tx.conn, type(item), key) is None:
                    raise NoSuchItem(item.kind, key)
            elif await queries.get(tx.conn, type(item), item.key) is not None:
                raise ItemExists(item.kind, item.key)
            else:
                await self._remove_in(tx, type(item), key)
            await self.put_in(tx, item)

        await self._db.write(work)

    async def remove(self, kind: type[T], key: str) -> None:
        """Take a thing away.

        Raises:
            NoSuchItem: there is none of this key.
            ItemInUse: something refers to it.
        """
        await self._db.write(lambda tx: self._remove_in(tx, kind, key))

    async def _remove_in(self, tx: Transaction, kind: type[T], key: str) -> None:
        user = await queries.user_of(tx.conn, kind, key)
        if not user and issubclass(kind, OwnNumber):
            user = await caller_ids.shown_by(tx.conn, key, self._country)
        if user:
            raise ItemInUse(kind.kind, key, user)
        if not await queries.remove(tx.conn, kind, key):
            known = await queries.page(tx.conn, kind, "", PAGE)
            raise NoSuchItem(kind.kind, key, [item.key for item in known])
        self._announce(tx)

    async def take_own_numbers(self) -> None:
        """Take what a site from before the table shows and is called by into it, the first time only."""

        async def work(tx: Transaction) -> None:
            if await caller_ids.take_once(tx, self._country):
                self._announce(tx)

        await self._db.write(work)

    def own_numbers_of(self, items: Iterable[SiteItem]) -> Sequence[OwnNumber]:
        """The numbers that these things show or are called by."""
        uses = (use for item in items for use in caller_ids.uses_of(item))
        return tuple(caller_ids.numbers_of(uses, self._country).values())

    async def refresh(self) -> None:
        """Have every bridge read everything anew."""

        async def work(tx: Transaction) -> None:
            self._announce(tx)

        await self._db.write(work)

    def forget(self) -> None:
        """Read everything anew from now on."""
        self._generation += 1
        self._cache.clear()
        for listener in self._listeners:
            listener()

    @property
    def _told(self) -> bool:
        """Whether this process knows of every change."""
        return not self._db.shared or self._db.notices.listening

    def _announce(self, tx: Transaction) -> None:
        """Others hear of a change with its commit, this process right after it."""
        tx.notify(TOPIC, "")
        tx.after_commit(self.forget)

    def _remember(self, generation: int, key: tuple[str, str], found: object) -> None:
        """Keep what was read, unless a change has come in between."""
        if generation != self._generation:
            return
        if len(self._cache) >= CACHE_ENTRIES:
            self._cache.clear()
        self._cache[key] = found


def _changed(found: SiteItem, item: SiteItem) -> tuple[str, ...]:
    """Names of the fields that differ; custom fields are shown in their order, which no mapping compares."""
    changed = changed_fields(found, item)
    if isinstance(found, LeadList) and isinstance(item, LeadList) and "custom_fields" not in changed:
        moved = list(found.custom_fields) != list(item.custom_fields)
        return (*changed, "custom_fields") if moved else changed
    return changed


def _built_in(kind: type[T], key: str) -> T | None:
    found = BUILT_IN.get(key)
    return found if isinstance(found, kind) else None


def _with_built_in(kind: type[T], found: list[T], after: str, limit: int) -> list[T]:
    """Those that every site has stand among the site's own, which are in the place of theirs."""
    theirs = [item for item in BUILT_IN.values() if isinstance(item, kind) and item.key > after]
    if not theirs:
        return found
    last = found[-1].key if len(found) == limit else None
    own = {item.key for item in found}
    more = [item for item in theirs if item.key not in own and (last is None or item.key < last)]
    return sorted([*found, *more], key=lambda item: item.key)[:limit]


async def _check_references(tx: Transaction, item: SiteItem) -> None:
    await _check_call_times(tx, item)
    match item:
        case Campaign(trunk=trunk, caller_id_group=group):
            if trunk:
                await _exists(tx, Trunk, trunk, "trunk")
            if group:
                await _exists(tx, CallerIdGroup, group, "caller_id_group")
        case Did(campaign=campaign) | LeadList(campaign=campaign) if campaign:
            await _exists(tx, Campaign, campaign, "campaign")
        case IntakeKey(list_id=list_id):
            await _exists(tx, LeadList, str(list_id), "list_id")
        case PhoneAlias(logins=logins):
            for login in logins:
                await _exists(tx, Phone, login, "logins")
        case UserGroup(campaigns=campaigns) if not isinstance(campaigns, All):
            for campaign in sorted(campaigns):
                await _exists(tx, Campaign, campaign, "campaigns")


async def _check_call_times(tx: Transaction, item: SiteItem) -> None:
    """The call times that a thing names are there; `law` is that of the customer's country."""
    match item:
        case Campaign(call_time=name) | LeadList(call_time=name) if name not in ("", LAW):
            names, field = [name], "call_time"
        case CallTime(states=states):
            names, field = list(states.values()), "states"
        case _:
            return
    for name in names:
        if name not in BUILT_IN:
            await _exists(tx, CallTime, name, field)


async def _exists(tx: Transaction, kind: type[T], key: str, field: str) -> None:
    if await queries.get(tx.conn, kind, key) is None:
        known = [entry.key for entry in await queries.page(tx.conn, kind, "", PAGE)]
        raise InvalidField(field, f"there is no {kind.kind} {key!r}{near(key, known)}")
