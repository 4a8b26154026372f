"""What the options say that choose events."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import msgspec

from bridge.admin.event_commands import ReadEvents
from bridge.campaigns.errors import InvalidField
from bridge.events.catalogue import CATALOGUE
from bridge.tables import near

FROM = "2h (ago; also s, m, d), a time as 2026-11-27T14:00:00Z (UTC if it does not say), or an event's number"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_GROUPS = {name.partition(".")[0] for name in CATALOGUE}
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}", re.ASCII)


def begin(wanted: ReadEvents, since: str, now: datetime) -> ReadEvents:
    """The same from where `--from` says.

    Raises:
        InvalidField: it is none of what it may be.
    """
    if not since:
        return wanted
    if re.fullmatch(r"[0-9]{1,18}", since):
        return msgspec.structs.replace(wanted, after=max(int(since) - 1, 0))
    return msgspec.structs.replace(wanted, since=_moment(since, now))


def _moment(text: str, now: datetime) -> datetime:
    try:
        if ago := re.fullmatch(r"([0-9]{1,7})([smhd])", text):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidField("--from", f"{text[:60]!r} is not {FROM}") from None


def types(words: Iterable[str]) -> tuple[str, ...]:
    """Types, or groups of them; `call.*` is `call`, and `*` is no wish.

    Raises:
        InvalidField: there are no events of that name.
    """
    found = [word.removesuffix("*").removesuffix(".") for word in words]
    for word in found:
        if word and word not in CATALOGUE and word not in _GROUPS:
            raise InvalidField(
                "--type", f"there is no event {word[:60]!r}{near(word, {*CATALOGUE, *_GROUPS})}"
            )
    return () if "" in found else tuple(found)


def name(option: str, text: str) -> str:
    """The id of an agent, a campaign or a call.

    Raises:
        InvalidField: no such id can be.
    """
    if text and not _NAME.fullmatch(text):
        raise InvalidField(option, f"{text[:60]!r} is no id: letters, digits, _ . and -, at most 40")
    return text
