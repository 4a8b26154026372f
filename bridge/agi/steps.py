"""What the bridge's own scripts have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bridge.agi.errors import LocalProtocolError
from bridge.agi.session import AgiSession

STEPS = ("call_start", "call_answered", "call_screened", "opt_out", "agent_offer", "call_end", "inbound")
"""The steps of a call at which the dialplan asks. Each has a script of its name."""

_NAME = re.compile(r"[A-Z0-9_]{1,60}", re.ASCII)
_PHONE = re.compile(r"[A-Za-z0-9]+/([^@/]+)-[0-9a-f]{8}(?:;[12])?", re.ASCII)


async def set_variables(agi: AgiSession, values: Mapping[str, str]) -> None:
    """Set `BRIDGE_<name>` for each.

    Raises:
        LocalProtocolError: a name that is no variable's, or a value with a line break.
    """
    for name, value in values.items():
        if not _NAME.fullmatch(name):
            raise LocalProtocolError(f"not the name of a channel variable: {name[:80]!r}")
        await agi.set_variable(f"BRIDGE_{name}", value)


async def acknowledge(agi: AgiSession, step: str, call_id: str) -> None:
    """Tell the dialplan that all before this was done: by this variable it decides, never by AGISTATUS."""
    await agi.set_variable("BRIDGE_ACK", f"{step}:{call_id}")


def known(text: str) -> str:
    """Give what Asterisk knows: it prints `unknown` for what it does not."""
    return "" if text == "unknown" else text


def dialled_number(agi: AgiSession) -> str:
    """The number that was dialled; the extension, if the channel has kept none."""
    return known(agi.env.get("agi_dnid", "")) or agi.env.get("agi_extension", "")


def phone_of(channel: str) -> str:
    """The phone in a channel's name: `1000` of `PJSIP/1000-0000002a`; empty if it names none."""
    match = _PHONE.fullmatch(channel)
    return match.group(1) if match else ""


def seconds(text: str) -> int | None:
    """A whole number, or None if the variable is not set."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None
