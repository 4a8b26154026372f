"""Custom fields of a list as `add_list` and `update_list` add, change, copy and take them away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.lists import list_of
from bridge.api.vicidial.non_agent.site_items import OPTIONAL
from bridge.api.vicidial.reply import notice
from bridge.leads.custom_fields import is_label, is_type
from bridge.leads.model import LeadList

_PARTS: Final = ("field_label", "field_name", "field_size", "field_type", "field_rank")
_NO_RIGHT: Final = f"USER DOES NOT HAVE PERMISSION TO MODIFY CUSTOM FIELDS, {OPTIONAL}"
_DONE: Final = "SUCCESS"

Fields = dict[str, str]
"""Type of each field by its label, in the order in which they are shown."""


class Commands(NamedTuple):
    """What became of the commands that came with a request."""

    asked: bool
    lines: str
    fields: Fields


def may_modify(call: NonAgentCall) -> bool:
    """Whether the caller may change custom fields."""
    return call.principal.right("custom_fields_modify") == 1


def commands(call: NonAgentCall, own: LeadList | None) -> Commands:
    """Carry out `custom_fields_add`, `_update` and `_delete` on a list's fields; `None`: there is no list."""
    fields = dict(own.custom_fields) if own else {}
    asked = [verb for verb in _VERBS if call.yes(f"custom_fields_{verb.lower()}")]
    lines = [_command(call, verb, fields, known=own is not None) for verb in asked]
    return Commands(bool(asked), "".join(lines), fields)


def _command(call: NonAgentCall, verb: str, fields: Fields, *, known: bool) -> str:
    list_id, label = call["list_id"], call["field_label"]
    told = (call.user, list_id)
    done = f"FIELD NOT {_VERBS[verb]}, {OPTIONAL}"
    parts = [call[name] for name in _PARTS]
    needed = parts if verb == "ADD" else [label]
    if not known:
        why = f"CUSTOM FIELDS LIST ID TO {verb} TO HAS NO CUSTOM FIELDS, {OPTIONAL}"
        return call.line("NOTICE", why, "", *told, "0")
    if not may_modify(call):
        return call.line("NOTICE", _NO_RIGHT, "", *told, call["custom_fields_copy"], "0")
    if not all(needed):
        return call.line(
            "NOTICE", f"REQUIRED CUSTOM FIELDS VARIABLES ARE MISSING, {done}", "", *told, *needed, ""
        )
    shown = [label] if verb == "DELETE" else parts
    if verb != "ADD" and label not in fields:
        return call.line("NOTICE", f"FIELD DOES NOT EXIST, {done}", "", *told, *shown, "")
    if why := _why_not(call, verb, fields):
        return call.line("NOTICE", f"{why}, {done}", "", *told, *shown, "")
    kind = str(_place(fields, label) + 1) if verb == "DELETE" else call["field_type"]
    _apply(call, verb, fields)
    return notice(f"{call.function} {verb} CUSTOM FIELD COMMAND SENT", *told, label, kind, _DONE, "")


def _why_not(call: NonAgentCall, verb: str, fields: Fields) -> str:
    label, kind = call["field_label"], call["field_type"]
    if verb == "ADD" and label in fields:
        return "FIELD ALREADY EXISTS"
    if verb == "ADD" and not is_label(label):
        return "FIELD LABEL IS NOT VALID"
    if verb != "DELETE" and kind and not is_type(kind):
        return "FIELD TYPE IS NOT VALID"
    return ""


def _apply(call: NonAgentCall, verb: str, fields: Fields) -> None:
    label, rank = call["field_label"], call["field_rank"][:6]
    kind = call["field_type"].lower() or fields.get(label, "text")
    place = int(rank) - 1 if rank else _place(fields, label)
    fields.pop(label, None)
    if verb != "DELETE":
        others = list(fields.items())
        others.insert(max(place, 0), (label, kind))
        fields.clear()
        fields.update(others)


def _place(fields: Fields, label: str) -> int:
    return list(fields).index(label) if label in fields else len(fields)


async def copied(call: NonAgentCall, fields: Mapping[str, str], word: str) -> tuple[str, Fields | None]:
    """The line of `custom_fields_copy`, and the fields that the list has then; `None`: they stay.

    Args:
        call: the request.
        fields: those that the list has.
        word: what the line begins with if it cannot be done.
    """
    list_id, source = call["list_id"], call["custom_fields_copy"]
    told = (call.user, list_id, source, "0")
    found = await list_of(call, source)
    if found is None:
        why = f"CUSTOM FIELDS LIST ID TO COPY FROM DOES NOT EXIST, {OPTIONAL}"
        return call.line(word, why, "", *told), None
    if not found.custom_fields:
        why = f"CUSTOM FIELDS LIST ID TO COPY FROM HAS NO CUSTOM FIELDS, {OPTIONAL}"
        return call.line(word, why, "", *told), None
    if not may_modify(call):
        return call.line(word, _NO_RIGHT, "", *told), None
    method = call["custom_copy_method"]
    sent = (call.user, list_id, source, method, _DONE, "")
    line = notice(f"{call.function} COPY CUSTOM FIELDS COMMAND SENT", *sent)
    return line, _merged(fields, found.custom_fields, method)


def _merged(own: Mapping[str, str], theirs: Mapping[str, str], method: str) -> Fields:
    if method == "REPLACE":
        return dict(theirs)
    if method == "UPDATE":
        return {label: theirs.get(label, kind) for label, kind in own.items()}
    return {**theirs, **own} if not own else {**own, **{k: v for k, v in theirs.items() if k not in own}}


_VERBS: Final[Mapping[str, str]] = {"ADD": "ADDED", "UPDATE": "UPDATED", "DELETE": "DELETED"}
