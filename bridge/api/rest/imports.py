"""`/v1/imports`: files of leads, sent in parts and taken in while everything else goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Controller, Request, Response, get, patch, post
from litestar.di import NamedDependency
from litestar.exceptions import InternalServerException
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter, JSONBody, PathParameter, QueryParameter
from litestar.response import Stream
from msgspec import UNSET, Meta

from bridge.access.model import Principal
from bridge.access.names import All
from bridge.api.rest.fields import Limit, ListId
from bridge.api.rest.models import Body
from bridge.api.rest.once import Key, once
from bridge.api.rest.paging import Cursor, linked
from bridge.audit.entry import here
from bridge.errors import ImportTooLarge, InvalidInput, NoSuchImport, NotAllowed
from bridge.imports import report
from bridge.imports.model import ConsentOfAll, Import
from bridge.imports.preview import Preview
from bridge.leads.model import LeadList
from bridge.services import Services
from bridge.uploads.model import Reading, Target, Upload, UploadState

Asked = Request[Principal, Any, Any]
PART_TYPE: Final = "application/offset+octet-stream"
"""Media type of a part, as tus has it."""
CSV: Final = "text/csv"
RIGHT: Final = "leads.import"
_TEXT: Final = r"^[^\x00-\x1f\x7f]*$(?!\n)"
_ID: Final = r"^[0-9a-f-]{36}$(?!\n)"
_MOST_COLUMNS: Final = 1000

ImportPath = Annotated[
    str,
    PathParameter(
        pattern=_ID,
        description="The import's id.",
        examples=[Example(value="019aa5d2-1f00-7000-8000-000000000001")],
    ),
]
Country = Annotated[str, Meta(pattern=r"^([A-Za-z]{2})?$(?!\n)", examples=["US"])]
Encoding = Annotated[str, Meta(max_length=40, pattern=_TEXT, examples=["windows-1252"])]
Delimiter = Annotated[str, Meta(max_length=3, pattern=_TEXT, examples=[";"])]
Sheet = Annotated[str, Meta(max_length=100, pattern=_TEXT)]
Duplicates = Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{0,60}$(?!\n)", examples=["DUPLIST-30DAY"])]
_Label = Annotated[str, Meta(max_length=255, pattern=_TEXT)]


class ImportBody(Body, frozen=True, kw_only=True):
    """A file that is to be sent."""

    name: Annotated[str, Meta(min_length=1, max_length=255, pattern=_TEXT, examples=["may.csv"])]
    size: Annotated[int, Meta(ge=1, le=2**53)]
    """Its bytes."""


class StartBody(Body, frozen=True, kw_only=True):
    """How it is to be taken in. What is not said is guessed, as the preview shows it."""

    list_id: ListId
    columns: Annotated[Mapping[_Label, _Label], Meta(max_length=_MOST_COLUMNS)] = {}
    """Field by the title of a column, or by its number from 1; empty: it is passed over."""
    duplicates: Duplicates = ""
    """Refuse duplicates, as `add_lead` does it; empty: they are not looked for."""
    country: Country = ""
    """Of numbers without a country's code; empty: the list's, or the site's."""
    encoding: Encoding = ""
    delimiter: Delimiter = ""
    """One sign, or `tab`."""
    sheet: Sheet = ""
    header: bool | None = None
    """Whether the first row holds titles."""
    consent: ConsentOfAll | None = None
    """What the customers' consents have in common; a column of the file goes before it."""


class ImportView(msgspec.Struct, frozen=True, kw_only=True):
    """A file, and what has become of it."""

    id: str
    name: str
    by: str
    state: UploadState
    why: str
    """Why it has failed, or was given up."""
    size: int
    received: int
    """Bytes that are here: the next part begins there."""
    part_bytes: int
    """Most bytes of a part."""
    list_id: int | None
    import_id: str | None
    """As the events have it (`import.advanced`)."""
    again: bool
    """The same file was taken in the same way before: nothing is added a second time."""
    rows: int | None
    """Number of the last row; `null` until the whole file was looked through."""
    row: int
    """Number of the last row that is done."""
    added: int
    refused: int
    rate: float | None
    """Rows in a second."""
    seconds_left: float | None
    created_at: datetime
    changed_at: datetime


