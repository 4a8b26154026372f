"""`/v1/recordings`: what was recorded, links to the files, and the files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from litestar import Controller, HttpMethod, Request, Response, delete, get, post, route
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.openapi import ResponseSpec
from litestar.params import HeaderParameter, JSONBody, PathParameter, QueryParameter
from litestar.response import Stream

from bridge.access.model import Principal
from bridge.api.guard import PUBLIC
from bridge.api.recording_links import base_of, may_fetch, signed_url
from bridge.api.rest.calls import visible_call
from bridge.api.rest.command import Asked, command, session_of
from bridge.api.rest.fields import NAME, LeadQuery, Limit, UserPath
from bridge.api.rest.models import RecordBody, RecordingFile, RecordingView
from bridge.api.rest.once import Key
from bridge.api.rest.paging import Cursor, Since, Until, moment, page
from bridge.api.rest.ranges import Part, Unsatisfiable, part_of
from bridge.audit.entry import BY_LINK, here
from bridge.errors import InvalidInput, LinkInvalid, NoSuchRecording, NotLoggedIn, NotRecording
from bridge.recordings.files import CHUNK, OpenFile
from bridge.recordings.links import Link
from bridge.recordings.model import EXTENSION, Recording
from bridge.reports.sight import Sight
from bridge.services import RecordingQuery, Services

RecordingPath = Annotated[int, PathParameter(ge=1, le=2**63 - 1, description="The recording's id.")]


class AgentRecordingController(Controller):
    """The recording of an agent's room."""

    path = "/agents/{user:str}/recording"
    tags = ("recordings",)

    @get("/", opt={"right": "agents.recording"}, summary="What is being recorded in an agent's room")
    async def running(
        self, request: Asked, services: NamedDependency[Services], user: UserPath
    ) -> RecordingFile:
        """The recording that runs, and its link to be; 409 `not-recording` if there is none."""
        session = await session_of(request, services, user)
        if session is None:
            raise NotLoggedIn(agent=user)
        found = await services.recordings.running(session)
        if found is None:
            raise NotRecording(agent=user)
        return await _told(request, services, found)

    @post("/", opt={"right": "agents.recording"}, status_code=200, summary="Record an agent's room")
    async def start(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        data: JSONBody[RecordBody | None] = None,
        idempotency_key: Key = None,
    ) -> RecordingFile:
        """Record both voices until it is stopped, or her call or session ends; one that runs goes on."""
        suffix = data.suffix if data else ""

        async def act() -> RecordingFile:
            begun = await services.recordings.start(user, suffix, asked_by=request.user.user)
            return await _told(request, services, begun)

        return await command(request, services, idempotency_key, act)

    @delete("/", opt={"right": "agents.recording"}, status_code=200, summary="Stop recording an agent's room")
    async def stop(
        self,
        request: Asked,
        services: NamedDependency[Services],
        user: UserPath,
        idempotency_key: Key = None,
    ) -> RecordingFile:
        """End the recording that runs, and give its link; 409 `not-recording` if there is none."""

        async def act() -> RecordingFile:
            over = await services.recordings.stop(user, asked_by=request.user.user)
            return await _told(request, services, over)

        return await command(request, services, idempotency_key, act)


