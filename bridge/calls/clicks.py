"""A phone that is rung first: click to dial, agents on hook. What became of one that did not answer. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from bridge.calls.model import Call, CallKind
from bridge.calls.signals import Ending, OriginateFailed, Report

NOBODY_CALLED: Final = "LRERR"
"""Status of a call whose own extension failed (VICIdial's of local channels): the number is not to blame."""

_BUSY: Final = 17
_DECLINED: Final = 21
_UNANSWERED: Final = frozenset({None, 0, 16, 18, 19})
"""Q.850: normal clearing (Asterisk took the ringing back), no user responding, no answer."""


class ExtensionEnd(StrEnum):
    """`end_reason`s of a call whose extension did not answer: nobody else was called."""

    BUSY = "extension_busy"
    DECLINED = "extension_declined"
    UNANSWERED = "extension_unanswered"
    UNREACHABLE = "extension_unreachable"
    """It is not registered, or its line failed."""


EXTENSION_ENDS: Final = frozenset(ExtensionEnd)


def awaits_extension(call: Call) -> bool:
    """Whether the extension has not answered, so that nobody else was called."""
    return rings_first(call) and call.extension_answered_at is None


def rings_first(call: Call) -> bool:
    """Whether a phone of the site is rung before the customer: a click's, or that of an agent on hook."""
    return call.kind is CallKind.CLICK or (call.kind is CallKind.MANUAL and bool(call.extension))


def failure(call: Call, signal: Ending) -> ExtensionEnd | None:
    """What became of the extension; `None` where the call did not fail there.

    The dialplan reports only calls that got into it: those whose extension had answered.
    """
    if not awaits_extension(call) or isinstance(signal, Report) or call.hangup_asked_at:
        return None
    if isinstance(signal, OriginateFailed):
        return ExtensionEnd.UNREACHABLE
    if signal.dial_status == "BUSY" or signal.cause == _BUSY:
        return ExtensionEnd.BUSY
    if signal.cause == _DECLINED:
        return ExtensionEnd.DECLINED
    return ExtensionEnd.UNANSWERED if signal.cause in _UNANSWERED else ExtensionEnd.UNREACHABLE
