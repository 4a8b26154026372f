"""Fields that several bodies and paths have in common, with their limits and examples."""

from __future__ import annotations

from typing import Annotated

from litestar.openapi.spec import Example
from litestar.params import PathParameter, QueryParameter
from msgspec import Meta

# `$` also matches before a line break at the end; `(?!\n)` refuses that one, in Python as in JavaScript.
NAME = r"^[A-Za-z0-9_-]{1,40}$(?!\n)"
_DATE, _TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
MOMENT = rf"^{_DATE}T{_TIME}(Z|[+-][0-9]{{2}}:[0-9]{{2}})$(?!\n)"
"""RFC 3339, seconds left out or not."""
At = Annotated[str, Meta(pattern=MOMENT, examples=["2026-11-25T15:30:00-05:00"])]
CustomerTime = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$(?!\n)",
        examples=["2026-11-25T15:30"],
    ),
]
NUMBER = r"^\+?[0-9]{2,20}$(?!\n)"
CALL_ID = r"^[A-Za-z0-9.-]{1,40}$(?!\n)"

Name = Annotated[str, Meta(pattern=NAME)]
Number = Annotated[
    str,
    Meta(pattern=NUMBER, description="Digits; a `+` first for E.164.", examples=["7275550100"]),
]
_CODE = r"^[A-Za-z0-9_-]{1,6}$(?!\n)"
PhoneCode = Annotated[str, Meta(pattern=r"^[0-9]{0,4}$(?!\n)", description="Country code.", examples=["1"])]
PauseReason = Annotated[str, Meta(pattern=_CODE, description="Pause code.", examples=["LUNCH"])]
Status = Annotated[str, Meta(pattern=_CODE, description="Disposition.", examples=["SALE"])]
Keys = Annotated[
    str,
    Meta(pattern=r"^[0-9A-D*#w]{1,100}$(?!\n)", description="`w` is half a second.", examples=["12w#"]),
]
LeadId = Annotated[int, Meta(ge=1, le=2**63 - 1, examples=[201])]
ListId = Annotated[int, Meta(ge=1, le=2**63 - 1, examples=[101])]
Written = Annotated[
    str,
    Meta(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)", examples=["(727) 555-0100"]),
]
"""A number as people write it."""
Comments = Annotated[str, Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)")]
Label = Annotated[str, Meta(max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$(?!\n)", examples=["CRM-4711"])]

UserPath = Annotated[
    str,
    PathParameter(pattern=NAME, description="The agent's user.", examples=[Example(value="1000")]),
]
CallPath = Annotated[
    str,
    PathParameter(
        pattern=CALL_ID,
        description="The call's id, or its legacy id or legacy unique id.",
        examples=[Example(value="M1241234560000000201")],
    ),
]
KeyPath = Annotated[str, PathParameter(pattern=r"^\+?[A-Za-z0-9_-]{1,40}$(?!\n)", description="Its key.")]
Limit = Annotated[int, QueryParameter(ge=1, le=500, description="Most entries in the answer.")]
LeadQuery = Annotated[int | None, QueryParameter(ge=1, le=2**63 - 1, description="Of this lead alone.")]
