"""Files that are sent, in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from api_fakes.work import Record
from bridge.errors import ImportTooLarge, NotInThisState, OffsetMismatch
from bridge.imports.model import Import, Layout, Plan, Refusal
from bridge.imports.preview import Preview
from bridge.uploads.frames import Looked
from bridge.uploads.model import Reading, Target, Upload, UploadLimits, UploadState

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class FakeImports:
    """Files as the routes see them."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.limits = UploadLimits(part_bytes=1000, most_bytes=5000)
        self.uploads: dict[str, Upload] = {}
        self.bytes: dict[str, bytes] = {}
        self.asked: list[tuple[Reading, Target]] = []
        self.done: Import | None = None
        self.refused: list[Refusal] = []

    async def create(self, name: str, size: int, by: str) -> Upload:
        if size > self.limits.most_bytes:
            raise ImportTooLarge("too large", field="size")
        number = f"019aa5d2-1f00-7000-8000-{len(self.uploads) + 1:012}"
        made = Upload(id=number, name=name, by=by, bridge="b", size=size, created_at=NOON, changed_at=NOON)
        self.uploads[number] = made
        self.bytes[number] = b""
        self.record.commands.append(("import", name, str(size), by))
        return made

    async def get(self, upload_id: str) -> Upload | None:
        return self.uploads.get(upload_id)

    async def page(self, *, by: str = "", after: str = "", limit: int = 100) -> Sequence[Upload]:
        found = sorted(self.uploads.values(), key=lambda one: one.id, reverse=True)
        return [one for one in found if by in ("", one.by) and (not after or one.id < after)][:limit]

    async def imported(self, upload: Upload) -> Import | None:
        return self.done if upload.import_id else None

    def rate(self, upload: Upload, position: int) -> float | None:
        return 100.0 if upload.import_id and position else None

    async def append(self, upload: Upload, offset: int, part: AsyncIterator[bytes]) -> Upload:
        if offset != upload.received:
            raise OffsetMismatch(offset=str(upload.received))
        self.bytes[upload.id] += b"".join([piece async for piece in part])
        there = len(self.bytes[upload.id])
        state = UploadState.UPLOADED if there == upload.size else UploadState.UPLOADING
        return self._now(replace(upload, received=there, state=state))

    async def look(self, upload: Upload, reading: Reading, target: Target) -> Looked:
        if upload.state is not UploadState.UPLOADED:
            raise NotInThisState(state=upload.state)
        self.asked.append((reading, target))
        layout = Layout(kind="csv", encoding="utf-8-sig", delimiter=",")
        plan = Plan(layout=layout, list_id=target.list_id, country=reading.country, columns=("phone_number",))
        preview = Preview(layout=layout, columns=[], rows=0, good=0, refused=[])
        return Looked("0" * 64, plan, ("Phone",), preview)

    async def start(self, upload: Upload, reading: Reading, target: Target) -> Upload:
        looked = await self.look(upload, reading, target)
        self.record.commands.append(("start", upload.id, str(target.list_id)))
        begun = replace(
            upload,
            state=UploadState.RUNNING,
            list_id=target.list_id,
            plan=looked.plan,
            titles=looked.titles,
            import_id="f" * 64,
        )
        return self._now(begun)

    async def cancel(self, upload: Upload) -> Upload:
        self.record.commands.append(("cancel", upload.id))
        return self._now(replace(upload, state=UploadState.CANCELLED))

    async def custom_fields(self, list_id: int) -> tuple[str, ...]:
        return ("colour",) if list_id == 101 else ()

    async def refusals(self, import_id: str, *, after: int = 0) -> Sequence[Refusal]:
        return [one for one in self.refused if import_id and one.row > after][:2]

    def _now(self, upload: Upload) -> Upload:
        self.uploads[upload.id] = upload
        return upload
