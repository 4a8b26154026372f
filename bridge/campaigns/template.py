"""Dial strings: constants of the administrator and one placeholder, filled with what was checked.

A template keeps an existing installation's own rules in force: `PJSIP/{number}@carrier` goes straight
to a trunk, `Local/{number}@from-internal/n` through its outbound routes, `SIP/{phone}` to a phone.
"""

from __future__ import annotations

import re
from typing import Literal

from bridge.campaigns.errors import InvalidField

Placeholder = Literal["phone", "number"]

_CONSTANT = re.compile(r"[A-Za-z0-9_.:@/+*#-]*")
"""No `&` (a second leg), `,` (another argument), `(`, `$`, `|`, `^`, blank or line break."""
_BEFORE = re.compile(r"[A-Za-z0-9_.:/+*#-]*")
"""No `@` either: what is dialled comes before the address."""
MAX_TEMPLATE = 200
"""Characters of a template."""
_TECHNOLOGY = re.compile(r"[A-Za-z][A-Za-z0-9]*/")
_VALUES: dict[str, re.Pattern[str]] = {
    "phone": re.compile(r"[A-Za-z0-9_-]{1,40}"),
    "number": re.compile(r"\+?[0-9]{2,20}"),
}


def check_template(template: str, placeholder: Placeholder, field: str) -> None:
    """Accept `Technology/…{placeholder}…` and nothing else.

    Raises:
        InvalidField: with what is wrong and an example.
    """
    mark = f"{{{placeholder}}}"
    example = f"for example PJSIP/{mark}"
    if template.count(mark) != 1:
        raise InvalidField(field, f"{template!r} must hold {mark} once, {example}")
    if not _TECHNOLOGY.match(template.partition(mark)[0]):
        raise InvalidField(field, f"{template!r} must begin with a channel technology, {example}")
    before, _, after = template.partition(mark)
    if not (_BEFORE.fullmatch(before) and _CONSTANT.fullmatch(after)):
        raise InvalidField(
            field, f"{template!r}: beside {mark} only letters, digits and _ . : / + * # -, and @ behind it"
        )
    if len(template) > MAX_TEMPLATE:
        raise InvalidField(field, f"at most {MAX_TEMPLATE} characters")


def template_pattern(placeholder: Placeholder) -> str:
    """What `check_template` accepts, as a pattern of JSON Schema."""
    before, after = _BEFORE.pattern, _CONSTANT.pattern
    return rf"^{_TECHNOLOGY.pattern}{before}\{{{placeholder}\}}{after}$(?!\n)"


def fill(template: str, placeholder: Placeholder, value: str) -> str:
    """The dial string.

    Raises:
        InvalidField: the value is no phone or number; nothing else ever gets into a dial string.
    """
    if not _VALUES[placeholder].fullmatch(value):
        raise InvalidField(placeholder, f"{value[:40]!r} cannot be dialled")
    return template.replace(f"{{{placeholder}}}", value)
