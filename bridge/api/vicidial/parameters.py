"""The parameters of a request: where they come from, and which characters of each are kept.

Characters outside a field's set are dropped silently, as callers of the format expect:
`(727) 555-1212` is 7275551212. What is kept is the format's own rule for each name; on top of it no
control character and no angle bracket passes anywhere, because free text is printed back as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import unquote

from bridge.api.vicidial.reply import Answer, error

MAX_VALUE = 8192
"""Longest value that is looked at, in characters; the longest that means anything has 255."""
MAX_FIELDS = 1000
"""Most parameters in one request (`max_input_vars` of PHP)."""

Filter = Callable[[str], str]


def _keep(characters: str, *, plus_is_blank: bool = False) -> Filter:
    others = re.compile(f"[^{characters}]")

    def keep(value: str) -> str:
        return others.sub("", value.replace("+", " ") if plus_is_blank else value)

    return keep


def _drop(characters: str, *, plus_is_blank: bool = False) -> Filter:
    unwanted = re.compile(f"[{characters}\\x00-\\x1f\\x7f<>]")

    def drop(value: str) -> str:
        return unwanted.sub("", value.replace("+", " ") if plus_is_blank else value)

    return drop


_NAME = _keep("-_0-9A-Za-z")
_WORD = _keep("0-9A-Za-z")
_CAPITALS = _keep("A-Z")
_DIGITS = _keep("0-9")
_FREE = _drop(";#", plus_is_blank=True)

LEAD_FIELDS: Final = (
    "address1",
    "address2",
    "address3",
    "rank",
    "owner",
    "alt_phone",
    "city",
    "comments",
    "country_code",
    "date_of_birth",
    "email",
    "first_name",
    "gender",
    "gmt_offset_now",
    "last_name",
    "middle_initial",
    "phone_number",
    "phone_code",
    "postal_code",
    "province",
    "security_phrase",
    "source_id",
    "state",
    "title",
    "vendor_lead_code",
)
"""Fields of a lead that callers may set."""
RELOADS: Final = (
    "formreload",
    "scriptreload",
    "script2reload",
    "emailreload",
    "chatreload",
    "callbacksreload",
)
"""Panels of the agent's screen that callers may have loaded anew."""

FILTERS: dict[str, Filter] = {
    "user": _NAME,
    "pass": _keep("-.+/=_0-9A-Za-z"),
    "source": _WORD,
    "function": _NAME,
    "format": _WORD,
    "agent_user": _NAME,
    "alt_user": _WORD,
    "value": _keep("-|_0-9A-Za-z"),
    "close_window_link": _NAME,
    "language": _NAME,
    "search": _NAME,
    "preview": _NAME,
    "focus": _NAME,
    "phone_code": _keep("0-9X"),
    "phone_number": _keep("*#0-9A-Za-z"),
    "lead_id": _DIGITS,
    "vendor_id": _FREE,
    "vtiger_callback": _CAPITALS,
    "alt_dial": _keep("0-9A-Z"),
    "dial_prefix": _WORD,
    "dial_ingroup": _NAME,
    "group_alias": _WORD,
    "outbound_cid": _NAME,
    "callback_datetime": _keep("- :._0-9A-Za-z", plus_is_blank=True),
    "callback_type": _CAPITALS,
    "callback_comments": _keep("- ._0-9A-Za-z", plus_is_blank=True),
    "qm_dispo_code": _keep("-._0-9A-Za-z"),
    "stage": _drop("'\";\\\\", plus_is_blank=True),
    "status": _keep("-_0-9A-Za-z"),
    "notes": _keep("- ._0-9A-Za-z", plus_is_blank=True),
    "rank": _DIGITS,
    "blended": _CAPITALS,
    "set_as_default": _CAPITALS,
    "ingroup_choices": _keep("- _0-9A-Za-z", plus_is_blank=True),
    "consultative": _CAPITALS,
    "dial_override": _CAPITALS,
    "cid_choice": _keep("_A-Z"),
    "multi_dial_phones": _keep(",0-9A-Za-z"),
    "recording_url": _CAPITALS,
    "md_check": _CAPITALS,
    "tw_check": _CAPITALS,
    "dnc_check": _CAPITALS,
    "campaign_dnc_check": _CAPITALS,
    "recipient": _NAME,
    "recipient_type": _keep("_A-Z"),
    "notification_date": _keep("- :0-9", plus_is_blank=True),
    "notification_text": _drop("\\\\"),
    "notification_retry": _CAPITALS,
    "text_size": _DIGITS,
    "text_font": _keep("- _0-9A-Za-z"),
    "text_weight": _WORD,
    "text_color": _WORD,
    "show_confetti": _CAPITALS,
    "duration": _keep(".0-9"),
    "maxParticleCount": _DIGITS,
    "particleSpeed": _keep(".0-9"),
    **dict.fromkeys(RELOADS, _WORD),
    **{
        name: _drop("'\";\\\\|") for name in LEAD_FIELDS if name not in ("phone_number", "phone_code", "rank")
    },
}
"""The names that the functions read. Any other parameter is ignored."""


class Parameters:
    """Cleaned values by name; a parameter that was not sent is empty."""

    def __init__(self, query: Iterable[tuple[str, str]], form: Iterable[tuple[str, str]] = ()) -> None:
        """Take the query's value for each name, else the form's; of repeated ones the last.

        Raises:
            Answer: a value is longer than `MAX_VALUE`.
        """
        self._values: dict[str, str] = {}
        for name, value in (*form, *query):
            if name in FILTERS:
                self._values[name] = _clean(name, value)

    def sent(self, name: str) -> bool:
        """Whether the parameter was sent, empty or not."""
        return name in self._values

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "") if name in FILTERS else _unknown(name)


def parse_fields(encoded: bytes) -> list[tuple[str, str]]:
    """The pairs of a query string or a form body; bytes that are not UTF-8 become U+FFFD.

    As `urllib.parse.parse_qsl` with blank values kept, in a third of its time.

    Raises:
        Answer: there are more than `MAX_FIELDS`.
    """
    fields = encoded.decode("latin-1").split("&")
    if len(fields) > MAX_FIELDS:
        raise Answer(error("request has too many parameters", str(MAX_FIELDS)))
    return [_pair(field) for field in fields if field]


def _pair(field: str) -> tuple[str, str]:
    name, _, value = field.partition("=")
    return _decoded(name), _decoded(value)


def _decoded(text: str) -> str:
    spaced = text.replace("+", " ")
    return unquote(spaced) if "%" in spaced else spaced


def _clean(name: str, value: str) -> str:
    if len(value) > MAX_VALUE:
        raise Answer(error("parameter is too long", name, str(len(value)), str(MAX_VALUE)))
    return FILTERS[name](value)


def _unknown(name: str) -> str:
    msg = f"parameter {name} has no filter: add it to FILTERS"
    raise KeyError(msg)
