"""The parameters of a request: where they come from, and which characters of each are kept.

Characters outside a field's set are dropped silently, as callers of the format expect:
`(727) 555-1212` is 7275551212. What is kept is the format's own rule for each name; on top of it no
control character and no angle bracket passes anywhere, because free text is printed back as HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from bridge.api.vicidial.reply import Answer, error

MAX_VALUE = 8192
"""Longest value that is looked at, in characters; the longest that means anything has 255."""
MAX_FIELDS = 1000
"""Most parameters in one request (`max_input_vars` of PHP)."""

Filter = Callable[[str], str]


def keep_only(characters: str, *, plus_is_blank: bool = False) -> Filter:
    """A filter that keeps these characters, given as in a set of a regular expression."""
    others = re.compile(f"[^{characters}]")

    def keep(value: str) -> str:
        return others.sub("", value.replace("+", " ") if plus_is_blank else value)

    return keep


def drop_all(characters: str, *, plus_is_blank: bool = False) -> Filter:
    """A filter that keeps all but these, control characters and angle brackets."""
    unwanted = re.compile(f"[{characters}\\x00-\\x1f\\x7f<>]")

    def drop(value: str) -> str:
        return unwanted.sub("", value.replace("+", " ") if plus_is_blank else value)

    return drop


NAME = keep_only("-_0-9A-Za-z")
WORD = keep_only("0-9A-Za-z")
CAPITALS = keep_only("A-Z")
DIGITS = keep_only("0-9")
FREE = drop_all(";#", plus_is_blank=True)

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
    "user": NAME,
    "pass": keep_only("-.+/=_0-9A-Za-z"),
    "source": WORD,
    "function": NAME,
    "format": WORD,
    "agent_user": NAME,
    "alt_user": WORD,
    "value": keep_only("-|_0-9A-Za-z"),
    "close_window_link": NAME,
    "language": NAME,
    "search": NAME,
    "preview": NAME,
    "focus": NAME,
    "phone_code": keep_only("0-9X"),
    "phone_number": keep_only("*#0-9A-Za-z"),
    "lead_id": DIGITS,
    "vendor_id": FREE,
    "vtiger_callback": CAPITALS,
    "alt_dial": keep_only("0-9A-Z"),
    "dial_prefix": WORD,
    "dial_ingroup": NAME,
    "group_alias": WORD,
    "outbound_cid": NAME,
    "callback_datetime": keep_only("- :._0-9A-Za-z", plus_is_blank=True),
    "callback_type": CAPITALS,
    "callback_comments": keep_only("- ._0-9A-Za-z", plus_is_blank=True),
    "qm_dispo_code": keep_only("-._0-9A-Za-z"),
    "stage": drop_all("'\";\\\\", plus_is_blank=True),
    "status": keep_only("-_0-9A-Za-z"),
    "notes": keep_only("- ._0-9A-Za-z", plus_is_blank=True),
    "rank": DIGITS,
    "blended": CAPITALS,
    "set_as_default": CAPITALS,
    "ingroup_choices": keep_only("- _0-9A-Za-z", plus_is_blank=True),
    "consultative": CAPITALS,
    "dial_override": CAPITALS,
    "cid_choice": keep_only("_A-Z"),
    "multi_dial_phones": keep_only(",0-9A-Za-z"),
    "recording_url": CAPITALS,
    "md_check": CAPITALS,
    "tw_check": CAPITALS,
    "dnc_check": CAPITALS,
    "campaign_dnc_check": CAPITALS,
    "recipient": NAME,
    "recipient_type": keep_only("_A-Z"),
    "notification_date": keep_only("- :0-9", plus_is_blank=True),
    "notification_text": drop_all("\\\\"),
    "notification_retry": CAPITALS,
    "text_size": DIGITS,
    "text_font": keep_only("- _0-9A-Za-z"),
    "text_weight": WORD,
    "text_color": WORD,
    "show_confetti": CAPITALS,
    "duration": keep_only(".0-9"),
    "maxParticleCount": DIGITS,
    "particleSpeed": keep_only(".0-9"),
    **dict.fromkeys(RELOADS, WORD),
    **{
        name: drop_all("'\";\\\\|")
        for name in LEAD_FIELDS
        if name not in ("phone_number", "phone_code", "rank")
    },
}
"""The names that the functions read. Any other parameter is ignored."""


class Parameters:
    """Cleaned values by name; a parameter that was not sent is empty."""

    def __init__(
        self,
        query: Iterable[tuple[str, str]],
        form: Iterable[tuple[str, str]] = (),
        filters: Mapping[str, Filter] | None = None,
    ) -> None:
        """Take the query's value for each name, else the form's; of repeated ones the last.

        Args:
            query: pairs of the address.
            form: pairs of the body.
            filters: the names that are known, and which characters of each value are kept; the agent API's
                unless said.

        Raises:
            Answer: a value is longer than `MAX_VALUE`.
        """
        self._filters = FILTERS if filters is None else filters
        self._values: dict[str, str] = {}
        self._others: dict[str, str] = {}
        for name, value in (*form, *query):
            if name in self._filters:
                self._values[name] = _clean(name, value, self._filters[name])
            else:
                self._others[name] = value

    def sent(self, name: str) -> bool:
        """Whether the parameter was sent, empty or not."""
        return name in self._values

    def __getitem__(self, name: str) -> str:
        return self._values.get(name, "") if name in self._filters else _unknown(name)

    def other(self, name: str) -> str | None:
        """A parameter whose name the site has chosen, such as that of a custom field; `None`: not sent.

        Raises:
            Answer: it is longer than `MAX_VALUE`.
        """
        value = self._others.get(name, self._values.get(name))
        return None if value is None else _clean(name, value, FREE)


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


def _clean(name: str, value: str, keep: Filter) -> str:
    if len(value) > MAX_VALUE:
        raise Answer(error("parameter is too long", name, str(len(value)), str(MAX_VALUE)))
    return keep(value)


def _unknown(name: str) -> str:
    msg = f"parameter {name} has no filter: add it to FILTERS"
    raise KeyError(msg)
