"""`add_phone` and `update_phone`: what agents log in with."""

from __future__ import annotations

from typing import Final

import msgspec

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.optional import (
    OPTIONAL,
    YES_OR_NO,
    Rule,
    check,
    is_zone,
    kept,
    required,
    text,
)
from bridge.api.vicidial.reply import Answer, success
from bridge.audit.entry import here
from bridge.campaigns.errors import ItemExists
from bridge.campaigns.model import Phone

_REQUIRED: Final = (
    "extension dialplan_number voicemail_id phone_login phone_pass server_ip protocol "
    "registration_password phone_full_name local_gmt outbound_cid"
)
_KEPT: Final = (
    "dialplan_number protocol local_gmt outbound_cid phone_context email admin_user_group is_webphone "
    "webphone_auto_answer use_external_server_ip template_id on_hook_agent outbound_alt_cid "
    "phone_ring_timeout delete_vm_after_email"
)
_TEMPLATES: Final = frozenset({"SIP_generic", "IAX_generic"})
"""Those that every installation of the original has; the bridge writes no configuration of phones."""
_DIALS: Final = {
    "SIP": "PJSIP/{phone}",  # its Asterisk has had no other SIP since version 21
    "PJSIP": "PJSIP/{phone}",
    "IAX2": "IAX2/{phone}",
    "Zap": "DAHDI/{phone}",
    "DAHDI": "DAHDI/{phone}",
}
EXTERNAL: Final = "EXTERNAL"
"""A phone beyond Asterisk: it is dialled by its extension."""
_PROTOCOLS: Final = frozenset({*_DIALS, EXTERNAL})
_PROTOCOL: Final = Rule("protocol", "YOU MUST USE A VALID PROTOCOL", words=_PROTOCOLS)
_NUMBER: Final = range(6, 19)
_CHECKED_FIRST: Final = (
    Rule("email", "YOU MUST USE A VALID EMAIL", range(5, 256)),
    Rule("phone_context", "YOU MUST USE A VALID PHONE CONTEXT", range(2, 21)),
    Rule("phone_full_name", "YOU MUST USE A VALID PHONE NAME", range(2, 51)),
    Rule("registration_password", "YOU MUST USE A VALID REGISTRATION PASSWORD", range(2, 21)),
    _PROTOCOL,
    Rule("phone_pass", "YOU MUST USE A VALID PHONE PASSWORD", range(2, 21)),
)
_CHECKED_LAST: Final = (
    Rule("voicemail_id", "YOU MUST USE A VALID VOICEMAIL NUMBER", range(2, 11)),
    Rule("dialplan_number", "YOU MUST USE A VALID DIALPLAN NUMBER", range(3, 21)),
    Rule("active", f"ACTIVE MUST BE Y OR N{OPTIONAL}", words=YES_OR_NO),
    Rule("outbound_cid", f"OUTBOUND CID MUST BE FROM 6 TO 18 DIGITS{OPTIONAL}", _NUMBER),
    Rule("admin_user_group", f"USER GROUP MUST BE FROM 2 TO 20 CHARACTERS{OPTIONAL}", range(2, 21)),
    Rule("outbound_alt_cid", f"OUTBOUND ALT CID MUST BE FROM 6 TO 18 DIGITS{OPTIONAL}", _NUMBER),
)
_RING: Final = Rule("phone_ring_timeout", "", number=range(2, 181))
_DELETE_MAIL: Final = Rule(
    "delete_vm_after_email", f"DELETE VOICEMAIL AFTER EMAIL MUST BE Y OR N{OPTIONAL}", words=YES_OR_NO
)


async def add_phone(call: NonAgentCall) -> str:
    """One phone."""
    required(call, _REQUIRED.split())
    asterisk, extension = _asterisk(call), call["extension"]
    if await _at(call, asterisk) is not None:
        raise Answer(
            call.error("PHONE ALREADY EXISTS ON THIS SERVER", call.user, call["server_ip"], extension)
        )
    login_taken = call.error("PHONE LOGIN ALREADY EXISTS", call.user, call["phone_login"])
    if await call.services.site.get(Phone, call["phone_login"]) is not None:
        raise Answer(login_taken)
    _check_zone(call)
    _check_template(call, call["phone_login"])
    check(call, (_PROTOCOL,))
    phone = _phone(call, Phone(login=call["phone_login"], asterisk=asterisk))
    try:
        await call.services.site.add(phone)
    except ItemExists:
        return login_taken
    here().on("phone", phone.login)
    told = ("extension", "server_ip", "protocol", "dialplan_number")
    return success("add_phone PHONE HAS BEEN ADDED", call.user, *(call[name] for name in told))


