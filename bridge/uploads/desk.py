"""Files that are sent to us: begun, sent in parts, looked at, started, stopped."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import phonenumbers

from bridge.campaigns.service import Site
from bridge.errors import (
    DiskFull,
    ImportElsewhere,
    ImportTooLarge,
    InvalidInput,
    NotInThisState,
    OffsetMismatch,
    PartUnderWay,
    TooManyImports,
)
from bridge.events.catalogue import ImportChanged
from bridge.ids import uuid7
from bridge.imports.duplicates import strict_checks
from bridge.imports.errors import Unusable
from bridge.imports.making import Maker
from bridge.imports.model import Import, Refusal
from bridge.imports.service import Imports
from bridge.leads.errors import InvalidLead
from bridge.store.database import Database, Transaction
from bridge.uploads import queries, reader
from bridge.uploads.folder import Folder, settle, write_all
from bridge.uploads.frames import Look, Looked
from bridge.uploads.model import OPEN, Reading, Target, Upload, UploadLimits, UploadState
from bridge.uploads.reader import ReaderDied
from bridge.uploads.runner import ImportRunner

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READERS: Final = 2
"""Processes that look into files at the same time."""


class ImportDesk:
    """What callers do with the files that they send.

    Args:
        db: the open store.
        site: where the lists are.
        bridge: name of this bridge.
        folder: where its files are.
        limits: of what it takes.
        runner: takes in what is started.
        clock: what time it is, aware.
    """

    def __init__(  # noqa: PLR0913  what it is made of
        self,
        db: Database,
        site: Site,
        bridge: str,
        folder: Path,
        *,
        limits: UploadLimits,
        runner: ImportRunner,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._db = db
        self._imports = Imports(db, site, clock)
        self._bridge = bridge
        self._folder = Folder(folder)
        self.limits = limits
        self._runner = runner
        self._clock = clock
        self._writing: set[str] = set()
        self._looking = asyncio.Semaphore(_READERS)

    async def create(self, name: str, size: int, by: str) -> Upload:
        """Begin to send a file.

        Raises:
            ImportTooLarge, TooManyImports, DiskFull: it is not taken; nothing of it need be sent.
        """
        if size > self.limits.most_bytes:
            raise ImportTooLarge(f"{size} bytes; at most {self.limits.most_bytes}", field="size")
        await self._check_room(size)
        now = self._clock()
        new = Upload(
            id=uuid7(), name=name, by=by, bridge=self._bridge, size=size, created_at=now, changed_at=now
        )

        async def work(tx: Transaction) -> None:
            if await queries.open_of(tx.conn, by) >= self.limits.per_user:
                raise TooManyImports(f"{self.limits.per_user} files of {by} are not taken in yet")
            await queries.add(tx.conn, new)

        await self._db.write(work)
        with _Disk():
            await asyncio.to_thread(self._folder.make, new.id)
        return new

    async def get(self, upload_id: str) -> Upload | None:
        """One of them, with what is on the disk by now."""
        async with self._db.read() as conn:
            found = await queries.get(conn, upload_id)
        return None if found is None else await self._as_it_is(found)

    async def page(self, *, by: str = "", after: str = "", limit: int = 100) -> Sequence[Upload]:
        """The newest first, from the one behind `after`; `by`: only this user's."""
        async with self._db.read() as conn:
            return await queries.page(conn, by, after, limit)

    async def imported(self, upload: Upload) -> Import | None:
        """What has become of it so far."""
        return await self._imports.get(upload.import_id) if upload.import_id else None

    def rate(self, upload: Upload, position: int) -> float | None:
        """Rows in a second since it was begun with or gone on with; `None`: nobody here knows."""
        return self._runner.rate(upload.id, position)

    async def append(self, upload: Upload, offset: int, part: AsyncIterator[bytes]) -> Upload:
        """Take a part in. What has come before a connection broke is kept.

        Args:
            upload: whose part it is.
            offset: bytes before it; as many as are here.
            part: its pieces.

        Raises:
            ImportElsewhere, NotInThisState, PartUnderWay, OffsetMismatch, DiskFull: nothing was changed.
            ImportTooLarge: it is longer than it may be; nothing of the part was kept.
        """
        self._check_here(upload, UploadState.UPLOADING)
        if upload.id in self._writing:
            raise PartUnderWay(upload=upload.id)
        self._writing.add(upload.id)
        try:
            return await self._append(upload, offset, part)
        finally:
            self._writing.discard(upload.id)

    async def _append(self, upload: Upload, offset: int, part: AsyncIterator[bytes]) -> Upload:
        there = await asyncio.to_thread(self._folder.length, upload.id)
        if offset != there:
            raise OffsetMismatch(f"the file has {there} bytes so far", offset=str(there))
        await self._check_room(min(upload.size - there, self.limits.part_bytes))
        with _Disk():
            descriptor = await asyncio.to_thread(self._folder.open, upload.id)
            try:
                await self._write(descriptor, upload, there, part)
            finally:
                await asyncio.shield(asyncio.to_thread(settle, descriptor))
        return await self._kept(upload)

    async def _write(self, descriptor: int, upload: Upload, there: int, part: AsyncIterator[bytes]) -> None:
        most = min(upload.size - there, self.limits.part_bytes)
        taken = 0
        async for piece in part:
            taken += len(piece)
            if taken > most:
                await asyncio.to_thread(self._folder.cut, upload.id, there)
                raise ImportTooLarge(f"the part is longer than {most} bytes", field="body")
            if piece:
                await asyncio.to_thread(write_all, descriptor, piece)

    async def _kept(self, upload: Upload) -> Upload:
        there = await asyncio.to_thread(self._folder.length, upload.id)
        state = UploadState.UPLOADED if there == upload.size else UploadState.UPLOADING
        await self._change(upload, (UploadState.UPLOADING,), received=there, state=state)
        return await self._again(upload)

    async def look(self, upload: Upload, reading: Reading, target: Target) -> Looked:
        """What would become of a file.

        Raises:
            InvalidInput: it cannot be read so; the field is named.
            ImportElsewhere, NotInThisState: it is not (all) here.
        """
        self._check_here(upload, UploadState.UPLOADED)
        try:
            strict_checks(target.duplicates)
            _check_country(reading.country)
            if target.list_id:
                await self._imports.target(target.list_id)
            async with self._looking:
                return await reader.look(Look(str(self._folder.file(upload.id)), reading, target))
        except InvalidLead as error:
            raise InvalidInput(error.why, field=error.field) from None
        except Unusable as error:
            raise InvalidInput(str(error), field=error.field or "file") from None
        except ReaderDied:
            raise InvalidInput("the process that reads it has died of it", field="file") from None

    async def start(self, upload: Upload, reading: Reading, target: Target) -> Upload:
        """Have a file taken in.

        Raises:
            InvalidInput, ImportElsewhere, NotInThisState: as `look`; nothing was begun.
        """
        found = await self.look(upload, reading, target)
        try:
            Maker(found.plan, found.titles)
        except Unusable as error:
            raise InvalidInput(str(error), field="columns") from None
        import_id = found.plan.import_id(found.digest)
        known = await self._imports.get(import_id)
        await self._change(
            upload,
            (UploadState.UPLOADED,),
            state=UploadState.RUNNING,
            again=known is not None and known.done,
            list_id=target.list_id,
            plan=found.plan,
            titles=found.titles,
            import_id=import_id,
        )
        self._runner.wake()
        return await self._again(upload)

    async def cancel(self, upload: Upload) -> Upload:
        """Give it up; what was taken in stays. One that is cancelled already stays so.

        Raises:
            NotInThisState: it is over.
        """
        if upload.state is not UploadState.CANCELLED:
            await self._change(upload, OPEN, state=UploadState.CANCELLED)
            self._runner.wake()
        if upload.bridge == self._bridge and upload.id not in self._writing:
            await asyncio.to_thread(self._folder.remove, upload.id)
        return await self._again(upload)

    async def custom_fields(self, list_id: int) -> tuple[str, ...]:
        """Names of a list's own fields (`InvalidInput`: there is no such list)."""
        try:
            return tuple((await self._imports.target(list_id)).custom_fields)
        except Unusable as error:
            raise InvalidInput(str(error), field="list_id") from None

    async def refusals(self, import_id: str, *, after: int = 0) -> Sequence[Refusal]:
        """Rows that were refused, in their order, from the one behind `after`; the last page is empty."""
        return await self._imports.refusals(import_id, after=after)

    async def _change(self, upload: Upload, was: Sequence[UploadState], **values: Any) -> None:
        async def work(tx: Transaction) -> None:
            if not await queries.change(tx.conn, upload.id, was, self._clock(), **values):
                now = await queries.get(tx.conn, upload.id)
                raise NotInThisState(upload=upload.id, state=now.state if now else "gone")
            state = values["state"]
            if state in (UploadState.RUNNING, UploadState.CANCELLED):
                tx.emit(
                    ImportChanged(
                        upload_id=upload.id,
                        import_id=values.get("import_id", upload.import_id),
                        list_id=values.get("list_id", upload.list_id),
                        state=state.value,
                    )
                )

        await self._db.write(work)

    async def _again(self, upload: Upload) -> Upload:
        found = await self.get(upload.id)
        assert found is not None  # noqa: S101  it was just changed
        return found

    async def _as_it_is(self, upload: Upload) -> Upload:
        if upload.state is not UploadState.UPLOADING or upload.bridge != self._bridge:
            return upload
        there = await asyncio.to_thread(self._folder.length, upload.id)
        return msgspec.structs.replace(upload, received=there)

    def _check_here(self, upload: Upload, state: UploadState) -> None:
        if upload.bridge != self._bridge:
            raise ImportElsewhere(bridge=upload.bridge)
        if upload.state is not state:
            raise NotInThisState(upload=upload.id, state=upload.state)

    async def _check_room(self, wanted: int) -> None:
        with _Disk():
            free = await asyncio.to_thread(self._folder.free)
        if free < wanted + self.limits.free_bytes:
            raise DiskFull(free=str(free), wanted=str(wanted))


def _check_country(country: str) -> None:
    if country not in phonenumbers.SUPPORTED_REGIONS:
        raise InvalidInput(f"{country[:40]!r} is no country (two letters, as in US)", field="country")


class _Disk:
    """Says in a caller's words that the disk is full; any other fault of it is ours."""

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Say it."""
        if isinstance(error, OSError) and error.errno in _FULL:
            raise DiskFull from error
