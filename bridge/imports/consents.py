"""The consent that a row tells of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from bridge.consent.model import Given
from bridge.imports.errors import Unusable
from bridge.imports.model import ConsentOfAll, Plan
from bridge.leads.errors import InvalidLead

_PREFIX: Final = "consent_"
_COLUMN: Final = {"shown": "consent_text"}
"""What a column is called that is not called as the field of a consent."""
_FIELDS: Final = ("purpose", "given_at", "source", "text", "given_by")


class ConsentReader:
    """Reads the consents of the rows of one file.

    Args:
        plan: which columns there are, and what all consents have in common.

    Raises:
        Unusable: what they have in common can be none, or something of a consent is in no column.
    """

    def __init__(self, plan: Plan) -> None:
        self._columns = tuple(name for name in plan.columns if name.startswith(_PREFIX))
        common = None if plan.consent is UNSET else plan.consent
        self._of_all = bool(common) and not self._columns
        self._common = common or ConsentOfAll()
        self._zone = _zone(self._common.zone)
        self._now = datetime.now(UTC)
        if self._columns or common:
            self._check_complete()
        if self._of_all:
            self._check_common()

    def take(self, texts: dict[str, str]) -> Given | None:
        """Take the consent out of the texts of a row; `None`: it tells of none.

        Raises:
            InvalidLead: it can be none; the column is named.
        """
        if not self._columns and not self._of_all:
            return None
        told = {name: texts.pop(name, "") for name in self._columns}
        if self._columns and not any(told.values()):
            return None
        said = {name: told.get(_PREFIX + name) or getattr(self._common, name) for name in _FIELDS}
        try:
            return self._given(said)
        except InvalidLead as error:
            raise InvalidLead(_COLUMN.get(error.field, _PREFIX + error.field), error.why) from None

    def _given(self, said: dict[str, str]) -> Given:
        given = Given(
            purpose=said["purpose"].lower(),
            given_at=self._moment(said["given_at"]),
            source=said["source"],
            shown=said["text"],
            given_by=said["given_by"],
        )
        given.check(self._now)
        return given

    def _moment(self, text: str) -> datetime:
        try:
            found = datetime.fromisoformat(text)
            if found.tzinfo is None and self._zone is not None:
                found = found.replace(tzinfo=self._zone)
            if found.tzinfo is not None:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise InvalidLead("given_at", f"{text[:40]!r} is no moment, as in 2026-11-24T14:05:00Z") from None
        why = "it needs its offset from UTC, as in 2026-11-24T14:05:00Z, or the file a zone"
        raise InvalidLead("given_at", why)

    def _check_complete(self) -> None:
        for name in ("purpose", "given_at", "source"):
            if _PREFIX + name not in self._columns and not getattr(self._common, name):
                why = f"a consent needs its {name}: a column {_PREFIX}{name}, or one for all rows"
                raise Unusable(why, "consent")

    def _check_common(self) -> None:
        try:
            self._given({name: getattr(self._common, name) for name in _FIELDS})
        except InvalidLead as error:
            raise Unusable(f"{error.field}: {error.why}", "consent") from None


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # whatever a name can be wrong by
        raise Unusable(f"zone: {name[:60]!r} is no time zone, as in America/New_York", "consent") from None


def common_to_all(said: dict[str, str]) -> ConsentOfAll:
    """What all consents have in common, as words of a command say it.

    Raises:
        Unusable: there is no such field.
    """
    try:
        return msgspec.convert(said, ConsentOfAll)
    except msgspec.ValidationError as error:
        raise Unusable(f"{error}", "consent") from None
