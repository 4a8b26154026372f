"""Everything that can go wrong in an AGI session, as one small tree.

AgiError
├── LocalProtocolError      we tried to send what AGI cannot carry
├── RemoteProtocolError     the peer sent what AGI does not allow
├── CommandError            Asterisk answered, and the answer is a refusal
│   ├── InvalidCommand      510
│   ├── DeadChannel         511
│   ├── UsageError          520
│   └── CommandFailed       200 result=-1
├── HungUp                  the caller has gone
├── SessionClosed           the connection has gone
├── CommandTimeout          no answer in time
├── ScriptNotFound          no such script, or not a name that a script may have
├── ScriptExit           a task of a script meant to end the whole process
├── HandshakeFailed         relay and bridge do not share the secret
└── DeskError               the question put to the bridge got no usable answer
    ├── DeskUnavailable     … because no bridge answered in time
    └── DeskRefused         … because it cannot make sense of the question, now or later
"""

# ruff: noqa: N818 - names say what happened

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.agi.protocol import Reply


class AgiError(Exception):
    """Something went wrong in an AGI session."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (type(self).__doc__ or "").splitlines()[0])


class LocalProtocolError(AgiError):
    """This command cannot be written as one AGI line."""


class RemoteProtocolError(AgiError):
    """The peer does not speak AGI as Asterisk does."""


class CommandError(AgiError):
    """Asterisk refused the command."""

    def __init__(self, command: str, reply: Reply) -> None:
        super().__init__(f"{(type(self).__doc__ or '').splitlines()[0]} {command!r} -> {reply.text!r}")
        self.command = command
        self.reply = reply


class InvalidCommand(CommandError):
    """Asterisk does not know this command (510)."""


class DeadChannel(CommandError):
    """The channel has hung up, and this command needs a live one (511)."""


class UsageError(CommandError):
    """The arguments do not fit the command (520); the reply's text is the usage."""


class CommandFailed(CommandError):
    """The command ran and failed (result -1)."""


class HungUp(AgiError):
    """The caller hung up."""


class SessionClosed(AgiError):
    """The connection to Asterisk is closed."""


class CommandTimeout(AgiError):
    """Asterisk did not answer the command in time; the session is closed."""


class ScriptNotFound(AgiError):
    """There is no script of that name."""


class ScriptExit(AgiError):
    """A script meant to end the whole process."""


class HandshakeFailed(AgiError):
    """The other side does not know the shared secret."""


class DeskError(AgiError):
    """The bridge gave no usable answer."""


class DeskRefused(DeskError):
    """The bridge cannot make sense of the question."""


class DeskUnavailable(DeskError):
    """No bridge answered in time."""
