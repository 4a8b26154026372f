"""Handing out recordings: who has asked for a link may pass it on, and every use of it is on record."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Final

from bridge.errors import NoSuchRecording, RecordingNotReady
from bridge.events.catalogue import RecordingFetched
from bridge.recordings import queries
from bridge.recordings.files import Folder, OpenFile
from bridge.recordings.links import Link, Signer
from bridge.recordings.model import Recording
from bridge.store.database import Database, Transaction

CLOSING: Final = timedelta(seconds=10)
"""How long Asterisk may take to close a file. One that is cut off for longer stays as it is."""


class Downloads:
    """Links to files, and the files behind them."""

    def __init__(self, db: Database, folder: Folder, signer: Signer) -> None:
        self._db = db
        self._folder = folder
        self._signer = signer

    async def link(self, recording: Recording, signed_for: str) -> Link | None:
        """A link for a user who may fetch this recording; `None` if there is no file (any more).

        What is still being written has one: until the file is closed it is not ready.
        """
        if not self._folder.known:
            return None
        if not _may_be_written(recording):
            file = await asyncio.to_thread(self._folder.open, recording.filename)
            if file is None:
                return None
            file.close()
        return await self._signer.sign(recording.id, signed_for, datetime.now(UTC))

    async def named(self, link: Link) -> Recording:
        """The recording that a link leads to.

        Raises:
            LinkInvalid, LinkExpired: the link is not good.
            NoSuchRecording: it is not there any more.
        """
        await self._signer.check(link, datetime.now(UTC))
        async with self._db.read() as conn:
            recording = await queries.find(conn, link.recording_id)
        if recording is None:
            raise NoSuchRecording(recording=str(link.recording_id))
        return recording

    async def open(self, recording: Recording) -> OpenFile:
        """Its file; close it.

        Raises:
            RecordingNotReady: it is still being written.
            NoSuchRecording: there is no file (any more).
        """
        if recording.ended_at is None:
            raise RecordingNotReady(recording=str(recording.id))
        file = await asyncio.to_thread(self._folder.open, recording.filename)
        if file is None and _may_be_written(recording):
            raise RecordingNotReady(recording=str(recording.id))
        if file is None:
            raise NoSuchRecording("Its file is not there any more", recording=str(recording.id))
        if not file.complete and _may_be_written(recording):
            file.close()
            raise RecordingNotReady(recording=str(recording.id))
        return file

    async def note(self, recording: Recording, link: Link, address: str, part: str) -> None:
        """Write down that it is fetched, before the first byte goes out."""
        fetched = RecordingFetched(
            recording_id=recording.id,
            filename=recording.filename,
            call_id=recording.call_id,
            user=recording.user,
            session_id=recording.session_id,
            campaign=recording.campaign,
            lead_id=recording.lead_id,
            signed_for=link.signed_for,
            address=address,
            part=part,
        )

        async def work(tx: Transaction) -> None:
            tx.emit(fetched)

        await self._db.write(work)


def _may_be_written(recording: Recording) -> bool:
    """Whether Asterisk may still be at its file."""
    return recording.ended_at is None or datetime.now(UTC) - recording.ended_at < CLOSING
