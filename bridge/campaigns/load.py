"""Bring the store to what a site file says: all of it or nothing, and a second time nothing."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from bridge.access.hashing import new_secret
from bridge.access.model import PrincipalKind
from bridge.access.service import Access
from bridge.campaigns import queries
from bridge.campaigns.errors import InvalidField
from bridge.campaigns.item import SiteItem
from bridge.campaigns.own_number import OwnNumber
from bridge.campaigns.service import Site
from bridge.campaigns.site_file import USER_KINDS, SiteFile, User
from bridge.store.database import Database, Transaction

_SECTIONS = {kind: section for section, kind in USER_KINDS.items()}


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one thing of the file."""

    kind: str
    key: str
    what: str
    """`added`, `changed` or `unchanged`."""
    fields: tuple[str, ...] = ()
    """The fields that were changed."""


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What a load has done."""

    changes: tuple[Change, ...]
    secrets: dict[str, str]
    """Secrets that were made for new API users: they cannot be read again later."""

    @property
    def some(self) -> bool:
        """Whether anything was done at all."""
        return any(change.what != "unchanged" for change in self.changes)


class _Secret(NamedTuple):
    made: str
    """A secret made here; empty if it was given or none is needed."""
    hash: str | None
    """None: the user keeps what it has."""


class _OnlyTried(Exception):  # noqa: N818  no error: rolls a dry run back
    def __init__(self, changes: tuple[Change, ...]) -> None:
        self.changes = changes


async def load(db: Database, site: Site, access: Access, file: SiteFile, *, dry_run: bool = False) -> Changes:
    """Write what the file says, in one transaction.

    Args:
        db: the open store.
        site: of the same store.
        access: of the same store.
        file: what is to be.
        dry_run: say what would be done, and do nothing.

    Raises:
        InvalidField: a thing refers to another one that is not there.
        InvalidUser: a secret has characters that the line format drops.
    """
    secrets = {user.spec.user: await _secret_of(access, user) for user in file.users}

    async def work(tx: Transaction) -> tuple[Change, ...]:
        changes = await _take_own_numbers(site, tx, file)
        changes += [_change(item.kind, item.key, await _put(site, tx, item)) for item in file.items]
        for spec, _ in file.users:
            done = await access.put(tx, spec, secrets[spec.user].hash)
            changes.append(_change(_SECTIONS[spec.kind], spec.user, done))
        if dry_run:
            raise _OnlyTried(tuple(changes))
        return tuple(changes)

    try:
        changes = await db.write(work)
    except _OnlyTried as tried:
        return Changes(changes=tried.changes, secrets={})
    made = {user: secret.made for user, secret in secrets.items() if secret.made}
    return Changes(changes=changes, secrets=made)


async def _take_own_numbers(site: Site, tx: Transaction, file: SiteFile) -> list[Change]:
    """What the file's things show, and the numbers that it is called by, are the site's own by its word."""
    named = {item.key for item in file.items if isinstance(item, OwnNumber)}
    found = [number for number in site.own_numbers_of(file.items) if number.key not in named]
    new = [number for number in found if await queries.get(tx.conn, OwnNumber, number.key) is None]
    return [_change(number.kind, number.key, await site.put_in(tx, number)) for number in new]


async def _put(site: Site, tx: Transaction, item: SiteItem) -> tuple[str, ...] | None:
    try:
        return await site.put_in(tx, item)
    except InvalidField as error:
        raise InvalidField(f"{item.kind} {item.key!r}: {error.field}", error.why) from None


async def _secret_of(access: Access, user: User) -> _Secret:
    """The secret to be set: a given one that is not set yet, or one for an API user who has none."""
    name = user.spec.user
    if user.secret is not None:
        right = await access.is_secret(name, user.secret)
        return _Secret("", None if right else await access.hash_secret(user.secret))
    found = await access.principal(name)
    if user.spec.kind is not PrincipalKind.API or (found is not None and found.has_secret):
        return _Secret("", None)
    made = new_secret()
    return _Secret(made, await access.hash_secret(made))


def _change(kind: str, key: str, fields: tuple[str, ...] | None) -> Change:
    if fields is None:
        return Change(kind=kind, key=key, what="added")
    return Change(kind=kind, key=key, what="changed" if fields else "unchanged", fields=fields)
