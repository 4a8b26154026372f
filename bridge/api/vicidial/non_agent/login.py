"""Login: the check that comes before every function but `version`."""

from __future__ import annotations

from bridge.access.errors import Forbidden
from bridge.access.model import Principal, Reason
from bridge.api.vicidial.login import identify, shown
from bridge.api.vicidial.parameters import Parameters
from bridge.api.vicidial.reply import MASK, Answer
from bridge.audit.entry import here
from bridge.services import Services

LEAST_LEVEL = 7
"""Users below it cannot log in to this API."""


async def login(services: Services, parameters: Parameters, address: str, key: str = "") -> Principal:
    """Who asks; one without the right to use an API is let as far as the functions, which refuse it.

    Args:
        services: those of the bridge.
        parameters: of the request.
        address: where it comes from.
        key: of an `Authorization: Bearer` header, for a caller who keeps the secret out of the URL.

    Raises:
        Answer: with the line of the first check that fails.
    """
    user = shown(parameters["user"], parameters["pass"])
    try:
        found = await identify(services, parameters, address, key)
    except Forbidden:
        raise Answer(f"ERROR: Your IP Address is not allowed: {address}: ||IPBLOCK|\n") from None
    if found.reason is Reason.LOCK:
        raise Answer(f"ERROR: Too many login attempts, try again in 15 minutes: |{user}|LOCK|\n")
    principal = found.principal
    if found.reason is Reason.NOAPI:
        principal = await services.access.principal(parameters["user"])
    if principal is None or principal.level < LEAST_LEVEL:
        here().refuse("level" if principal is not None else "login-bad")
        secret = MASK if parameters["pass"] else ""
        raise Answer(f"ERROR: Login incorrect, please try again: |{user}|{secret}|BAD|\n")
    if principal.scope is None:
        raise Answer(f"ERROR: user_group DOES NOT EXIST: |{principal.user}|{principal.group}|\n")
    return principal
