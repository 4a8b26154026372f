"""Addresses of a CRM that are called when something has become of a call or a lead.

`https://crm.example/result?lead=--A--lead_id--B--&status=--A--dispo--B--`: the placeholders are those of the
original. They stand behind the host, so that no value of a lead decides who is spoken with, and a value goes
in with every sign encoded that could mean something in an address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import quote, unquote, urlsplit

from msgspec import Meta

LONGEST: Final = 1000
"""Characters of a template."""
LONGEST_VALUE: Final = 255
"""Characters of a value that go into an address; comments may be far longer than an address can."""
OFF: Final = frozenset({"DISABLED", "---DISABLED---"})
"""What is written to call nothing, whatever is set further up."""
ALT: Final = "ALT"
"""What is written to call those of the campaign's alternates that fit; see `bridge.campaigns.alt_url`."""
URL_FIELDS: Final = ("start_call_url", "dispo_call_url", "no_agent_call_url", "add_lead_url")
"""Fields of a campaign, an in-group and a list, in the order of a call's life."""

_PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
ADDRESS: Final = (
    rf"https?://[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,200}}[A-Za-z0-9])?(?::(?:{_PORT}))?"
    r"(?:[/?][A-Za-z0-9._~!$&'()*+,;=:@%/?-]*)?"
)
PATTERN: Final = re.compile(rf"(?:DISABLED|---DISABLED---|{ALT}|{ADDRESS})?")
PLACE: Final = re.compile(r"--A--([A-Za-z0-9_]{1,60})--B--")
_TOKEN = 16
"""Characters of a part of a path from which on it may be a secret, as services write theirs into it."""

CrmUrl = Annotated[
    str, Meta(extra_json_schema={"pattern": f"^(?:{PATTERN.pattern})$(?!\\n)", "maxLength": LONGEST})
]
"""A template, `DISABLED`, or empty: what is set further up counts."""


class UnfitValue(Exception):  # noqa: N818  the name says what happened
    """A value of the lead would make it another address; nothing was sent."""


def why_not(template: str) -> str:
    """What is wrong with a template; empty if nothing is. Without the template, which may be secret."""
    if len(template) > LONGEST:
        return f"at most {LONGEST} characters"
    if not PATTERN.fullmatch(template):
        return (
            "an address as https://crm.example/result?lead=--A--lead_id--B--, without user, blank or #, "
            "no placeholder in its host; or DISABLED; or ALT; or nothing"
        )
    return ""


def first(*templates: str) -> str:
    """The address that counts, of those of list, in-group, campaign and system; empty: none."""
    found = next((template for template in templates if template), "")
    return "" if found in OFF else found


def fill(template: str, values: Mapping[str, str]) -> str:
    """The address with its values; a name that nothing is known by is left out.

    Raises:
        UnfitValue: a value would lead elsewhere.
    """
    url = PLACE.sub(lambda place: quote(values.get(place[1], "")[:LONGEST_VALUE], safe=""), template)
    if any(unquote(part) in (".", "..") for part in urlsplit(url).path.split("/")):
        raise UnfitValue("a value made a part of the path into . or ..")
    return url


def masked(template: str) -> str:
    """What may be shown of it: host, names and placeholders; no value of its own, which may be a key."""
    parts = urlsplit(template)
    path = "/".join(_hidden(part) if len(part) >= _TOKEN else part for part in parts.path.split("/"))
    query = "&".join(_parameter(part) for part in parts.query.split("&") if part)
    return f"{parts.scheme}://{parts.netloc}{path}" + (f"?{query}" if query else "")


def _parameter(part: str) -> str:
    name, mark, value = part.partition("=")
    return f"{name}={_hidden(value)}" if mark else _hidden(part)


def _hidden(text: str) -> str:
    """Its placeholders; `***` for all else."""
    found = [f"--A--{name}--B--" for name in PLACE.findall(text)]
    return "".join(found) + ("***" if PLACE.sub("", text) else "")
