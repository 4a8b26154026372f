"""What the fields of a form are in a lead: by the key's own map, else by names that forms usually have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from bridge.intake.model import CONTACT, FULL_NAME, IntakeKey
from bridge.intake.paths import path_of, usual_name
from bridge.intake.reading import Fields
from bridge.leads.model import LONGEST

_CONTROL: Final = re.compile(r"[<>|\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CONTROL_IN_TEXT: Final = re.compile(r"[<>|\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""The same, but line breaks and tabs stay."""

_NOT_TICKED: Final = frozenset({"", "0", "n", "no", "off", "false", "none", "null", "unchecked"})

_USUAL: Final[Mapping[str, str]] = {
    "phone_number": "phone tel telephone mobile cell cellphone mobile_phone cell_phone phone_no phone1 "
    "primary_phone contact_number tel_national telephone_number mobile_number telefon telefono",
    "alt_phone": "phone2 phone_2 secondary_phone home_phone work_phone alternate_phone alternative_phone",
    "email": "mail e_mail email_address emailaddress",
    FULL_NAME: "name fullname contact_name contact",
    "first_name": "firstname fname given_name forename first name_first first_name",
    "last_name": "lastname lname surname family_name last name_last",
    "middle_initial": "middle_name mi",
    "title": "salutation honorific prefix",
    "address1": "address street street_address address_1 address_line1 address_line_1",
    "address2": "address_2 address_line2 address_line_2 apartment suite",
    "address3": "address_3 address_line3 address_line_3",
    "city": "town locality",
    "state": "region",
    "province": "county",
    "postal_code": "zip zipcode zip_code postcode postalcode plz",
    "country_code": "country",
    "gender": "sex",
    "date_of_birth": "dob birthday birthdate birth_date",
    "comments": "comment message notes note msg textarea question enquiry inquiry",
}
_BY_NAME: Final[Mapping[str, str]] = {
    word: ours for ours in CONTACT for word in (ours, *_USUAL.get(ours, "").split())
}


def is_caught(fields: Fields, honeypot: str) -> bool:
    """Whether the field that people do not see is filled in."""
    if not honeypot:
        return False
    path, name = path_of(honeypot), usual_name(path_of(honeypot))
    return any(value.strip() and (at == path or usual_name(at) == (name or None)) for at, value in fields)


def is_ticked(fields: Fields, box: str) -> bool:
    """Whether a box of the form is ticked: senders leave it out, or send a word for no."""
    path = path_of(box)
    return any(at == path and value.strip().lower() not in _NOT_TICKED for at, value in fields)


def lead_texts(fields: Fields, key: IntakeKey) -> dict[str, str]:
    """What a lead is made of, by the names of its fields; only what is not empty.

    A constant goes before the map, the map before the usual names; of several values the first that is not
    empty, of several levels of JSON the highest.
    """
    mapped = {path_of(theirs): ours for theirs, ours in key.fields.items()}
    texts: dict[str, str] = {}
    _fill(texts, ((mapped.get(path, ""), value) for path, value in fields))
    others = sorted((each for each in fields if each[0] not in mapped), key=lambda each: each[0].count("."))
    _fill(texts, ((_BY_NAME.get(usual_name(path), ""), value) for path, value in others))
    divide_name(texts)
    return texts | {ours: value for ours, value in key.constants.items() if value}


def _fill(texts: dict[str, str], found: Iterable[tuple[str, str]]) -> None:
    for ours, value in found:
        if ours and ours not in texts and (text := clean(ours, value)):
            texts[ours] = text


def usual_field(name: str) -> str:
    """The field of a lead that forms and files usually name so; empty: none."""
    return _BY_NAME.get(usual_name(path_of(name)), "")


def divide_name(texts: dict[str, str]) -> None:
    """Make first and last name of a whole one, where neither is given."""
    whole = texts.pop(FULL_NAME, "")
    if not whole or "first_name" in texts or "last_name" in texts:
        return
    first, _, last = whole.rpartition(" ")
    first, _, last = whole.rpartition(" ")
    texts["first_name"] = first or last
    if first:
        texts["last_name"] = last


def clean(ours: str, value: str) -> str:
    """A value as a lead can hold it: nothing that breaks a page or a line, and not too long."""
    return printable(ours, value)[: LONGEST.get(ours, 255)].strip()


def printable(ours: str, value: str) -> str:
    """The same at its full length."""
    unwanted = _CONTROL_IN_TEXT if ours == "comments" else _CONTROL
    return unwanted.sub(" ", value).strip()
