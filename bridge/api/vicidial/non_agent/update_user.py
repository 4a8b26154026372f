"""`update_user`: change a user, give her another secret, or delete her."""

from __future__ import annotations

from typing import Final

from bridge.access.errors import InvalidUser
from bridge.access.model import Principal, UserSpec, spec_of
from bridge.api.giving import SAME_LEVEL, check_above, check_gives, is_visible
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.optional import BLANK
from bridge.api.vicidial.non_agent.site_items import invalid
from bridge.api.vicidial.non_agent.user_ranks import told_ranks
from bridge.api.vicidial.non_agent.user_settings import UPDATES, check_change, settled
from bridge.api.vicidial.reply import Answer, notice, success
from bridge.audit.entry import here
from bridge.errors import NotAllowed

SHORTEST: Final = 2
"""Characters of a user's name."""
_RESET_FROM: Final = 8
"""Shortest password that the format makes up; less asks for none."""


async def update_user(call: NonAgentCall) -> str:
    """All parameters are checked before anything is done."""
    name = call["agent_user"]
    if len(name) < SHORTEST:
        return call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, name, "")
    known = await call.services.access.principal(name)
    if known is None or not is_visible(call.principal, known):
        return call.error("USER DOES NOT EXIST", call.user, call["server_ip"])
    check_may_change(call, known, "THIS USER")
    if call.yes("delete_user"):
        return await _delete(call, name)
    await check_change(call)
    if call["agent_pass"] == BLANK:
        raise invalid(call, InvalidUser("agent_pass", "a user has a password"))
    told = told_ranks(call)
    changes = any(call[one] for one in UPDATES)
    if told or changes:
        await _change(call, known)
    told += _reset(call, known)
    if not changes:
        return told + call.error("NO UPDATES DEFINED", call.user, "")
    return told + success("update_user USER HAS BEEN UPDATED", call.user, name, "")


def check_may_change(call: NonAgentCall, user: Principal, what: str) -> None:
    """End unless the user may do no more than the caller."""
    try:
        check_above(call.services, call.principal, user)
    except NotAllowed as why:
        here().refuse(why.details.get("rule", why.error_id))
        most = "<=" if call.principal.right(SAME_LEVEL) == 1 else "<"
        line = call.error(f"USER DOES NOT HAVE PERMISSION TO UPDATE {what}", call.user, user.user)
        # As the original prints it: the sign would be dropped from a field, and there are two newlines.
        raise Answer(f"{line[:-1]}|{most}|{call.principal.level}\n\n") from None


async def _delete(call: NonAgentCall, name: str) -> str:
    if call.principal.right("delete_users") != 1:
        here().refuse("right")
        return call.error("USER DOES NOT HAVE PERMISSION TO DELETE USERS", call.user, "0")
    await call.services.access.remove(name)
    return success("update_user USER HAS BEEN DELETED", call.user, name, "")


async def _change(call: NonAgentCall, known: Principal) -> None:
    access, secret = call.services.access, call["agent_pass"] or None
    await check_gives(call.services, call.principal, settled(call, spec_of(known)))

    def changed(now: Principal) -> UserSpec:
        check_above(call.services, call.principal, now)
        return settled(call, spec_of(now))

    try:
        done = await access.alter(known.user, changed, secret)
    except InvalidUser as why:
        raise invalid(call, why) from None
    if done.stopped and call.yes("active"):
        await access.set_active(done.user, active=True)


def _reset(call: NonAgentCall, known: Principal) -> str:
    """A new password would go out by e-mail: the bridge sends none, so the old one stays."""
    length = call["reset_password"][:3]
    if not length or int(length) < _RESET_FROM:
        return ""
    email = call["email"] or known.line_settings.get("email", "")
    told = "update_user USER PASSWORD RESET FAILED"
    if email in ("", BLANK):
        return notice(f"{told}: NO VALID EMAIL PROVIDED", call.user, known.user, "")
    return notice(f"{told}: EMAIL FAILURE", call.user, known.user, email, "this server sends no e-mail")
