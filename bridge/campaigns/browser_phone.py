"""Phones that are browsers: what the page of one registers with.

The SIP secret has a table of its own, and one reader: the console of the agent whose phone it is.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, exists, insert, select

from bridge.campaigns import queries
from bridge.campaigns.browser_server import BrowserPhone, BrowserPhoneState, BrowserServer
from bridge.campaigns.errors import InvalidField, NoSuchItem
from bridge.campaigns.model import Phone
from bridge.campaigns.service import Site
from bridge.errors import NoBrowserPhone
from bridge.store import schema
from bridge.store.database import Database, Transaction
from bridge.store.schema import phone_secrets

LEAST, MOST = 8, 128
"""Characters of a SIP secret."""
_SHOWN = 1000
"""Phones that are looked at: for a near name, and by the doctor."""


class BrowserPhones:
    """The phones of one site that are browsers.

    Args:
        db: the store.
        site: the phones.
        servers: how browsers register, by the Asterisk's name; those at which none do are left out.
        first: the Asterisk of phones that name none.
    """

    def __init__(self, db: Database, site: Site, servers: Mapping[str, BrowserServer], first: str) -> None:
        self._db = db
        self._site = site
        self._servers = servers
        self._first = first

    async def is_one(self, login: str) -> bool:
        """Whether this phone is a browser."""
        phone = await self._site.phone(login)
        return phone is not None and phone.active and phone.browser

    async def of(self, login: str) -> BrowserPhone:
        """What the browser registers with that is this phone.

        Raises:
            NoBrowserPhone: it is none, or something is missing that makes it one.
        """
        phone = await self._site.phone(login)
        if phone is None or not phone.active or not phone.browser:
            raise NoBrowserPhone(phone=login)
        name = phone.asterisk or self._first
        server = self._servers.get(name)
        if server is None:
            raise NoBrowserPhone(f"browsers cannot register at {name}: it has no websocket_url", phone=login)
        secret = await self._secret(login)
        if secret is None:
            raise NoBrowserPhone(f"phone {login} has no secret yet", phone=login)
        return BrowserPhone(
            websocket=server.websocket,
            uri=f"sip:{phone.device}@{server.domain}",
            user=phone.device,
            password=secret,
            ice_servers=server.ice_servers,
        )

    async def _secret(self, login: str) -> str | None:
        wanted = select(phone_secrets.c.secret).where(phone_secrets.c.login == login)
        async with self._db.read() as conn:
            found: str | None = (await conn.execute(wanted)).scalar()
        return found


async def states(db: Database) -> list[BrowserPhoneState]:
    """The active phones that are browsers, in the order of their logins."""
    phones = schema.phones.c
    known = exists().where(schema.phone_secrets.c.login == phones.login)
    wanted = select(phones.login, phones.extension, phones.asterisk, known.label("secret"))
    wanted = wanted.where(phones.browser, phones.active).order_by(phones.login).limit(_SHOWN)
    async with db.read() as conn:
        rows = (await conn.execute(wanted)).all()
    return [
        BrowserPhoneState(
            login=row.login, device=row.extension or row.login, asterisk=row.asterisk, secret=row.secret
        )
        for row in rows
    ]


async def set_secret(db: Database, login: str, secret: str) -> None:
    """Keep what a phone registers with, in the place of what was kept before.

    Raises:
        InvalidField: the secret is too short or too long, or holds what no line of a configuration can.
        NoSuchItem: there is no such phone.
    """
    if not LEAST <= len(secret) <= MOST:
        raise InvalidField("secret", f"{LEAST} to {MOST} characters")
    if not secret.isprintable() or secret != secret.strip():
        raise InvalidField("secret", "no control characters, and no space before or behind it")

    async def work(tx: Transaction) -> None:
        if await queries.get(tx.conn, Phone, login) is None:
            known = await queries.page(tx.conn, Phone, "", _SHOWN)
            raise NoSuchItem(Phone.kind, login, [phone.login for phone in known])
        await tx.conn.execute(delete(phone_secrets).where(phone_secrets.c.login == login))
        row = {"login": login, "secret": secret, "changed_at": tx.now}
        await tx.conn.execute(insert(phone_secrets).values(row))

    await db.write(work)