async def update_phone(call: NonAgentCall) -> str:
    """Change or delete one."""
    required(call, ("extension", "server_ip"))
    known = await _at(call, _asterisk(call))
    where = (call["extension"], call["server_ip"])
    if known is None:
        return call.error("PHONE DOES NOT EXIST ON THIS SERVER", call.user, call["server_ip"], where[0])
    here().on("phone", known.login)
    if call.yes("delete_phone"):
        if not may_delete(call):
            told = "NOTICE: update_phone USER DOES NOT HAVE PERMISSION TO DELETE PHONES"
            return f"{told}: |{call.user}|0\n"
        await call.services.site.remove(Phone, known.login)
        return success("update_phone PHONE HAS BEEN DELETED", call.user, *where, "")
    _check_zone(call)
    check(call, _CHECKED_FIRST)
    await _check_login(call, known)
    check(call, _CHECKED_LAST)
    if call["phone_ring_timeout"] and not _RING.allows(call["phone_ring_timeout"]):
        why = f"PHONE RING TIMEOUT MUST BE FROM 2 TO 180 SECONDS{OPTIONAL}"
        return call.error(why, call.user, call["outbound_alt_cid"])
    check(call, (_DELETE_MAIL,))
    _check_template(call, call["phone_login"])
    await call.services.site.replace(known.login, _phone(call, known))
    return success("update_phone PHONE HAS BEEN UPDATED", call.user, *where, "")


def may_delete(call: NonAgentCall) -> bool:
    """Whether the caller may delete phones and their aliases."""
    if call.principal.right("ast_delete_phones") == 1:
        return True
    here().refuse("right")
    return False


def _phone(call: NonAgentCall, known: Phone) -> Phone:
    """The phone as it is to be; passwords are nowhere in it."""
    login = call["phone_login"] or known.login
    return msgspec.structs.replace(
        known,
        login=login,
        extension="" if call["extension"] == login else call["extension"],
        name=text(call, "phone_full_name", known.name),
        template=_template(call, known),
        voicemail=text(call, "voicemail_id", known.voicemail),
        active=call.yes("active") if call["active"] else known.active,
        line_settings=kept(call, _KEPT.split(), known.line_settings),
    )


def _template(call: NonAgentCall, known: Phone) -> str:
    """How Asterisk rings it."""
    if call["protocol"] in _DIALS:
        return _DIALS[call["protocol"]]
    if EXTERNAL not in (call["protocol"], known.line_settings.get("protocol")):
        return known.template
    number = text(call, "dialplan_number", known.line_settings.get("dialplan_number", ""))
    if number != call["extension"]:
        why = "AN EXTERNAL PHONE IS DIALLED BY ITS EXTENSION, DIALPLAN NUMBER MUST BE THE SAME"
        raise Answer(call.error(why, call.user, call["extension"], number))
    context = text(call, "phone_context", known.line_settings.get("phone_context", ""))
    return f"Local/{{phone}}@{context or 'default'}"


def _asterisk(call: NonAgentCall) -> str:
    """Name of the Asterisk with the address that was sent."""
    for name, address in call.services.options.addresses.items():
        if call["server_ip"] in (name, address):
            return name
    raise Answer(call.error("SERVER DOES NOT EXIST", call.user, call["server_ip"]))


async def _at(call: NonAgentCall, asterisk: str) -> Phone | None:
    first = next(iter(call.services.options.addresses))
    return await call.services.site.phone_at(call["extension"], asterisk, first)


def _check_zone(call: NonAgentCall) -> None:
    if call["local_gmt"] and not is_zone(call["local_gmt"]):
        raise Answer(call.error("YOU MUST USE A VALID TIMEZONE", call.user, call["local_gmt"]))


def _check_template(call: NonAgentCall, login: str) -> None:
    template = call["template_id"]
    if template and template not in _TEMPLATES:
        why = f"TEMPLATE ID DOES NOT EXIST{OPTIONAL}"
        raise Answer(call.error(why, call.user, login, template))


async def _check_login(call: NonAgentCall, known: Phone) -> None:
    login = call["phone_login"]
    if login and login != known.login and await call.services.site.get(Phone, login) is not None:
        raise Answer(call.error("LOGIN ALREADY EXISTS", call.user, login))
