"""Recordings in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import msgspec

from api_fakes.work import FakeAgents, Record
from bridge.agents.model import AgentSession
from bridge.errors import NoSuchRecording, NotRecording
from bridge.recordings.downloads import Downloads
from bridge.recordings.files import Folder
from bridge.recordings.links import Link, Signer
from bridge.recordings.model import Recording, file_name
from bridge.services import RecordingQuery
from bridge.store.database import Database

BEGUN = datetime(2026, 11, 20, 15, 0, 5, tzinfo=UTC)


KEY = "a-key-of-the-tests-that-is-long-enough"


class FakeDownloads(Downloads):
    """The real one, over a folder that the test gives it and recordings in memory."""

    def __init__(self, recordings: FakeRecordings, folder: str = "", seconds: float = 900) -> None:
        super().__init__(cast("Database", None), Folder(folder), Signer(cast("Database", None), KEY, seconds))
        self.recordings = recordings
        self.noted: list[tuple[int, str, str, str]] = []

    async def named(self, link: Link) -> Recording:
        await self._signer.check(link, datetime.now(UTC))
        found = await self.recordings.get(link.recording_id)
        if found is None:
            raise NoSuchRecording
        return found

    async def note(self, recording: Recording, link: Link, address: str, part: str) -> None:
        self.noted.append((recording.id, link.signed_for, address, part))


class FakeRecordings:
    def __init__(self, record: Record, agents: FakeAgents) -> None:
        self.record = record
        self.agents = agents
        self.kept: dict[int, Recording] = {}
        self.listed: list[RecordingQuery] = []

    async def start(self, user: str, suffix: str, *, asked_by: str) -> Recording:
        session = self.agents._session(user)
        self.record.add("record", user, suffix, asked_by)
        return await self.running(session) or self.add(session, suffix, asked_by)

    def add(self, session: AgentSession, suffix: str = "", asked_by: str = "") -> Recording:
        number = 901 + len(self.kept)
        self.kept[number] = Recording(
            id=number,
            filename=file_name(BEGUN, str(number), session.user, suffix),
            call_id=session.call_id or "",
            session_id=session.id,
            user=session.user,
            campaign=session.campaign,
            asterisk=session.asterisk,
            room=session.room,
            lead_id=session.lead_id,
            asked_by=asked_by,
            started_at=BEGUN,
        )
        return self.kept[number]

    async def stop(self, user: str, *, asked_by: str) -> Recording:
        running = await self.running(self.agents._session(user))
        if running is None:
            raise NotRecording(agent=user)
        self.record.add("stop recording", user, asked_by)
        self.kept[running.id] = msgspec.structs.replace(running, ended_at=datetime.now(UTC))
        return self.kept[running.id]

    async def running(self, session: AgentSession) -> Recording | None:
        found = (one for one in self.kept.values() if one.room == session.room and one.ended_at is None)
        return next(found, None)

    async def get(self, recording_id: int) -> Recording | None:
        return self.kept.get(recording_id)

    async def list(self, query: RecordingQuery) -> Sequence[Recording]:
        self.listed.append(query)
        found = sorted(self.kept.values(), key=lambda one: -one.id)
        return [one for one in found if not query.before or one.id < query.before][: query.limit]
