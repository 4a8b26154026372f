"""What the dialler says of each campaign, kept in the store: others, and the next start, know it, too.

A busy campaign changes its mind with each call. So a word is written a moment later, and only if it is
another one than the last that was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final

import msgspec
import structlog
from sqlalchemy import bindparam, delete, insert, select

from bridge.dialer.causes import Reason
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreError
from bridge.store.prepared import Prepared
from bridge.store.rows import from_row, to_row
from bridge.store.schema import dialer_words as table
from bridge.timers import Timers

SECONDS: Final = 1.0
"""How long a word stands before it is written."""
EVERY: Final = ""
"""In place of a campaign: what is said holds for all of an Asterisk's."""

_KEY = (table.c.asterisk == bindparam("on_asterisk"), table.c.campaign == bindparam("of_campaign"))
_OF = Prepared(select(table).where(*_KEY))
_FORGET = Prepared(delete(table).where(*_KEY))

_log = structlog.get_logger(__name__)


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """Why a campaign's calls are not placed, as its dialler has said last."""

    asterisk: str
    campaign: str
    bridge: str
    cause: str
    """Empty: nothing keeps it."""
    why: str
    until: datetime | None
    at: datetime

    def holds(self, now: datetime) -> bool:
        """Whether it keeps the campaign at a moment."""
        return bool(self.cause) and (self.until is None or now < self.until)


_INSERT = Prepared(insert(table), Word.__struct_fields__)


class Words:
    """Keeps what this bridge's dialler says.

    Args:
        db: the open store.
        bridge: name of this bridge.
    """

    def __init__(self, db: Database, bridge: str) -> None:
        self._db = db
        self._bridge = bridge
        self._timers = Timers()
        self._now: dict[tuple[str, str], Reason | None] = {}
        self._written: dict[tuple[str, str], str] = {}

    def say(self, asterisk: str, campaign: str, reason: Reason | None) -> None:
        """Say why a campaign of an Asterisk is not dialled, or that nothing keeps it."""
        key = (asterisk, campaign)
        if key not in self._now:
            self._timers.start(
                key, SECONDS if self._written.get(key) is not None else 0.0, partial(self._write, key)
            )
        self._now[key] = reason

    async def stop(self) -> None:
        """Write what is not yet written."""
        for key in tuple(self._now):
            await self._write(key)
        await self._timers.stop()

    async def _write(self, key: tuple[str, str]) -> None:
        if key not in self._now:
            return
        reason = self._now.pop(key)
        cause = reason.cause if reason else ""
        if self._written.get(key) == cause and (reason is None or reason.until is None):
            return
        try:
            await self._db.write(lambda tx: _put(tx, self._word(tx, key, reason)))
        except StoreError as error:
            self._written.pop(key, None)
            _log.warning("why a campaign is not dialled could not be written", error=str(error))
        else:
            self._written[key] = cause

    def _word(self, tx: Transaction, key: tuple[str, str], reason: Reason | None) -> Word:
        said = reason or Reason(cause="", why="")
        asterisk, campaign = key
        return Word(
            asterisk=asterisk,
            campaign=campaign,
            bridge=self._bridge,
            cause=said.cause,
            why=said.why,
            until=said.until,
            at=tx.now,
        )


async def words_of(conn: Connection, asterisk: str, campaign: str) -> Sequence[Word]:
    """What was said last of a campaign, and of all campaigns of its Asterisk."""
    found: list[Word] = []
    for name in (EVERY, campaign):
        row = (await conn.execute(_OF, {"on_asterisk": asterisk, "of_campaign": name})).first()
        found += [] if row is None else [from_row(Word, row)]
    return found


async def _put(tx: Transaction, word: Word) -> None:
    await tx.conn.execute(_FORGET, {"on_asterisk": word.asterisk, "of_campaign": word.campaign})
    await tx.conn.execute(_INSERT, to_row(word))
