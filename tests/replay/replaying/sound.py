"""For each function of the format one request that it takes, in a world where that makes sense."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from replaying.cases import Case

_LOGIN: Final = {"source": "test", "user": "6666", "pass": "1234", "agent_user": "1000"}
_CALL: Final = "V1120100000000000201"
_TALKING: Final = {
    "agents": [{"user": "1000", "status": "INCALL", "lead_id": 201, "call_id": _CALL}],
    "calls": [{"call_id": _CALL, "lead_id": 201}],
}
_PAUSED: Final = {
    "agents": [{"user": "1000", "status": "PAUSED"}],
    "sessions": [{"user": "1000", "webphone_url": "https://phone.example/?u=1000"}],
}

_MORE: Final[Mapping[str, tuple[Mapping[str, Any], Mapping[str, str]]]] = {
    "call_agent": (_PAUSED, {"value": "CALL"}),
    "refresh_panel": (_TALKING, {"scriptreload": "1"}),
    "set_timer_action": (_TALKING, {"value": "MESSAGE_ONLY", "notes": "Say goodbye", "rank": "30"}),
    "st_get_agent_active_lead": (_TALKING, {"value": "CRM1000", "vendor_id": "x"}),
    "st_login_log": (_PAUSED, {"value": "CRM1000", "vendor_id": "team"}),
    "stereo_recording": (_TALKING, {"value": "BEGIN"}),
    "webphone_url": (_PAUSED, {"value": "DISPLAY"}),
    "webserver": ({}, {}),
}
"""Functions of which no recording is a success."""


def sound(cases: list[Case], function: str) -> tuple[Mapping[str, Any], dict[str, str]]:
    """The preconditions and the parameters of the function's first recorded success, or of ours."""
    for case in cases:
        if case.function == function and (case.body or "").startswith("SUCCESS"):
            return case.preconditions, dict(case.params)
    preconditions, parameters = _MORE[function]
    return preconditions, {**_LOGIN, "function": function, **parameters}
