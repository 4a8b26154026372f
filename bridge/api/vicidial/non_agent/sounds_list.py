"""`sounds_list`: the files in the site's folder of sounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote

from bridge.api.sound_files import SoundFile, sound_files
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.pickers import check_sounds, picker
from bridge.api.vicidial.non_agent.rows import JSON, stage
from bridge.api.vicidial.reply import Answer, cleaned

_COLUMNS: Final = ("file_name", "file_date", "file_size", "file_epoch")


_ORDERS: Final[dict[str, Callable[[SoundFile], tuple[int, str]]]] = {
    "date": lambda file: (-file.epoch, file.name),
    "size": lambda file: (-file.size, file.name),
}


async def sounds_list(call: NonAgentCall) -> str:
    """One row for each file, newest or largest first if asked so; nothing without `format`."""
    check_sounds(call)
    folder = Path(call.services.options.sounds_folder)
    try:
        found = await asyncio.to_thread(sound_files, folder)
    except OSError:
        why = "ERROR: audio store web directory does not exist"
        raise Answer(f"{why}: |{call.user}|{call.function}|{folder.name}|\n") from None
    order = _ORDERS.get(call["stage"])
    return _told(call, sorted(found, key=order) if order else sorted(found))


def _told(call: NonAgentCall, files: Sequence[SoundFile]) -> str:
    rows = [(one.name, _moment(call, one.epoch), str(one.size), str(one.epoch)) for one in files]
    if stage(call) == JSON or call["format"] == "selectframe":
        return picker(call, _COLUMNS, rows)
    if call["format"] == "tab":
        return "".join(_line(str(number), *row) for number, row in enumerate(rows))
    if call["format"] == "link":
        return "".join(_link(call, one.name) for one in files)
    return ""


def _line(*fields: str) -> str:
    return cleaned("\t".join(fields)) + "\n"


def _moment(call: NonAgentCall, epoch: int) -> str:
    return f"{datetime.fromtimestamp(epoch, call.zone):%Y-%m-%d %H:%M:%S.}"


def _link(call: NonAgentCall, name: str) -> str:
    address = f"{call.services.options.sounds_url.rstrip('/')}/{quote(name)}"
    return f'<a href="{escape(address)}">{escape(name)}</a><br>\n'