class RecordingController(Controller):
    """All recordings."""

    path = "/recordings"
    tags = ("recordings",)

    @get("/", opt={"right": "recordings.get"}, summary="Recordings, newest first")
    async def list_recordings(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        call: Annotated[str | None, QueryParameter(max_length=40, description="Any id of a call.")] = None,
        agent: Annotated[str | None, QueryParameter(max_length=40)] = None,
        lead_id: LeadQuery = None,
        since: Since = None,
        until: Until = None,
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> list[RecordingView]:
        """Those that began in this time and that the caller's group sees; `Link` leads to the next page."""
        query = RecordingQuery(
            call_id=await _call_id(services, request.user, call) if call else "",
            user=agent or "",
            since=moment(since, "since"),
            until=moment(until, "until"),
            lead_id=lead_id,
            sight=Sight.of(request.user, own=True),
            before=_number(cursor),
            limit=limit + 1,
        )
        found = await services.recordings.list(query)
        return page(request, services, found, limit=limit, key=lambda one: str(one.id), view=RecordingView)

    @get(
        "/{recording_id:int}",
        opt={"right": "recordings.get"},
        summary="One recording, with a link to its file",
    )
    async def get_recording(
        self, request: Asked, services: NamedDependency[Services], recording_id: RecordingPath
    ) -> RecordingFile:
        """`url` can be fetched from anywhere, without a login, until `url_expires_at`: pass it on with care.

        While the recording runs its file cannot be fetched yet (409 `recording-not-ready`). It is `null` when
        the file is gone, and where the bridge does not see Asterisk's folder of recordings.
        """
        recording = await services.recordings.get(recording_id)
        if recording is None or not await may_fetch(services, request.user, recording):
            raise NoSuchRecording(recording=str(recording_id))
        return await _told(request, services, recording)

    @route(
        "/{recording_id:int}/audio",
        http_method=[HttpMethod.GET, HttpMethod.HEAD],
        opt={"right": PUBLIC},
        summary="The file, by a signed link",
        responses={
            200: ResponseSpec(bytes, description="The file", media_type="audio/wav"),
            206: ResponseSpec(bytes, description="A part of it", media_type="audio/wav"),
        },
        status_code=200,
    )
    async def audio(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Request[Any, Any, Any],
        services: NamedDependency[Services],
        recording_id: RecordingPath,
        expires: Annotated[int, QueryParameter(ge=0, le=2**53)],
        signed_for: Annotated[str, QueryParameter(name="for", pattern=NAME)],
        signature: Annotated[str, QueryParameter(pattern=r"^[0-9a-f]{64}$(?!\n)")],
        wanted: Annotated[str | None, HeaderParameter(name="Range", max_length=200)] = None,
        if_range: Annotated[str | None, HeaderParameter(name="If-Range", max_length=200)] = None,
    ) -> Response[Any]:
        """WAV, 8 kHz, 16 bit, both voices in one channel; `Range` gives a part. Every use is on record."""
        link = Link(recording_id=recording_id, expires=expires, signed_for=signed_for, signature=signature)
        recording = await services.downloads.named(link)
        await _check_still_may(services, link, recording)
        here().function = "recordings.audio"
        here().known(link.signed_for, BY_LINK)
        file = await services.downloads.open(recording)
        try:
            head = _Head(recording, file, wanted, if_range)
            if request.method == HttpMethod.HEAD:
                file.close()
                return Response(b"", status_code=head.status, headers=head.headers, media_type="audio/wav")
            address = request.client.host if request.client else ""
            await services.downloads.note(recording, link, address, head.told)
        except BaseException:
            file.close()
            raise
        body = _bytes(file, head.part)
        return Stream(body, status_code=head.status, headers=head.headers, media_type="audio/wav")


class _Head:
    """Status and headers of what is sent."""

    def __init__(
        self, recording: Recording, file: OpenFile, wanted: str | None, if_range: str | None
    ) -> None:
        tag = f'"{recording.id}-{file.size}"'
        try:
            part = part_of(file.size, wanted, tag=tag, if_range=if_range)
        except Unsatisfiable:
            headers = {"Content-Range": f"bytes */{file.size}"}
            raise HTTPException(
                status_code=416, detail=f"the file has {file.size} bytes", headers=headers
            ) from None
        self.part = part or Part(0, file.size)
        self.status = 206 if part else 200
        self.told = f"{self.part.start}-{self.part.start + self.part.length - 1}" if part else ""
        """The part as the event tells it."""
        self.headers = {
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'attachment; filename="{recording.filename}{EXTENSION}"',
            "Content-Length": str(self.part.length),
            "ETag": tag,
            "Cross-Origin-Resource-Policy": "cross-origin",  # a CRM's page may play it
        } | ({"Content-Range": f"bytes {self.told}/{file.size}"} if part else {})


async def _bytes(file: OpenFile, part: Part) -> AsyncIterator[bytes]:
    at, end = part.start, part.start + part.length
    try:
        while at < end:
            piece = await asyncio.to_thread(file.read, at, min(CHUNK, end - at))
            if not piece:
                return
            at += len(piece)
            yield piece
    finally:
        file.close()


async def _check_still_may(services: Services, link: Link, recording: Recording) -> None:
    """Who was given the link must still be somebody who would be given it."""
    principal = await services.access.principal(link.signed_for)
    if principal is None or not await may_fetch(services, principal, recording):
        raise LinkInvalid


async def _told(request: Asked, services: Services, recording: Recording) -> RecordingFile:
    """The recording, with a link to its file for who may have one."""
    found = await signed_url(services, request.user, recording, base_of(request, services))
    return RecordingFile.with_link(recording, *(found or (None, None)))


async def _call_id(services: Services, principal: Principal, any_id: str) -> str:
    return (await visible_call(services, principal, "recordings.get", any_id)).id


def _number(cursor: str) -> int:
    if not cursor:
        return 0
    if not cursor.isdecimal() or len(cursor) > 18:
        raise InvalidInput("it is none of ours", field="cursor")
    return int(cursor)