class PreviewView(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of a file; nothing was changed."""

    sha256: str
    """Of what was sent: the file has the same if it came over whole."""
    preview: Preview


IMPORT_BODIES = (ImportBody, StartBody)


class ImportController(Controller):
    """Files of leads."""

    path = "/imports"
    tags = ("leads",)

    @post("/", opt={"right": RIGHT}, status_code=200, summary="Begin to send a file of leads")
    async def create(
        self,
        request: Asked,
        services: NamedDependency[Services],
        data: JSONBody[ImportBody],
        idempotency_key: Key = None,
    ) -> ImportView:
        """Its bytes follow in parts; a file that is too large is refused here, before any is sent."""

        async def act() -> ImportView:
            made = await services.imports.create(data.name, data.size, request.user.user)
            here().on("import", made.id)
            return await _view(services, made)

        return await once(request, services, idempotency_key, act)

    @get("/", opt={"right": RIGHT}, summary="Files of leads, newest first")
    async def page(
        self,
        request: Asked,
        services: NamedDependency[Services],
        cursor: Cursor = "",
        limit: Limit = 50,
    ) -> list[ImportView]:
        """The caller's own; whoever sees all campaigns and lists sees those of all."""
        by = "" if _sees_everything(request.user) else request.user.user
        found = await services.imports.page(by=by, after=cursor, limit=limit + 1)
        shown = [await _view(services, one) for one in found[:limit]]
        return linked(request, services, shown, found[limit - 1].id if len(found) > limit else None)

    @get("/{import_id:str}", opt={"right": RIGHT}, summary="How far an import is")
    async def get_import(
        self, request: Asked, services: NamedDependency[Services], import_id: ImportPath
    ) -> Response[ImportView]:
        """Bytes that are here, rows that are done, rate and time left."""
        return _answer(await _view(services, await _found(request, services, import_id)))

    @patch(
        "/{import_id:str}",
        opt={"right": RIGHT, "content": PART_TYPE},
        request_max_body_size=None,
        summary="Send a part of the file",
    )
    async def append(
        self,
        request: Asked,
        services: NamedDependency[Services],
        import_id: ImportPath,
        offset: Annotated[
            int,
            HeaderParameter(
                name="Upload-Offset", ge=0, le=2**53, description="Bytes before it: `received` of the import."
            ),
        ],
    ) -> Response[ImportView]:
        """If the connection breaks, what has come is kept: ask for `received`, and go on there."""
        found = await _found(request, services, import_id)
        announced = request.headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > services.imports.limits.part_bytes:
            why = f"the part has {announced} bytes; at most {services.imports.limits.part_bytes}"
            raise ImportTooLarge(why, field="Content-Length")
        done = await services.imports.append(found, offset, _pieces(request))
        return _answer(await _view(services, done))

    @get("/{import_id:str}/preview", opt={"right": RIGHT}, summary="What would become of a file")
    async def preview(  # noqa: PLR0913  each is a parameter of the request
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        import_id: ImportPath,
        list_id: Annotated[
            int | None,
            QueryParameter(ge=1, le=2**63 - 1, description="List whose own fields are looked for, too."),
        ] = None,
        country: Annotated[str, QueryParameter(pattern=r"^([A-Za-z]{2})?$(?!\n)")] = "",
        encoding: Annotated[str, QueryParameter(max_length=40, pattern=_TEXT)] = "",
        delimiter: Annotated[str, QueryParameter(max_length=3, pattern=_TEXT)] = "",
        sheet: Annotated[str, QueryParameter(max_length=100, pattern=_TEXT)] = "",
        header: Annotated[
            bool | None, QueryParameter(description="Whether the first row holds titles.")
        ] = None,
    ) -> PreviewView:
        """By its first rows: what each column is taken for, and what would be refused."""
        found = await _found(request, services, import_id)
        target, own = Target(list_id=0), None
        if list_id is not None:
            own = await _check_list(request, services, list_id)
            target = Target(list_id=list_id, custom=await services.imports.custom_fields(list_id))
        reading = Reading(
            country=_country(services, country, own),
            encoding=encoding,
            delimiter=delimiter,
            sheet=sheet,
            header=header,
        )
        looked = await services.imports.look(found, reading, target)
        return PreviewView(sha256=looked.digest, preview=looked.preview)

    @post("/{import_id:str}/start", opt={"right": RIGHT}, status_code=202, summary="Take a file in")
    async def start(
        self,
        *,
        request: Asked,
        services: NamedDependency[Services],
        import_id: ImportPath,
        data: JSONBody[StartBody],
        idempotency_key: Key = None,
    ) -> ImportView:
        """It is looked through whole, then its rows become leads; the same file the same way only once."""
        own = await _check_list(request, services, data.list_id)
        found = await _found(request, services, import_id)

        async def act() -> ImportView:
            custom = await services.imports.custom_fields(data.list_id)
            target = Target(list_id=data.list_id, custom=custom, duplicates=data.duplicates.upper())
            return await _view(
                services, await services.imports.start(found, _reading(services, data, own), target)
            )

        return await once(request, services, idempotency_key, act)

    @post("/{import_id:str}/cancel", opt={"right": RIGHT}, status_code=200, summary="Give an import up")
    async def cancel(
        self,
        request: Asked,
        services: NamedDependency[Services],
        import_id: ImportPath,
        idempotency_key: Key = None,
    ) -> ImportView:
        """The file is removed; leads that have been added stay."""
        found = await _found(request, services, import_id)

        async def act() -> ImportView:
            return await _view(services, await services.imports.cancel(found))

        return await once(request, services, idempotency_key, act)

    @get(
        "/{import_id:str}/refused",
        opt={"right": RIGHT},
        summary="The rows that were refused, as CSV",
        responses={200: ResponseSpec(str, description="Row, column, reason, the row", media_type=CSV)},
        media_type=CSV,
    )
    async def refused(
        self, request: Asked, services: NamedDependency[Services], import_id: ImportPath
    ) -> Stream:
        """So far. Nothing in it is calculated by a spreadsheet; mended, it can be imported as it is."""
        found = await _found(request, services, import_id)
        headers = {
            "Content-Disposition": 'attachment; filename="refused.csv"',
            "Cache-Control": "private, no-store",
        }
        return Stream(_report(services, found), media_type=CSV, headers=headers)


async def _report(services: Services, of: Upload) -> AsyncIterator[bytes]:
    yield report.head(of.titles).encode()
    after = 0
    while of.import_id and (rows := await services.imports.refusals(of.import_id, after=after)):
        yield report.lines(rows).encode()
        after = rows[-1].row


async def _pieces(request: Asked) -> AsyncIterator[bytes]:
    """The body as it comes; a connection that breaks is its end."""
    with suppress(InternalServerException):
        async for piece in request.stream():
            yield piece


def _country(services: Services, asked: str, own: LeadList | None) -> str:
    """In which numbers are read: as asked, else the list's, else the site's."""
    return (asked or (own.country if own else "") or services.options.country).upper()


def _reading(services: Services, data: StartBody, own: LeadList | None) -> Reading:
    return Reading(
        columns=data.columns,
        country=_country(services, data.country, own),
        encoding=data.encoding,
        delimiter=data.delimiter,
        sheet=data.sheet,
        header=data.header,
        consent=data.consent or UNSET,
    )


def _answer(view: ImportView) -> Response[ImportView]:
    headers = {
        "Upload-Offset": str(view.received),
        "Upload-Length": str(view.size),
        "Cache-Control": "no-store",
    }
    return Response(view, headers=headers)


async def _view(services: Services, upload: Upload) -> ImportView:
    done = await services.imports.imported(upload)
    rate = services.imports.rate(upload, done.position) if done else None
    return ImportView(
        id=upload.id,
        name=upload.name,
        by=upload.by,
        state=upload.state,
        why=upload.why,
        size=upload.size,
        received=upload.received,
        part_bytes=services.imports.limits.part_bytes,
        list_id=upload.list_id or None,
        import_id=upload.import_id or None,
        again=upload.again,
        rows=done.total if done else None,
        row=done.position if done else 0,
        added=done.added if done else 0,
        refused=done.refused if done else 0,
        rate=None if rate is None else round(rate, 1),
        seconds_left=_left(upload, done, rate),
        created_at=upload.created_at,
        changed_at=upload.changed_at,
    )


def _left(upload: Upload, done: Import | None, rate: float | None) -> float | None:
    if done is None or rate is None or upload.state is not UploadState.RUNNING:
        return None
    return round((done.total - done.position) / rate, 1)


async def _found(request: Asked, services: Services, import_id: str) -> Upload:
    """An import that the caller may see (`NoSuchImport`, `NotAllowed`, `Forbidden`)."""
    found = await services.imports.get(import_id)
    if found is None:
        raise NoSuchImport(import_id=import_id)
    here().on("import", found.id)
    if found.list_id:
        await _check_list(request, services, found.list_id)
    elif found.by != request.user.user and not _sees_everything(request.user):
        raise NotAllowed("another user sends this file, and you see only some lists", rule="scope")
    return found


async def _check_list(request: Asked, services: Services, list_id: int) -> LeadList | None:
    """A list that the caller may add leads to (`InvalidInput`: there is none; `Forbidden`)."""
    services.access.check_limits(request.user, RIGHT, lead_list=list_id)
    found = await services.site.get(LeadList, str(list_id))
    if found is None and not _sees_everything(request.user):
        raise InvalidInput(f"there is no list {list_id}", field="list_id")
    here().on("list", str(list_id) if found else "")
    services.access.authorize(request.user, RIGHT, campaign=(found.campaign if found else "") or None)
    return found


def _sees_everything(principal: Principal) -> bool:
    scope, limits = principal.scope, principal.limits
    return (
        scope is not None
        and isinstance(scope.campaigns, All)
        and isinstance(limits.campaigns, All)
        and isinstance(limits.lists, All)
    )
