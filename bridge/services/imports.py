"""What `/v1` needs of files of leads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from bridge.imports.model import Import, Refusal
from bridge.uploads.frames import Looked
from bridge.uploads.model import Reading, Target, Upload, UploadLimits


class ImportDesk(Protocol):
    """Files that are sent to us: `bridge.uploads.desk.ImportDesk`, which says what each may raise."""

    limits: UploadLimits

    async def create(self, name: str, size: int, by: str) -> Upload:
        """Begin to send a file."""

    async def get(self, upload_id: str) -> Upload | None:
        """One of them."""

    async def page(self, *, by: str = "", after: str = "", limit: int = 100) -> Sequence[Upload]:
        """The newest first, from the one behind `after`; `by`: only this user's."""

    async def imported(self, upload: Upload) -> Import | None:
        """What has become of it so far."""

    def rate(self, upload: Upload, position: int) -> float | None:
        """Rows in a second; `None`: nobody here knows."""

    async def append(self, upload: Upload, offset: int, part: AsyncIterator[bytes]) -> Upload:
        """Take a part in."""

    async def look(self, upload: Upload, reading: Reading, target: Target) -> Looked:
        """What would become of a file."""

    async def start(self, upload: Upload, reading: Reading, target: Target) -> Upload:
        """Have a file taken in."""

    async def cancel(self, upload: Upload) -> Upload:
        """Give it up; what was taken in stays."""

    async def custom_fields(self, list_id: int) -> tuple[str, ...]:
        """Names of a list's own fields."""

    async def refusals(self, import_id: str, *, after: int = 0) -> Sequence[Refusal]:
        """Rows that were refused, in their order, from the one behind `after`."""
