"""`add_phone_alias` and `update_phone_alias`: one name for several phones."""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.optional import Rule, check, required
from bridge.api.vicidial.non_agent.phones import may_delete
from bridge.api.vicidial.reply import Answer, success
from bridge.audit.entry import here
from bridge.campaigns.errors import ItemExists
from bridge.campaigns.model import Phone
from bridge.campaigns.phone_alias import PhoneAlias

_FIELDS: Final = ("alias_id", "alias_name", "phone_logins")
_NAME: Final = Rule("alias_name", "YOU MUST USE A VALID ALIAS NAME", range(2, 51))


async def add_phone_alias(call: NonAgentCall) -> str:
    """One alias; its phones are there."""
    required(call, _FIELDS)
    exists = call.error("PHONE ALIAS ALREADY EXISTS", call.user, call["alias_id"])
    if await call.services.site.get(PhoneAlias, call["alias_id"]) is not None:
        return exists
    logins = await _logins(call)
    check(call, (_NAME,))
    try:
        await call.services.site.add(
            PhoneAlias(name=call["alias_id"], title=call["alias_name"], logins=logins)
        )
    except ItemExists:
        return exists
    here().on("phonealias", call["alias_id"])
    told = (call["alias_id"], call["alias_name"], call["phone_logins"])
    return success("add_phone_alias PHONE ALIAS HAS BEEN ADDED", call.user, *told)


async def update_phone_alias(call: NonAgentCall) -> str:
    """Change or delete one."""
    required(call, ("alias_id",), call["alias_name"], call["phone_logins"])
    known = await call.services.site.get(PhoneAlias, call["alias_id"])
    if known is None:
        return call.error("PHONE ALIAS DOES NOT EXIST", call.user, call["alias_id"])
    here().on("phonealias", known.name)
    if call.yes("delete_alias"):
        if not may_delete(call):
            told = "NOTICE: update_phone_alias USER DOES NOT HAVE PERMISSION TO DELETE PHONE ALIASES"
            return f"{told}: |{call.user}|0\n"
        await call.services.site.remove(PhoneAlias, known.name)
        return success("update_phone_alias PHONE ALIAS HAS BEEN DELETED", call.user, known.name)
    check(call, (_NAME,))
    logins = await _logins(call) if call["phone_logins"] else known.logins
    new = msgspec.structs.replace(known, title=call["alias_name"] or known.title, logins=logins)
    if new == known:
        return call.line("NOTICE", "NO UPDATES DEFINED", "", call.user, "")
    await call.services.site.replace(known.name, new)
    return success("update_phone_alias PHONE ALIAS HAS BEEN UPDATED", call.user, known.name, "")


async def _logins(call: NonAgentCall) -> tuple[str, ...]:
    """The phones that were sent, each once."""
    logins = tuple(dict.fromkeys(filter(None, call["phone_logins"].split(","))))
    for login in logins:
        if await call.services.site.get(Phone, login) is None:
            raise Answer(call.error("PHONE DOES NOT EXIST", call.user, login))
    return logins
