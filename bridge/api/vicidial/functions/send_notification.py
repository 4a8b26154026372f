"""`send_notification`: put a text, or confetti, on the screens of some agents, now or later."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.access.errors import Forbidden, Rule
from bridge.access.model import GroupScope
from bridge.access.names import ALL, All, Names
from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.reply import Answer, error, notice, success
from bridge.audit.entry import here
from bridge.leads.callbacks import moment
from bridge.screens.model import MAX_TEXT, Look, NewNotification, RecipientType

_TABLES = {
    RecipientType.USER: "vicidial_users",
    RecipientType.USER_GROUP: "vicidial_user_groups",
    RecipientType.CAMPAIGN: "vicidial_campaigns",
}
"""What the format's line calls the place in which the recipient is not found."""


async def send_notification(call: FunctionCall) -> str:
    """Queue it. A `recipient_type` that is none is guessed, and the guess is told before the reply."""
    if not call.services.options.notifications:
        return error("Agent API Notifications are disabled on this system", "0")
    call.check_permission(call["value"])
    recipient = call["recipient"]
    if not recipient:
        return error("Missing recipient or recipient_type", recipient, call["recipient_type"])
    kind = await _kind(call, recipient)
    await _check_recipient(call, kind, recipient)
    due_at = _due(call)
    if not call["notification_text"] and call["show_confetti"] != "Y":
        return error("invalid request", recipient, kind)
    wanted = NewNotification(
        recipient=recipient,
        recipient_type=kind,
        text=call["notification_text"][:MAX_TEXT],
        look=_look(call),
        retry=call["notification_retry"] in ("Y", "YES"),
        due_at=due_at,
        made_by=call.principal.user,
    )
    made = await call.services.screens.notify(wanted)
    return success("notification queued", recipient, kind, str(made.id))


async def _kind(call: FunctionCall, recipient: str) -> RecipientType:
    asked = call["recipient_type"]
    if asked in frozenset(RecipientType):
        return RecipientType(asked)
    begin = f"Invalid recipient_type ({asked}), "
    for kind in RecipientType:
        if await call.services.screens.recipient_exists(kind, recipient):
            call.told.append(f"{begin}NOTICE: found {recipient} as {kind}<BR>\n")
            return kind
    here().fail("no such recipient")
    why = "no matching recipient found in users, user_groups, or campaigns"
    raise Answer(begin + error(why, recipient))


async def _check_recipient(call: FunctionCall, kind: RecipientType, recipient: str) -> None:
    """It is there, and within what the caller's group may use and see."""
    if kind is RecipientType.USER:
        call.check_limits(agent=recipient)
    elif call.principal.limits.agents is not ALL:  # it would reach others, too
        raise Forbidden(Rule.AGENT, user=call.principal.user, function=call.function, needs=recipient)
    if not await call.services.screens.recipient_exists(kind, recipient):
        here().fail("no such recipient")
        raise Answer(error(f"{recipient} DOES NOT EXIST in {_TABLES[kind]}", call["value"], recipient))
    scope = call.principal.scope or GroupScope(campaigns=frozenset(), groups=frozenset())
    why = ""
    if kind is RecipientType.CAMPAIGN and recipient not in scope.campaigns:
        allowed = _listed(scope.campaigns)
        why = f"ACCESS TO CAMPAIGN {recipient} NOT ALLOWED FOR USER {call.principal.user} ({allowed})"
    elif kind is RecipientType.USER_GROUP and recipient not in scope.groups:
        why = f"ACCESS TO USER GROUP {recipient} NOT ALLOWED FOR USER {call.principal.user}"
    if why:
        here().refuse("group")
        raise Answer(error(why, call["value"], recipient))


def _listed(names: Names) -> str:
    """As the format writes a list of campaigns."""
    return (
        "-ALL-CAMPAIGNS-" if isinstance(names, All) else "".join(f" {name}" for name in sorted(names)) + " -"
    )


def _due(call: FunctionCall) -> datetime:
    """When it is to be shown, on the clocks of the site; now for what is no moment."""
    asked = call["notification_date"]
    found = moment(asked, call.services.options.timezone) if asked else None
    if found is None and asked:
        told = notice(f"Invalid notification date {asked}, changing to now")
        call.told.append(told.removesuffix("\n"))
    return found or datetime.now(UTC)


def _look(call: FunctionCall) -> Look:
    """What was not sent, or is no number, is the format's own."""
    usual = Look()
    return Look(
        text_size=int(call["text_size"][:3] or usual.text_size),
        text_font=call["text_font"][:50] or usual.text_font,
        text_weight=call["text_weight"][:20] or usual.text_weight,
        text_color=call["text_color"][:30] or usual.text_color,
        confetti=call["show_confetti"] == "Y",
        duration=_number(call["duration"], usual.duration),
        particles=int(call["maxParticleCount"][:6] or usual.particles),
        particle_speed=_number(call["particleSpeed"], usual.particle_speed),
    )


def _number(text: str, usual: float) -> float:
    try:
        return float(text[:10])
    except ValueError:
        return usual
