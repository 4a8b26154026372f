"""What the columns of a file are: by their titles, and by what is in them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bridge.imports.errors import Unusable
from bridge.imports.model import FIELDS
from bridge.imports.table import Cells
from bridge.intake.mapping import usual_field
from bridge.intake.paths import usual_name
from bridge.rules import Number, normalise

MOST_BY_CONTENT: Final = 0.8
"""Share of the values that must be of a kind, for a column to be taken for it."""
_SHORTEST_PHONE: Final = 7
CONSENT: Final = "consent_"
_CUSTOM: Final = "custom."

_MORE_TITLES: Final[Mapping[str, str]] = {
    "phone_number": "phonenumber number telefonnummer rufnummer telefon_nr tel_nr handy mobil mobilnummer "
    "celular movil numero numero_telefono telephone_no numero_de_telephone portable telefone",
    "phone_code": "phonecode dial_code calling_code vorwahl country_calling_code",
    "alt_phone": "altphone telefon_2 telefon2 phone_alt telephone2 mobile2",
    "email": "email_addr e_mail_adresse correo correo_electronico courriel mail_address",
    "first_name": "vorname nombre prenom",
    "last_name": "nachname familienname apellido apellidos nom",
    "middle_initial": "middle middleinitial",
    "title": "anrede titel mr_mrs",
    "address1": "strasse stra_e anschrift adresse direccion street1 address_1 addr1 addr street_1",
    "address2": "addr2 street2 street_2 hausnummer",
    "address3": "addr3",
    "city": "ort stadt wohnort ciudad ville",
    "state": "bundesland estado state_province st",
    "province": "provincia",
    "postal_code": "postleitzahl codigo_postal code_postal post_code zip_postal zip_postal_code",
    "country_code": "land pais pays",
    "gender": "geschlecht sexo",
    "date_of_birth": "geburtsdatum birth date_of_birth fecha_nacimiento",
    "comments": "bemerkung bemerkungen kommentar notiz comentarios remarks",
    "security_phrase": "security securityphrase",
    "vendor_lead_code": "vendor_id vendorid vendor_code vendor_lead_id external_id crm_id customer_id "
    "kundennummer record_id leadid lead_code",
    "source_id": "source sourceid lead_source quelle",
    "owner": "lead_owner besitzer account_owner",
    "rank": "priority prioritaet",
    "gmt_offset_now": "gmt_offset utc_offset gmt",
    "full_name": "full_name",
    "consent_given_at": "consent_date consent_time consent_timestamp optin_date opt_in_date optin_time "
    "opt_in_time",
    "consent_source": "optin_source opt_in_source consent_url",
    "consent_text": "consent_language optin_text opt_in_text",
    "consent_given_by": "consent_name",
}
_BY_TITLE: Final = {word: field for field in FIELDS for word in (field, *_MORE_TITLES.get(field, "").split())}
_MARKS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "é": "e", "ó": "o", "ú": "u"})
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_POSTAL: Final = re.compile(
    r"[0-9]{5}(-[0-9]{4})?|[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}|[A-Z][0-9][A-Z] ?[0-9][A-Z][0-9]"
)


def by_title(title: str) -> str:
    """The field that a column of this title is; empty: none is known."""
    plain = title.strip().lower().translate(_MARKS)
    return _BY_TITLE.get(usual_name(plain), "") or usual_field(plain)


def has_header(first: Cells) -> bool:
    """Whether a first row holds titles: one of them is known, or none of its cells is a value."""
    if any(by_title(cell) for cell in first):
        return True
    return not any(any(sign.isdigit() for sign in cell) or "@" in cell for cell in first)


def columns(
    titles: Cells, sample: Sequence[Cells], country: str, custom: Sequence[str] = ()
) -> tuple[str, ...]:
    """The field of each column; empty where it is not known. No field is given twice.

    Args:
        titles: of the columns; empty texts where there is no header.
        sample: some rows behind it.
        country: ISO 3166, by which telephone numbers are read.
        custom: names of the list's own fields.
    """
    found: list[str] = []
    for title in titles:
        field = by_title(title) or next((_CUSTOM + name for name in custom if name == title.strip()), "")
        found.append("" if field in found else field)
    for field, is_one in _tests(country).items():
        if field not in found:
            _take(found, field, _best(found, sample, is_one))
    return tuple(found)


def _tests(country: str) -> dict[str, Callable[[str], bool]]:
    return {
        "email": lambda value: bool(_EMAIL.fullmatch(value)),
        "phone_number": lambda value: _is_phone(value, country),
        "postal_code": lambda value: bool(_POSTAL.fullmatch(value.upper())),
    }


def _is_phone(value: str, country: str) -> bool:
    if sum(sign.isdigit() for sign in value) < _SHORTEST_PHONE:
        return False
    return isinstance(normalise(value, "", country), Number)


def _best(found: list[str], sample: Sequence[Cells], is_one: Callable[[str], bool]) -> int | None:
    """The column that is not known yet whose values are most of this kind."""
    best, share = None, MOST_BY_CONTENT
    for place, field in enumerate(found):
        values = [cells[place].strip() for cells in sample if place < len(cells) and cells[place].strip()]
        if field or not values:
            continue
        of_them = sum(map(is_one, values)) / len(values)
        if of_them > share or (best is None and of_them >= share):
            best, share = place, of_them
    return best


def _take(found: list[str], field: str, place: int | None) -> None:
    if place is not None:
        found[place] = field


def without_half_a_consent(guessed: tuple[str, ...]) -> tuple[str, ...]:
    """The columns, those of a consent passed over if they do not make one."""
    if {f"{CONSENT}{name}" for name in ("purpose", "given_at", "source")} <= set(guessed):
        return guessed
    return tuple("" if field.startswith(CONSENT) else field for field in guessed)


def overridden(
    guessed: tuple[str, ...], titles: Cells, wanted: Mapping[str, str], custom: Sequence[str] = ()
) -> tuple[str, ...]:
    """The columns, where a person says what some of them are.

    Args:
        guessed: the field of each column.
        titles: of the columns.
        wanted: field by title, or by the number of the column from 1; empty: passed over.
        custom: names of the list's own fields.

    Raises:
        Unusable: there is no such column or field, or a field has two columns.
    """
    fields = {_place(column, titles): _field(field, custom) for column, field in wanted.items()}
    named = [field for field in fields.values() if field]
    for field in named:
        if named.count(field) > 1:
            raise Unusable(f"two columns are mapped to {field}", "columns")
    kept = ("" if field in named else field for field in guessed)
    return tuple(fields.get(place, field) for place, field in enumerate(kept))


def _place(column: str, titles: Cells) -> int:
    plain = [title.strip().casefold() for title in titles]
    if column.strip().casefold() in plain:
        return plain.index(column.strip().casefold())
    if column.isdecimal() and 1 <= int(column) <= len(titles):
        return int(column) - 1
    known = ", ".join(title for title in titles[:20] if title)
    raise Unusable(
        f"there is no column {column[:40]!r}; there are 1 to {len(titles)}: {known}"[:600], "columns"
    )


def _field(field: str, custom: Sequence[str]) -> str:
    if field in ("", "-"):
        return ""
    if field in FIELDS or field.removeprefix(_CUSTOM) in custom:
        return field if field in FIELDS else _CUSTOM + field.removeprefix(_CUSTOM)
    names = ", ".join((*FIELDS, *(_CUSTOM + name for name in custom)))
    raise Unusable(f"{field[:40]!r} is no field of a lead: {names}", "columns")
