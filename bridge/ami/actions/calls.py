"""Actions on calls and channels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bridge.ami.actions.base import Action, Fields, ListAction, SimpleAction, given, on_channel
from bridge.ami.errors import InvalidAction
from bridge.ami.events.rows import ChannelHungup
from bridge.ami.protocol import Message

__all__ = [
    "ControlPlayback",
    "Getvar",
    "Hangup",
    "HangupMatching",
    "Originate",
    "PlayDTMF",
    "Redirect",
    "Setvar",
]


_VARIABLE = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9_]*(\([A-Za-z0-9_]+\))?")
_SPECIAL = re.compile(r'([\\",()\[\]])')


def _assignment(variable: str, value: str) -> str:
    """Write `NAME=value` so that Asterisk, which splits the header at commas, reads one variable from it.

    Raises:
        InvalidAction: the name is not one that a program would choose.
    """
    if not _VARIABLE.fullmatch(variable):
        raise InvalidAction(f"{variable[:40]!r} is no name of a channel variable")
    return variable + "=" + _SPECIAL.sub(r"\\\1", value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Originate(SimpleAction):
    """Make a call: dial `channel`, and when it answers run it at a place in the dialplan.

    Always asynchronous: the answer says only that it was queued, `OriginateResponse` says how it ended. There
    is no way to name an application: whoever may do that may run programs on the server.

    Attributes:
        channel: what to dial, for instance `PJSIP/1000`.
        context: with `exten` and `priority`, where the answered channel goes.
        timeout_ms: how long to ring, in milliseconds (Asterisk's default is 30,000).
        caller_id: `"Name" <number>`.
        account: the account code.
        variables: channel variables, in order. Any value arrives as it is: Asterisk would take a comma in it
            for the beginning of another variable, so it is escaped. Names are constants of the program's own
            (`NAME`, `_NAME`, `__NAME`, `CDR(userfield)`); others are refused.
        channel_id: the unique id that the first channel shall have; refused later if a living one has it.
        other_channel_id: the same for the second leg of a Local channel.
        early_media: run the dialplan on early media, before the answer.
        codecs: comma-separated.
    """

    name = "Originate"
    channel: str
    context: str
    exten: str
    priority: int | str = 1
    timeout_ms: int | None = None
    caller_id: str | None = None
    account: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    channel_id: str | None = None
    other_channel_id: str | None = None
    early_media: bool = False
    codecs: str | None = None

    def fields(self) -> Fields:
        """Yield the action's headers.

        Raises:
            InvalidAction: a variable's name is none.
        """
        yield from given(
            ("Channel", self.channel),
            ("Context", self.context),
            ("Exten", self.exten),
            ("Priority", self.priority),
            ("Timeout", self.timeout_ms),
            ("CallerID", self.caller_id),
            ("Account", self.account),
            ("ChannelId", self.channel_id),
            ("OtherChannelId", self.other_channel_id),
            ("EarlyMedia", "true" if self.early_media else None),
            ("Codecs", self.codecs),
            ("Async", "true"),
        )
        for variable, value in self.variables.items():
            yield "Variable", _assignment(variable, value)


@dataclass(frozen=True, slots=True)
class Hangup(SimpleAction):
    """End one channel.

    Attributes:
        channel: its name or unique id. Not a pattern: that is `HangupMatching`.
        cause: the Q.850 cause to give to the far end.
    """

    name = "Hangup"
    channel: str
    cause: int | None = None

    def fields(self) -> Fields:
        """Yield the action's headers.

        Raises:
            InvalidAction: the channel is empty or a pattern, which would end many.
        """
        if not self.channel or self.channel.startswith("/"):
            raise InvalidAction(f"{self.channel[:40]!r} does not name one channel")
        yield from given(("Channel", self.channel), ("Cause", self.cause))


@dataclass(frozen=True, slots=True)
class HangupMatching(ListAction[ChannelHungup]):
    """End every channel whose name matches a POSIX extended regular expression; rows are those ended.

    Attributes:
        pattern: the expression without slashes, for instance `^PJSIP/1000-`.
        cause: the Q.850 cause to give to the far ends.
    """

    name = "Hangup"
    rows = (ChannelHungup,)
    pattern: str
    cause: int | None = None

    def fields(self) -> Fields:
        """Yield the action's headers.

        Raises:
            InvalidAction: the expression is empty, and would end every call.
        """
        if not self.pattern:
            raise InvalidAction("an empty pattern would end every call; write . if that is meant")
        yield from given(("Channel", f"/{self.pattern}/"), ("Cause", self.cause))


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect(SimpleAction):
    """Send a channel (and, if given, the one it talks to) somewhere else in the dialplan."""

    name = "Redirect"
    channel: str
    context: str
    exten: str
    priority: int | str = 1
    extra_channel: str | None = None
    extra_context: str | None = None
    extra_exten: str | None = None
    extra_priority: int | str | None = None

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(
            ("Channel", self.channel),
            ("ExtraChannel", self.extra_channel),
            ("Context", self.context),
            ("Exten", self.exten),
            ("Priority", self.priority),
            ("ExtraContext", self.extra_context),
            ("ExtraExten", self.extra_exten),
            ("ExtraPriority", self.extra_priority),
        )


@dataclass(frozen=True, slots=True)
class Setvar(SimpleAction):
    """Set a channel variable, or a global one if no channel is named."""

    name = "Setvar"
    variable: str
    value: str
    channel: str | None = None

    def fields(self) -> Fields:
        """Yield the action's headers.

        Raises:
            InvalidAction: the channel is empty, which Asterisk takes for none.
        """
        yield from on_channel(self.channel)
        yield from given(("Variable", self.variable), ("Value", self.value))


@dataclass(frozen=True, slots=True)
class Getvar(Action[str]):
    """Read a channel variable, or a global one if no channel is named; empty if it is not set."""

    name = "Getvar"
    variable: str
    channel: str | None = None

    def fields(self) -> Fields:
        """Yield the action's headers.

        Raises:
            InvalidAction: the channel is empty, which Asterisk takes for none.
        """
        yield from on_channel(self.channel)
        yield "Variable", self.variable

    def result(self, response: Message) -> str:
        """Return the value. It comes unescaped, line breaks and all."""
        return response.get("Value")


@dataclass(frozen=True, slots=True)
class PlayDTMF(SimpleAction):
    """Press a key on a channel.

    Attributes:
        digit: one of `0-9*#A-D`.
        duration_ms: how long, in milliseconds.
        receive: as if the far end had pressed it, instead of sending it there.
    """

    name = "PlayDTMF"
    channel: str
    digit: str
    duration_ms: int | None = None
    receive: bool = False

    def fields(self) -> Fields:
        """Yield the action's headers."""
        yield from given(
            ("Channel", self.channel),
            ("Digit", self.digit),
            ("Duration", self.duration_ms),
            ("Receive", "true" if self.receive else None),
        )


@dataclass(frozen=True, slots=True)
class ControlPlayback(SimpleAction):
    """Operate what a channel plays with the application of the same name; refused if there is no channel.

    Attributes:
        channel: its name or unique id.
        control: what is to happen; `pause` goes on again with what is paused.
    """

    name = "ControlPlayback"
    channel: str
    control: Literal["pause", "restart", "stop", "forward", "reverse"]

    def fields(self) -> Fields:
        """Yield the action's headers.

        Raises:
            InvalidAction: the channel is empty.
        """
        yield from on_channel(self.channel)
        yield "Control", self.control
