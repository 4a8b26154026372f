"""What a campaign has an agent's page show: a script, and a web form of a CRM, with the lead's fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Final
from urllib.parse import urlsplit

from msgspec import Meta

from bridge.campaigns.url_template import ADDRESS, LONGEST, PLACE

LONGEST_SCRIPT: Final = 10_000
"""Characters of a script, its placeholders not filled in."""
LONGEST_TEXT: Final = 2_000
"""Characters of a value that go into a script: those of comments."""
_SCRIPT: Final = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]*")
_WEB_FORM: Final = re.compile(rf"(?:{ADDRESS})?")
ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")

Script = Annotated[
    str,
    Meta(extra_json_schema={"maxLength": LONGEST_SCRIPT, "pattern": f"^(?:{_SCRIPT.pattern})$(?!\\n)"}),
]


WebForm = Annotated[
    str, Meta(extra_json_schema={"maxLength": LONGEST, "pattern": f"^(?:{_WEB_FORM.pattern})$(?!\\n)"})
]


def why_no_script(text: str) -> str:
    """What is wrong with a script; empty: nothing."""
    if len(text) > LONGEST_SCRIPT:
        return f"at most {LONGEST_SCRIPT} characters"
    return "" if _SCRIPT.fullmatch(text) else "text, line breaks and tabs, no other control characters"


def why_no_web_form(template: str) -> str:
    """What is wrong with the address of a web form; empty: nothing."""
    if len(template) > LONGEST:
        return f"at most {LONGEST} characters"
    if _WEB_FORM.fullmatch(template):
        return ""
    return (
        "an address as https://crm.example/lead?id=--A--lead_id--B--, without user, blank or #, "
        "no placeholder in its host; or nothing"
    )


def fill_text(template: str, values: Mapping[str, str]) -> str:
    """A script with its values, as text; a name that nothing is known by is left out."""
    return PLACE.sub(lambda place: values.get(place[1], "")[:LONGEST_TEXT], template)


def may_frame(url: str, origins: Collection[str]) -> bool:
    """Whether an address is at one of the origins that may stand in a frame of the page."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower() in origins
