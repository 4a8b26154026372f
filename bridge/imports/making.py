"""A lead out of a row, or why there is none."""

from __future__ import annotations

import re
from typing import Final

from bridge.consent.model import Given
from bridge.csv_safe import plain
from bridge.imports.consents import ConsentReader
from bridge.imports.errors import Unusable
from bridge.imports.model import LONGEST_ROW, Plan, Refusal
from bridge.imports.table import Cells
from bridge.intake.mapping import divide_name, printable
from bridge.leads.errors import InvalidLead
from bridge.leads.fields import parsed
from bridge.leads.model import LONGEST, NewLead
from bridge.rules import Refusal as NoNumber
from bridge.rules import national_of

_CUSTOM: Final = "custom."
_LONGEST: Final = {**LONGEST, "consent_text": 4000, "consent_source": 200, "consent_given_by": 200}
_IN_LINES: Final = ("comments", "consent_text")
"""Texts whose line breaks stay."""
_AS_IT_WAS: Final = ("consent_text", "consent_source", "consent_given_by")
"""What is evidence is not changed, but for what no text has."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_ROUNDED: Final = re.compile(r"[0-9]+([.,][0-9]+)?[eE]\+?[0-9]+")
"""A long number as a spreadsheet writes it that took it for a quantity."""


class Maker:
    """Makes leads of the rows of one file.

    Args:
        plan: what the columns are.
        titles: of the columns; what a refusal names them by.

    Raises:
        Unusable: no column is the telephone number.
    """

    def __init__(self, plan: Plan, titles: Cells) -> None:
        if "phone_number" not in plan.columns:
            why = "no column is known as the telephone number: say which one is, as in Mobile=phone_number"
            raise Unusable(why)
        self._plan = plan
        self._consents = ConsentReader(plan)
        self._fields = [(place, field) for place, field in enumerate(plan.columns) if field]
        names = {field: titles[place] for place, field in self._fields if place < len(titles)}
        self._names = {field: names.get(field, "") or f"column {place + 1}" for place, field in self._fields}

    def lead(self, row: int, cells: Cells) -> NewLead | Refusal:
        """The lead that a row becomes."""
        found = self.read(row, cells)
        return found if isinstance(found, Refusal) else found[0]

    def read(self, row: int, cells: Cells) -> tuple[NewLead, Given | None] | Refusal:
        """What becomes of a row: a lead, with the consent if there is one."""
        length = sum(map(len, cells))
        if length > LONGEST_ROW:
            return Refusal(row=row, column="", why=f"{length} characters; at most {LONGEST_ROW}")
        width = len(self._plan.columns)
        if len(cells) != width and (self._plan.layout.kind == "csv" or len(cells) > width):
            why = f"it has {len(cells)} cells, where the first row has {width}"
            return Refusal(row=row, column="", why=why, cells=cells)
        try:
            return self._made(cells)
        except InvalidLead as error:
            column = self._names.get(error.field, "")
            return Refusal(row=row, column=column or error.field, why=error.why, cells=cells)

    def _made(self, cells: Cells) -> tuple[NewLead, Given | None]:
        texts, custom = self._texts(cells)
        consent = self._consents.take(texts)
        number = self._number(texts.pop("phone_number", ""), texts.pop("phone_code", ""))
        divide_name(texts)
        values = parsed(texts)
        lead = NewLead(
            list_id=self._plan.list_id,
            entry_list_id=self._plan.list_id if custom else 0,
            phone_code=number[0],
            phone_number=number[1],
            custom=custom,
            **values,
        )
        return lead, consent

    def _texts(self, cells: Cells) -> tuple[dict[str, str], dict[str, str]]:
        texts: dict[str, str] = {}
        custom: dict[str, str] = {}
        for place, field in self._fields:
            value = plain(cells[place]) if place < len(cells) else ""
            if not value:
                continue
            if "\0" in value:
                raise InvalidLead(field, "it holds a NUL byte")
            text = printable(field, value) if field not in _AS_IT_WAS else _CONTROL.sub(" ", value).strip()
            if field not in _IN_LINES:
                text = " ".join(text.split())
            longest = _LONGEST.get(field, 255)
            if len(text) > longest:
                raise InvalidLead(field, f"{len(text)} characters; at most {longest}")
            if text and field.startswith(_CUSTOM):
                custom[field.removeprefix(_CUSTOM)] = text
            elif text:
                texts[field] = text
        return texts, custom

    def _number(self, written: str, code: str) -> tuple[str, str]:
        if _ROUNDED.fullmatch(written):
            why = f"{written[:40]!r} was rounded by a spreadsheet: its digits are lost"
            raise InvalidLead("phone_number", why)
        number = national_of(" ".join(written.split()), code.removeprefix("+"), self._plan.country)
        if isinstance(number, NoNumber):
            raise InvalidLead("phone_number", number.why)
        return str(number[0]), number[1]
