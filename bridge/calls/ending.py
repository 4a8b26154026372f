"""How a call ends, and who says what became of it.

The agent's word wins. A call that she had waits for it (wrap-up); one that nobody had is disposed by what the
network reported; where neither says anything in time, the campaign's default does. Once, in every case.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from bridge.calls import news, signals
from bridge.calls.clicks import EXTENSION_ENDS
from bridge.calls.effects import AwaitReport, Effect, EndLegs, StartWrapup, TellAgent
from bridge.calls.model import FROM_ROOM, Call, CallKind, CallState, StatusSource
from bridge.calls.notices import CallOver, Disposed, Notice
from bridge.events.catalogue import Cause

FALLBACK_STATUS = "DISPO"
"""VICIdial's status of a call whose disposition never came; used where the campaign has no default."""


class Step(msgspec.Struct, frozen=True):
    """The call after a signal, and what is to be done about it, in this order."""

    call: Call
    effects: tuple[Effect, ...] = ()


def changed(call: Call, **changes: Any) -> Call:
    """`call` one version on."""
    return msgspec.structs.replace(call, version=call.version + 1, **changes)


def hangup_target(call: Call) -> str:
    """The channel whose end ends the call: the one that we made, or the one that came to us."""
    ours = call.kind in FROM_ROOM or call.kind in {CallKind.AUTO, CallKind.CLICK}
    return call.id if ours else call.channel


def had_agent(call: Call) -> bool:
    """Whether an agent has spoken to the customer; a manual call is answered into her room."""
    return call.bridged_at is not None or (call.kind is CallKind.MANUAL and call.answered_at is not None)


def in_wrapup(call: Call) -> bool:
    """Whether the end of this call leaves an agent to be asked for the disposition."""
    asked = bool(call.session_id) or call.kind is CallKind.CLICK
    return had_agent(call) and asked and call.wrapup_seconds > 0


class End(msgspec.Struct, frozen=True, kw_only=True):
    """An account of a call's end."""

    at: datetime
    reason: str
    """The `end_reason`."""
    network_status: str = ""
    """What the network's result means as a status; empty while not known."""
    hangup_cause: int | None = None
    dial_status: str = ""
    told_by: Cause = ""
    """`resync` where a snapshot told it."""
    final: bool = False
    """No further report of this end can come."""


def close(call: Call, end: End) -> Step:
    """End a call, and dispose it if its status is known now."""
    ended = changed(
        call,
        state=CallState.ENDED,
        ended_at=end.at,
        end_reason=end.reason,
        network_status=end.network_status,
        hangup_cause=end.hangup_cause,
        dial_status=end.dial_status,
    )
    told = (news.ended(ended, end.at, end.told_by), *((EndLegs(),) if _has_not_left(call) else ()))
    status, source = _verdict(ended, final=end.final)
    if status:
        disposed = _disposed(ended, end.at, status, source)
        return Step(disposed.call, (*told, *disposed.effects, *_over(ended, end, wrapup=False)))
    wait = StartWrapup(seconds=call.wrapup_seconds) if in_wrapup(call) else AwaitReport()
    asked = had_agent(call) or call.kind is CallKind.MANUAL
    on_hook = bool(call.session_id and call.extension)
    legs = (EndLegs(),) if on_hook else ()  # her phone is hung up now, so nobody may stay in her room
    return Step(ended, (*told, wait, *legs, *_over(ended, end, wrapup=asked)))


def _has_not_left(call: Call) -> bool:
    """Whether a customer was to leave her agent with third parties, and did not get that far."""
    return call.kind is CallKind.LEFT and call.answered_at is None


def _verdict(call: Call, *, final: bool) -> tuple[str, StatusSource]:
    """The disposition of an ended call, or an empty status while it is open."""
    if call.pending_status:
        return call.pending_status, StatusSource.AGENT
    if in_wrapup(call):
        return "", StatusSource.AGENT
    if had_agent(call):
        return call.default_status or FALLBACK_STATUS, StatusSource.CAMPAIGN
    if call.network_status:
        return call.network_status, StatusSource.NETWORK
    return (call.default_status or FALLBACK_STATUS) if final else "", StatusSource.CAMPAIGN


def _disposed(call: Call, at: datetime, status: str, source: StatusSource) -> Step:
    disposed = changed(call, state=CallState.DISPOSED, disposed_at=at, status=status, status_source=source)
    legs = (EndLegs(),) if had_agent(call) else ()  # the agent goes on, so nobody may stay in her room
    return Step(disposed, (news.disposed(disposed, at, source), *legs))


def _settle(call: Call, at: datetime, status: str, source: StatusSource) -> Step:
    """Dispose a call that has ended before, and let its agent go on."""
    disposed = _disposed(call, at, status, source)
    return Step(disposed.call, (*disposed.effects, *_tell(call, Disposed(at=at, call_id=call.id))))


def _over(call: Call, end: End, *, wrapup: bool) -> tuple[TellAgent, ...]:
    over = CallOver(
        at=end.at,
        call_id=call.id,
        wrapup=wrapup,
        not_taken=end.reason in EXTENSION_ENDS,
        cause=end.told_by,
    )
    return _tell(call, over)


def _tell(call: Call, notice: Notice) -> tuple[TellAgent, ...]:
    return (TellAgent(session_id=call.session_id, notice=notice),) if call.session_id else ()


def word(call: Call, signal: signals.AgentStatus) -> Step:
    """The agent's word about a call that has ended."""
    return _settle(call, signal.at, signal.status, StatusSource.AGENT)


def late(call: Call, signal: signals.Ending) -> Step:
    """A second account of the end: fills what the first left open."""
    fuller = _completed(call, signal)
    if fuller is call or in_wrapup(call) or not fuller.network_status:
        return Step(fuller)
    return _settle(fuller, signal.at, fuller.network_status, StatusSource.NETWORK)


def _completed(call: Call, signal: signals.Ending) -> Call:
    """What both accounts say together; the dialplan's DIALSTATUS is finer than that of events."""
    report = isinstance(signal, signals.Report)
    dial_status = (
        (signal.dial_status or call.dial_status) if report else call.dial_status or signal.dial_status
    )
    found = {
        "network_status": call.network_status or signal.network_status,
        "dial_status": dial_status,
        "hangup_cause": signal.cause if call.hangup_cause is None else call.hangup_cause,
    }
    if all(getattr(call, name) == value for name, value in found.items()):
        return call
    return changed(call, **found)


def time_up(call: Call, signal: signals.WrapupOver) -> Step:
    """Nobody has said anything in time."""
    return _default(call, signal.at, signal.default_status)


def agent_gone(call: Call, signal: signals.AgentGone) -> Step:
    """The agent who was to dispose the call is gone; one that waits for a report goes on waiting."""
    if not call.session_id or call.session_id != signal.session_id:
        return Step(call)
    wrapping_up = in_wrapup(call)
    alone = changed(call, session_id="")
    return _default(alone, signal.at) if wrapping_up else Step(alone)


def _default(call: Call, at: datetime, default_status: str = "") -> Step:
    status = default_status or call.default_status or FALLBACK_STATUS
    return _settle(call, at, status, StatusSource.CAMPAIGN)
