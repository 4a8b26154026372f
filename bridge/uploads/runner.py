"""Takes in what was started: one file at a time, a stretch at a time, and the calls go first.

What is to be done stands in the store, and how far it is in the transaction of the rows: a bridge that was
killed goes on with the next row when it is there again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import structlog

from bridge.campaigns.service import Site
from bridge.events.catalogue import ImportChanged
from bridge.imports.errors import OutOfPlace, Stopped, Unusable
from bridge.imports.model import Import
from bridge.imports.service import Imports
from bridge.store.connection import Connection
from bridge.store.database import Database, Transaction
from bridge.store.errors import StoreError, StoreInDoubt, StoreUnavailable
from bridge.uploads import queries, reader
from bridge.uploads.folder import Folder
from bridge.uploads.frames import Counted, Read
from bridge.uploads.model import Upload, UploadState
from bridge.uploads.reader import ReaderDied

_log = structlog.get_logger(__name__)

GIVES_WAY: Final = 1.0
"""How long it leaves the store to others after each stretch, as a multiple of what the stretch took."""
LOOK_EVERY: Final = 600.0
"""Seconds between two looks for what nobody goes on with."""
RETRY: Final = 5.0
"""Seconds until it tries again where the store would not."""
MOST_DEATHS: Final = 3
"""How often the process that reads a file may die of it without having got any further."""


class ImportRunner:
    """Takes files in.

    Args:
        db: the open store.
        site: where the lists are.
        bridge: name of this bridge.
        folder: where its files are.
        hours: after which a file is removed that nobody goes on with.
        days: after which nobody need know of one that is over.
        clock: what time it is, aware.
    """

    def __init__(  # noqa: PLR0913  what it is made of
        self,
        db: Database,
        site: Site,
        bridge: str,
        folder: Path,
        *,
        hours: float = 24,
        days: float = 30,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._db = db
        self._imports = Imports(db, site, clock)
        self._bridge = bridge
        self._folder = Folder(folder)
        self._unfinished, self._over = timedelta(hours=hours), timedelta(days=days)
        self._clock = clock
        self._woken = asyncio.Event()
        self._paces: dict[str, tuple[int, float]] = {}
        self._deaths = 0

    def wake(self) -> None:
        """There is something to do, or to leave off."""
        self._woken.set()

    def rate(self, upload_id: str, position: int) -> float | None:
        """Rows in a second since it was begun with or gone on with, up to a row."""
        begun = self._paces.get(upload_id)
        if begun is None or position <= begun[0]:
            return None
        return (position - begun[0]) / max(time.monotonic() - begun[1], 0.001)

    async def run(self) -> None:
        """Do what there is to do, for ever."""
        swept = -LOOK_EVERY
        while True:
            self._woken.clear()
            try:
                if time.monotonic() - swept >= LOOK_EVERY:
                    await self.tidy()
                    swept = time.monotonic()
                if await self.step():
                    continue
            except StoreError as error:
                _log.warning("an import waits for the store", error=str(error))
                await asyncio.sleep(RETRY)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_EVERY)

    async def step(self) -> bool:
        """Take in the file whose turn it is; false if there is none (`StoreError`)."""
        async with self._db.read() as conn:
            upload = await queries.running(conn, self._bridge)
        if upload is None:
            return False
        try:
            await self._carry_out(upload)
        except Stopped:
            _log.info("an import was cancelled", upload=upload.id)
        except Unusable as error:
            await self._end(upload, UploadState.FAILED, why=str(error))
        except OutOfPlace:  # another process takes the same file in: it may be over by now
            await asyncio.sleep(RETRY)
        except ReaderDied:
            await self._died(upload)
        except (StoreUnavailable, StoreInDoubt):
            raise
        except Exception:  # noqa: BLE001  a file of a stranger's must not end the service
            _log.exception("an import has failed", upload=upload.id)
            await self._end(upload, UploadState.FAILED, why="the log of the bridge says why")
        finally:
            self._paces.pop(upload.id, None)
        return True

    async def tidy(self) -> None:
        """Let go of what nobody goes on with, and of files that nobody knows (`StoreError`)."""
        now = self._clock()

        async def work(tx: Transaction) -> set[str]:
            await queries.give_up(tx.conn, self._bridge, now - self._unfinished, now)
            await queries.forget(tx.conn, now - self._over)
            return await queries.kept(tx.conn, self._bridge)

        kept = await self._db.write(work)
        await asyncio.to_thread(self._folder.sweep, kept)

    async def _carry_out(self, upload: Upload) -> None:
        plan = upload.plan
        assert plan is not None  # noqa: S101  of all that run
        state = await self._imports.get(upload.import_id)
        if state is not None and state.done:
            await self._end(upload, UploadState.DONE)
            return
        at = state.position if state else 0
        path = str(self._folder.file(upload.id))
        async with reader.rows(Read(path, plan, upload.titles, at, whole=state is None)) as found:
            self._pace(upload, at)
            async for part in found:
                if isinstance(part, Counted):
                    state = await self._begin(upload, part.total)
                    self._pace(upload, state.position)
                    continue
                began = time.monotonic()
                state = await self._imports.take(upload.import_id, part.batch, self._goes_on(upload))
                self._deaths = 0
                await asyncio.sleep(GIVES_WAY * (time.monotonic() - began))
        await self._end(upload, UploadState.DONE)

    def _pace(self, upload: Upload, position: int) -> None:
        self._paces[upload.id] = position, time.monotonic()

    async def _begin(self, upload: Upload, total: int) -> Import:
        plan = upload.plan
        assert plan is not None  # noqa: S101  of all that run
        return await self._imports.begin(
            Import(
                id=upload.import_id,
                name=upload.name,
                list_id=upload.list_id,
                by=upload.by,
                plan=plan,
                titles=upload.titles,
                total=total,
            )
        )

    def _goes_on(self, upload: Upload) -> Callable[[Connection], Any]:
        async def asked(conn: Connection) -> bool:
            return await queries.change(conn, upload.id, (UploadState.RUNNING,), self._clock())

        return asked

    async def _died(self, upload: Upload) -> None:
        self._deaths += 1
        _log.warning("the process that reads a file has died", upload=upload.id, times=self._deaths)
        if self._deaths >= MOST_DEATHS:
            self._deaths = 0
            await self._end(upload, UploadState.FAILED, why="the process that reads it has died of it")

    async def _end(self, upload: Upload, state: UploadState, why: str = "") -> None:
        async def work(tx: Transaction) -> None:
            was = (UploadState.RUNNING,)
            if await queries.change(tx.conn, upload.id, was, self._clock(), state=state, why=why[:1000]):
                tx.emit(
                    ImportChanged(
                        upload_id=upload.id,
                        import_id=upload.import_id,
                        list_id=upload.list_id,
                        state=state.value,
                        why=why[:1000],
                    )
                )

        await self._db.write(work)
        await asyncio.to_thread(self._folder.remove, upload.id)
