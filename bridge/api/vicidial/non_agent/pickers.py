"""`ingroup_list`, `moh_list`, `vm_list` and the like: what a field of a form may hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from bridge.api.every import every
from bridge.api.pickers import music_classes, voicemail_boxes
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import JSON, rows, stage
from bridge.api.vicidial.reply import Answer, cleaned
from bridge.campaigns.model import InGroup


def picker(call: NonAgentCall, columns: Sequence[str], found: Iterable[Sequence[str]]) -> str:
    """A table for people, or with `stage=json` the same for programs.

    The original's page holds links with user and password, and a script: this one has neither.
    """
    if stage(call) == JSON:
        return rows(call, columns, found)
    head = "".join(f"<TH>{escape(name)}</TH>" for name in columns)
    body = "".join(f"<TR>{''.join(map(_cell, row))}</TR>\n" for row in found)
    return f"<TABLE>\n<TR>{head}</TR>\n{body}</TABLE>\n"


def _cell(value: str) -> str:
    return f"<TD>{escape(cleaned(value))}</TD>"


async def ingroup_list(call: NonAgentCall) -> str:
    """In-groups by name, active or not."""
    found = [
        (one.name, one.title, "Y" if one.active else "N") async for one in every(call.services.site, InGroup)
    ]
    return picker(call, ("group_id", "group_name", "active"), found)


async def moh_list(call: NonAgentCall) -> str:
    """Classes of music that campaigns name: Asterisk tells its own to nobody who may not run commands."""
    check_sounds(call)
    return picker(call, ("moh_id",), [(name,) for name in await music_classes(call.services.site)])


async def vm_list(call: NonAgentCall) -> str:
    """Voicemail boxes of phones."""
    boxes = await voicemail_boxes(call.services.site)
    return picker(call, ("voicemail_id", "fullname"), boxes.items())


async def callmenu_list(call: NonAgentCall) -> str:
    """No row: call menus are Asterisk's dialplan, of which the bridge reads nothing."""
    return picker(call, ("menu_id", "menu_name"), ())


async def container_list(call: NonAgentCall) -> str:
    """No row: what the original keeps in containers has fields of its own here."""
    if not call["type"]:
        raise Answer(call.error("NO CONTAINER TYPE DEFINED", call.user, call["type"], ""))
    return picker(call, ("container_id", "container_notes"), ())


def check_sounds(call: NonAgentCall) -> None:
    """End unless the site has told where its sounds are."""
    if not call.services.options.sounds_folder:
        why = "ERROR: sounds_list CENTRAL SOUND CONTROL IS NOT ACTIVE"
        raise Answer(f"{why}: |{call.user}|0|\n")
