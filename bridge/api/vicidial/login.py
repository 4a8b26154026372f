"""Source and login: the checks that come before every function."""

from __future__ import annotations

import math

import msgspec

from bridge.access.errors import Forbidden, TooManyRequests
from bridge.access.model import USER_NAME, Authentication, Principal, Reason
from bridge.api.vicidial.parameters import Parameters
from bridge.api.vicidial.reply import MASK, Answer, error
from bridge.audit.entry import here
from bridge.services import Services

_MESSAGES = {Reason.GOOD: "GOOD", Reason.NOAPI: "GOOD", Reason.LOCK: "LOCK"}
_BAD = f"BAD|0|api|{MASK}"
"""The original prints the SQL text with the password in it; nobody can tell which of them was wrong."""


async def login(services: Services, parameters: Parameters, address: str, key: str = "") -> Principal:
    """Who asks.

    Args:
        services: those of the bridge.
        parameters: of the request.
        address: where it comes from.
        key: of an `Authorization: Bearer` header, for a caller who keeps the secret out of the URL. (HTTP
            Basic does not count here: browsers send it by themselves, to links of any page.)

    Raises:
        Answer: with the line of the first check that fails.
    """
    if len(parameters["source"]) < 2:
        raise Answer(error("Invalid Source", parameters["source"]))
    user, secret = parameters["user"], parameters["pass"]
    try:
        found = await identify(services, parameters, address, key)
    except Forbidden as wrong:
        raise Answer(error("user may not come from this address", wrong.user)) from None
    if found.principal is None:
        passed = (shown(user, secret), MASK if secret else "", *_bits(found, user))
        message = _MESSAGES.get(found.reason, _BAD)
        raise Answer(f"ERROR: Invalid Username/Password: |{'|'.join(passed)}|{message}|\n")
    if not services.options.agent_api:
        raise Answer(error("System API NOT ACTIVE"))
    if found.principal.scope is None:
        raise Answer(error("user_group DOES NOT EXIST", parameters["value"], found.principal.group))
    return found.principal


async def identify(services: Services, parameters: Parameters, address: str, key: str) -> Authentication:
    """Who asks, by the parameters `user` and `pass` or a key; noted for the audit trail.

    Without a principal nobody is known, or it may not use the API.

    Raises:
        Forbidden: the user may not come from this address.
        Answer: the user asks too often.
    """
    user, secret = parameters["user"], parameters["pass"]
    here().claim(user)
    by_key = bool(key) and not secret
    try:
        found = await services.access.authenticate(user, key if by_key else secret, address)
    except Forbidden as wrong:
        here().claim(wrong.user)
        here().refuse(wrong.rule)
        raise
    except TooManyRequests as busy:
        here().claim(busy.user)
        here().refuse("rate")
        seconds = str(math.ceil(busy.seconds))
        raise Answer(error("too many requests, try again in some seconds", busy.user, seconds)) from None
    if found.principal is None or not (by_key or (len(user) > 1 and len(secret) > 1)):
        here().refuse(f"login-{found.reason.value.lower()}")
        return msgspec.structs.replace(found, principal=None)
    here().known(found.principal.user, found.principal.key)
    return found


def shown(user: str, secret: str) -> str:
    """The user's name, as replies repeat it: somebody may have put the secret into both."""
    return MASK if secret and secret in user else user


def _bits(found: Authentication, user: str) -> tuple[str, str]:
    """Whether it is who it says, and its API right.

    The original tells the API right of who is there; nobody can tell here who is.
    """
    api = found.api_access if found.authenticated else USER_NAME.fullmatch(user) is not None
    return str(int(found.authenticated)), str(int(api))
