"""The calls whose events in Asterisk are news: which channels stand for them, and what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Final, TypeAlias

from bridge.ami.events import AmiEvent
from bridge.calls.deadlines import Deadlines
from bridge.calls.model import Call, Seat
from bridge.calls.translate import Signals, Translator

SeatOf: TypeAlias = Callable[[str, str], Seat | None]
"""An Asterisk and the interface of a queue's member there to who sits in that room; `None` for what is no
room of ours."""

REPORTED: Final = 1000
"""Calls whose end the dialplan has told last, and whose beginning may still be on its way to us."""


class Followed:
    """Those of all Asterisks. Rebuilt from the store at any time."""

    def __init__(self, asterisks: Iterable[str], seat_of: SeatOf, deadlines: Deadlines) -> None:
        """Take the names of the servers, who sits where a queue's member there is, and the deadlines."""
        self._translators = {name: Translator(partial(seat_of, name)) for name in asterisks}
        self._deadlines = deadlines
        self._reported: dict[str, None] = {}

    def on(self, asterisk: str) -> bool:
        """Whether this Asterisk is one of ours."""
        return asterisk in self._translators

    def now(self, call: Call, channel: str = "") -> None:
        """Follow a call from now on, by this channel, too."""
        translator = self._translators[call.asterisk]
        translator.follow(call)
        for other in filter(None, (channel, call.channel)):
            translator.follow(call, other)

    def another_bridges(self, call: Call) -> bool:
        """Follow a call that another bridge has written, and wait for what it waits for; `False`: we did."""
        self._deadlines.resume(call)
        translator = self._translators[call.asterisk]
        new = [one for one in (call.id, call.channel) if one and not translator.knows(one)]
        for channel in new:
            translator.follow(call, channel)
        return bool(new)

    def offered(self, asterisk: str, call_id: str, member: str) -> None:
        """An agent was taken for a caller in a queue, whom this leg of the queue rings."""
        self._translators[asterisk].offered(call_id, member)

    def forget(self, asterisk: str, call_id: str) -> None:
        """The call is disposed."""
        self._deadlines.let_go(call_id)
        if asterisk in self._translators:
            self._translators[asterisk].forget(call_id)

    def reported(self, call_id: str) -> None:
        """The dialplan has told how this call's own channel ended: it has been there, and is no more."""
        self._reported[call_id] = None
        if len(self._reported) > REPORTED:
            del self._reported[next(iter(self._reported))]

    def knows(self, asterisk: str, channel: str) -> bool:
        """Whether this channel stands for a call that is followed."""
        return self._translators[asterisk].knows(channel)

    def is_stranger(self, asterisk: str, channel: str) -> bool:
        """Whether it stands neither for a call that is followed nor for one that was told to be over."""
        return channel not in self._reported and not self.knows(asterisk, channel)

    def signals(self, asterisk: str, event: AmiEvent, at: datetime) -> Signals:
        """What an event means, in order."""
        return self._translators[asterisk].signals(event, at)
