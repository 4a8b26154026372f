"""A call, told as it happens."""

from __future__ import annotations

from typing import Any

from call_makers import LATER, NOW, a_call

from bridge.calls import notices, signals
from bridge.calls.effects import Effect, Emit, TellAgent
from bridge.calls.model import Call, CallState, StatusSource
from bridge.calls.signals import Signal
from bridge.calls.state import step


class Story:
    """A call, what happens to it, and all that was to be done about it."""

    def __init__(self, state: CallState = CallState.PLANNED, **changes: Any) -> None:
        self.call: Call = a_call(state, **changes)
        self.effects: list[Effect] = []

    def __call__(self, *happening: Signal) -> Story:
        for signal in happening:
            after = step(self.call, signal)
            self.call = after.call
            self.effects += after.effects
        return self

    @property
    def events(self) -> list[str]:
        return [effect.event.type for effect in self.effects if isinstance(effect, Emit)]

    @property
    def told(self) -> list[notices.Notice]:
        return [effect.notice for effect in self.effects if isinstance(effect, TellAgent)]

    def has(self, effect: Effect) -> bool:
        return effect in self.effects

    @property
    def disposition(self) -> tuple[str, StatusSource | None]:
        return self.call.status, self.call.status_source


def sent(**changes: Any) -> Story:
    return Story(**changes)(signals.Send(at=NOW), signals.OriginateAccepted(at=NOW))


def answered(**changes: Any) -> Story:
    return sent(**changes)(
        signals.ChannelUp(at=NOW, channel="cust"),
        signals.Ringing(at=NOW, channel="cust"),
        signals.Answered(at=NOW, channel="cust"),
    )


def bridged(**changes: Any) -> Story:
    return answered(**changes)(signals.AgentBridged(at=NOW))


def hungup(network_status: str = "", cause: int = 16) -> signals.HangupSeen:
    return signals.HangupSeen(at=LATER, cause=cause, network_status=network_status)
