"""`add_did`, `copy_did` and `update_did`: numbers by which customers call."""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.did_settings import DESCRIBED, sets_anything, with_settings
from bridge.api.vicidial.non_agent.optional import OPTIONAL, required
from bridge.api.vicidial.non_agent.site_items import invalid, keep
from bridge.api.vicidial.reply import Answer, notice, success
from bridge.audit.entry import here
from bridge.campaigns.errors import InvalidField, ItemExists
from bridge.campaigns.model import Did

_PATTERN: Final = range(2, 51)


async def add_did(call: NonAgentCall) -> str:
    """One DID."""
    number = call["did_pattern"]
    _named(call)
    exists = call.error("DID ALREADY EXISTS", call.user, number)
    if await call.services.site.get(Did, number) is not None:
        return exists
    new = await with_settings(call, _did(call, number))
    try:
        await keep(call, new, new=True)
    except ItemExists:
        return exists
    return success("add_did DID HAS BEEN ADDED", call.user, number)


async def copy_did(call: NonAgentCall) -> str:
    """New DIDs that are what another one is, but for their numbers; all are checked before any is added."""
    required(call, ("source_did_pattern", "new_dids"))
    source, described = call["source_did_pattern"], call["did_description"]
    like = await _seen(call, source)
    if like is None:
        return call.error("SOURCE DID DOES NOT EXIST", call.user, source)
    if described and len(described) not in DESCRIBED:
        why = f"DID DESCRIPTION MUST BE EITHER BLANK OR FROM 6 TO 50 CHARACTERS{OPTIONAL}"
        return call.error(why, call.user, described)
    copies = [
        _did(call, number, msgspec.structs.replace(like, name=described or like.name))
        for number in call["new_dids"].split(",")
        if number
    ]
    return await _add_all(call, source, copies)


async def update_did(call: NonAgentCall) -> str:
    """Change or delete one."""
    number = call["did_pattern"]
    _named(call)
    known = await _seen(call, number)
    if known is None:
        return call.error("DID DOES NOT EXIST", call.user, number)
    here().on("did", number)
    if call.yes("delete_did"):
        return await _delete(call, known)
    new = await with_settings(call, known)
    if not sets_anything(call):
        return call.line("NOTICE", "NO UPDATES DEFINED", "", call.user, "")
    await keep(call, new)
    return success("update_did DID HAS BEEN UPDATED", call.user, number)


def _named(call: NonAgentCall) -> None:
    if len(call["did_pattern"]) not in _PATTERN:
        raise Answer(call.error("YOU MUST USE ALL REQUIRED FIELDS", call.user, call["did_pattern"]))


def _did(call: NonAgentCall, number: str, like: Did | None = None) -> Did:
    try:
        return Did(number=number) if like is None else msgspec.structs.replace(like, number=number)
    except InvalidField as why:
        raise invalid(call, why) from None


async def _seen(call: NonAgentCall, number: str) -> Did | None:
    """A DID of a campaign that the caller's group and limits let it see, or of none."""
    found = await call.services.site.get(Did, number)
    if found is None or not found.campaign:
        return found
    limits = call.principal.limits
    seen = call.may_use_campaign(found.campaign) and found.campaign in limits.campaigns
    return found if seen else None


async def _add_all(call: NonAgentCall, source: str, copies: list[Did]) -> str:
    lines: list[str] = []
    added = 0
    for one in copies:
        try:
            await keep(call, one, new=True)
        except ItemExists:
            lines.append(notice("copy_did DID ALREADY EXISTS", call.user, one.number))
            continue
        added += 1
        fields = (call.user, one.number, source, _row_number(one), str(added))
        lines.append(notice("copy_did DID HAS BEEN ADDED", *fields))
    counts = (call.user, source, str(added), str(len(copies) - added))
    if added:
        return "".join([*lines, success("copy_did DIDS HAVE BEEN ADDED", *counts)])
    return "".join([*lines, call.none_found("NO DIDS ADDED", *counts[1:])])


def _row_number(did: Did) -> str:
    """The format has the number of a table's row there: the bridge finds a DID by what was called."""
    return did.number.removeprefix("+")


async def _delete(call: NonAgentCall, known: Did) -> str:
    if call.principal.right("delete_inbound_dids") != 1:
        here().refuse("right")
        allowed = "1"
        return call.error("USER DOES NOT HAVE PERMISSION TO DELETE DIDS", call.user, allowed)
    await call.services.site.remove(Did, known.number)
    fields = (call.user, known.number, _row_number(known))
    return success("update_did DID HAS BEEN DELETED", *fields)
