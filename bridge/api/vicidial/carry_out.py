"""Carrying a function out: what its end means for the reply, and for the audit trail."""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Final

import structlog

from bridge.access.errors import AccessError, Forbidden
from bridge.api.vicidial.call import FunctionCall, not_logged_in
from bridge.api.vicidial.page import tail
from bridge.api.vicidial.reply import Answer, error
from bridge.audit.entry import here
from bridge.campaigns.errors import SiteError
from bridge.errors import BridgeError, NotAllowed, NotLoggedIn, UserLimited

log = structlog.get_logger(__name__)

_ERROR: Final = re.compile(r"^ERROR: (.*?)\s*(?: - |: ?(?=[|0-9])|$)", re.MULTILINE)
"""An error's line up to its fields."""


async def carry_out(call: FunctionCall, work: Awaitable[str], *fields: str) -> str:
    """The reply of a function, with what was told before it.

    Args:
        call: the request.
        work: the function at work.
        fields: what a line has that the format has no line for.
    """
    try:
        reply = await work
    except Answer as found:
        reply, ends_page = found.text, found.ends_page
    except NotLoggedIn as gone:
        reply, ends_page = not_logged_in(gone.details.get("agent", fields[-1])), False
    except UserLimited as limited:
        here().refuse(limited.rule)
        told = (fields[0], call.principal.user, limited.rule)
        reply, ends_page = error(f"auth USER IS NOT ALLOWED THIS CALL, {limited}", *told), True
    except (BridgeError, SiteError, AccessError) as failed:
        reply, ends_page = _failed(call, failed, fields), True
    else:
        ends_page = False
    judge(reply)
    return "".join(call.told) + reply + ("" if ends_page else tail(call.parameters))


def judge(reply: str) -> None:
    """What a reply says of how a request ended; its fields, which may be anything, are left out."""
    found = _ERROR.search(reply)
    if found:
        here().fail(found[1])


def _failed(call: FunctionCall, why: BridgeError | SiteError | AccessError, fields: tuple[str, ...]) -> str:
    """The line for what the format has no line for."""
    if isinstance(why, Forbidden):
        here().refuse(why.rule)
    elif isinstance(why, NotAllowed):
        here().refuse(why.details.get("rule") or why.error_id)
    else:
        here().fail(why.error_id if isinstance(why, BridgeError) else "invalid-input")
    log.warning(
        "a function of the line format failed",
        function=call.function,
        user=call.principal.user,
        error=type(why).__name__,
        reason=here().reason,
    )
    return error(f"{call.function} failed, {str(why).rstrip('.')}", *fields)
